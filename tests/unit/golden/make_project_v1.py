"""Makes `v1.pieria`, the golden file of schema version 1. It was run once, when version 1 was the present one, and is
kept to show what is in the file; a later schema gets a script and a file of its own.

    python tests/unit/golden/make_project_v1.py
"""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

from studio.project import CanvasItem, Project

HERE = Path(__file__).parent


def png(red: int, green: int, blue: int, side: int = 16) -> bytes:
    """A plain square picture, encoded by hand so that it does not depend on any encoder's version."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    rows = (b"\0" + bytes((red, green, blue)) * side) * side
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def recipe(generator: str, prompt: str, seed: int) -> dict:
    return {"schema": "pieria.recipe/1", "generator": {"id": generator, "version": "1", "title": "Golden"},
            "produces": generator.partition(".")[2], "params": {"prompt": prompt, "seed": seed, "steps": 20},
            "models": {}, "inputs": [], "parents": [], "seed": seed}


def main() -> None:
    path = HERE / "v1.pieria"
    path.unlink(missing_ok=True)
    with Project.create(path, "Golden 🍎") as project:
        apple = project.add_result(
            kind="image", data=png(220, 20, 30), media_type="image/png", meta={"width": 16, "height": 16},
            recipe=recipe("diffusion.image", "a red apple", 7), batch="b1", index=0).result()
        car = project.add_result(
            kind="image", data=png(20, 40, 220), media_type="image/png", meta={"width": 16, "height": 16},
            recipe=recipe("diffusion.image", "a blue car, سيارة زرقاء", 8), batch="b1", index=1).result()
        story = project.add_result(
            kind="text", data="Once upon a time, ein Märchen.".encode(), media_type="text/plain", meta={},
            recipe=recipe("language.text", "a story", 9)).result()
        project.set_starred(apple.id, True)
        project.set_liked(apple.id, 1)
        project.delete_result(car.id)
        canvas, manuscript = project.documents()
        project.put_canvas_items([CanvasItem("item1", canvas.id, apple.media, 10, 20, 256, 256, 1, "Apple", 0.5,
                                             result=apple.id)])
        project.set_document_state(canvas.id, {"zoom": 2.0})
        project.set_manuscript(manuscript.id, "Hello. Once upon a time.",
                               [{"start": 7, "length": 17, "origin": "machine", "recipe": story.id}], 24)
        project.save_jobs([{"id": "job1", "lane": "foreground", "state": "waiting", "error": None,
                            "request": {"generator": "diffusion.image", "params": {"prompt": "next"}}}])
        project.set_state("prompt", {"text": "draft"})


if __name__ == "__main__":
    main()
