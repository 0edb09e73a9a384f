"""Small pictures for the results strip."""

from __future__ import annotations

import io

SIDE = 160
"""Longest side in pixels."""

MAX_PIXELS = 64_000_000


def make_thumbnail(data: bytes) -> bytes:
    """A WebP of at most 160 pixels a side; b"" where `data` is no picture that can be read. Takes 5-50 ms."""
    import PIL.Image

    try:
        picture: PIL.Image.Image = PIL.Image.open(io.BytesIO(data))
        if picture.width * picture.height > MAX_PIXELS:
            return b""
        picture.draft("RGB", (SIDE * 2, SIDE * 2))  # JPEG decodes straight to a smaller size
        if picture.mode not in ("RGB", "RGBA"):
            picture = picture.convert("RGBA" if "transparency" in picture.info or "A" in picture.mode else "RGB")
        picture.thumbnail((SIDE, SIDE), PIL.Image.Resampling.LANCZOS, reducing_gap=3.0)
        out = io.BytesIO()
        picture.save(out, "WEBP", quality=82, method=4)
    except Exception:  # decoders raise all sorts on broken files
        return b""
    return out.getvalue()
