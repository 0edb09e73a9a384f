"""Servers on loopback for tests: a package index and a hub that cut connections, and files to serve from them."""

from __future__ import annotations

import hashlib
import io
import json
import struct
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def gguf(tensor: bytes = bytes(64)) -> bytes:
    """A whole GGUF file of version 3 with one float32 tensor."""
    key = b"general.architecture"
    header = b"GGUF" + struct.pack("<IQQ", 3, 1, 1)
    header += struct.pack("<Q", len(key)) + key + struct.pack("<IQ", 8, 5) + b"llama"
    header += struct.pack("<Q", 1) + b"w" + struct.pack("<IQIQ", 1, len(tensor) // 4, 0, 0)
    return header + bytes(-len(header) % 32) + tensor


def safetensors(data: bytes = bytes(16), **header: object) -> bytes:
    """A whole safetensors file with one float32 tensor, or one with this header."""
    head = header or {"w": {"dtype": "F32", "shape": [len(data) // 4], "data_offsets": [0, len(data)]}}
    text = json.dumps(head).encode()
    return struct.pack("<Q", len(text)) + text + data


def wheel(members: dict[str, bytes], name: str = "tiny_weights", version: str = "1.0") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in members.items():
            archive.writestr(path, data)
        info = f"{name}-{version}.dist-info"
        archive.writestr(f"{info}/METADATA", metadata(name, version))
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    return buffer.getvalue()


def metadata(name: str = "tiny_weights", version: str = "1.0") -> str:
    return f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@dataclass
class Site:
    """What a server serves. cuts: for each path, after how many bytes of the answer to hang up, one a request."""

    files: dict[str, bytes] = field(default_factory=dict)
    redirects: dict[str, str] = field(default_factory=dict)
    cuts: dict[str, list[int]] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)
    ignore_range: bool = False
    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    """(path, Range, headers) of each GET."""
    url: str = ""

    def ranges(self, path: str) -> list[str]:
        return [asked for where, asked, _ in self.asked if where == path]


@contextmanager
def serve(site: Site) -> Iterator[Site]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            wanted = self.headers.get("Range", "")
            site.asked.append((path, wanted, dict(self.headers.items())))
            if path in site.refused:
                self._answer(403, b"no")
            elif path in site.redirects:
                self._answer(302, b"", Location=site.redirects[path])
            elif path not in site.files:
                self._answer(404, b"not here")
            else:
                self._send(path, site.files[path], wanted)

        def _send(self, path: str, data: bytes, wanted: str) -> None:
            code, more = 200, {}
            if wanted and not site.ignore_range:
                start = int(wanted.removeprefix("bytes=").rstrip("-"))
                if start >= len(data):
                    self._answer(416, b"")
                    return
                more = {"Content-Range": f"bytes {start}-{len(data) - 1}/{len(data)}"}
                code, data = 206, data[start:]
            cut = site.cuts[path].pop(0) if site.cuts.get(path) else None
            self._answer(code, data, cut, **more)

        def _answer(self, code: int, body: bytes, cut: int | None = None, **headers: str) -> None:
            self.send_response(code)
            kind = "text/html" if body.startswith(b"<!DOCTYPE") else "application/octet-stream"
            for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **headers}.items():
                self.send_header(name.replace("_", "-"), value)
            self.end_headers()
            self.wfile.write(body[:cut])
            if cut is not None:
                self.close_connection = True

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    site.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def index_page(site: Site, data: bytes, name: str = "tiny-weights", version: str = "1.0") -> str:
    """Put a wheel on the simple index of a site; returns the wheel's path."""
    file = f"{name.replace('-', '_')}-{version}-py3-none-any.whl"
    path = f"/files/{file}"
    info = metadata(name.replace("-", "_"), version).encode()
    site.files[path] = data
    site.files[path + ".metadata"] = info
    page = (f'<!DOCTYPE html><html><body><a href="{path}#sha256={sha256(data)}" '
            f'data-core-metadata="sha256={sha256(info)}">{file}</a></body></html>')
    site.files[f"/simple/{name}/"] = page.encode()
    return path
