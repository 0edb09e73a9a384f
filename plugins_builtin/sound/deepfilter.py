"""DeepFilterNet 3 from its ONNX parts: features, mask for the whole spectrum, filter for speech's lower harmonics.

Source: Schröter et al. 2023, "DeepFilterNet: Perceptually Motivated Real-Time Speech Enhancement". Numbers below are
those of the model's config.ini.
"""

from __future__ import annotations

import io
import tarfile
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from plugins_builtin.onnx import open_network, run_watched
from studio.plugins import Context, Device, GeneratorError, ModelFiles

RATE, FFT, HOP = 48_000, 960, 480
BANDS, FEWEST, FILTERED = 32, 2, 96
"""ERB bands, bins that the narrowest has, and bins (up to 4.8 kHz) that are filtered over time."""
ORDER, AHEAD = 5, 2
"""Frames that the filter sees, and how many of them come later; the features also look as far ahead."""
DECAY = 0.99
SECTION, WARM, FADE = 2000, 300, 10
"""Frames (10 ms) that are worked on at once, those before them that warm the network up, and those of a cross-fade."""
PARTS = ("enc", "erb_dec", "df_dec")


class DeepFilter:
    """The three networks. Raises `GeneratorError` where the archive is broken."""

    def __init__(self, files: ModelFiles, device: Device) -> None:
        with tempfile.TemporaryDirectory() as folder:
            for name, data in _unpacked(files).items():
                Path(folder, f"{name}.onnx").write_bytes(data)
            self._networks = {name: open_network(ModelFiles(files.name, files.kind, Path(folder, f"{name}.onnx")),
                                                 device) for name in PARTS}

    def enhanced(self, samples: Any, ctx: Context, done: int, of: int) -> Any:
        """float32 (frames,) at 48 kHz without noise. `done` of `of` sections lie behind, for the progress."""
        import numpy as np

        spectrum = analysed(samples)
        bands, bins = features(spectrum)
        frames = len(spectrum)
        made = np.zeros_like(spectrum)
        for number, start in enumerate(range(0, frames, SECTION)):
            ctx.progress(done + number, of)
            first, last = max(0, start - WARM), min(frames, start + SECTION + FADE)
            part = self._section(spectrum, bands, bins, first, last, ctx)[start - first:]
            fade = min(FADE, len(part)) if start else 0
            ramp = ((np.arange(fade) + 1) / (fade + 1))[:, None].astype(np.float32)
            made[start:start + fade] = made[start:start + fade] * (1 - ramp) + part[:fade] * ramp
            made[start + fade:last] = part[fade:]
        return synthesised(made, len(samples))

    def _section(self, spectrum: Any, bands: Any, bins: Any, first: int, last: int, ctx: Context) -> Any:
        import numpy as np

        seen = [_shifted(feature[first:last + AHEAD], last - first) for feature in (bands, bins)]
        erb = seen[0][None, None]
        spec = np.stack([seen[1].real, seen[1].imag])[None].astype(np.float32)
        e0, e1, e2, e3, emb, c0, _ = run_watched(self._networks["enc"], {"feat_erb": erb, "feat_spec": spec}, ctx)
        mask, = run_watched(self._networks["erb_dec"], {"emb": emb, "e3": e3, "e2": e2, "e1": e1, "e0": e0}, ctx, ["m"])
        coefs, = run_watched(self._networks["df_dec"], {"emb": emb, "c0": c0}, ctx, ["coefs"])
        part = spectrum[first:last]
        made = part * np.repeat(mask[0, 0], widths(), axis=1)
        filters = coefs.reshape(len(part), FILTERED, ORDER, 2)
        filters = filters[..., 0] + 1j * filters[..., 1]
        low = np.pad(part[:, :FILTERED], ((ORDER - 1 - AHEAD, AHEAD), (0, 0)))
        made[:, :FILTERED] = sum(low[n:n + len(part)] * filters[:, :, n] for n in range(ORDER))
        return made


def _unpacked(files: ModelFiles) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    try:
        with tarfile.open(fileobj=io.BytesIO(files.path.read_bytes()), mode="r:gz") as tar:
            for entry in tar:
                name = Path(entry.name).stem
                stream = tar.extractfile(entry) if entry.isreg() and name in PARTS else None
                if stream is not None and entry.size < 1 << 28:
                    found[name] = stream.read()
    except (OSError, tarfile.TarError, EOFError) as error:
        raise _damaged(files) from error
    if set(found) != set(PARTS):
        raise _damaged(files)
    return found


def _damaged(files: ModelFiles) -> GeneratorError:
    return GeneratorError(f"The model {files.name} cannot be loaded: its archive is damaged. Install it again.")


@cache
def widths() -> tuple[int, ...]:
    """How many bins each ERB band has, 481 together."""
    import math

    scale, factor = 9.265, 24.7 * 9.265
    top = scale * math.log1p(RATE / 2 / factor)
    made: list[int] = []
    before = over = 0
    for band in range(1, BANDS + 1):
        edge = round(factor * math.expm1(top * band / BANDS / scale) / (RATE / FFT))
        width = edge - before - over
        over = max(0, FEWEST - width)
        made.append(max(width, FEWEST))
        before = edge
    made[-1] += FFT // 2 + 1 - sum(made)
    return tuple(made)


@cache
def _window() -> Any:
    import numpy as np

    line = np.sin(np.pi * (np.arange(FFT) + 0.5) / FFT)
    return np.sin(np.pi / 2 * line**2).astype(np.float32)  # Vorbis' window: its square and its shift add up to 1


def analysed(samples: Any) -> Any:
    """complex64 (frames, 481): the short-time spectrum in the scale that the network knows."""
    import numpy as np
    import scipy.fft

    frames = -(-len(samples) // HOP) + 1
    padded = np.zeros((frames + 1) * HOP, np.float32)
    padded[HOP:HOP + len(samples)] = samples
    blocks = np.lib.stride_tricks.sliding_window_view(padded, FFT)[::HOP] * _window()
    return (scipy.fft.rfft(blocks, axis=1) / FFT).astype(np.complex64)


def synthesised(spectrum: Any, length: int) -> Any:
    """float32 (length,): the way back."""
    import numpy as np
    import scipy.fft

    blocks = scipy.fft.irfft(spectrum, FFT, axis=1) * (_window() * FFT)
    made = np.zeros((len(blocks) + 1) * HOP, np.float32)
    made[:-HOP].reshape(-1, HOP)[:] += blocks[:, :HOP]
    made[HOP:].reshape(-1, HOP)[:] += blocks[:, HOP:]
    return made[HOP:HOP + length]


def features(spectrum: Any) -> tuple[Any, Any]:
    """What the network hears: band energies in dB less their running mean, float32 (frames, 32), and the lower bins
    divided by the root of their running magnitude, complex64 (frames, 96)."""
    import numpy as np
    from scipy.signal import lfilter

    power = spectrum.real**2 + spectrum.imag**2
    starts = np.concatenate([[0], np.cumsum(widths())[:-1]])
    bands = 10 * np.log10(np.add.reduceat(power, starts, axis=1) / np.asarray(widths()) + 1e-10)
    low = spectrum[:, :FILTERED]

    def running(values: Any, begin: Any) -> Any:
        return lfilter([1 - DECAY], [1, -DECAY], values, axis=0, zi=DECAY * begin[None])[0]

    mean = running(bands, np.linspace(-60, -90, BANDS))
    size = running(np.abs(low), np.linspace(0.001, 0.0001, FILTERED))
    return ((bands - mean) / 40).astype(np.float32), (low / np.sqrt(size)).astype(np.complex64)


def _shifted(feature: Any, frames: int) -> Any:
    """`frames` frames beginning `AHEAD` later, with zeros behind the end."""
    import numpy as np

    later = feature[AHEAD:AHEAD + frames]
    return np.pad(later, ((0, frames - len(later)), (0, 0)))
