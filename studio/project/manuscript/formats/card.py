"""Character cards, both ways: V1, V2 (and what V3 shares with it) as JSON, or inside a PNG in the text “chara”."""

from __future__ import annotations

import base64
import binascii
import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

from studio.project import png
from studio.project.formats.limits import FormatError
from studio.project.manuscript.book import Book, Picture
from studio.project.manuscript.formats import lorebook
from studio.project.manuscript.rows import Note
from studio.project.rows import Json, plain

FIELDS = ("description", "personality", "scenario", "first_mes", "mes_example", "system_prompt",
          "post_history_instructions", "creator_notes", "creator", "character_version")
_SHOWN = (("description", ""), ("personality", "Personality: "), ("scenario", "Scenario: "))
MAX_FIELD = 1_000_000


def is_card(value: Any) -> bool:
    """Whether this JSON is a character."""
    data = _data(value)
    return isinstance(data.get("name"), str) and any(isinstance(data.get(field), str) for field in FIELDS[:5])


def _data(value: Any) -> Json:
    if not isinstance(value, dict):
        return {}
    inner = value.get("data")
    return inner if isinstance(inner, dict) and str(value.get("spec", "")).startswith("chara_card") else value


def read(value: Any, picture: str = "") -> list[Note]:
    """The character as a note, and the entries of its lorebook as further ones. What a note has no place for is kept in
    `Note.extra["card"]`."""
    data = _data(value)
    kept = {field: data[field][:MAX_FIELD] for field in FIELDS if isinstance(data.get(field), str) and data[field]}
    for field in ("alternate_greetings", "tags"):
        if isinstance(data.get(field), list):
            kept[field] = [text[:MAX_FIELD] for text in data[field][:1000] if isinstance(text, str)]
    name = str(data["name"]).strip()[:200] or "Character"

    def own(text: str) -> str:
        return text.replace("{{char}}", name).replace("<BOT>", name)

    text = "\n".join(prefix + own(str(kept[field])) for field, prefix in _SHOWN if kept.get(field))
    notes = [Note("", "", name, "character", (name,), text, picture=picture, extra={"card": kept})]
    inner = data.get("character_book")
    if isinstance(inner, dict) and lorebook.is_lorebook(inner):
        notes += lorebook.read(inner, name)
    return notes


def read_png(data: bytes, name: str) -> Book:
    """The card in a PNG, with the picture. Raises FormatError."""
    texts: dict[str, str] = {}
    try:
        for chunk in png.read_texts(io.BytesIO(data)):
            if chunk.keyword.lower() in ("chara", "ccv3") and chunk.text is not None:
                texts[chunk.keyword.lower()] = chunk.text
    except png.BadPng as error:
        raise FormatError(f"{name} is damaged; download it again.") from error
    for key in ("ccv3", "chara"):
        if key in texts:
            value = _decoded(texts[key])
            if is_card(value):
                plain_picture = png.with_chunks(data, b"")
                return Book(str(_data(value)["name"]), pictures={"card": Picture(plain_picture, "image/png")},
                            notes=tuple(read(value, "card")))
    raise FormatError(f"{name} is a picture without a character in it; choose a character card, or put it on a canvas.")


def _decoded(text: str) -> Any:
    try:
        return json.loads(base64.b64decode(text, validate=False))
    except (binascii.Error, ValueError, RecursionError):
        return None


def write(note: Note, book: Sequence[Note] = ()) -> bytes:
    """A note as a V2 card; `book`: notes that become the character's lorebook."""
    kept = note.extra.get("card")
    card: Mapping[str, Any] = kept if isinstance(kept, dict) else {}
    same = note.text == read({"name": note.title, **card})[0].text if card else False
    data: Json = {field: str(card.get(field, "")) for field in FIELDS}
    if not same:  # edited since: the note's text is what the character is
        data |= {"description": note.text, "personality": "", "scenario": ""}
    data |= {"name": note.title, "alternate_greetings": card.get("alternate_greetings", []),
             "tags": card.get("tags", []), "extensions": {}}
    if book:
        data["character_book"] = {"name": note.title, "extensions": {},
                                  "entries": [lorebook.book_entry(one, n) for n, one in enumerate(book)]}
    value = {"spec": "chara_card_v2", "spec_version": "2.0", "data": plain(data)}
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode("utf-8", "replace")


def write_png(note: Note, picture: bytes, book: Sequence[Note] = ()) -> bytes:
    """The card inside the note's picture, which must be a PNG. Raises FormatError."""
    try:
        return png.with_chunks(picture, png.text_chunk("chara", base64.b64encode(write(note, book)).decode()))
    except png.BadPng as error:
        raise FormatError("A card needs a PNG picture; give the character one, or write .json.") from error
