"""Weight files that are damaged, posing as another format, or dangerous."""

from __future__ import annotations

import contextlib
import io
import json
import pickle
import struct
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from loopback import gguf, safetensors

from studio.models import UnsafeFile, safety


def refused(path: Path, data: bytes) -> str:
    path.write_bytes(data)
    with pytest.raises(UnsafeFile) as caught:
        safety.check(path)
    message = str(caught.value)
    assert message.startswith(path.name)
    assert message.endswith(".")
    assert "\n" not in message
    return message


def test_whole_files_pass(tmp_path: Path) -> None:
    for name, data in (("a.gguf", gguf()), ("a.safetensors", safetensors()), ("b.safetensors", safetensors(b""))):
        (tmp_path / name).write_bytes(data)
        safety.check(tmp_path / name)


@pytest.mark.parametrize("name", ["w.gguf", "w.safetensors", "w.bin"])
def test_an_empty_file_is_refused(tmp_path: Path, name: str) -> None:
    assert "empty (0 bytes)" in refused(tmp_path / name, b"")


def test_every_truncation_is_refused(tmp_path: Path) -> None:
    for name, data in (("w.gguf", gguf()), ("w.safetensors", safetensors())):
        for length in range(1, len(data)):
            assert "damaged" in refused(tmp_path / name, data[:length])


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("name", ["w.safetensors", "w.gguf", "w.bin", "w.onnx"])
def test_a_pickle_is_refused_whatever_it_is_called(tmp_path: Path, name: str, protocol: int) -> None:
    data = pickle.dumps({"weight": [1.0, 2.0] * 50}, protocol=protocol)
    message = refused(tmp_path / name, data)
    if protocol >= 2:
        assert "run code" in message


def test_a_torch_archive_is_refused(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("model/data.pkl", pickle.dumps({}))
    assert "pickle" in refused(tmp_path / "w.safetensors", buffer.getvalue())


def test_a_header_whose_length_spells_a_pickle_is_still_safetensors(tmp_path: Path) -> None:
    """0x0280 bytes of header begin with the two bytes of a protocol 2 pickle."""
    head = json.dumps({"w": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}).encode().ljust(0x0280)
    data = struct.pack("<Q", len(head)) + head + bytes(4)
    assert data[:2] == b"\x80\x02"
    (tmp_path / "w.safetensors").write_bytes(data)
    safety.check(tmp_path / "w.safetensors")


@pytest.mark.parametrize("entry", [
    {"dtype": "F32", "shape": [4], "data_offsets": [0, 12]},
    {"dtype": "F32", "shape": [-4], "data_offsets": [0, 16]},
    {"dtype": "F32", "shape": [4], "data_offsets": [16, 0]},
    {"dtype": "F32", "shape": [3], "data_offsets": [4, 16]},
    {"dtype": "F32", "shape": "x", "data_offsets": [0, 16]},
    {"shape": [4]},
    7,
])
def test_headers_that_contradict_themselves(tmp_path: Path, entry: object) -> None:
    assert "damaged" in refused(tmp_path / "w.safetensors", safetensors(w=entry))


def test_what_is_no_header(tmp_path: Path) -> None:
    assert "damaged" in refused(tmp_path / "a.safetensors", struct.pack("<Q", 1 << 60) + b"{}" * 20)
    assert "damaged" in refused(tmp_path / "a.safetensors", struct.pack("<Q", 40) + b"{" * 60)
    assert "damaged" in refused(tmp_path / "a.safetensors", safetensors() + b"more")
    assert "no GGUF" in refused(tmp_path / "a.gguf", b"<html>not found</html>" * 9)
    assert "version 9" in refused(tmp_path / "a.gguf", b"GGUF" + struct.pack("<I", 9) + bytes(40))


def test_a_missing_file_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(UnsafeFile, match="cannot be read"):
        safety.check(tmp_path / "none.gguf")


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.binary(max_size=200), st.sampled_from([".gguf", ".safetensors"]), st.booleans())
def test_wild_bytes_pass_or_are_refused_and_nothing_else(tmp_path: Path, data: bytes, suffix: str, magic: bool) -> None:
    head = {".gguf": b"GGUF\x03\0\0\0", ".safetensors": struct.pack("<Q", max(len(data), 2))}[suffix] if magic else b""
    path = tmp_path / f"wild{suffix}"
    path.write_bytes(head + data)
    with contextlib.suppress(UnsafeFile):
        safety.check(path)
