"""The instruments of General MIDI (level 1): 16 families of 8, in the order of their programs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from studio.ui.widgets.popup import Menu

FAMILIES: dict[str, tuple[str, ...]] = {
    "Piano": ("Grand piano", "Bright piano", "Electric grand", "Honky-tonk", "Electric piano 1", "Electric piano 2",
              "Harpsichord", "Clavinet"),
    "Chromatic percussion": ("Celesta", "Glockenspiel", "Music box", "Vibraphone", "Marimba", "Xylophone",
                             "Tubular bells", "Dulcimer"),
    "Organ": ("Drawbar organ", "Percussive organ", "Rock organ", "Church organ", "Reed organ", "Accordion",
              "Harmonica", "Tango accordion"),
    "Guitar": ("Nylon guitar", "Steel guitar", "Jazz guitar", "Clean guitar", "Muted guitar", "Overdriven guitar",
               "Distorted guitar", "Guitar harmonics"),
    "Bass": ("Acoustic bass", "Fingered bass", "Picked bass", "Fretless bass", "Slap bass 1", "Slap bass 2",
             "Synth bass 1", "Synth bass 2"),
    "Strings": ("Violin", "Viola", "Cello", "Contrabass", "Tremolo strings", "Pizzicato strings", "Harp", "Timpani"),
    "Ensemble": ("String ensemble 1", "String ensemble 2", "Synth strings 1", "Synth strings 2", "Choir aahs",
                 "Voice oohs", "Synth voice", "Orchestra hit"),
    "Brass": ("Trumpet", "Trombone", "Tuba", "Muted trumpet", "French horn", "Brass section", "Synth brass 1",
              "Synth brass 2"),
    "Reed": ("Soprano sax", "Alto sax", "Tenor sax", "Baritone sax", "Oboe", "English horn", "Bassoon", "Clarinet"),
    "Pipe": ("Piccolo", "Flute", "Recorder", "Pan flute", "Blown bottle", "Shakuhachi", "Whistle", "Ocarina"),
    "Synth lead": ("Square", "Sawtooth", "Calliope", "Chiff", "Charang", "Voice", "Fifths", "Bass and lead"),
    "Synth pad": ("New age", "Warm", "Polysynth", "Choir", "Bowed", "Metallic", "Halo", "Sweep"),
    "Synth effects": ("Rain", "Soundtrack", "Crystal", "Atmosphere", "Brightness", "Goblins", "Echoes", "Sci-fi"),
    "Ethnic": ("Sitar", "Banjo", "Shamisen", "Koto", "Kalimba", "Bagpipe", "Fiddle", "Shanai"),
    "Percussive": ("Tinkle bell", "Agogo", "Steel drums", "Woodblock", "Taiko drum", "Melodic tom", "Synth drum",
                   "Reverse cymbal"),
    "Sound effects": ("Guitar fret noise", "Breath noise", "Seashore", "Bird tweet", "Telephone ring", "Helicopter",
                      "Applause", "Gunshot"),
}


def instrument_name(program: int) -> str:
    """The name of a program, 0 to 127."""
    family = list(FAMILIES.values())[min(max(program, 0), 127) // 8]
    return family[min(max(program, 0), 127) % 8]


def instrument_menu(parent: Any, playing: int, choose: Callable[[int], object]) -> Menu:
    """All instruments, in families; the one that plays is marked. parent: a themed widget."""
    menu = Menu(parent.theme, "Instrument", parent)
    for number, (family, names) in enumerate(FAMILIES.items()):
        inner = Menu(parent.theme, family, menu)
        for place, name in enumerate(names):
            action = inner.addAction(name)
            action.setCheckable(True)
            action.setChecked(playing == number * 8 + place)
            action.triggered.connect(lambda _=False, program=number * 8 + place: choose(program))
        menu.addMenu(inner)
    return menu
