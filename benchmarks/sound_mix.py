"""32 tracks of 10 minutes mixed on one core against a bare numpy sum; a file of 2 hours opened; the memory it takes."""

from __future__ import annotations

import math
import shutil
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from benchmarks.common import percentiles, report
from studio.project.sound import Arrangement, AutomationPoint, Clip, Track
from studio.project.sound.loudness import measure
from studio.project.sound.media import ArrayMedia, ArraySource, Samples
from studio.project.sound.mixer import BLOCK, Mixer
from studio.project.sound.peaks import Peaks
from studio.project.sound.source import DecodedSource
from studio.project.sound.spectrogram import spectrogram

RATE, TRACKS, SECONDS, HOURS = 48000, 32, 600, 2
BUDGET = "no block later than it is heard; 2 hours open without 2 GB of memory"


def memory() -> float:
    """MB that this process takes now, without what is mapped from files and can be taken back (Linux)."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("RssAnon")), math.nan)


def mixing() -> dict[str, Any]:
    """Stereo tracks with gain, pan, fades, and automation on every fourth, a clip for each 20 seconds."""
    rng = np.random.default_rng(1)
    media = {f"m{n}": ArrayMedia(*(rng.uniform(-0.1, 0.1, RATE * 60).astype(np.float32) for _ in range(2)))
             for n in range(8)}
    tracks = tuple(Track(f"t{n}", f"Track {n}", gain=-6.0, pan=(n - 16) / 16, volume=tuple(
        AutomationPoint(float(at), -float(at % 7)) for at in range(0, SECONDS, 5)) if n % 4 == 0 else ())
        for n in range(TRACKS))
    clips = [Clip(f"t{n}c{place}", f"t{n}", place * 20.0, 20.5 if place < SECONDS // 20 - 1 else 20.0, f"m{n % 8}", "",
                  10.0, 60.0, -1.0, 0.5, 0.5) for n in range(TRACKS) for place in range(SECONDS // 20)]
    made = Arrangement(rate=RATE).with_(tracks=tracks, clips=clips)
    mixer, waits = Mixer(made, ArraySource(media, RATE), meters=True), []
    begun = time.process_time()
    for start in range(0, mixer.frames, BLOCK):
        before = time.perf_counter()  # what a player feels, with all that the machine does besides
        mixer.read(start, BLOCK)
        waits.append((time.perf_counter() - before) * 1000)
    spent = time.process_time() - begun
    bare = bare_sum(list(media.values()), mixer.frames)
    return {"mix of 32 x 10 minutes, seconds of one core": round(spent, 2), "times real time": round(SECONDS / spent),
            "bare numpy sum, seconds": round(bare, 2), "over the bare sum": round(spent / bare, 2),
            f"ms a block of {BLOCK / RATE * 1000:.0f} ms": percentiles(waits)}


def bare_sum(media: list[ArrayMedia], frames: int) -> float:
    """The same number of samples, each times a gain and added up: nothing could mix with less."""
    begun = time.process_time()
    scratch = np.empty(BLOCK, np.float32)
    for start in range(0, frames, BLOCK):
        out: Samples = np.zeros((2, BLOCK), np.float32)
        at = start % (RATE * 50)
        for track in range(TRACKS):
            for side, samples in enumerate(media[track % 8].read(at, at + BLOCK)):
                np.multiply(samples, np.float32(0.5), out=scratch)
                out[side] += scratch
    return time.process_time() - begun


def opening(folder: Path) -> dict[str, Any]:
    """An MP3 and a FLAC of 2 hours: decoded to disk with peaks, on a thread, as the window does."""
    figures: dict[str, Any] = {}
    noise = (np.random.default_rng(2).normal(size=(RATE * 60, 2)) * 0.05).astype(np.float32)
    for ending, form, subtype in ((".flac", "FLAC", "PCM_16"), (".mp3", "MP3", "MPEG_LAYER_III")):
        path = folder / f"long{ending}"
        with soundfile.SoundFile(path, "w", RATE, 2, subtype, format=form) as file:
            for _ in range(HOURS * 60):
                file.write(noise)
        figures |= {f"{ending} {key}": value for key, value in opened(path, folder).items()}
        path.unlink()
    return figures


def opened(path: Path, folder: Path) -> dict[str, Any]:
    before = memory()
    with DecodedSource(lambda _: (b"", ""), RATE, folder / "cache", size=lambda _: path.stat().st_size,
                       fetch_to=lambda _, target: shutil.copyfile(path, target)) as source:
        begun, busy = time.perf_counter(), time.process_time()
        worker = threading.Thread(target=source.open, args=("a",))
        worker.start()
        while (media := source.peek("a")) is None or not media.ready:
            time.sleep(0.001)
        first, most = time.perf_counter() - begun, memory()
        while worker.is_alive():
            worker.join(0.05)
            most = max(most, memory())
        whole = time.perf_counter() - begun
        peaks = source.peaks("a")
        found = {"of 2 hours: first sound, seconds": round(first, 2), "all of it with peaks, seconds": round(whole, 1),
                 "of that on the processor": round(time.process_time() - busy, 1),
                 "memory it took, MB": round(most - before)}
        return {**found, **drawing(peaks, source)}


def drawing(peaks: Peaks, source: DecodedSource) -> dict[str, Any]:
    """1,600 columns at 200 places and zooms; a spectrogram of 1,600 x 200; the peaks as they are kept."""
    peaks.view(0, peaks.frames, 1600)
    waits, dice = [], np.random.default_rng(3)
    for _ in range(200):
        size = 10 ** dice.uniform(5.7, np.log10(peaks.frames))
        start = dice.uniform(0, peaks.frames - size)
        begun = time.perf_counter()
        peaks.view(start, start + size, 1600)
        waits.append((time.perf_counter() - begun) * 1000)
    media = source.open("a")
    begun = time.perf_counter()
    spectrogram(media, RATE, 0, media.frames, 1600, 200)
    spent = (time.perf_counter() - begun) * 1000
    kept = peaks.to_bytes()
    begun = time.perf_counter()
    Peaks.from_bytes(kept).view(0, peaks.frames, 1600)
    return {"ms for 1,600 columns": percentiles(waits), "ms for a spectrogram": round(spent),
            "peaks kept, MB": round(len(kept) / 1e6, 1),
            "ms to read them": round((time.perf_counter() - begun) * 1000)}


def main() -> None:
    figures = mixing()
    noise = np.random.default_rng(4).normal(0, 0.1, (RATE * 60, 2)).astype(np.float32)
    measure([noise[:RATE]], RATE)
    begun = time.process_time()
    measure((noise[at:at + RATE] for at in range(0, len(noise), RATE)), RATE)
    figures["loudness and true peak, times real time"] = round(60 / (time.process_time() - begun))
    with tempfile.TemporaryDirectory() as folder:
        figures |= opening(Path(folder))
    report("sound_mix", figures, BUDGET)


if __name__ == "__main__":
    main()
