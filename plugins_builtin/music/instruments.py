"""Instruments that a prompt or a form can name: their General MIDI program and the notes that sound well on them."""

from __future__ import annotations

from typing import NamedTuple


class Instrument(NamedTuple):
    """program: General MIDI, from 0. low, high: lowest and highest MIDI number that are written for it."""

    name: str
    program: int
    low: int
    high: int


INSTRUMENTS = tuple(Instrument(*row) for row in (
    ("piano", 0, 28, 100), ("electric piano", 4, 28, 100), ("harpsichord", 6, 33, 88), ("celesta", 8, 60, 100),
    ("music box", 10, 60, 100), ("vibraphone", 11, 53, 89), ("marimba", 12, 45, 96), ("dulcimer", 15, 48, 86),
    ("organ", 19, 36, 96), ("accordion", 21, 48, 93), ("harmonica", 22, 60, 93), ("concertina", 23, 55, 93),
    ("guitar", 24, 40, 83), ("steel guitar", 25, 40, 83), ("electric guitar", 27, 40, 86), ("bass", 32, 28, 55),
    ("bass guitar", 33, 28, 55), ("violin", 40, 55, 98), ("viola", 41, 48, 86), ("cello", 42, 36, 74),
    ("double bass", 43, 28, 55), ("pizzicato strings", 45, 36, 92), ("harp", 46, 31, 98), ("strings", 48, 36, 93),
    ("choir", 52, 40, 81), ("voice", 53, 48, 81), ("trumpet", 56, 55, 84), ("trombone", 57, 40, 72),
    ("tuba", 58, 28, 58), ("horn", 60, 41, 77), ("brass", 61, 40, 84), ("soprano saxophone", 64, 56, 87),
    ("saxophone", 65, 49, 81), ("tenor saxophone", 66, 44, 76), ("oboe", 68, 58, 91), ("bassoon", 70, 34, 74),
    ("clarinet", 71, 50, 91), ("piccolo", 72, 74, 102), ("flute", 73, 60, 96), ("recorder", 74, 60, 96),
    ("pan flute", 75, 60, 96), ("whistle", 78, 62, 98), ("ocarina", 79, 60, 86), ("sitar", 104, 48, 84),
    ("banjo", 105, 48, 86), ("kalimba", 108, 53, 89), ("bagpipe", 109, 62, 86), ("fiddle", 110, 55, 98),
    ("steel drums", 114, 52, 91),
))
FAMILIES = ("Piano", "Chromatic percussion", "Organ", "Guitar", "Bass", "Strings", "Ensemble", "Brass", "Reed", "Pipe",
            "Synth lead", "Synth pad", "Synth effects", "Ethnic", "Percussive", "Sound effects")
"""General MIDI's, eight programs each."""
OTHER_NAMES = {
    "fife": "piccolo", "tin whistle": "whistle", "penny whistle": "whistle", "church organ": "organ",
    "sax": "saxophone",
    "french horn": "horn", "string quartet": "strings", "orchestra": "strings", "violins": "violin",
    "acoustic guitar": "guitar", "upright bass": "double bass", "squeezebox": "concertina", "bagpipes": "bagpipe",
    "pipes": "bagpipe", "mandolin": "dulcimer", "glockenspiel": "celesta", "xylophone": "marimba", "singer": "voice",
    "singing": "voice", "pan pipes": "pan flute", "panpipes": "pan flute", "pizzicato": "pizzicato strings",
}
BY_NAME = {i.name: i for i in INSTRUMENTS} | {other: next(i for i in INSTRUMENTS if i.name == name)
                                              for other, name in OTHER_NAMES.items()}


def by_family() -> list[tuple[str, list[str]]]:
    """The names of all instruments, by the families of General MIDI that have any."""
    found: dict[str, list[str]] = {}
    for instrument in INSTRUMENTS:
        found.setdefault(FAMILIES[instrument.program // 8], []).append(instrument.name)
    return list(found.items())


def of_program(program: int) -> Instrument:
    """The named instrument of a General MIDI program, or one without a name that may play anything."""
    return next((i for i in INSTRUMENTS if i.program == program), Instrument("", program, 21, 108))


def into_range(pitch: int, instrument: Instrument) -> int:
    """The pitch, moved by octaves into the instrument's range."""
    while pitch < instrument.low:
        pitch += 12
    while pitch > instrument.high:
        pitch -= 12
    return pitch
