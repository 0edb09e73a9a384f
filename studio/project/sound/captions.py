"""Labels as caption files and back: SubRip (.srt), WebVTT (.vtt), Audacity's label tracks (.txt)."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from pathlib import Path

from studio.project.sound.errors import SoundError
from studio.project.sound.values import LONGEST, Label, new_id

ENDINGS = (".srt", ".vtt", ".txt")
MOST = 100_000
"""Labels that are read from one file."""
SHORTEST = 0.001

_TIME = re.compile(r"(?:(\d+):)?(\d{1,2}):(\d{1,2})[,.](\d{1,3})")
_ARROW = re.compile(r"^\s*(\S+)\s+-->\s+(\S+)")
_VOICE = re.compile(r"^<v(?:\.[^\s>]*)?\s+([^>]+)>")
_TAG = re.compile(r"</?[a-zA-Z][^>\n]*>|\{\\[^}\n]*\}")


def write(labels: Iterable[Label], ending: str) -> str:
    """The text of a caption file of this kind (".srt", ".vtt", ".txt"), in order of time."""
    ordered = sorted(labels, key=lambda label: (label.start, label.end, label.id))
    if ending == ".srt":
        return "\n".join(f"{number}\n{_clock(label.start, ',')} --> {_clock(label.end, ',')}\n{_srt_text(label)}\n"
                         for number, label in enumerate(ordered, 1))
    if ending == ".vtt":
        cues = [f"\n{_clock(label.start, '.')} --> {_clock(max(label.end, label.start + SHORTEST), '.')}\n"
                f"{_vtt_text(label)}\n" for label in ordered]
        return "WEBVTT\n" + "".join(cues)
    if ending == ".txt":
        return "".join(f"{label.start:.6f}\t{label.end:.6f}\t{_one_line(_spoken(label))}\n" for label in ordered)
    raise SoundError(f"Labels cannot be written as “{ending}”; use one of {', '.join(ENDINGS)}.")


def read(data: bytes, name: str = "this file") -> list[Label]:
    """The labels in a caption file of any of these kinds. Raises SoundError where there are none."""
    try:
        text = data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    found = _cues(text) if "-->" in text else _audacity(text)
    if not found:
        raise SoundError(f"There are no captions or labels in {name}; it has to be an .srt, a .vtt or a label "
                         "track of Audacity.")
    return found


def read_file(path: Path) -> list[Label]:
    """As `read`. Raises SoundError where the file cannot be read too."""
    try:
        return read(path.read_bytes(), path.name)
    except OSError as error:
        raise SoundError(f"{path.name} cannot be read ({error.strerror or error}).") from error


# ---------------------------------------------------------------- writing

def _clock(seconds: float, point: str) -> str:
    thousandths = round(seconds * 1000)
    minutes, rest = divmod(thousandths, 60_000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{rest // 1000:02}{point}{rest % 1000:03}"


def _no_blank_lines(text: str) -> str:
    """An empty line would end the cue; an arrow would begin another."""
    lines = [line.strip() for line in text.strip().splitlines()]
    return "\n".join(line for line in lines if line).replace("-->", "→")


def _spoken(label: Label) -> str:
    return f"{label.speaker}: {label.text}" if label.speaker else label.text


def _srt_text(label: Label) -> str:
    return _no_blank_lines(_spoken(label))


def _vtt_text(label: Label) -> str:
    text = html.escape(_no_blank_lines(label.text), quote=False)
    return f"<v {html.escape(_one_line(label.speaker), quote=False)}>{text}" if label.speaker else text


def _one_line(text: str) -> str:
    return " ".join(text.split())


# ---------------------------------------------------------------- reading

def _cues(text: str) -> list[Label]:
    """SubRip and WebVTT: a line with an arrow, then text to the next empty line."""
    found: list[Label] = []
    vtt = text.lstrip().startswith("WEBVTT")
    for part in re.split(r"\n[ \t]*\n", text):
        lines = part.split("\n")
        place = next((n for n, line in enumerate(lines[:3]) if "-->" in line), None)
        if place is None or (match := _ARROW.match(lines[place])) is None:
            continue
        start, end = _seconds(match[1]), _seconds(match[2])
        if start is None or end is None:
            continue
        words, speaker = "\n".join(lines[place + 1:]).strip(), ""
        if (voice := _VOICE.match(words)) is not None:
            speaker = html.unescape(voice[1]).strip()
        words = _TAG.sub("", words)
        found.append(_label(start, end, html.unescape(words) if vtt else words, speaker))
        if len(found) >= MOST:
            break
    return found


def _seconds(text: str) -> float | None:
    match = _TIME.fullmatch(text)
    if match is None:
        return None
    hours, minutes, seconds, part = match.groups()
    return int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds) + int(part.ljust(3, "0")) / 1000


def _audacity(text: str) -> list[Label]:
    found: list[Label] = []
    for line in text.split("\n")[:MOST]:
        parts = line.split("\t", 2)
        if len(parts) < 2 or parts[0].startswith("\\"):  # a line of frequencies belongs to the one before
            continue
        try:
            start, end = float(parts[0].replace(",", ".")), float(parts[1].replace(",", "."))
        except ValueError:
            continue
        if 0 <= start <= LONGEST and 0 <= end <= LONGEST:
            found.append(_label(start, end, parts[2] if len(parts) > 2 else "", ""))
    return found


def _label(start: float, end: float, text: str, speaker: str) -> Label:
    start = min(start, LONGEST)
    return Label(new_id(), start, min(max(end - start, 0.0), LONGEST), text.strip(), speaker)
