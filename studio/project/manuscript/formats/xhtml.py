"""A book as HTML in one file, and the elements that EPUB is made of too. It is HTML and well-formed XML."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from studio.project.manuscript.book import (
    LINE_BREAK,
    REMARK,
    SCENE_BREAK,
    Book,
    Picture,
    begins_with_heading,
    written,
)
from studio.project.manuscript.formats.options import (
    Tree,
    WriteOptions,
    clean_xml,
    escape,
    grouped,
    list_trees,
    origin_of,
)
from studio.project.manuscript.prose import Line, Run
from studio.project.manuscript.rows import OBJECT, picture_of

CSS = """
body { font-family: Literata, Georgia, serif; line-height: 1.55; max-width: 38em; margin: 3em auto; padding: 0 1.2em; }
h1, h2, h3, h4, h5 { line-height: 1.25; margin: 2em 0 1em; font-weight: 600; }
p { margin: 0; text-indent: 1.4em; }
h1 + p, h2 + p, h3 + p, h4 + p, h5 + p, hr + p, blockquote p, .break + p, li p { text-indent: 0; }
blockquote { margin: 1em 0 1em 1.6em; font-style: italic; }
.break { text-align: center; text-indent: 0; margin: 1.6em 0; }
.titlepage { text-align: center; margin: 6em 0; }
.titlepage p { text-indent: 0; }
pre { white-space: pre-wrap; font-family: monospace; margin: 1em 0; }
img { max-width: 100%; }
.notes { margin-top: 3em; border-top: 1px solid; font-size: 0.9em; }
"""
AUTHOR_CSS = """
[data-origin=machine] { background: #f4e3c3; }
[data-origin=edited] { background: #dfe8f3; }
"""
TEXT_BEGINS = "<!-- text -->"
"""Parts the title of a chapter from a heading that begins its text: else it would be read as a part."""
_TAGS = (("bold", "strong"), ("italic", "em"), ("underline", "u"), ("strike", "s"), ("code", "code"))


@dataclass
class Body:
    """Turns lines into elements. notes: the footnotes met so far, numbered from 1."""

    image: Callable[[str], str]
    """Address of an image; "" where it is not there."""
    authorship: bool = False
    epub: bool = False
    notes: list[str] = field(default_factory=list)
    first_note: int = 1

    def blocks(self, lines: Iterable[Line], base: int) -> list[str]:
        """Elements; headings within the text begin under level `base`."""
        out: list[str] = []
        for kind, group in grouped(lines):
            if kind == "list":
                out += [self._list(tree) for tree in list_trees(group)]
            elif kind == "quote":
                out.append(f"<blockquote>{''.join(f'<p>{self.inline(line)}</p>' for line in group)}</blockquote>")
            elif kind == "code":
                out.append("<pre><code>" + "\n".join(self.inline(line) for line in group) + "</code></pre>")
            elif kind == "remark":
                out.append(comment(group[0].text))
            elif kind == "break":
                out.append(f'<p class="break">{SCENE_BREAK}</p>')
            elif kind in ("h1", "h2", "h3"):
                level = min(6, base + int(kind[1]))
                out.append(f"<h{level}>{self.inline(group[0])}</h{level}>")
            else:
                out.append(f"<p>{self.inline(group[0]) or '<br/>'}</p>")
        return out

    def _list(self, tree: Tree) -> str:
        tag = "ol" if tree.ordered else "ul"
        items = "".join(f"<li>{self.inline(line)}{''.join(self._list(inner) for inner in inside)}</li>"
                        for line, inside in tree.items)
        return f"<{tag}>{items}</{tag}>"

    def inline(self, line: Line) -> str:
        return "".join(self._run(run) for run in line.runs)

    def _run(self, run: Run) -> str:
        if "footnote" in run.marks:
            out = self._reference(run.marks["footnote"])
        elif "image" in run.marks:
            name, alt = picture_of(run.marks["image"])
            address = self.image(name)
            out = f'<img src="{escape(address)}" alt="{escape(alt)}"/>' if address else ""
        else:
            out = escape(run.text.replace(OBJECT, "")).replace(LINE_BREAK, "<br/>")
        for kind, tag in _TAGS:
            if kind in run.marks and out:
                out = f"<{tag}>{out}</{tag}>"
        if "link" in run.marks and "footnote" not in run.marks:
            out = f'<a href="{escape(safe_address(run.marks["link"]))}">{out}</a>'
        if self.authorship and run.origin:
            out = f'<span data-origin="{origin_of(run.origin)}" data-recipe="{escape(run.recipe)}">{out}</span>'
        return out

    def _reference(self, text: str) -> str:
        self.notes.append(text)
        number = self.first_note + len(self.notes) - 1
        kind = ' epub:type="noteref"' if self.epub else ""
        return f'<sup><a{kind} role="doc-noteref" id="ref{number}" href="#note{number}">{number}</a></sup>'

    def notes_block(self) -> str:
        """All footnotes so far; "" without any."""
        if not self.notes:
            return ""
        kind = ' epub:type="footnote"' if self.epub else ""
        out = [f'<aside{kind} role="doc-footnote" id="note{n}"><p><a href="#ref{n}">{n}</a> {escape(text)}</p></aside>'
               for n, text in enumerate(self.notes, self.first_note)]
        return f'<section class="notes">{"".join(out)}</section>'


def comment(synopsis: str) -> str:
    """A synopsis as a comment of HTML and Markdown, in which two hyphens may not stand."""
    return f"<!-- {REMARK} {clean_xml(synopsis).replace('--', '—').rstrip('-')} -->"


def safe_address(url: str) -> str:
    """The address of a link, "#" where it would run a script."""
    scheme = url.strip().partition(":")[0].lower() if ":" in url else ""
    return "#" if scheme in ("javascript", "vbscript", "data") else url


def data_address(pictures: Mapping[str, Picture]) -> Callable[[str], str]:
    """Pictures as addresses that hold them."""

    def address(name: str) -> str:
        picture = pictures.get(name)
        if picture is None:
            return ""
        return f"data:{picture.media_type};base64,{base64.b64encode(picture.data).decode()}"

    return address


def write(book: Book, options: WriteOptions) -> str:
    """The book as one HTML file with its pictures in it."""
    body = Body(data_address(book.pictures), options.authorship)
    out = []
    if options.title_page and book.title:
        author = f"<p>{escape(book.author)}</p>" if book.author else ""
        out.append(f'<header class="titlepage"><h1>{escape(book.title)}</h1>{author}</header>')
    for piece in written(book, synopses=options.synopses):
        if piece.heading:
            out.append(f"<h{piece.heading}>{escape(piece.title)}</h{piece.heading}>")
        out += [TEXT_BEGINS] if begins_with_heading(piece) else []
        out += body.blocks(piece.lines, piece.base)
    out.append(body.notes_block())
    return (f'<!DOCTYPE html>\n<html lang="{escape(book.language or "und")}">\n<head>\n{_head(book, options)}</head>\n'
            "<body>\n" + "\n".join(part for part in out if part) + "\n</body>\n</html>\n")


def _head(book: Book, options: WriteOptions) -> str:
    lines = ['<meta charset="utf-8"/>', f"<title>{escape(book.title or 'Manuscript')}</title>"]
    if book.author:
        lines.append(f'<meta name="author" content="{escape(book.author)}"/>')
    if options.source_type:
        about = {"@context": "https://schema.org", "@type": "CreativeWork", "name": book.title,
                 "digitalSourceType": options.source_type}
        lines += ['<meta name="generator" content="Pieria"/>',
                  f'<meta name="DigitalSourceType" content="{options.source_type}"/>',
                  '<script type="application/ld+json">'
                  + json.dumps(about, ensure_ascii=True).replace("<", "\\u003c").replace("&", "\\u0026") + "</script>"]
    lines.append(f"<style>{CSS}{AUTHOR_CSS if options.authorship else ''}</style>")
    return "\n".join(lines) + "\n"
