"""Makes `v3.pieria`, the golden file of schema version 3: that of version 2, opened and written in. It was run once,
when version 3 was the present one, and is kept to show what is in the file.

    PYTHONPATH=tests/unit python tests/unit/golden/make_project_v3.py
"""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

from manuscript_kit import rich

from studio.project import Project
from studio.project.manuscript.rows import Branch, Chat, Message, Note, Prose

HERE = Path(__file__).parent


def main() -> None:
    path = Path(shutil.copy(HERE / "v2.pieria", HERE / "v3.pieria"))
    with Project.open(path) as project:
        story, apple = project.results()
        document = project.documents("manuscript")[0].id
        part = project.add_node(document, "part", "Part Two").result()
        chapter = project.add_node(document, "chapter", "الفصل ٢", part.id).result()
        gone = project.add_node(document, "scene", "Thrown away", chapter.id).result()
        project.trash_node(gone.id)
        scene = project.add_node(document, "scene", "Späte Szene", chapter.id, gone.id).result()
        project.set_prose(scene.id, Prose("Früher Versuch"), 0)
        project.add_snapshot(scene.id, "First try")
        project.set_prose(scene.id, rich(apple.media, story.id), 3)
        project.change_node(scene.id, status="revised", goal=500, synopsis="What happens.")
        project.put_note(Note("note1", document, "Ada", "character", ("Ada", r"/the \w+/"), "She is 🦊.", True,
                              False, 5, picture=apple.media, extra={"secondary": ["x"]}))
        project.put_branch(Branch("", scene.id, 6, "another way", story.id, kept=True))
        chat = project.put_chat(Chat("", document, "Talk", "Ada", "Be short.", state={"leaf": "m2"})).result()
        project.put_message(Message("m1", chat.id, "", "user", "Hello?"))
        project.put_message(Message("m2", chat.id, "m1", "assistant", "Hello.", result=story.id))
        sound = project.add_document("sound", "Sound").result().id

        def pieces(connection: sqlite3.Connection) -> None:
            connection.execute("INSERT INTO sound_piece VALUES (?, 'clip', 'c1', ?)",
                               (sound, f'{{"media":"{apple.media}"}}'))
            connection.execute("INSERT INTO sound_peaks VALUES (?, ?)", (apple.media, b"peaks"))

        project._change(pieces).result()


if __name__ == "__main__":
    main()
