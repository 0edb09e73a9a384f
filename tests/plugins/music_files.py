"""Small music models, scores and MIDI files, good and bad, made on the spot."""

from __future__ import annotations

from pathlib import Path
from struct import pack

import numpy as np
import torch

from plugins_builtin.music import vocabulary as v
from plugins_builtin.music.model import save
from plugins_builtin.music.network import Shape, build
from studio.plugins import ModelFiles

TINY = {
    "transformer": Shape("transformer", v.SIZE, v.LONGEST, width=32, layers=2, heads=2, context=320),
    "lstm": Shape("lstm", v.SIZE, v.LONGEST, width=32, layers=1, embedding=24),
}


def model(kind: str, folder: Path) -> ModelFiles:
    """An untrained model: what it writes is noise, and still has to be valid."""
    torch.manual_seed(3)
    save(build(TINY[kind]), folder / kind)
    return ModelFiles(f"music-{kind}", f"music-{kind}", folder / kind)


def variable(number: int) -> bytes:
    """A MIDI variable-length quantity."""
    out = [number & 127]
    while number := number >> 7:
        out.insert(0, number & 127 | 128)
    return bytes(out)


def track(events: list[tuple[int, bytes]]) -> bytes:
    """An MTrk chunk of (delta ticks, message) pairs."""
    body = b"".join(variable(delta) + message for delta, message in events) + b"\x00\xff\x2f\x00"
    return b"MTrk" + len(body).to_bytes(4, "big") + body


def midi(tracks: list[list[tuple[int, bytes]]], division: int = 480) -> bytes:
    head = b"MThd" + (6).to_bytes(4, "big") + (1).to_bytes(2, "big") + len(tracks).to_bytes(2, "big")
    return head + division.to_bytes(2, "big") + b"".join(track(events) for events in tracks)


def metre(beats: int, power: int) -> tuple[int, bytes]:
    """A time signature of `beats` over 2 ** power."""
    return 0, b"\xff\x58\x04" + bytes([beats, power, 24, 8])


def melody(pitches: list[int], ticks: int = 480, channel: int = 0) -> list[tuple[int, bytes]]:
    events = []
    for pitch in pitches:
        events += [(0, bytes([0x90 | channel, pitch, 90])), (ticks, bytes([0x80 | channel, pitch, 0]))]
    return events


def _chunk(name: bytes, body: bytes) -> bytes:
    return name + len(body).to_bytes(4, "little") + body + bytes(len(body) % 2)


def soundfont(path: Path) -> Path:
    """A SoundFont 2 file with one looped sine wave for every key of program 0 (SoundFont specification 2.04)."""
    rate, period = 48000, 109  # about A4
    wave = (np.sin(np.arange(period * 40) * 2 * np.pi / period) * 20000).astype("<i2").tobytes()
    count = period * 40
    info = _chunk(b"LIST", b"INFO" + _chunk(b"ifil", pack("<HH", 2, 4)) + _chunk(b"isng", b"EMU8000\0")
                  + _chunk(b"INAM", b"sine\0\0"))
    data = _chunk(b"LIST", b"sdta" + _chunk(b"smpl", wave + bytes(92)))
    end = pack("<20sHHHLLL", b"EOP", 0, 0, 1, 0, 0, 0)
    instrument_gens = pack("<HH", 54, 1) + pack("<HH", 53, 0)  # loop, then the sample
    sample = pack("<20sLLLLLBbHH", b"sine", 0, count, period, count - period, rate, 69, 0, 0, 1)
    pdta = b"".join([
        b"pdta", _chunk(b"phdr", pack("<20sHHHLLL", b"sine", 0, 0, 0, 0, 0, 0) + end),
        _chunk(b"pbag", pack("<HHHH", 0, 0, 1, 0)), _chunk(b"pmod", bytes(10)),
        _chunk(b"pgen", pack("<HH", 41, 0) + bytes(4)),
        _chunk(b"inst", pack("<20sH", b"sine", 0) + pack("<20sH", b"EOI", 1)),
        _chunk(b"ibag", pack("<HHHH", 0, 0, 2, 0)), _chunk(b"imod", bytes(10)),
        _chunk(b"igen", instrument_gens + bytes(4)), _chunk(b"shdr", sample + bytes(46)),
    ])
    path.write_bytes(_chunk(b"RIFF", b"sfbk" + info + data + _chunk(b"LIST", pdta)))
    return path
