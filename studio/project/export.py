"""Results as files for other programs, with or without the marks that tell how they were made."""

from __future__ import annotations

import hashlib
import io
import os
import secrets
from pathlib import Path

from studio.project import captions, errors, png, soundfiles
from studio.project.database import sync_folder
from studio.project.errors import ProjectError
from studio.project.marks import (
    PARAMETERS_KEY,
    RECIPE_KEY,
    SOURCE_TYPE,
    XMP_KEY,
    parameters_text,
    public_recipe,
    recipe_text,
    xmp,
)
from studio.project.rows import ResultRow
from studio.project.sound import tags

ENDINGS = {
    "image/png": ".png", "image/jpeg": ".jpg", "image/webp": ".webp", "text/plain": ".txt", "text/markdown": ".md",
    "audio/wav": ".wav", "audio/x-wav": ".wav", "audio/flac": ".flac", "audio/ogg": ".ogg", "audio/mpeg": ".mp3",
    "audio/midi": ".mid", "video/mp4": ".mp4", "model/gltf-binary": ".glb",
}
_FORMATS = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP"}
SEGMENT = 65_000
"""Bytes that surely fit in one segment of a JPEG."""


def default_ending(media_type: str) -> str:
    """The file name ending for a media type, ".bin" where it is unknown."""
    return ENDINGS.get(media_type.partition(";")[0].strip().lower(), ".bin")


def sidecar_path(path: Path) -> Path:
    """Where the recipe of a file lies that cannot hold it: ``<name>.recipe.json`` beside it."""
    return path.with_name(path.name + ".recipe.json")


def write_atomically(path: Path, data: bytes) -> None:
    """The file is there whole or not at all. Raises `ProjectError`."""
    draft = path.with_name(f".{path.name[:60]}.{secrets.token_hex(4)}.tmp")
    try:
        try:
            with draft.open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)
        sync_folder(path.parent)
    except OSError as error:
        raise errors.from_os(error, path) from error


def export_result(row: ResultRow, data: bytes, path: str | Path, *, metadata: bool = True) -> Path:
    """Write a result to `path` and return where it lies; the same result gives the same bytes (but for the number that
    an OGG without `metadata` draws for its stream).

    Pictures: a PNG keeps its pixels to the bit and gets the recipe, the settings and XMP as chunks; ``.jpg`` and
    ``.webp`` are encoded anew with XMP and EXIF. Sound is encoded as the ending says (``.wav``, ``.flac``, ``.ogg``,
    ``.mp3``), or stays as it is to the sample, and gets title, recipe and source type as tags; text with times (a
    transcript) becomes captions for ``.srt`` and ``.vtt``, and ``.json``. All but pictures get a sidecar
    ``<name>.recipe.json``; what is not named here is written as it is. A path without an ending gets one. Without
    `metadata` nothing but the content is written.

    Raises:
        ProjectError: the place cannot be written, or the picture cannot be turned into this format.
    """
    target = Path(path)
    if not target.suffix:
        target = target.with_name(target.name + default_ending(row.media_type))
    sidecar = row.kind != "image"
    if row.kind == "image":
        content, sidecar = _picture(row, data, target, metadata)
    elif row.kind == "audio":
        content = _sound(row, data, target, metadata)
    elif row.kind == "text":
        content = _text(row, data, target)
    else:
        content = data
    write_atomically(target, content)
    if sidecar and metadata:
        write_atomically(sidecar_path(target), _sidecar(row, content))
    return target


def _sound(row: ResultRow, data: bytes, target: Path, metadata: bool) -> bytes:
    ending = soundfiles.check_ending(target)
    content = data if default_ending(row.media_type) == ending else soundfiles.converted(data, ending)
    if not metadata:
        return content
    title = " ".join((row.prompt or str(row.meta.get("title") or "")).split())[:200]
    return tags.tagged(content, ending, tags.Tags(title, recipe=public_recipe(row.recipe), source="model"))


def _text(row: ResultRow, data: bytes, target: Path) -> bytes:
    ending = target.suffix.lower()
    made = captions.captioned(data.decode("utf-8", "replace"), row.meta, ending)
    if made is None and ending in (".srt", ".vtt"):
        raise ProjectError(f"This text has no times, which {ending} needs; write it as .txt.")
    return data if made is None else made.encode("utf-8")


def _sidecar(row: ResultRow, content: bytes) -> bytes:
    facts = {"format": RECIPE_KEY, "kind": row.kind, "sha256": hashlib.sha256(content).hexdigest(),
             "digital_source_type": SOURCE_TYPE, "recipe": public_recipe(row.recipe)}
    return (recipe_text(facts, indent=1) + "\n").encode()


def _picture(row: ResultRow, data: bytes, target: Path, metadata: bool) -> tuple[bytes, bool]:
    """The file's bytes, and whether its recipe needs a sidecar."""
    wanted = _FORMATS.get(target.suffix.lower())
    if wanted is None:
        raise ProjectError(f"Pictures are exported as .png, .jpg or .webp, not as “{target.suffix}”; "
                           "choose one of these.")
    if wanted == "PNG":
        source = data if data.startswith(png.SIGNATURE) else _encode(data, "PNG", {})
        try:
            return png.with_chunks(source, _chunks(row) if metadata else b""), False
        except png.BadPng as error:
            raise ProjectError("This picture is damaged and cannot be exported.", kind="damaged") from error
    if not metadata:
        return _encode(data, wanted, {}), False
    recipe = recipe_text(row.recipe)
    packet = xmp(recipe).encode()
    fits = wanted != "JPEG" or len(packet) < SEGMENT
    marks = {"xmp": packet if fits else xmp().encode(), "exif": exif_comment(shortened(parameters_text(row)))}
    return _encode(data, wanted, marks), not fits


def _chunks(row: ResultRow) -> bytes:
    return (png.international_chunk(RECIPE_KEY, recipe_text(row.recipe))
            + png.text_chunk(PARAMETERS_KEY, parameters_text(row)) + png.international_chunk(XMP_KEY, xmp()))


def shortened(text: str) -> str:
    """The settings cut to what fits in a segment, without losing their last line."""
    most = SEGMENT // 4 - 50  # UTF-16 takes up to four bytes a character
    if len(text) <= most:
        return text
    last = text.rpartition("\n")[2][-2000:]
    return f"{text[:most - len(last) - 2]}…\n{last}"


def exif_comment(comment: str) -> bytes:
    """EXIF with UserComment (Exif 3.0, section 4.6.6: eight bytes name the character code)."""
    import PIL.Image

    exif = PIL.Image.Exif()
    exif.get_ifd(0x8769)[0x9286] = b"UNICODE\0" + comment.encode("utf-16-be", "replace")
    return exif.tobytes()


def _encode(data: bytes, wanted: str, marks: dict[str, bytes]) -> bytes:
    import PIL.Image

    options = {"JPEG": {"quality": 95, "subsampling": 0}, "WEBP": {"quality": 95, "method": 4},
               "PNG": {"compress_level": 4}}[wanted]
    try:
        picture: PIL.Image.Image = PIL.Image.open(io.BytesIO(data))
        picture.load()
        profile = picture.info.get("icc_profile")
        clear = "A" in picture.mode or "transparency" in picture.info
        if clear and wanted == "JPEG":  # JPEG has no transparency: lay it on white
            picture = picture.convert("RGBA")
            ground = PIL.Image.new("RGBA", picture.size, "white")
            ground.alpha_composite(picture)
            picture = ground
        picture = picture.convert("RGBA" if clear and wanted != "JPEG" else "RGB")
        picture.info.clear()
        out = io.BytesIO()
        picture.save(out, wanted, **options, **marks, **({"icc_profile": profile} if profile else {}))
    except Exception as error:  # decoders raise all sorts on broken files
        raise ProjectError(f"This picture could not be turned into a {wanted} file ({error}).") from error
    return out.getvalue()
