"""Lorebooks and character cards, in and out."""

from __future__ import annotations

import base64
import io
import json
import struct
import zlib
from pathlib import Path

import PIL.Image
import pytest
from project_kit import png

from studio.project.formats.limits import FormatError
from studio.project.manuscript import lore
from studio.project.manuscript.formats import card, files, lorebook
from studio.project.manuscript.rows import Note

SILLY = {"entries": {
    "0": {"uid": 0, "key": ["Ada", " ada lee ", "/a+/i"], "keysecondary": ["ship"], "comment": "Ada",
          "content": "A pilot.",
          "constant": False, "selective": True, "selectiveLogic": 3, "order": 50, "disable": False,
          "caseSensitive": True,
          "matchWholeWords": False, "excludeRecursion": True, "preventRecursion": True,
          "scanDepth": 4, "vectorized": False},
    "7": {"uid": 7, "key": [], "comment": "World", "content": "All is sea.", "constant": True, "disable": True},
    "8": {"uid": 8, "key": [], "content": ""}, "9": "broken"}}
NOVEL = {"lorebookVersion": 5, "settings": {}, "categories": [], "entries": [
    {"text": "The city.", "displayName": "Port", "keys": ["Port", "/harbou?r/"], "searchRange": 1000, "enabled": True,
     "forceActivation": True, "contextConfig": {"budgetPriority": 400, "prefix": ""}, "id": "x", "category": ""}]}
KOBOLD = {"worldinfo": [{"key": "fox, vixen", "keysecondary": "red, brown", "content": "A fox.", "comment": "c",
                         "selective": True, "constant": False}]}
V2 = {"spec": "chara_card_v2", "spec_version": "2.0", "data": {
    "name": "Mira 🦊", "description": "{{char}} is a smith.", "personality": "calm", "scenario": "A forge.",
    "first_mes": "Hello.", "mes_example": "<START>", "system_prompt": "Be Mira.", "alternate_greetings": ["Hi."],
    "tags": ["smith"], "extensions": {}, "character_book": {"entries": [
        {"keys": ["forge"], "content": "Hot.", "enabled": True, "insertion_order": 3, "extensions": {}}]}}}
V1 = {"name": "Old", "description": "d", "personality": "", "scenario": "", "first_mes": "f", "mes_example": ""}


def test_sillytavern() -> None:
    ada, world = lorebook.read(SILLY, "x.json")
    assert (ada.title, ada.keys, ada.text, ada.priority, ada.pinned, ada.enabled) == (
        "Ada", ("Ada", "ada lee", "/a+/i"), "A pilot.", 50, False, True)
    assert lore.rules_of(ada.extra) == lore.Rules(("ship",), "all", True, False, 0, False, False)
    assert (world.title, world.pinned, world.enabled) == ("World", True, False)


def test_novelai_and_koboldai() -> None:
    (port,) = lorebook.read(NOVEL, "x.lorebook")
    assert (port.title, port.keys, port.pinned, port.priority) == ("Port", ("Port", "/harbou?r/"), True, 400)
    assert lore.rules_of(port.extra).depth == 1000
    (fox,) = lorebook.read(KOBOLD, "x.json")
    assert (fox.keys, lore.rules_of(fox.extra).secondary) == (("fox", "vixen"), ("red", "brown"))
    (listed,) = lorebook.read([{"keys": "a,b", "value": "text", "title": "t"}], "x.json")
    assert (listed.title, listed.keys, listed.text) == ("t", ("a", "b"), "text")


def test_a_lorebook_comes_back_as_it_was() -> None:
    notes = [*lorebook.read(SILLY, "x"), *lorebook.read(NOVEL, "x"),
             Note("", "", "P", "place", ("p",), "x\ud800", priority=-2)]
    again = lorebook.read(json.loads(lorebook.write(notes)), "x.json")
    assert [(n.title, n.kind, n.keys, n.pinned, n.enabled, n.priority, n.extra) for n in again] == [
        (n.title, n.kind, n.keys, n.pinned, n.enabled, n.priority, n.extra) for n in notes]


@pytest.mark.parametrize("value", [
    {"entries": {"a": {"key": 5, "keysecondary": {"x": 1}, "content": ["x"], "order": "high", "comment": None,
                       "keys": [None]}}},
    {"entries": [{"keys": ["x"] * 1000, "content": "y", "extensions": 7, "contextConfig": [], "insertion_order": 1e300,
                  "selectiveLogic": 99, "scanDepth": -5}]},
    {"entries": {}}, {"entries": [[[]]]}, {"worldinfo": [None, 4]}])
def test_lorebooks_with_nonsense_in_them(value: object) -> None:
    notes = lorebook.read(value, "x.json")
    assert lore.choose(notes, "x y", 100, len).problems == ()
    assert lorebook.read(json.loads(lorebook.write(notes)), "y.json") is not None


def test_ten_thousand_entries(tmp_path: Path) -> None:
    path = tmp_path / "big.json"
    path.write_text(json.dumps({"entries": {str(n): {"key": [f"k{n}"], "content": f"k{n + 1}"}
                                            for n in range(10_000)}}))
    notes = files.read(path).notes
    assert len(notes) == 10_000
    assert len(lore.choose(notes, "k5", 10_000, len).notes) == 1 + lore.ROUNDS
    with pytest.raises(FormatError, match="more than 100,000 entries"):
        lorebook.read([{"keys": "a", "text": "b"}] * 100_001, "x.json")


def test_a_key_that_names_itself() -> None:
    notes = lorebook.read({"entries": [{"keys": ["a"], "content": "a a a"},
                                       {"keys": ["/a|b/"], "content": "/a|b/ a"}]}, "x")
    assert len(lore.choose(notes, "a", 1000, len, rounds=10**6).notes) == 2


def test_a_card_in_json(tmp_path: Path) -> None:
    path = tmp_path / "mira.json"
    path.write_text(json.dumps(V2))
    mira, forge = files.read(path).notes
    assert (mira.title, mira.kind, mira.keys) == ("Mira 🦊", "character", ("Mira 🦊",))
    assert mira.text == "Mira 🦊 is a smith.\nPersonality: calm\nScenario: A forge."
    assert mira.extra["card"]["first_mes"] == "Hello."
    assert (forge.keys, forge.text, forge.priority) == (("forge",), "Hot.", 3)
    back = json.loads(card.write(mira, [forge]))
    for field in ("name", "description", "personality", "scenario", "first_mes", "system_prompt",
                  "alternate_greetings", "tags"):
        assert back["data"][field] == V2["data"][field]  # type: ignore[index]
    assert back["data"]["character_book"]["entries"][0]["keys"] == ["forge"]
    (old,) = card.read(V1)
    assert (old.title, old.text) == ("Old", "d")
    edited = Note("", "", "Mira 🦊", "character", text="Someone else.", extra=mira.extra)
    assert json.loads(card.write(edited))["data"]["description"] == "Someone else."


def test_a_card_in_a_png(tmp_path: Path) -> None:
    mira = card.read(V2)[0]
    data = card.write_png(mira, png())
    assert json.loads(base64.b64decode(PIL.Image.open(io.BytesIO(data)).text["chara"]))["data"]["name"] == "Mira 🦊"
    path = tmp_path / "mira.png"
    path.write_bytes(data)
    book = files.read(path)
    assert (book.notes[0].title, book.notes[0].picture) == ("Mira 🦊", "card")
    assert book.pictures["card"].data == png()
    with pytest.raises(FormatError, match="needs a PNG"):
        card.write_png(mira, b"\xff\xd8")


@pytest.mark.parametrize("text", [b"!!!", base64.b64encode(b"{"), base64.b64encode(b"[" * 99_999),
                                  base64.b64encode(b'{"name": 3}')])
def test_cards_with_nonsense_in_them(tmp_path: Path, text: bytes) -> None:
    body = b"chara\0" + text
    chunk = struct.pack(">I", len(body)) + b"tEXt" + body + struct.pack(">I", zlib.crc32(b"tEXt" + body))
    path = tmp_path / "x.png"
    path.write_bytes(png()[:33] + chunk + png()[33:])
    with pytest.raises(FormatError, match="without a character"):
        files.read(path)
