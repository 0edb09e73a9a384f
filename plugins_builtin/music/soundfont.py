"""A player of SoundFont 2 files, and of their Vorbis variant SF3, in numpy: zones, loops, tuning and volume envelopes.

symusic's synthesizer was tried first: measured with FluidR3Mono it plays most instruments in a wrong pitch, by up to
three octaves. Source: SoundFont Technical Specification 2.04, Creative/E-mu 2006; sections named below. Filters,
modulators and vibrato are not played.
"""

from __future__ import annotations

import io
import itertools
import struct
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from studio.plugins import GeneratorError

PAN, DELAY, ATTACK, HOLD, DECAY, SUSTAIN, RELEASE = 17, 33, 34, 35, 36, 37, 38
INSTRUMENT, KEYS, VELOCITIES, ATTENUATION, COARSE, FINE = 41, 43, 44, 48, 51, 52
SAMPLE, MODES, SCALE, ROOT = 53, 54, 56, 58
DEFAULTS = {DELAY: -12000, ATTACK: -12000, HOLD: -12000, DECAY: -12000, SUSTAIN: 0, RELEASE: -12000, SCALE: 100,
            ROOT: -1}
ADDED = (DELAY, ATTACK, HOLD, DECAY, SUSTAIN, RELEASE, ATTENUATION, COARSE, FINE, SCALE)
"""Generators of a preset that are added to those of its instruments (section 9.4)."""
VELOCITY = 100
VORBIS = 0x10
DRUMS = 128
LONGEST_RELEASE = 2.5
REMEMBERED = 600


@dataclass(frozen=True)
class Zone:
    """A sample and how it is played. keys: lowest and highest key. generators: see section 8.1.2."""

    keys: tuple[int, int]
    sample: int
    generators: dict[int, int]

    def get(self, generator: int) -> int:
        return self.generators.get(generator, DEFAULTS.get(generator, 0))

    def seconds(self, generator: int) -> float:
        """A time in timecents."""
        return float(2.0 ** (min(self.get(generator), 8000) / 1200)) if self.get(generator) > -12000 else 0.0


class SoundFont:
    """Raises ValueError, struct.error or OSError for a file that is none."""

    def __init__(self, path: Path, rate: int) -> None:
        self.rate = rate
        self._bytes = path.read_bytes()
        chunks = {name: (start, size) for name, start, size in _chunks(self._bytes, 12, len(self._bytes))}
        self._sound = chunks[b"smpl"][0]
        tables = {name: self._bytes[start:start + size] for name, (start, size) in chunks.items()}
        self._samples = [row[1:] for row in struct.iter_unpack("<20s5LBbHH", tables[b"shdr"])]
        instruments = [bag for _, bag in struct.iter_unpack("<20sH", tables[b"inst"])]
        self._instruments = [list(_zones(tables[b"ibag"], tables[b"igen"], a, b, SAMPLE))
                             for a, b in itertools.pairwise(instruments)]
        presets = [(row[2], row[1], row[3]) for row in struct.iter_unpack("<20sHHH3L", tables[b"phdr"])]
        self._presets = {(bank, program): list(_zones(tables[b"pbag"], tables[b"pgen"], bag, after[2], INSTRUMENT))
                         for (bank, program, bag), after in itertools.pairwise(presets)}
        self._decoded: dict[int, Any] = {}
        self._notes: OrderedDict[tuple[int, bool, int, int], Any] = OrderedDict()

    def zones(self, program: int, drums: bool, key: int) -> Iterator[Zone]:
        """What sounds when a key of a program is struck; an unknown program is played as the first one."""
        found = self._presets.get((DRUMS, program)) or self._presets.get((DRUMS, 0)) if drums else \
            self._presets.get((0, program))
        for outer in found or next(iter(self._presets.values()), []):
            if not _fits(outer, key):
                continue
            for inner in self._instruments[outer[INSTRUMENT]]:
                if _fits(inner, key):
                    merged = {**inner, **{g: inner.get(g, DEFAULTS.get(g, 0)) + outer[g] for g in ADDED if g in outer}}
                    yield Zone(_range(inner, KEYS), inner[SAMPLE], merged)

    def note(self, program: int, drums: bool, key: int, frames: int) -> Any:
        """float32 (frames + what rings on,) of one note."""
        import numpy as np

        name = (program, drums, key, frames)
        if name in self._notes:
            self._notes.move_to_end(name)
            return self._notes[name]
        try:
            voices = [self._voice(zone, key, frames) for zone in self.zones(program, drums, key)]
        except (LookupError, ValueError, RuntimeError, struct.error) as error:  # samples that are not what is promised
            raise GeneratorError("The soundfont is damaged inside; install it again or choose another.") from error
        out = np.zeros(max((len(voice) for voice in voices), default=1), np.float32)
        for voice in voices:
            out[: len(voice)] += voice
        self._notes[name] = out
        if len(self._notes) > REMEMBERED:
            self._notes.popitem(last=False)
        return out

    def _voice(self, zone: Zone, key: int, frames: int) -> Any:
        import numpy as np

        start, _, loop_start, loop_end, rate, pitch, correction, _, kind = self._samples[zone.sample]
        data = self._decode(zone.sample)
        root = zone.get(ROOT) if 0 <= zone.get(ROOT) <= 127 else (pitch if pitch <= 127 else 60)
        cents = (key - root) * zone.get(SCALE) + zone.get(COARSE) * 100 + zone.get(FINE) + correction
        step = rate / self.rate * 2.0 ** (cents / 1200)
        release = min(zone.seconds(RELEASE), LONGEST_RELEASE)
        count = frames + int(release * self.rate) + 1
        places = np.arange(count) * step
        first = 0 if kind & VORBIS else start
        begin, end = loop_start - first, loop_end - first
        if zone.get(MODES) in (1, 3) and 0 <= begin < end - 1 <= len(data):
            late = places >= end
            places[late] = begin + (places[late] - begin) % (end - begin)
        else:
            places = places[places < len(data) - 1]
        low = places.astype(np.int64)
        share = (places - low).astype(np.float32)
        high = np.minimum(low + 1, len(data) - 1)
        values = data[low] * (1 - share) + data[high] * share
        loud = np.float32(10 ** (-zone.get(ATTENUATION) * 0.4 / 200))  # as players of this format do
        return values * self._envelope(zone, len(values), frames) * loud

    def _envelope(self, zone: Zone, count: int, frames: int) -> Any:
        """Volume over time (section 8.1.2, 33 to 38): decay and release fall by 100 dB in their times."""
        import numpy as np

        time = np.arange(count) / self.rate
        attack, hold = zone.seconds(ATTACK), zone.seconds(HOLD)
        fall = np.maximum(time - attack - hold, 0) / max(zone.seconds(DECAY), 1e-3) * 100
        decibels = np.minimum(fall, min(zone.get(SUSTAIN), 1440) / 10)
        over = np.maximum(time - frames / self.rate, 0)
        decibels += over / max(min(zone.seconds(RELEASE), LONGEST_RELEASE), 0.02) * 100
        rise = np.minimum(time / attack, 1) if attack > 1e-4 else 1.0
        return (10 ** (-decibels / 20) * rise).astype(np.float32)

    def _decode(self, number: int) -> Any:
        """float32 (frames,) of a sample, from 16-bit values or a Vorbis stream."""
        import numpy as np
        import soundfile

        if number not in self._decoded:
            start, end, *_, kind = self._samples[number]
            if kind & VORBIS:
                stream = self._bytes[self._sound + start:self._sound + end]
                values = soundfile.read(io.BytesIO(stream), dtype="float32", always_2d=True)[0][:, 0]
            else:
                raw = self._bytes[self._sound + 2 * start:self._sound + 2 * end]
                values = np.frombuffer(raw, "<i2").astype(np.float32) / 32768
            self._decoded[number] = values if len(values) > 1 else np.zeros(2, np.float32)
        return self._decoded[number]


def _chunks(data: bytes, at: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """(name, start, size) of all chunks, those inside lists included."""
    while at + 8 <= end:
        name, size = data[at:at + 4], int.from_bytes(data[at + 4:at + 8], "little")
        if name == b"LIST":
            yield from _chunks(data, at + 12, min(at + 8 + size, end))
        else:
            yield name, at + 8, size
        at += 8 + size + size % 2


def _zones(bags: bytes, generators: bytes, first: int, last: int, ends: int) -> Iterator[dict[int, int]]:
    """Generators of each zone with those of the global zone under them; `ends` is the one that makes a zone whole."""
    common: dict[int, int] = {}
    for bag in range(first, last):
        begin, = struct.unpack_from("<H", bags, 4 * bag)
        until, = struct.unpack_from("<H", bags, 4 * bag + 4)
        own: dict[int, int] = {}
        for index in range(begin, until):
            kind, = struct.unpack_from("<H", generators, 4 * index)
            signed = "<H" if kind in (KEYS, VELOCITIES, INSTRUMENT, SAMPLE, MODES) else "<h"
            own[kind], = struct.unpack_from(signed, generators, 4 * index + 2)
        if ends in own:
            yield {**common, **own}
        elif bag == first:
            common = own


def _range(zone: dict[int, int], kind: int) -> tuple[int, int]:
    value = zone.get(kind, 127 << 8)
    return value & 255, value >> 8


def _fits(zone: dict[int, int], key: int) -> bool:
    low, high = _range(zone, KEYS)
    soft, hard = _range(zone, VELOCITIES)
    return low <= key <= high and soft <= VELOCITY <= hard
