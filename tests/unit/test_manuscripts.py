"""Manuscripts in the project: tree, text, snapshots, notes, branches, chats."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from manuscript_kit import rich
from project_kit import add_text

from studio.project import Project, ProjectError
from studio.project.check import check
from studio.project.manuscript.rows import Block, Branch, Chat, Mark, Message, Note, Prose

RECIPE = "0123456789abcdef"


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with Project.create(tmp_path / "m.pieria") as made:
        yield made
    report = check(made.path)
    assert report.ok, report.problems


@pytest.fixture
def book(project: Project) -> str:
    return project.documents("manuscript")[0].id


def scenes(project: Project, book: str) -> list[str]:
    return [node.id for node in project.manuscript_nodes(book) if node.kind == "scene"]


def titles(project: Project, book: str, trashed: bool = False) -> list[str]:
    return [node.title for node in project.manuscript_nodes(book, trashed)]


def test_a_new_manuscript_has_a_chapter_with_a_scene(project: Project, book: str) -> None:
    second = project.add_document("manuscript", "Second").result()
    for document in (book, second.id):
        chapter, scene = project.manuscript_nodes(document)
        assert [(n.kind, n.title) for n in (chapter, scene)] == [("chapter", "Chapter 1"), ("scene", "Scene 1")]
        assert scene.parent == chapter.id
        assert project.prose(scene.id) == (Prose(), 0)
    with pytest.raises(KeyError):
        project.manuscript_nodes("nothing")


def test_prose_comes_back_as_it_was(project: Project, book: str) -> None:
    scene = scenes(project, book)[0]
    project.set_prose(scene, rich("0" * 64, RECIPE), 7).result()
    assert project.prose(scene) == (rich("0" * 64, RECIPE), 7)
    assert [node.words for node in project.manuscript_nodes(book)] == [7, 7]
    assert project.stats()["words"] == 7


def test_what_does_not_fit_is_cut(project: Project, book: str) -> None:
    scene = scenes(project, book)[0]
    wild = Prose("ab\ud800", (Block(), Block("h1"), Block("h2")),
                 (Mark(-2, 3, "bold"), Mark(1, 90, "bold"), Mark(0, 1, "footnote", "x"), Mark(5, 1, "italic")),
                 ({"start": 1, "length": 99, "origin": "machine", "recipe": RECIPE},))
    project.set_prose(scene, wild, 99).result()
    kept, cursor = project.prose(scene)
    assert kept == Prose("ab\ufffd", (), (Mark(0, 3, "bold"),),
                         ({"start": 1, "length": 2, "origin": "machine", "recipe": RECIPE},))
    assert cursor == 3


def test_only_scenes_have_text(project: Project, book: str) -> None:
    chapter = project.manuscript_nodes(book)[0].id
    with pytest.raises(ProjectError, match="only scenes have text"):
        project.set_prose(chapter, Prose("x"), 0).result()
    with pytest.raises(KeyError):
        project.prose(chapter)
    with pytest.raises(ProjectError, match="no longer in the project"):
        project.set_prose("gone", Prose("x"), 0).result()


def test_the_tree_can_be_built_and_moved(project: Project, book: str) -> None:
    chapter, scene = project.manuscript_nodes(book)
    part = project.add_node(book, "part", "Part One", before=chapter.id).result()
    project.move_node(chapter.id, part.id).result()
    two = project.add_node(book, "chapter", "Chapter 2", part.id).result()
    project.add_node(book, "scene", "Zero", chapter.id, scene.id).result()
    loose = project.add_node(book, "scene", "Epilogue").result()
    assert titles(project, book) == ["Part One", "Chapter 1", "Zero", "Scene 1", "Chapter 2", "Epilogue"]
    project.move_node(two.id, part.id, chapter.id).result()
    project.move_node(loose.id, two.id).result()
    assert titles(project, book) == ["Part One", "Chapter 2", "Epilogue", "Chapter 1", "Zero", "Scene 1"]
    project.move_node(chapter.id, part.id, chapter.id).result()  # in front of itself: it stays
    assert titles(project, book) == ["Part One", "Chapter 2", "Epilogue", "Chapter 1", "Zero", "Scene 1"]
    changed = project.change_node(two.id, title="Last", status="done", goal=-5, synopsis="All ends.").result()
    assert (changed.title, changed.status, changed.goal, changed.synopsis) == ("Last", "done", 0, "All ends.")


@pytest.mark.parametrize(("kind", "parent", "words"), [
    ("part", "chapter", "cannot lie in"), ("chapter", "chapter", "cannot lie in"), ("scene", "scene", "cannot lie in")])
def test_what_lies_where(project: Project, book: str, kind: str, parent: str, words: str) -> None:
    above = next(node for node in project.manuscript_nodes(book) if node.kind == parent)
    with pytest.raises(ProjectError, match=words):
        project.add_node(book, kind, "x", above.id).result()


def test_moves_that_make_no_sense(project: Project, book: str) -> None:
    chapter, scene = project.manuscript_nodes(book)
    other = project.manuscript_nodes(project.add_document("manuscript", "B").result().id)[0]
    for node, parent, before, words in ((chapter.id, chapter.id, "", "into itself"),
                                        (scene.id, other.id, "", "another"),
                                        (scene.id, chapter.id, "nobody", "no longer"), ("x", "", "", "no longer")):
        with pytest.raises(ProjectError, match=words):
            project.move_node(node, parent, before).result()
    with pytest.raises(ValueError, match="never"):
        project.change_node(scene.id, status="never")
    assert titles(project, book) == ["Chapter 1", "Scene 1"]


def test_what_is_thrown_away_comes_back_where_it_was(project: Project, book: str) -> None:
    chapter, scene = project.manuscript_nodes(book)
    second = project.add_node(book, "scene", "Scene 2", chapter.id).result()
    project.set_prose(scene.id, Prose("words stay"), 0)
    assert project.trash_node(scene.id).result() == [scene.id]
    assert project.trash_node(chapter.id).result() == [chapter.id, second.id]
    assert (titles(project, book), titles(project, book, True)) == ([], ["Chapter 1", "Scene 1", "Scene 2"])
    assert set(project.restore_node(chapter.id).result()) == {chapter.id, second.id}
    assert titles(project, book) == ["Chapter 1", "Scene 2"]
    project.restore_node(scene.id).result()
    assert titles(project, book) == ["Chapter 1", "Scene 1", "Scene 2"]
    assert project.prose(scene.id)[0].text == "words stay"
    project.trash_node(scene.id)
    project.trash_node(chapter.id)
    project.restore_node(scene.id).result()  # its chapter is still in the bin
    assert [(n.title, n.parent) for n in project.manuscript_nodes(book)] == [("Scene 1", "")]
    assert project.restore_node(scene.id).result() == []


def test_split_and_merge(project: Project, book: str) -> None:
    scene = scenes(project, book)[0]
    whole = rich("0" * 64, RECIPE)
    project.set_prose(scene, whole, 2)
    project.put_branch(Branch("early", scene, 3, "a"))
    project.put_branch(Branch("late", scene, 30, "b"))
    at = whole.text.index("Ende")
    second = project.split_scene(scene, at, "Second").result()
    assert titles(project, book) == ["Chapter 1", "Scene 1", "Second"]
    left, right = project.prose(scene)[0], project.prose(second.id)[0]
    assert (left.text + "\n" + right.text, right.blocks) == (whole.text, (Block("quote"),))
    assert [b.id for b in project.branches(scene)] == ["early", "late"]
    project.put_branch(Branch("later", second.id, 2, "c"))
    project.merge_scenes(scene, second.id).result()
    assert project.prose(scene) == (whole, 2)
    assert [(b.id, b.start) for b in project.branches(scene)] == [("early", 3), ("late", 30), ("later", at + 2)]
    assert titles(project, book, True) == ["Second"]


def test_snapshots(project: Project, book: str) -> None:
    scene = scenes(project, book)[0]
    first = rich("0" * 64, RECIPE)
    project.set_prose(scene, first, 0)
    kept = project.add_snapshot(scene, "Before").result()
    project.set_prose(scene, Prose("new"), 0)
    later = project.add_snapshot(scene, "After").result()
    assert [s.title for s in project.snapshots(scene)] == ["After", "Before"]
    assert (project.snapshot_prose(kept.id), kept.words) == (first, 7)
    project.remove_snapshot(later.id).result()
    assert [s.id for s in project.snapshots(scene)] == [kept.id]
    with pytest.raises(KeyError):
        project.snapshot_prose(later.id)


def test_notes(project: Project, book: str) -> None:
    ada = project.put_note(Note("", book, "Ada", "character", ("Ada", "/a+/"), "text", extra={"case": True})).result()
    bob = project.put_note(Note("", book, "Bob", "nonsense")).result()
    assert (ada.position, bob.position) == (0, 1)
    project.put_note(Note(ada.id, book, "Ada B", "character", ("Ada",), "more", True, False, 3, 2)).result()
    bob_kept, ada_kept = project.notes(book)
    assert (bob_kept.title, bob_kept.kind) == ("Bob", "other")
    assert ada_kept == Note(ada.id, book, "Ada B", "character", ("Ada",), "more", True, False, 3, 2)
    project.remove_note(bob.id).result()
    assert [n.title for n in project.notes(book)] == ["Ada B"]
    with pytest.raises(ProjectError):
        project.put_note(Note("", project.documents("canvas")[0].id, "x")).result()


def test_ten_thousand_notes_are_one_change(project: Project, book: str) -> None:
    project.put_notes([Note("", book, f"n{i}", keys=(f"key{i}",)) for i in range(10_000)]).result()
    notes = project.notes(book)
    assert [n.title for n in notes[:2]] == ["n0", "n1"]
    assert len(notes) == 10_000


def test_chats_keep_every_version(project: Project, book: str) -> None:
    chat = project.put_chat(Chat("", book, "Talk")).result()
    ask = project.put_message(Message("", chat.id, "", "user", "Hi \ud800")).result()
    one = project.put_message(Message("", chat.id, ask.id, "assistant", "a", state={"n": 1})).result()
    two = project.put_message(Message("", chat.id, ask.id, "assistant", "b")).result()
    project.put_chat(Chat(chat.id, book, "Talk", created=chat.created, state={"leaf": two.id})).result()
    assert project.chats(book)[0].state == {"leaf": two.id}
    assert [m.id for m in project.messages(chat.id)] == [ask.id, one.id, two.id]
    assert project.messages(chat.id)[0].text == "Hi \ufffd"
    with pytest.raises(ProjectError):
        project.put_message(Message("", "nochat", "", "user", "x")).result()
    project.remove_chat(chat.id).result()
    assert (project.chats(book), project.messages(chat.id)) == ([], [])


def test_find_and_replace_over_the_whole_manuscript(project: Project, book: str) -> None:
    first = scenes(project, book)[0]
    second = project.add_node(book, "scene", "Two").result().id
    bin_ = project.add_node(book, "scene", "Bin").result().id
    project.set_prose(first, Prose("The Fox.\nA fox, foxes.", marks=(Mark(4, 3, "bold"),)), 0)
    project.set_prose(second, Prose("no\nfox"), 6)
    project.set_prose(bin_, Prose("fox"), 0)
    project.trash_node(bin_).result()
    hits = project.find_prose(book, "fox")
    assert [(h.node, h.start, h.line, h.column) for h in hits] == [
        (first, 4, "The Fox.", 4), (first, 11, "A fox, foxes.", 2), (first, 16, "A fox, foxes.", 7),
        (second, 3, "fox", 0)]
    assert len(project.find_prose(book, "fox", case=True, whole=True)) == 2
    assert len(project.find_prose(book, r"f.x\b", regex=True)) == 3
    done = project.replace_prose(book, r"(f)ox", r"\1rog", regex=True).result()
    assert (done.count, set(done.before)) == (4, {first, second})
    assert project.prose(first)[0] == Prose("The Frog.\nA frog, froges.", marks=(Mark(4, 4, "bold"),))
    assert project.prose(second) == (Prose("no\nfrog"), 6)
    project.set_proses(done.before).result()
    assert project.prose(first)[0].text == "The Fox.\nA fox, foxes."
    assert project.find_prose(book, "") == []


def test_expressions_that_cannot_be_used(project: Project, book: str) -> None:
    scene = scenes(project, book)[0]
    project.set_prose(scene, Prose("a" * 40 + "b"), 0).result()
    for query in ("(", "[a", "*", "(?P<x", "a{999999999999}"):
        with pytest.raises(ProjectError, match="is not a regular expression") as caught:
            project.find_prose(book, query, regex=True)
        assert str(caught.value).count("\n") == 0
    with pytest.raises(ProjectError, match="replacement is not a regular expression"):
        project.replace_prose(book, "(a)", r"\7", regex=True).result()
    assert project.find_prose(book, "(", regex=False) == []
    assert project.prose(scene)[0].text == "a" * 40 + "b"


def test_a_catastrophic_expression_is_stopped(project: Project, book: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("studio.project.manuscript.finding.SECONDS", 0.2)
    scene = scenes(project, book)[0]
    project.set_prose(scene, Prose("xxxxxxxxxx" * 3000), 0).result()
    with pytest.raises(ProjectError, match="was stopped"):
        project.find_prose(book, r"(x+x+)+y", regex=True)
    with pytest.raises(ProjectError, match="was stopped"):
        project.replace_prose(book, r"(x+x+)+y", "", regex=True).result()


def test_media_that_texts_notes_and_sounds_name_are_not_purged(project: Project, book: str) -> None:
    scene = scenes(project, book)[0]
    names = {name: project.put_media(name.encode(), "x/x").result() for name in (
        "prose", "snapshot", "note", "sound", "undo", "nothing", "removed")}
    for name in ("snapshot", "undo", "prose"):
        project.set_prose(scene, Prose("\ufffc", marks=(Mark(0, 1, "image", names[name]),)), 0).result()
        if name == "snapshot":
            project.add_snapshot(scene, "s").result()
        if name == "undo":
            project.close()
            project = Project.open(project.path)
    project.put_note(Note("n", book, "N", picture=names["note"])).result()
    sound = project.add_document("sound", "S").result().id
    project._change(lambda c: c.execute("INSERT INTO sound_piece VALUES (?, 'clip', 'c', ?)",
                                        (sound, f'{{"media":"{names["sound"]}"}}'))).result()
    project._change(lambda c: c.execute("INSERT INTO sound_piece VALUES (?, 'clip', 'd', ?)",
                                        (sound, f'{{"media":"{names["removed"]}"}}'))).result()
    project.close()
    with Project.open(project.path) as again:
        again._change(lambda c: c.execute("DELETE FROM sound_piece WHERE id = 'd'")).result()
        again._change(lambda c: c.execute("INSERT INTO sound_peaks VALUES (?, 'p')", (names["nothing"],))).result()
        assert again.compact(0).result().media == 2
        left = set(again.media_types(list(names.values())))
    assert left == {names[n] for n in ("prose", "snapshot", "note", "sound", "removed")}


def test_results_that_texts_name_are_not_purged(project: Project, book: str) -> None:
    rows = {name: add_text(project, name) for name in ("span", "branch", "message", "none")}
    scene = scenes(project, book)[0]
    project.set_prose(scene, Prose("x", spans=({"start": 0, "length": 1, "origin": "machine",
                                                "recipe": rows["span"].id},)), 0)
    project.put_branch(Branch("", scene, 0, "x", rows["branch"].id))
    chat = project.put_chat(Chat("", book, "c")).result()
    project.put_message(Message("", chat.id, "", "assistant", "x", result=rows["message"].id))
    for row in rows.values():
        project._set(row.id, "deleted = ?", 1.0).result()
    project.close()
    with Project.open(project.path) as again:
        assert again.compact(0).result().results == 1
