"""A page from the first letter to files of every format: the real window, the real host, the starter model, and a
kill -9 on the way."""

from __future__ import annotations

import html.parser
import json
import os
import signal
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import psutil
import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.app import Studio
from studio.project.check import check
from studio.project.manuscript.book import book_of
from studio.project.manuscript.formats import files
from studio.settings import Paths

pytestmark = [pytest.mark.model, pytest.mark.timeout(500),
              pytest.mark.skipif(sys.platform == "win32", reason="kill -9")]
ROOT = Path(__file__).resolve().parents[2]
STEPS = ["type", "ghost", "rewrite", "other_word", "branch", "talk", "back_and_forth"]


def told_and_killed(path: Path, log: Path) -> list[dict[str, Any]]:
    """Let the window write until all is saved, kill it, and give what it has said."""
    with log.open("wb") as errors:
        child = subprocess.Popen([sys.executable, "-m", "tests.ui.write_story_child", str(path)], cwd=ROOT,
                                 env=os.environ, stdout=subprocess.PIPE, stderr=errors)
        lines: list[dict[str, Any]] = []
        try:
            assert child.stdout is not None
            for line in child.stdout:
                lines.append(json.loads(line))
                if "saved" in lines[-1]:
                    break
        finally:
            family = psutil.Process(child.pid).children(recursive=True) if child.poll() is None else []
            child.send_signal(signal.SIGKILL)
            child.wait(30)
            psutil.wait_procs(family, 30)  # a host whose window is gone ends by itself
            child.stdout.close()
    assert "saved" in lines[-1], log.read_text("utf-8", "replace")[-6000:]
    return lines


class _Words(html.parser.HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.text = ""

    def handle_data(self, data: str) -> None:
        self.text += data


def _html(text: str) -> str:
    parser = _Words()
    parser.feed(text)
    return parser.text


def read_back(path: Path) -> str:
    """The text of a file, as a library that has not written it reads it."""
    match path.suffix:
        case ".docx":
            with zipfile.ZipFile(path) as archive:
                root = ElementTree.fromstring(archive.read("word/document.xml"))
            return "\n".join("".join(t.text or "" for t in p.iter() if t.tag.endswith("}t"))
                             for p in root.iter() if p.tag.endswith("}p"))
        case ".epub":
            with zipfile.ZipFile(path) as archive:
                return "\n".join(_html(archive.read(name).decode()) for name in archive.namelist()
                                 if name.endswith((".xhtml", ".html")))
        case ".odt":
            from odf import teletype
            from odf.opendocument import load

            return str(teletype.extractText(load(str(path)).text))
        case ".pdf":
            import pypdf

            return "\n".join(page.extract_text() for page in pypdf.PdfReader(path).pages)
        case ".html":
            return _html(path.read_text("utf-8"))
    return path.read_text("utf-8")


def squeezed(text: str) -> str:
    """Without what a format may change: spaces, line ends, escapes of Markdown."""
    return "".join(char for char in text if not char.isspace() and char not in "\\\u00ad")


def test_first_letter_to_every_format(qtbot: QtBot, starter_home: Path, tmp_path: Path) -> None:
    path = tmp_path / "story.pieria"
    *steps, last = told_and_killed(path, tmp_path / "story.log")
    assert [step["step"] for step in steps] == STEPS
    text, spans = last["saved"], last["spans"]
    assert steps[-1]["text"] == text
    report = check(path)
    assert report.ok, report.problems

    app = QApplication.instance()
    assert isinstance(app, QApplication)
    studio = Studio(app, Paths.from_env())
    try:
        assert studio.desk.open_project(path)
        studio.window.show()
        studio.desk.go("write")
        bench = studio.window.workbench
        assert bench.write.text() == text
        assert bench.write.spans() == spans
        qtbot.waitUntil(lambda: studio.desk.session.discovery.find("language.edit") is not None, timeout=120_000)
        coauthor = bench.room("write").coauthor
        assert len(studio.desk.session.project.branches(coauthor.node())) == 3
        assert len(coauthor.chat.tree.path()) == 2
        project = studio.desk.session.project
        assert all(project.result(span["recipe"]).kind == "text" for span in spans)
        book = book_of(project, coauthor.document, title="The Blank Chart")
        for ending in files.WRITES:
            out = tmp_path / f"book{ending}"
            files.write(book, out)
            found = squeezed(read_back(out))
            for paragraph in text.split("\n"):
                assert squeezed(paragraph) in found, f"{ending}: {paragraph!r}"
    finally:
        studio.window.close()
