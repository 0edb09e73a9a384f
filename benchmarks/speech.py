"""Speech: speed through Studio over the bare library in one run, time to first sound, and what Whisper reads back.

20 sentences with names, numbers, dates, money and abbreviations. The word error rate counts words that had to be
changed, added or taken out, after both sides have been read out in words ("$3.50" is "three dollars and fifty cents").
Engines whose pack is not installed are left out; with whisper-base installed it reads back too.
"""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.common import host, library, median, report, run
from plugins_builtin.speech.english import phonemes
from plugins_builtin.speech.hibari import COLOURS, vocabulary
from plugins_builtin.speech.sentences import sentences
from plugins_builtin.speech.spoken import spelled_out
from studio.engine.job import AudioChunk, Event, Request, Result
from studio.models.errors import ModelError

ROUNDS = 3
SENTENCES = (
    "The old lighthouse stood at the end of the pier.", "Nobody had been inside it for thirty years.",
    "Dr. Smith paid $3.50 for two cups of coffee.", "On 3 March 2024 the museum opened at 9:30 am.",
    "She has lived in the U.S. since 1999.", "About 1,250 people, or 12 percent, voted against it.",
    "The train leaves in 45 minutes from platform 7.", "Mrs. O'Brien asked, \"Where have you been?\"",
    "It was cold, wet and windy, and the children stayed at home.", "Please read chapter 4 before the 21st of June.",
    "The table is 2.5 meters long and 80 centimeters wide.", "Prof. Hall lives on Baker St. near the park.",
    "How many of these answers are correct?", "We sold 300 bottles of milk for 450 pounds.",
    "He closed the window, lit a candle and began to write.", "In 1969 two men walked on the moon.",
    "The quick brown fox jumps over the lazy dog.", "Temperatures fell to minus 15 degrees during the night.",
    "My brother's garden is full of roses and butterflies.", "Thank you very much, and have a pleasant evening!")
TEXT = " ".join(SENTENCES[:6])
BUDGET = "through Studio at most 1.1 x the bare library's time; first sound of Hibari under 0.5 s"


def words(text: str) -> list[str]:
    said = spelled_out(text).lower().replace("-", " ").replace("'", "")
    return [word for word in re.findall(r"\w+", said) if word != "and"]


def word_errors(wanted: list[str], got: list[str]) -> int:
    row = list(range(len(got) + 1))
    for number, word in enumerate(wanted, 1):
        before, row[0] = row[0], number
        for place, other in enumerate(got, 1):
            before, row[place] = row[place], min(row[place] + 1, row[place - 1] + 1, before + (word != other))
    return row[-1]


def asked(engine: str, text: str, **params: Any) -> Request:
    return Request(f"speech.{engine}", {"prompt": text, "pause": 0, **params},
                   {"model": library().resolve(engine, [engine])})


def through_studio(supervisor: Any, request: Request) -> tuple[Result, float, float]:
    """The result, seconds in all and seconds to the first sound."""
    begun, first, results = time.perf_counter(), [], []

    def note(event: Event) -> None:
        if isinstance(event, AudioChunk) and not first:
            first.append(time.perf_counter() - begun)
        if isinstance(event, Result):
            results.append(event)

    seconds = run(supervisor, request, note)
    return results[0], seconds, first[0]


class BareHibari:
    """hibari-tts's own class with the same network and threads."""

    def __init__(self, path: str, threads: int) -> None:
        from hibari import Hibari

        self._speaks = Hibari(model=path, threads=threads)
        self._speaks("Ready.")

    def __call__(self, text: str) -> float:
        begun = time.perf_counter()
        for sentence in sentences(text):
            self._speaks(sentence.text, seed=0)
        return time.perf_counter() - begun


class BareKokoro:
    """The network in onnxruntime with the same threads, and the phonemes that it needs."""

    def __init__(self, path: str, threads: int) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        self._network = onnxruntime.InferenceSession(f"{path}/kokoro.onnx", options)
        self._ids = vocabulary(f"{path}/vocab.json")
        self._styles = np.fromfile(Path(path, "voices", "af_heart.f32"), "<f4").reshape(-1, 256)
        self("Ready.")

    def __call__(self, text: str) -> float:
        begun = time.perf_counter()
        for sentence in sentences(text):
            ids = [self._ids[sign] for sign in phonemes(sentence.text) if sign in self._ids]
            self._network.run(None, {"tokens": np.asarray([[0, *ids, 0]], np.int64),
                                     "style": self._styles[len(ids)][None], "speed": np.ones(1, np.float32)})
        return time.perf_counter() - begun


def pace(supervisor: Any, engine: str, threads: int) -> dict[str, Any]:
    path = str(library().resolve(engine, [engine])["path"])
    bare = (BareHibari if engine == "hibari" else BareKokoro)(path, threads)
    cold = through_studio(supervisor, asked(engine, TEXT))[2]
    studio, plain, first = [], [], []
    spoken = 0.0
    for _ in range(ROUNDS):
        result, seconds, wait = through_studio(supervisor, asked(engine, TEXT))
        studio.append(seconds)
        first.append(wait)
        plain.append(bare(TEXT))
        spoken = float(result.meta["seconds"])
    return {"x_real_time": round(spoken / median(studio), 1), "bare_x_real_time": round(spoken / median(plain), 1),
            "time_over_bare": round(median([a / b for a, b in zip(studio, plain, strict=True)]), 3),
            "first_sound_seconds": round(median(first), 2), "first_sound_seconds_with_loading": round(cold, 2)}


def read_back(supervisor: Any, media: dict[str, tuple[bytes, str]], engine: str, listener: str, voice: str) -> float:
    """Word error rate over all sentences."""
    text = " ".join(SENTENCES)
    result = through_studio(supervisor, asked(engine, text, voice=voice, pause=0.6))[0]
    wanted = words(text)
    return round(word_errors(wanted, words(heard(supervisor, media, result, listener))) / len(wanted), 4)


def heard(supervisor: Any, media: dict[str, tuple[bytes, str]], spoken: Result, listener: str) -> str:
    import hashlib

    name = hashlib.sha256(spoken.data).hexdigest()
    media[name] = (spoken.data, spoken.media_type)
    made: list[Result] = []
    request = Request("sound.transcribe", {"audio": {"media": name, "type": spoken.media_type}, "language": "English"},
                      {"model": library().resolve(listener, ["whisper"])})
    run(supervisor, request, lambda event: made.append(event) if isinstance(event, Result) else None)
    return made[0].data.decode()


def installed(name: str, kind: str) -> bool:
    try:
        library().resolve(name, [kind])
    except ModelError:
        return False
    return True


def main() -> None:
    import psutil

    threads = psutil.cpu_count(logical=False) or 1
    figures: dict[str, Any] = {"sentences": len(SENTENCES), "threads": threads}
    media: dict[str, tuple[bytes, str]] = {}
    engines = [engine for engine in ("hibari", "kokoro") if installed(engine, engine)]
    voices = {"hibari": tuple(COLOURS), "kokoro": ("Heart (American, f)", "George (British, m)")}
    with host(media) as supervisor:
        for engine in engines:
            figures[engine] = pace(supervisor, engine, threads)
        for listener in ("whisper-tiny-en", "whisper-base"):
            if installed(listener, "whisper"):
                figures[f"word error rate, {listener}"] = {
                    voice: read_back(supervisor, media, engine, listener, voice)
                    for engine in engines for voice in voices[engine]}
    report("speech", figures, BUDGET)


if __name__ == "__main__":
    main()
