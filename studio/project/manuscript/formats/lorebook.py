"""Lorebooks of SillyTavern, KoboldAI and NovelAI, and those inside character cards, as story notes, and back as
SillyTavern's world info."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from studio.project.formats.limits import MAX_JSON, FormatError
from studio.project.manuscript.lore import Rules, extra_of, rules_of
from studio.project.manuscript.rows import Note
from studio.project.rows import Json, plain

MAX_ENTRIES = 100_000
MAX_TEXT = 1_000_000
_LOGIC = ("any", "not-all", "not-any", "all")
"""SillyTavern's selectiveLogic."""
_OURS = "pieria"


def parse_json(data: bytes, name: str) -> Any:
    """Raises FormatError for what is no JSON, or too large."""
    if len(data) > MAX_JSON:
        raise FormatError(f"{name} is larger than {MAX_JSON >> 20} MB; split it where it was made.")
    try:
        return json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise FormatError(f"{name} is damaged or is no JSON file; export it again.") from error


def is_lorebook(value: Any) -> bool:
    """Whether this JSON holds entries of a kind that `read` knows."""
    if isinstance(value, list):
        return bool(value) and all(isinstance(v, dict) and _keys(v) for v in value[:3])
    return isinstance(value, dict) and (isinstance(value.get("entries"), (dict, list))
                                        or isinstance(value.get("worldinfo"), list))


def read(value: Any, name: str) -> list[Note]:
    """The notes of a lorebook. Raises FormatError."""
    if not is_lorebook(value):
        raise FormatError(f"{name} holds neither a lorebook nor a character; export it again from where it was made.")
    entries = value if isinstance(value, list) else value.get("entries", value.get("worldinfo"))
    rows: Iterable[Any] = entries.values() if isinstance(entries, dict) else entries
    found = [row for row in rows if isinstance(row, dict)]
    if len(found) > MAX_ENTRIES:
        raise FormatError(f"{name} has more than {MAX_ENTRIES:,} entries; split it where it was made.")
    return [note for note in (_note(row) for row in found) if note.text or note.keys]


def _text(*values: Any) -> str:
    return next((v for v in values if isinstance(v, str) and v.strip()), "")[:MAX_TEXT]


def _names(value: Any) -> tuple[str, ...]:
    """A list of keys, or a text with commas between them."""
    parts = value.split(",") if isinstance(value, str) else value if isinstance(value, list) else []
    return tuple(dict.fromkeys(part.strip() for part in parts if isinstance(part, str) and part.strip()))


def _keys(entry: Json) -> tuple[str, ...]:
    return _names(entry.get("keys", entry.get("key")))


def _number(*values: Any) -> int:
    found = next((v for v in values if isinstance(v, (int, float)) and not isinstance(v, bool) and abs(v) < 1e9), 0)
    return int(found)


def _note(entry: Json) -> Note:
    settings = entry.get("contextConfig") if isinstance(entry.get("contextConfig"), dict) else {}
    more = entry.get("extensions") if isinstance(entry.get("extensions"), dict) else {}
    assert isinstance(settings, dict)
    assert isinstance(more, dict)
    secondary = _names(entry.get("keysecondary", entry.get("secondary_keys")))
    selective = entry.get("selective", True)
    logic = _number(entry.get("selectiveLogic"), more.get("selectiveLogic"))
    depth = _number(entry.get("searchRange"), entry.get("scanDepth"), more.get("scan_depth"))
    case = entry.get("caseSensitive", entry.get("case_sensitive", more.get("case_sensitive")))
    whole = entry.get("matchWholeWords", more.get("match_whole_words"))
    rules = Rules(secondary if selective else (), _LOGIC[logic] if 0 <= logic < 4 else "any",  # type: ignore[arg-type]
                  case is True, whole is not False, depth if depth >= 100 else 0,
                  entry.get("excludeRecursion", more.get("exclude_recursion")) is not True,
                  entry.get("preventRecursion", more.get("prevent_recursion")) is not True)
    disabled = entry.get("disable") is True or entry.get("enabled") is False
    ours = more.get(_OURS) if isinstance(more.get(_OURS), dict) else {}
    assert isinstance(ours, dict)
    keys = _keys(entry)
    title = _text(entry.get("displayName"), entry.get("comment"), entry.get("name"), entry.get("title"))
    return Note("", "", title or (keys[0] if keys else "Note"), str(ours.get("kind") or "other"), keys,
                _text(entry.get("content"), entry.get("text"), entry.get("entry"), entry.get("value")),
                entry.get("constant") is True or entry.get("forceActivation") is True, not disabled,
                _number(entry.get("priority"), entry.get("order"), entry.get("insertion_order"),
                        settings.get("budgetPriority")), extra=extra_of(rules))


def write(notes: Sequence[Note]) -> bytes:
    """SillyTavern's world info, which KoboldAI reads too."""
    entries = {str(number): _entry(note, number) for number, note in enumerate(notes)}
    return (json.dumps(plain({"entries": entries}), ensure_ascii=False, indent=1) + "\n").encode("utf-8", "replace")


def _entry(note: Note, number: int) -> Json:
    rules = rules_of(note.extra)
    return {
        "uid": number, "key": list(note.keys), "keysecondary": list(rules.secondary), "comment": note.title,
        "content": note.text, "constant": note.pinned, "selective": bool(rules.secondary),
        "selectiveLogic": _LOGIC.index(rules.logic), "order": note.priority, "position": 0,
        "disable": not note.enabled, "caseSensitive": rules.case, "matchWholeWords": rules.whole,
        "excludeRecursion": not rules.recursive, "preventRecursion": not rules.passes_on,
        "scanDepth": rules.depth or None, "displayIndex": number, "addMemo": True, "probability": 100,
        "useProbability": True, "extensions": {_OURS: {"kind": note.kind}}}


def book_entry(note: Note, number: int) -> Json:
    """An entry of the lorebook of a character card (Character Card V2)."""
    rules = rules_of(note.extra)
    return {"keys": list(note.keys), "content": note.text, "enabled": note.enabled, "insertion_order": note.priority,
            "name": note.title, "comment": note.title, "id": number, "constant": note.pinned,
            "selective": bool(rules.secondary), "secondary_keys": list(rules.secondary), "case_sensitive": rules.case,
            "extensions": {_OURS: {"kind": note.kind}, "match_whole_words": rules.whole,
                           "selectiveLogic": _LOGIC.index(rules.logic)}}
