"""Manuscripts in other programs' files: each written, and read back with another library."""

from __future__ import annotations

import html.parser
import io
import json
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from project_kit import png
from test_prose import proses

from studio.project import Project
from studio.project.formats.limits import FormatError
from studio.project.manuscript import authorship
from studio.project.manuscript import prose as ops
from studio.project.manuscript.book import Book, Part, Picture, book_of, bring_in
from studio.project.manuscript.formats import docx as docx_format
from studio.project.manuscript.formats import files, markdown, plain
from studio.project.manuscript.formats.options import WriteOptions
from studio.project.manuscript.prose import Builder
from studio.project.manuscript.rows import OBJECT, Block, Mark, Prose

GOLDEN = Path(__file__).parent / "golden"
AI = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"


def first_scene() -> Prose:
    make = Builder()
    make.paragraph()
    for text, marks in (("The ", {}), ("old", {"bold": ""}), (" keeper & his ", {}), ("lamp", {"italic": ""}),
                        ("s", {"bold": "", "italic": ""}), (" — see ", {}), ("here", {"link": "https://example.org/a?b=1&c"}),
                        (".", {})):
        make.text(text, marks)
    make.object("footnote", "A <note> about * lamps.")
    make.paragraph(Block("h1"))
    make.text("Inside")
    make.paragraph(Block("quote"))
    make.text("Said one.")
    make.paragraph(Block("quote"))
    make.text("Said two.")
    for style, level, text in (("bullet", 0, "one"), ("bullet", 1, "inner"), ("bullet", 0, "two"),
                               ("number", 0, "first"), ("number", 0, "second")):
        make.paragraph(Block(style, level))
        make.text(text)
    make.paragraph()
    make.text("Gone", {"strike": ""})
    make.text(" under ", {"underline": ""})
    make.text("x = 1", {"code": ""})
    make.text("\u2028new line")
    make.paragraph(Block("code"))
    make.text("def f():")
    make.paragraph(Block("code"))
    make.text("    return <1>")
    return make.prose()


def second_scene() -> Prose:
    text = f"مرحبا بالعالم 語の話 🦊.\nA picture: {OBJECT}\nMachine words here."
    prose = Prose(text, (), (Mark(0, 5, "bold"), Mark(text.index(OBJECT), 1, "image", "p" * 64)))
    return ops.written_by(prose, text.index("Machine"), len(text), "recipe1")


@pytest.fixture
def book() -> Book:
    return Book("The <Lamp> & I", "Ada “Lee” O'Neil", "en", (
        Part("part", "Part One"), Part("chapter", "Chapter 1: Dusk", 1), Part("scene", "Scene 1", 2, first_scene()),
        Part("scene", "Scene 2", 2, second_scene()), Part("chapter", "Chapter *2*", 1),
        Part("scene", "Scene 1", 2, Prose("The end.\n# not a heading\n1. not a list\n- nor this")),
        Part("part", "Part Two"), Part("chapter", "Chapter 3", 1), Part("scene", "Scene 1", 2, Prose("Last."))),
        {"p" * 64: Picture(png(200, 20, 20, 32, 24), "image/png")})


def shape(book: Book) -> list[tuple[str, int, str, str]]:
    return [(p.kind, p.depth, p.title, p.prose.text) for p in book.parts]


def without_spans(prose: Prose) -> Prose:
    return Prose(prose.text, prose.blocks, prose.marks)


def named(prose: Prose) -> Prose:
    """Images by kind alone: formats name them as they like."""
    return Prose(prose.text, prose.blocks, tuple(Mark(m.start, m.length, m.kind, "" if m.kind == "image" else m.value)
                                                 for m in prose.marks))


# ---------------------------------------------------------------- markdown

def test_markdown_and_back(book: Book) -> None:
    text = markdown.write(book)
    again = markdown.read(text)
    assert (again.title, again.author, again.language) == (book.title, book.author, book.language)
    assert shape(again) == shape(book)
    assert [named(p) for p in again.proses] == [named(p) for p in book.proses]
    assert [p.data for p in again.pictures.values()] == [png(200, 20, 20, 32, 24)]
    assert markdown.write(again) == text
    assert text == (GOLDEN / "book.md").read_text(encoding="utf-8")


def test_markdown_as_another_parser_reads_it(book: Book) -> None:
    from markdown_it import MarkdownIt

    tokens = MarkdownIt("commonmark").enable("strikethrough").parse(markdown.write(book, title_page=False))
    headings = [tokens[n + 1].children[0].content + "".join(c.content for c in tokens[n + 1].children[1:])
                for n, t in enumerate(tokens) if t.type == "heading_open"]
    assert headings == ["Part One", "Chapter 1: Dusk", "Inside", "Chapter *2*", "Part Two", "Chapter 3"]
    assert sum(t.type == "hr" for t in tokens) == 1
    assert [t.info for t in tokens if t.type == "fence"] == [""]


@settings(max_examples=60, deadline=None)
@given(proses())
def test_any_prose_survives_markdown(prose: Prose) -> None:
    """What Markdown can carry comes back: a second round changes nothing, and no letter is lost."""
    book = Book("T", parts=(Part("chapter", "C"), Part("scene", "Scene 1", 1, prose)))
    once = markdown.read(markdown.write(book))
    twice = markdown.read(markdown.write(once))
    assert twice.parts == once.parts
    images = {m.start for m in prose.marks if m.kind == "image"}
    told = "".join(c for n, c in enumerate(prose.text) if not c.isspace() and not (c == OBJECT and (
        n in images or not any(m.start == n and m.kind == "footnote" for m in prose.marks))))
    broken = [p for p in ops.paragraphs(prose) if p.block.style == "break"]
    if not broken:
        assert "".join("".join(p.text.split()) for p in once.proses) == told


def test_markdown_from_elsewhere() -> None:
    book = markdown.read("Just *text*.\r\n\r\n***\r\n\r\nMore ![pic](a.png) text<br>x <u>y</u> &amp; [^9]\n\n"
                         "<div>raw</div>\n")
    assert [(p.kind, p.title, p.depth) for p in book.parts] == [("scene", "Scene 1", 0), ("scene", "Scene 2", 0)]
    assert book.proses[1].text == "More pic text\u2028x y & [^9]\n<div>raw</div>"
    assert "a.png" in book.messages[0]
    book = markdown.read("# The Title\n\n## One\n\nText.\n\n## Two\n")
    assert book.title == "The Title"
    assert [(p.kind, p.title) for p in book.parts] == [("chapter", "One"), ("scene", "Scene 1"), ("chapter", "Two"),
                                                      ("scene", "Scene 1")]
    assert markdown.read("").parts == ()
    assert markdown.read("---\nnot: front\n\ntext").parts


def test_code_with_fences_in_it() -> None:
    prose = Prose("```\nx\n````\ny `z`", (Block("code"),) * 3, (Mark(11, 5, "code"),))
    book = Book("T", parts=(Part("chapter", "C"), Part("scene", "Scene 1", 1, prose)))
    assert markdown.read(markdown.write(book)).parts == book.parts


# ---------------------------------------------------------------- text

def test_text_is_golden(book: Book) -> None:
    assert plain.write(book) == (GOLDEN / "book.txt").read_text(encoding="utf-8")


def test_text_that_was_wrapped() -> None:
    lines = "Chapter I\n\n" + "\n".join(f"this is a line of a wrapped paragraph number {n} that goes" for n in range(6))
    book = plain.read(lines + "\n\n* * *\n\nShort.\n\nChapter II\n\nEnd.")
    assert [(p.kind, p.title) for p in book.parts] == [
        ("chapter", "Chapter I"), ("scene", "Scene 1"), ("scene", "Scene 2"), ("chapter", "Chapter II"),
        ("scene", "Scene 1")]
    assert book.proses[0].text.count("\n") == 0
    assert plain.read("one\ntwo\n\nthree").proses[0].text == "one\ntwo\nthree"
    assert plain.read("Part of me knew.\n\nBook it.").proses[0].text == "Part of me knew.\nBook it."


@pytest.mark.parametrize(("data", "text"), [
    ("caf\u00e9".encode("utf-8-sig"), "café"), ("café 語".encode("utf-16"), "café 語"),
    ("café".encode("cp1252"), "café"), (b"a\r\nb\rc", "a\nb\nc"), (b"", "")])
def test_encodings(data: bytes, text: str) -> None:
    assert plain.decode(data, "x.txt")[0] == text


# ---------------------------------------------------------------- docx

def test_docx_and_back(book: Book) -> None:
    data = files.to_bytes(book, ".docx", WriteOptions(source="both"))
    again = files.read_bytes(data, "book.docx")
    assert (again.title, again.author, again.language) == (book.title, book.author, book.language)
    assert shape(again) == shape(book)
    assert [named(p) for p in again.proses] == [named(p) for p in book.proses]
    assert [p.data for p in again.pictures.values()] == [png(200, 20, 20, 32, 24)]
    third = files.read_bytes(files.to_bytes(again, ".docx"), "again.docx")
    assert [named(p) for p in third.proses] == [named(p) for p in again.proses]


def test_docx_as_python_docx_reads_it(book: Book) -> None:
    import docx

    data = files.to_bytes(book, ".docx", WriteOptions(source="both", authorship=True))
    document = docx.Document(io.BytesIO(data))
    told = [(p.style.name, p.text) for p in document.paragraphs]
    assert told[0] == ("Title", "The <Lamp> & I")
    assert ("Heading 1", "Part One") in told
    assert ("Heading 2", "Chapter 1: Dusk") in told
    assert ("Heading 3", "Inside") in told
    assert ("List Bullet 2", "inner") in told
    assert ("List Number", "first") in told
    assert ("Quote", "Said two.") in told
    assert ("Scene Break", "* * *") in told
    machine = [r.text for p in document.paragraphs for r in p.runs if r.style.name == "Machine-written"]
    assert machine == ["Machine words here."]
    assert [link.address for p in document.paragraphs for link in p.hyperlinks] == ["https://example.org/a?b=1&c"]
    assert len(document.inline_shapes) == 1
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert b"A &lt;note&gt; about * lamps." in archive.read("word/footnotes.xml")
        assert AI.encode() in archive.read("docProps/custom.xml")
        for name in archive.namelist():
            if name.endswith((".xml", ".rels")):
                ElementTree.fromstring(archive.read(name))
    silent = files.to_bytes(book, ".docx")
    with zipfile.ZipFile(io.BytesIO(silent)) as archive:
        assert "docProps/custom.xml" not in archive.namelist()
        assert b"Machine-written" not in archive.read("word/document.xml") + archive.read("word/styles.xml")


@settings(max_examples=8, deadline=None, phases=(Phase.explicit, Phase.generate))
@given(st.lists(proses(), min_size=4, max_size=8))
def test_any_prose_survives_docx(many: list[Prose]) -> None:
    book = Book("T", parts=tuple(part for n, prose in enumerate(many) for part in (
        Part("chapter", f"C{n}"), Part("scene", "Scene 1", 1, prose))))
    once = files.read_bytes(files.to_bytes(book, ".docx"), "a.docx")
    twice = files.read_bytes(files.to_bytes(once, ".docx"), "b.docx")
    assert [p.text for p in twice.proses] == [p.text for p in once.proses]
    assert [p.marks for p in twice.proses] == [p.marks for p in once.proses]


def test_docx_from_elsewhere() -> None:
    import docx

    document = docx.Document()
    document.add_heading("One", 1)
    paragraph = document.add_paragraph("a ")
    paragraph.add_run("b").bold = True
    table = document.add_table(1, 2)
    table.cell(0, 0).text, table.cell(0, 1).text = "left", "right"
    document.add_paragraph("#")
    document.add_paragraph("after")
    out = io.BytesIO()
    document.save(out)
    book = files.read_bytes(out.getvalue(), "x.docx")
    assert shape(book) == [("chapter", 0, "One", ""), ("scene", 1, "Scene 1", "a b\nleft\tright"),
                           ("scene", 1, "Scene 2", "after")]
    assert book.proses[0].marks == (Mark(2, 1, "bold"),)
    assert "Tables" in book.messages[0]


# ---------------------------------------------------------------- html, epub, odt, pdf

class _Html(html.parser.HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict]] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list) -> None:
        self.seen.append((tag, dict(attrs)))
        self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list) -> None:
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not {"style", "script"} & set(self.open):
            self.text.append(data)


def test_html(book: Book) -> None:
    text = files.to_bytes(book, ".html", WriteOptions(source="both", authorship=True)).decode()
    reader = _Html()
    reader.feed(text)
    assert reader.open == []
    whole = "".join(reader.text)
    for words in ("The <Lamp> & I", "Ada “Lee” O'Neil", "Chapter *2*", "    return <1>", "A <note> about * lamps."):
        assert words in whole
    origins = [attrs for tag, attrs in reader.seen if "data-origin" in attrs]
    assert origins == [{"data-origin": "machine", "data-recipe": "recipe1"}]
    assert ("meta", {"name": "DigitalSourceType", "content": AI}) in reader.seen
    assert [tag for tag, _ in reader.seen].count("li") == 5
    assert sum(tag == "img" and attrs["src"].startswith("data:image/png;base64,") for tag, attrs in reader.seen) == 1
    silent = files.to_bytes(book, ".html").decode()
    assert "DigitalSourceType" not in silent
    assert "data-origin" not in silent
    assert "Pieria" not in silent


def test_html_runs_no_scripts() -> None:
    evil = Book("</title><script>x</script>", parts=(Part("scene", "s", 0, Prose(
        "<script>alert(1)</script> l", (), (Mark(26, 1, "link", " JavaScript:alert(1)"),))),))
    reader = _Html()
    reader.feed(files.to_bytes(evil, ".html", WriteOptions(source="person")).decode())
    assert [attrs.get("type") for tag, attrs in reader.seen if tag == "script"] == ["application/ld+json"]
    assert [attrs["href"] for tag, attrs in reader.seen if tag == "a"] == ["#"]


def test_epub_as_ebooklib_reads_it(book: Book, tmp_path: Path) -> None:
    from ebooklib import ITEM_DOCUMENT, ITEM_IMAGE, epub

    path = tmp_path / "book.epub"
    files.write(book, path, WriteOptions(source="both"))
    with zipfile.ZipFile(path) as archive:
        first = archive.infolist()[0]
        assert (first.filename, first.compress_type, archive.read("mimetype")) == (
            "mimetype", zipfile.ZIP_STORED, b"application/epub+zip")
        for name in archive.namelist():
            if name.endswith((".xhtml", ".opf", ".xml")):
                ElementTree.fromstring(archive.read(name))
        assert AI.encode() in archive.read("EPUB/package.opf")
    read = epub.read_epub(str(path), {"ignore_ncx": True})
    assert read.get_metadata("DC", "title")[0][0] == "The <Lamp> & I"
    assert read.get_metadata("DC", "creator")[0][0] == "Ada “Lee” O'Neil"
    texts = "".join(item.get_content().decode() for item in read.get_items_of_type(ITEM_DOCUMENT))
    for words in ("Chapter 1: Dusk", "مرحبا", 'epub:type="noteref"', 'epub:type="footnote"', "* * *"):
        assert words in texts
    (image,) = read.get_items_of_type(ITEM_IMAGE)
    assert image.get_content() == png(200, 20, 20, 32, 24)

    def titles(entries: list) -> list:
        return [(e[0].title, titles(e[1])) if isinstance(e, tuple) else e.title for e in entries]

    assert titles(read.toc) == [("Part One", ["Chapter 1: Dusk", "Chapter *2*"]), ("Part Two", ["Chapter 3"])]
    assert files.to_bytes(book, ".epub") == files.to_bytes(book, ".epub")
    assert b"digitalsourcetype" not in files.to_bytes(book, ".epub")


def test_odt_as_odfpy_reads_it(book: Book) -> None:
    from odf import draw, meta, teletype, text
    from odf.opendocument import load

    data = files.to_bytes(book, ".odt", WriteOptions(source="both"))
    read = load(io.BytesIO(data))
    headings = [(h.getAttribute("outlinelevel"), teletype.extractText(h)) for h in read.getElementsByType(text.H)]
    assert headings == [("1", "Part One"), ("2", "Chapter 1: Dusk"), ("3", "Inside"), ("2", "Chapter *2*"),
                        ("1", "Part Two"), ("2", "Chapter 3")]
    told = [teletype.extractText(p) for p in read.getElementsByType(text.P)]
    for words in ("The <Lamp> & I", "    return <1>", "A <note> about * lamps.", "inner", "* * *", "The end."):
        assert words in told
    assert [a.getAttribute("href") for a in read.getElementsByType(text.A)] == ["https://example.org/a?b=1&c"]
    assert len(read.getElementsByType(draw.Image)) == 1
    assert len(read.getElementsByType(text.Note)) == 1
    facts = [(m.getAttribute("name"), str(m)) for m in read.getElementsByType(meta.UserDefined)]
    assert ("DigitalSourceType", AI) in facts
    assert b"igital" not in zipfile.ZipFile(io.BytesIO(files.to_bytes(book, ".odt"))).read("meta.xml")


def test_pdf_as_pypdf_reads_it(book: Book, qapp: object) -> None:
    import pypdf

    data = files.to_bytes(book, ".pdf", WriteOptions(source="both"))
    read = pypdf.PdfReader(io.BytesIO(data))
    pages = [" ".join(page.extract_text().split()) for page in read.pages]
    whole = " ".join(pages)
    assert "The <Lamp> & I" in pages[0]
    for words in ("Part One", "Chapter 1: Dusk", "Said two.", "Machine words here.", "The end.", "Last."):
        assert words in whole
    assert len(pages) >= 6  # a title page, and each part and chapter begins one
    assert sum(len(page.images) for page in read.pages) == 1
    assert read.metadata is not None
    assert read.metadata.title == book.title
    assert AI in read.trailer["/Root"]["/Metadata"].get_data().decode()
    assert b"compositeWithTrained" not in files.to_bytes(book, ".pdf")


@pytest.mark.parametrize("ending", files.WRITES)
def test_an_empty_book_and_wild_letters_are_written(ending: str, qapp: object) -> None:
    for book in (Book(), Book("T\0\ud800", "\ud800", parts=(Part("chapter", "\ufffe\x01"), Part("scene", "s", 1, Prose(
            f"a\x00b\ud800\ufffe c{OBJECT}d\n\n\u2028e", (), (Mark(6, 1, "link", "x\x01\ud800"),)))))):
        assert files.to_bytes(book, ending, WriteOptions(source="model", authorship=True)) is not None


# ---------------------------------------------------------------- project

def test_into_the_project_and_out(book: Book, tmp_path: Path) -> None:
    with Project.create(tmp_path / "p.pieria") as project:
        row = bring_in(project, markdown.read(markdown.write(book))).result()
        assert (row.title, project.documents("manuscript")[1].id) == (book.title, row.id)
        again = book_of(project, row.id)
        assert (again.title, again.author, again.language) == (book.title, book.author, book.language)
        assert shape(again) == shape(book)
        assert markdown.write(again) == markdown.write(book)
        assert [n.words for n in project.manuscript_nodes(row.id) if n.kind == "part"][1] == 1
        empty = bring_in(project, Book(), "Empty").result()
        assert [n.title for n in project.manuscript_nodes(empty.id)] == ["Chapter 1", "Scene 1"]


def test_who_wrote_it_is_told(book: Book) -> None:
    found = authorship.report(book.parts, lambda recipe: "Writer" if recipe == "recipe1" else "")
    assert found.source == "both"
    assert (found.whole.machine, found.whole.mixed) == (17, 0)
    assert found.generators == (("Writer", 17),)
    assert found.scenes[1][0] == "Chapter 1: Dusk / Scene 2"
    text = plain.write(authorship.with_report(book, found))
    assert "Writer: 17 characters" in text
    assert "Who wrote this text" in text
    machine = ops.written_by(Prose("all of it"), 0, 9, "r")
    assert authorship.report([Part("scene", "s", 0, machine)], str).source == "model"
    assert authorship.report([], str).source == "person"
    edited = ops.insert(machine, 3, "!")
    assert authorship.report([Part("scene", "s", 0, edited)], str).whole == authorship.Shares(1, 0, 7)


# ---------------------------------------------------------------- bad input

def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b"0" * (40 << 20))
    return out.getvalue()


def broken_docx() -> bytes:
    return files.to_bytes(Book(parts=(Part("scene", "s", 0, Prose("x")),)), ".docx")[:-200]


def other_zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.txt", "x")
    return out.getvalue()


@pytest.mark.parametrize(("name", "data", "words"), [
    ("a.docx", bomb(), "not what it seems"), ("a.docx", broken_docx(), "damaged"), ("a.docx", other_zip(), "damaged"),
    ("a.docx", b"no zip", "damaged"), ("a.txt", bytes(range(256)) * 40, "not a text"),
    ("a.md", other_zip(), "right ending"),
    ("a.txt", png(), "not a text"), ("a.epub", b"PK\3\4", "damaged"), ("a.mobi", b"x", "convert it"),
    ("a.doc", b"x", ".docx"),
    ("a.xyz", b"x", "use one of"),
    ("a.json", b"{", "no JSON"), ("a.json", b"{}", "neither"), ("a.json", b"[" * 100_000, "no JSON"),
    ("a.json", json.dumps({"name": "x"}).encode(), "neither"), ("a.png", png(), "without a character"),
    ("a.png", png()[:40], "damaged"), ("a.png", b"x", "damaged"), ("a.txt", b"", "empty")])
def test_what_cannot_be_read(tmp_path: Path, name: str, data: bytes, words: str) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(FormatError, match=words) as caught:
        files.read(path)
    assert str(caught.value).endswith(".")
    assert "\n" not in str(caught.value)


def test_what_is_not_there(tmp_path: Path) -> None:
    for path in (tmp_path / "none.md", tmp_path):
        with pytest.raises(FormatError):
            files.read(path)
    with pytest.raises(FormatError, match="use one of"):
        files.write(Book(), tmp_path / "x.rtf")


def test_ten_megabytes_of_text() -> None:
    text = "It was a dark and stormy night, and so on. " * 230_000
    assert len(plain.read(text).proses[0].text) > 9_800_000
    lines = "word " * 20 + "\n\n"
    book = markdown.read(lines * 5_000)
    assert book.proses[0].text.count("\n") == 4_999


def test_a_docx_with_a_huge_picture(monkeypatch: pytest.MonkeyPatch, book: Book) -> None:
    monkeypatch.setattr(docx_format, "MAX_PICTURE", 10)
    again = files.read_bytes(files.to_bytes(book, ".docx"), "x.docx")
    assert not again.pictures
    assert "left out" in again.messages[0]
    assert "A picture: " in again.proses[1].text


def test_entities_of_a_docx_do_not_grow() -> None:
    data = files.to_bytes(Book(parts=(Part("scene", "s", 0, Prose("x")),)), ".docx")
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(out, "w") as target:
        for name in source.namelist():
            part = source.read(name)
            if name == "word/document.xml":
                part = part.replace(b"<w:document", b'<!DOCTYPE z [<!ENTITY a "' + b"x" * 100 + b'">'
                                    + b'<!ENTITY b "' + b"&a;" * 100 + b'">]><w:document', 1).replace(b">x<", b">&b;<")
            target.writestr(name, part)
    try:
        book = files.read_bytes(out.getvalue(), "x.docx")
    except FormatError:
        return
    assert len("".join(p.text for p in book.proses)) < 100


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300), st.sampled_from([".md", ".txt", ".docx", ".json", ".png"]))
def test_any_bytes_are_read_or_refused(data: bytes, ending: str) -> None:
    try:
        files.read_bytes(data, f"x{ending}")
    except FormatError as error:
        told = str(error)
    else:
        told = "read."
    assert told.endswith(".")
