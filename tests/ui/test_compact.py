"""Compacting from the window: undo still works, and a sentence says what was won."""

from __future__ import annotations

from studio.project import Project, ResultQuery


def test_the_palette_empties_the_bin_but_not_what_undo_brings_back(qtbot, open_studio, tmp_path):
    path = tmp_path / "p.pieria"
    with Project.create(path) as project:
        recipe = {"generator": "a.b", "params": {"prompt": "old"}}
        old = project.add_result(kind="text", data=b"waste " * 200_000, media_type="text/plain", meta={},
                                 recipe=recipe).result()
        project.delete_result(old.id).result()
    studio = open_studio(path)
    made = studio.make()
    control, session, notice = studio.desk.open.results, studio.desk.session, studio.window.workbench.notice
    with qtbot.waitSignal(session.result_changed):
        control.delete(made.id)
    studio.desk.commands.action("project.empty").trigger()
    qtbot.waitUntil(lambda: notice.label.text().startswith("Compacted"))
    assert notice.label.text() == "Compacted: 1 result, 1 file went, 1 MB won."
    assert [row.id for row in session.project.results(ResultQuery(deleted=True))] == [made.id]
    with qtbot.waitSignal(session.result_changed):
        control.undo.undo()
    assert [row.id for row in session.project.results()] == [made.id]
    studio.desk.commands.action("project.compact").trigger()
    qtbot.waitUntil(lambda: notice.label.text() == "There was nothing to throw out.")
