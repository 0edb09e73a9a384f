"""Edits of markers and labels."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from studio.project.sound.arrangement import Arrangement
from studio.project.sound.errors import SoundError
from studio.project.sound.values import Label, Marker, new_id


def add_marker(arrangement: Arrangement, time: float, name: str = "") -> tuple[Arrangement, str]:
    """Name a moment. Returns the marker's id too."""
    marker = Marker(new_id(), arrangement.at(time), name or f"Marker {len(arrangement.markers) + 1}")
    return arrangement.with_(markers=(*arrangement.markers, marker)), marker.id


def change_marker(arrangement: Arrangement, marker: str, *, time: float | None = None,
                  name: str | None = None) -> Arrangement:
    """Move or rename a marker."""
    old = next((one for one in arrangement.markers if one.id == marker), None)
    if old is None:
        raise SoundError("That marker is no longer there.")
    new = Marker(marker, old.time if time is None else arrangement.at(time), old.name if name is None else name)
    return arrangement.with_(markers=tuple(new if one.id == marker else one for one in arrangement.markers))


def remove_markers(arrangement: Arrangement, markers: Iterable[str]) -> Arrangement:
    """Take markers away; unknown ones are no error."""
    gone = set(markers)
    return arrangement.with_(markers=tuple(one for one in arrangement.markers if one.id not in gone))


def add_label(arrangement: Arrangement, start: float, length: float, text: str = "", speaker: str = "") -> tuple[
        Arrangement, str]:
    """Put a text over a stretch of time. Returns the label's id too."""
    label = Label(new_id(), arrangement.at(start), arrangement.at(length), text, speaker)
    return arrangement.with_(labels=(*arrangement.labels, label)), label.id


def add_labels(arrangement: Arrangement, labels: Iterable[Label], shift: float = 0.0) -> Arrangement:
    """Add many at once, such as those of a caption file or of a transcription, moved by `shift` seconds."""
    made = [Label(new_id(), arrangement.at(label.start + shift), arrangement.at(label.length), label.text,
                  label.speaker) for label in labels]
    return arrangement.with_(labels=(*arrangement.labels, *made))


def change_label(arrangement: Arrangement, label: str, **changes: Any) -> Arrangement:
    """Change a label's start, length, text or speaker."""
    old = next((one for one in arrangement.labels if one.id == label), None)
    if old is None:
        raise SoundError("That label is no longer there.")
    for name in ("start", "length"):
        if name in changes:
            changes[name] = arrangement.at(changes[name])
    new = replace(old, **changes)
    return arrangement.with_(labels=tuple(new if one.id == label else one for one in arrangement.labels))


def remove_labels(arrangement: Arrangement, labels: Iterable[str]) -> Arrangement:
    """Take labels away; unknown ones are no error."""
    gone = set(labels)
    return arrangement.with_(labels=tuple(one for one in arrangement.labels if one.id not in gone))
