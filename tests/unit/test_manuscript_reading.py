"""Books of other programs: EPUB, OpenDocument, HTML and tables are read for what prose can carry."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from project_kit import png
from test_manuscript_formats import book as original  # noqa: F401
from test_manuscript_formats import named, shape
from test_prose import proses

from studio.project.formats.limits import FormatError
from studio.project.manuscript.book import Book, Part, Picture
from studio.project.manuscript.formats import files
from studio.project.manuscript.formats.options import WriteOptions
from studio.project.manuscript.rows import OBJECT, Block, Mark, Prose, picture_of, picture_value

PICTURE = png(9, 9, 9, 8, 8)
READABLE = (".odt", ".epub", ".html")


def told(book: Book) -> list[str]:
    return [p.text for p in book.proses]


# ---------------------------------------------------------------- what we write

@pytest.mark.parametrize("ending", READABLE)
@pytest.mark.parametrize("title_page", [True, False])
def test_out_and_back(original: Book, ending: str, title_page: bool) -> None:  # noqa: F811
    book = original
    again = files.read_bytes(files.to_bytes(book, ending, WriteOptions(title_page=title_page, source="both")),
                             f"b{ending}")
    assert again.title == book.title
    assert again.author == book.author
    assert again.language == book.language
    assert shape(again) == shape(book)
    assert [named(p) for p in again.proses] == [named(p) for p in book.proses]
    assert [p.data for p in again.pictures.values()] == [png(200, 20, 20, 32, 24)]


@pytest.mark.parametrize("ending", READABLE)
def test_a_heading_that_begins_a_chapter_makes_no_part_of_it(ending: str) -> None:
    prose = Prose("Inside\ntext", (Block("h1"),))
    book = Book("T", parts=(Part("chapter", "C"), Part("scene", "Scene 1", 1, prose)))
    assert files.read_bytes(files.to_bytes(book, ending), f"b{ending}").parts == book.parts


@pytest.mark.parametrize("ending", [*READABLE, ".docx", ".md"])
def test_what_a_picture_shows_is_kept(ending: str) -> None:
    prose = Prose(f"See {OBJECT}.", (), (Mark(4, 1, "image", picture_value("p", "A  cat on\na <chart> & [it]")),))
    book = Book("T", parts=(Part("chapter", "C"), Part("scene", "Scene 1", 1, prose)),
                pictures={"p": Picture(PICTURE, "image/png")})
    again = files.read_bytes(files.to_bytes(book, ending), f"b{ending}")
    assert told(again) == [prose.text]
    name, alt = picture_of(again.proses[0].marks[0].value)
    assert alt == "A cat on a <chart> & [it]"
    assert again.pictures[name].data == PICTURE


@pytest.mark.parametrize("ending", READABLE)
@settings(max_examples=15, deadline=None, phases=(Phase.explicit, Phase.generate))
@given(many=st.lists(proses(), min_size=1, max_size=3))
def test_any_prose_survives(ending: str, many: list[Prose]) -> None:
    book = Book("T", parts=tuple(part for n, prose in enumerate(many) for part in (
        Part("chapter", f"C{n}"), Part("scene", "Scene 1", 1, prose))))
    once = files.read_bytes(files.to_bytes(book, ending), f"a{ending}")
    twice = files.read_bytes(files.to_bytes(once, ending), f"b{ending}")
    assert told(twice) == told(once)
    assert [p.marks for p in twice.proses] == [p.marks for p in once.proses]


# ---------------------------------------------------------------- what others write

PAGE = """<!DOCTYPE html><html lang="fr"><head><meta charset="iso-8859-1"><title>Un livre</title>
<style>.em, span.x { font-style: italic } .sc { font-variant: small-caps }</style><script>alert(1)</script></head>
<body><h1>Un livre</h1><h2>Premier</h2>
<p>Il y avait&nbsp;une <span class="em">lampe</span>, <b style="font-weight:normal">et</b>
   <span style="font-weight:700">deux</span> chats.<sup><a href="#n1" id="r1">1</a></sup> Voir
   <a href="#r1">plus haut</a> et <a href="https://example.org">ici</a>.<br>Ligne.</p>
<div><p>Sans <i>fin</div>
<ul><li>un<ol><li>dedans</li></ol></li><li><p>deux</p></li></ul>
<blockquote><p>Dit.</p></blockquote>
<hr><pre><code>a = 1
  b</code></pre>
<table><tr><th>nom</th><th>âge</th></tr><tr><td><em>Ada</em></td><td>36<p>ans</p></td></tr></table>
<h2>Deux</h2><p>* * *</p><p>Fin &eacute;t&eacute;.</p>
<hr><ol class="footnotes"><li id="n1">Une <em>note</em>. <a href="#r1">&#8617;</a></li></ol>
</body></html>"""


def test_html_from_elsewhere() -> None:
    book = files.read_bytes(PAGE.encode("iso-8859-1"), "x.html")
    assert (book.title, book.language) == ("Un livre", "fr")
    assert shape(book) == [
        ("chapter", 0, "Premier", ""),
        ("scene", 1, "Scene 1", f"Il y avait\u00a0une lampe, et deux chats.{OBJECT} Voir plus haut et ici.\u2028"
         "Ligne.\nSans fin\nun\ndedans\ndeux\nDit."),
        ("scene", 1, "Scene 2", "a = 1\n  b\nnom\tâge\nAda\t36\u2028ans"),
        ("chapter", 0, "Deux", ""), ("scene", 1, "Scene 1", "Fin été.")]
    first, second, _ = book.proses
    kinds = {(m.kind, first.text[m.start:m.end], m.value) for m in first.marks}
    assert kinds == {("italic", "lampe", ""), ("bold", "deux", ""), ("italic", "fin", ""),
                     ("link", "ici", "https://example.org"), ("footnote", OBJECT, "Une note.")}
    assert [b.style for b in first.blocks] == ["body", "body", "bullet", "number", "bullet", "quote"]
    assert [(m.kind, second.text[m.start:m.end]) for m in second.marks] == [("italic", "Ada")]
    assert any("Tables" in message for message in book.messages)


def test_pictures_beside_a_page_and_no_further(tmp_path: Path) -> None:
    folder = tmp_path / "page"
    folder.mkdir()
    (folder / "a b.png").write_bytes(PICTURE)
    (tmp_path / "secret.png").write_bytes(PICTURE)
    page = folder / "p.html"
    page.write_text('<p>x<img src="a%20b.png" alt="A cat"><img src="../secret.png" alt="gone">'
                    '<img src="http://e/x.png">')
    book = files.read(page)
    assert told(book) == [f"x{OBJECT}gone"]
    assert [picture_of(m.value)[1] for m in book.proses[0].marks] == ["A cat"]
    assert len(book.pictures) == 1
    assert len(book.messages) == 2


def epub(pages: dict[str, str], opf: str, **more: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", "application/epub+zip")
        archive.writestr("META-INF/container.xml", '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container">'
                         '<rootfiles><rootfile full-path="OPS/a.opf"/></rootfiles></container>')
        archive.writestr("OPS/a.opf", opf)
        for name, text in {**pages, **more}.items():
            archive.writestr(name, text)
        archive.writestr("OPS/img/c.png", PICTURE)
    return out.getvalue()


OPF = """<package xmlns="http://www.idpf.org/2007/opf" version="2.0"><metadata
xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>Old Book</dc:title><dc:creator>A. Nonymous</dc:creator>
<dc:language>en</dc:language></metadata><manifest>
<item id="ncx" href="toc.ncx" media-type="application/x-dtbncx+xml"/><item id="css" href="s.css" media-type="text/css"/>
<item id="t" href="text/title.xhtml" media-type="application/xhtml+xml"/>
<item id="a" href="text/a.xhtml" media-type="application/xhtml+xml"/>
<item id="b" href="text/b%20b.xhtml" media-type="application/xhtml+xml"/>
<item id="n" href="text/notes.xhtml" media-type="application/xhtml+xml"/>
<item id="c" href="img/c.png" media-type="image/png"/></manifest>
<spine toc="ncx"><itemref idref="t"/><itemref idref="a"/><itemref idref="b"/><itemref idref="n"/></spine></package>"""
NCX = """<ncx xmlns="http://www.daisy.org/z3986/2005/ncx/"><navMap><navPoint><navLabel><text>One: Dawn</text></navLabel>
<content src="text/a.xhtml"/></navPoint><navPoint><navLabel><text>Two</text></navLabel><content
src="text/b%20b.xhtml#x"/></navPoint></navMap></ncx>"""
XHTML = '<html xmlns="http://www.w3.org/1999/xhtml"><head><title/></head><body>{}</body></html>'
PAGES = {
    "OPS/toc.ncx": NCX, "OPS/s.css": "p.first .it { font-style: italic }",
    "OPS/text/title.xhtml": XHTML.format("<p>Old Book</p><p>by A. Nonymous</p>"),
    "OPS/text/a.xhtml": XHTML.format('<p class="first">It <span class="it">began</span>.'
                                     '<a href="notes.xhtml#f1">[1]</a></p>'
                                     '<p><img src="../img/c.png" alt="A chart"/></p>'),
    "OPS/text/b b.xhtml": XHTML.format('<a id="x"/><p>It ended.</p>'),
    "OPS/text/notes.xhtml": XHTML.format('<div><p id="f1"><a href="a.xhtml#r">[1]</a> So they say.</p></div>'),
}


def test_an_old_epub_whose_chapters_have_no_headings() -> None:
    book = files.read_bytes(epub(PAGES, OPF), "old.epub")
    assert (book.title, book.author, book.language) == ("Old Book", "A. Nonymous", "en")
    assert shape(book) == [("chapter", 0, "One: Dawn", ""), ("scene", 1, "Scene 1", f"It began.{OBJECT}\n{OBJECT}"),
                           ("chapter", 0, "Two", ""), ("scene", 1, "Scene 1", "It ended.")]
    marks = {(m.kind, m.value if m.kind == "footnote" else "") for m in book.proses[0].marks}
    assert marks == {("italic", ""), ("footnote", "So they say."), ("image", "")}
    assert [p.data for p in book.pictures.values()] == [PICTURE]


def test_a_locked_epub_says_so() -> None:
    lock = ('<encryption xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><EncryptedData '
            'xmlns="http://www.w3.org/2001/04/xmlenc#"><EncryptionMethod Algorithm="{}"/></EncryptedData></encryption>')
    with pytest.raises(FormatError, match="locked by its seller"):
        files.read_bytes(epub(PAGES, OPF, **{"META-INF/encryption.xml": lock.format("http://x#aes128-cbc")}), "x.epub")
    fonts = lock.format("http://www.idpf.org/2008/embedding")
    assert files.read_bytes(epub(PAGES, OPF, **{"META-INF/encryption.xml": fonts}), "x.epub").title == "Old Book"


def test_an_odt_from_elsewhere() -> None:
    from odf import style, table, text
    from odf.opendocument import OpenDocumentText

    document = OpenDocumentText()
    bold = style.Style(name="T1", family="text")
    bold.addElement(style.TextProperties(fontweight="bold"))
    child = style.Style(name="P1", family="paragraph", parentstylename="Heading_20_1", defaultoutlinelevel="1")
    document.automaticstyles.addElement(bold)
    document.automaticstyles.addElement(child)
    document.text.addElement(text.P(stylename="P1", text="One"))
    paragraph = text.P(text="a ")
    paragraph.addElement(text.Span(stylename="T1", text="b"))
    document.text.addElement(paragraph)
    grid = table.Table(name="t")
    for row in (("left", "right"), ("down", "")):
        made = table.TableRow()
        for words in row:
            cell = table.TableCell()
            cell.addElement(text.P(text=words))
            made.addElement(cell)
        grid.addElement(made)
    document.text.addElement(grid)
    out = io.BytesIO()
    document.write(out)
    book = files.read_bytes(out.getvalue(), "x.odt")
    assert shape(book) == [("chapter", 0, "One", ""), ("scene", 1, "Scene 1", "a b\nleft\tright\ndown\t")]
    assert book.proses[0].marks == (Mark(2, 1, "bold"),)


def test_a_word_table_keeps_looks_and_notes_and_a_frame_is_its_text() -> None:
    import docx

    document = docx.Document()
    grid = document.add_table(2, 2)
    grid.cell(0, 0).paragraphs[0].add_run("name").bold = True
    grid.cell(0, 1).text = "age\nin years"
    grid.cell(1, 0).text = "Ada"
    box = document.add_table(1, 1)
    box.cell(0, 0).text = "A box.\nIts second paragraph."
    out = io.BytesIO()
    document.save(out)
    (prose,) = files.read_bytes(out.getvalue(), "x.docx").proses
    assert prose.text == "name\tage\u2028in years\nAda\t\nA box.\u2028Its second paragraph."
    assert prose.marks == (Mark(0, 4, "bold"),)


@pytest.mark.parametrize("ending", [".epub", ".odt"])
@pytest.mark.parametrize("data", [b"not a zip", b"PK\x03\x04" + bytes(60), b""])
def test_broken_books_get_a_sentence(ending: str, data: bytes) -> None:
    with pytest.raises(FormatError, match=f"x{ending}"):
        files.read_bytes(data, f"x{ending}")


@pytest.mark.parametrize("ending", [".epub", ".odt"])
def test_half_a_book_gets_a_sentence(original: Book, ending: str) -> None:  # noqa: F811
    whole = files.to_bytes(original, ending)
    for cut in (len(whole) // 2, len(whole) - 30):
        with pytest.raises(FormatError):
            files.read_bytes(whole[:cut], f"x{ending}")
    other = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(whole)) as source, zipfile.ZipFile(other, "w") as target:
        for name in source.namelist():
            data = source.read(name)
            target.writestr(name, data[: len(data) // 2] if name.endswith((".xml", ".opf")) else data)
    with pytest.raises(FormatError):
        files.read_bytes(other.getvalue(), f"x{ending}")


def test_deep_and_empty_pages_do_no_harm() -> None:
    deep = "<div>" * 3000 + "x" + "</div>" * 3000
    assert files.read_bytes(deep.encode(), "x.html").parts is not None
    assert files.read_bytes(b"<!-- nothing -->", "x.html").parts == ()
    assert files.read_bytes(b"   ", "x.html").parts == ()
    assert told(files.read_bytes(b"just words", "x.html")) == ["just words"]


# ---------------------------------------------------------------- synopses

@pytest.mark.parametrize("ending", files.WRITES)
def test_synopses_are_comments_and_no_text(ending: str, qapp: object) -> None:
    book = Book("T", parts=(Part("chapter", "C"), Part("scene", "Scene 1", 1, Prose("Head\nText.", (Block("h1"),)),
                                                       "A cat -- meets\na <lamp>"),
                            Part("scene", "Scene 2", 1, Prose(), "Later."), Part("scene", "Scene 3", 1, Prose("End."))))
    silent = files.to_bytes(book, ending)
    data = files.to_bytes(book, ending, WriteOptions(synopses=True))
    kept = ending in (".md", ".html", ".docx", ".odt")
    if ending in (".docx", ".odt"):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            whole = "".join(archive.read(n).decode("utf-8", "ignore") for n in archive.namelist() if n.endswith("xml"))
        assert "A cat -- meets a &lt;lamp&gt;" in whole
    else:
        assert (b"Later." in data) == kept
    if ending not in (".docx", ".odt", ".epub", ".pdf"):
        assert b"Later." not in silent
    if ending == ".pdf":
        return
    again = files.read_bytes(data, f"b{ending}")
    texts = [t for t in told(again) if t]
    assert texts == (["Head\nText.", "End."] if ending != ".txt" else texts)
    if ending in (".md", ".html"):
        assert [p.synopsis for p in again.parts if p.kind == "scene"] == ["A cat — meets a <lamp>", "Later.", ""]
        assert shape(again) == shape(book)


def test_a_planned_scene_comes_in_as_one(tmp_path: Path) -> None:
    from studio.project import Project
    from studio.project.manuscript.book import book_of, bring_in

    with Project.create(tmp_path / "p.pieria") as project:
        text = b"# One\n\n<!-- synopsis: A cat meets a lamp. -->\n\nText.\n\n* * *\n\n<!-- synopsis: Later. -->\n"
        row = bring_in(project, files.read_bytes(text, "a.md")).result()
        scenes = [n for n in project.manuscript_nodes(row.id) if n.kind == "scene"]
        assert [(n.synopsis, n.status) for n in scenes] == [("A cat meets a lamp.", "draft"), ("Later.", "planned")]
        assert [p.synopsis for p in book_of(project, row.id).parts] == ["", "A cat meets a lamp.", "Later."]
