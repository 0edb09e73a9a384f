"""Standard MIDI files made safe: every event is checked and written anew before native code sees it.

The native reader looks past the end of a file that is wrong. Here a wrong file is refused in a sentence, and what is
only a little wrong is mended: notes that are never let go end with their track, tracks without an end get one,
malformed tempo, metre and key events are left out.

Source: Standard MIDI Files 1.0 (RP-001), MIDI Manufacturers Association 1996.
"""

from __future__ import annotations

from studio.plugins import InputError

UNREADABLE = "This file is not a MIDI file that can be read; it may be cut short. Export it again."
LATEST = 2**30
"""Ticks after which a track cannot go on: native code counts in 32 bits."""
DATA_BYTES = {0x80: 2, 0x90: 2, 0xA0: 2, 0xB0: 2, 0xC0: 1, 0xD0: 1, 0xE0: 2}
LENGTHS = {0x51: 3, 0x58: 4, 0x59: 2}
"""Bytes of the meta events for tempo, metre and key."""


class Unreadable(InputError):
    """The bytes are no MIDI file."""

    def __init__(self) -> None:
        super().__init__(UNREADABLE)


def clean(data: bytes) -> bytes:
    """The same music as a file that is well formed. Raises `InputError`."""
    if data[:4] != b"MThd" or len(data) < 14 or int.from_bytes(data[4:8], "big") < 6:
        raise Unreadable
    division = int.from_bytes(data[12:14], "big")
    if division & 0x8000:
        raise InputError("This MIDI file counts time in film frames, which is not supported; export it in beats.")
    if division == 0:
        raise Unreadable
    tracks, at = [], 8 + int.from_bytes(data[4:8], "big")
    while at + 8 <= len(data):
        size = int.from_bytes(data[at + 4:at + 8], "big")
        if data[at:at + 4] == b"MTrk":
            if at + 8 + size > len(data):
                raise Unreadable
            tracks.append(Cleaner(data[at + 8:at + 8 + size]).run())
        at += 8 + size
    head = b"MThd" + (6).to_bytes(4, "big") + (1).to_bytes(2, "big") + len(tracks).to_bytes(2, "big")
    return head + division.to_bytes(2, "big") + b"".join(b"MTrk" + len(t).to_bytes(4, "big") + t for t in tracks)


def quantity(number: int) -> bytes:
    """A variable-length quantity."""
    out = [number & 127]
    while number := number >> 7:
        out.append(number & 127 | 128)
    return bytes(reversed(out))


class Cleaner:
    """Reads one track and writes it anew."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at, self.out = data, 0, bytearray()
        self.now = self.written = 0
        self.sounding: dict[int, int] = {}
        """Channel and key -> how often it was struck and not let go."""

    def run(self) -> bytes:
        """The body of the track with its end. Raises `Unreadable`."""
        running, data = 0, self.data
        while self.at < len(data):
            self.now += self._quantity()
            if self.now > LATEST:
                raise InputError("This MIDI file goes on for too long to be counted; cut out the part that you need.")
            status = self._byte()
            if status < 0x80:
                if not running:
                    raise Unreadable
                self.at -= 1
                status = running
            if status < 0xF0:
                running = status
                self._channel(status)
            elif status == 0xFF:
                if self._meta():
                    break
            elif status in (0xF0, 0xF7):
                self._take(self._quantity())
            else:
                raise Unreadable
        for key, times in self.sounding.items():
            for _ in range(times):
                self._write(bytes([0x80 | key >> 7, key & 127, 0]))
        self._write(b"\xff\x2f\x00")
        return bytes(self.out)

    def _channel(self, status: int) -> None:
        """One event of a channel. Most events are these, so it is written out."""
        size, at, data = DATA_BYTES[status & 0xF0], self.at, self.data
        self.at = at + size
        if self.at > len(data) or data[at] > 127 or (size == 2 and data[at + 1] > 127):
            raise Unreadable
        delta = self.now - self.written
        out = self.out
        if delta < 128:
            out.append(delta)
        else:
            out += quantity(delta)
        self.written = self.now
        out.append(status)
        out += data[at:self.at]
        if status < 0xA0:
            key, sounding = (status & 0x0F) << 7 | data[at], self.sounding
            if status >= 0x90 and data[at + 1]:
                sounding[key] = sounding.get(key, 0) + 1
            elif sounding.get(key, 0) > 1:
                sounding[key] -= 1
            else:
                sounding.pop(key, None)

    def _meta(self) -> bool:
        """One meta event; True for the end of the track."""
        kind = self._byte()
        body = self._take(self._quantity())
        if kind == 0x2F:
            return True
        wrong = len(body) != LENGTHS.get(kind, len(body)) or (kind == 0x51 and not any(body)) \
            or (kind == 0x58 and body[1] > 10) or (kind == 0x59 and (body[0] + 7) % 256 > 14)
        if kind == 0x59 and not wrong and body[1] > 1:
            wrong = True
        if not wrong:
            self._write(bytes([0xFF, kind]) + quantity(len(body)) + body)
        return False

    def _write(self, event: bytes) -> None:
        self.out += quantity(self.now - self.written) + event
        self.written = self.now

    def _byte(self) -> int:
        if self.at >= len(self.data):
            raise Unreadable
        self.at += 1
        return self.data[self.at - 1]

    def _take(self, count: int) -> bytes:
        if self.at + count > len(self.data):
            raise Unreadable
        self.at += count
        return self.data[self.at - count:self.at]

    def _quantity(self) -> int:
        if self.at < len(self.data) and self.data[self.at] < 128:  # most are one byte
            self.at += 1
            return self.data[self.at - 1]
        value = 0
        for _ in range(4):
            byte = self._byte()
            value = value << 7 | byte & 127
            if byte < 128:
                return value
        raise Unreadable
