"""`studio chat`: what a person types and what comes of it, with an engine that answers from a list."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from studio.cli.chat import Room, Talk, save
from studio.cli.generate import Wish
from studio.cli.output import CommandError, Output
from studio.engine.job import GeneratorInfo, Job, Result
from studio.project import Project

INFO = GeneratorInfo("language.chat", "Chat", "text", "language", "1", "1")


class Engine:
    """Answers in turn; "^C" stops after the first word, an error is raised."""

    def __init__(self, answers: Sequence[str | CommandError]) -> None:
        self.answers, self.asked = list(answers), list[dict[str, object]]()

    def run(self, job: Job, keeper: object, out: Output, title: str) -> float:
        self.asked.append(dict(job.request.params))
        answer = self.answers.pop(0)
        if isinstance(answer, CommandError):
            raise answer
        out.stream(answer.removesuffix("^C"))
        if answer.endswith("^C"):
            raise KeyboardInterrupt
        keeper.keep(Result(job.id, "text", answer.encode(), "text/plain", {"tokens": 3}, {}), job)  # type: ignore[attr-defined]
        return 0.1


def room(answers: Sequence[str | CommandError], project: Project | None = None, *, as_json: bool = False
         ) -> tuple[Room, Engine, io.StringIO, io.StringIO]:
    out, err, engine = io.StringIO(), io.StringIO(), Engine(answers)
    wish = Wish(INFO, {"max_tokens": 20}, {}, {}, seed=2**32 - 1)
    return Room(engine, wish, Output(json=as_json, out=out, err=err), project, ""), engine, out, err  # type: ignore[arg-type]


def test_a_conversation_grows_and_seeds_count_up() -> None:
    talking, engine, out, _ = room(["Good day.", "Fine."])
    assert talking.hear("Hello")
    assert talking.hear("How are you?")
    assert talking.hear("   ")
    assert [m["text"] for m in talking.talk.messages] == ["Hello", "Good day.", "How are you?", "Fine."]
    assert [asked["seed"] for asked in engine.asked] == [2**32 - 1, 0]
    assert len(engine.asked[1]["messages"]) == 3  # type: ignore[arg-type]
    assert out.getvalue() == "Good day.\nFine.\n"


def test_ctrl_c_stops_an_answer_and_keeps_what_came() -> None:
    talking, _, _, err = room(["Once upon^C", "Then."])
    talking.hear("A story")
    assert talking.talk.messages[-1] == {"role": "assistant", "text": "Once upon"}
    assert "Stopped." in err.getvalue()
    assert talking.hear("Go on")


def test_a_failure_is_said_and_can_be_retried() -> None:
    talking, engine, _, err = room([CommandError("The host went away.", 3), "Here I am."])
    talking.hear("Hello")
    assert "The host went away." in err.getvalue()
    assert talking.talk.messages == [{"role": "user", "text": "Hello"}]
    talking.hear("/retry")
    assert talking.talk.messages[-1]["text"] == "Here I am."
    assert engine.asked[0]["messages"] == engine.asked[1]["messages"]


def test_commands(tmp_path: Path) -> None:
    talking, engine, _, err = room(["One.", "Two.", "Three."])
    for line in ("/retry", "/undo", "/save", "/nonsense", "/help", "/system Be brief."):
        assert talking.hear(line)
    assert err.getvalue().count("Nothing has been said yet.") == 3
    assert "There is no /nonsense" in err.getvalue()
    assert "/quit" in err.getvalue()
    talking.hear("Hello")
    assert engine.asked[0]["system"] == "Be brief."
    talking.hear("/retry")
    assert [m["text"] for m in talking.talk.messages] == ["Hello", "Two."]
    talking.hear("/undo")
    assert talking.talk.messages == []
    talking.hear("Again")
    talking.hear("/save")
    assert "Say where" in err.getvalue()
    talking.hear(f"/save {tmp_path}")
    assert "is a folder" in err.getvalue()
    talking.hear("/new")
    assert talking.talk.messages == []
    assert talking.talk.system == "Be brief."
    assert not talking.hear("/quit")


def test_a_saved_chat_is_a_chain_beside_the_manuscript(tmp_path: Path) -> None:
    project = Project.create(tmp_path / "book.pieria")
    talk = Talk([{"role": "user", "text": "Hello " * 40}, {"role": "assistant", "text": "Yes \ud83d?"}], "Be brief.")
    saved = save(project, talk, "Anna")
    [chat] = project.chats(project.documents("manuscript")[0].id)
    assert (chat.system, chat.character, chat.title) == ("Be brief.", "Anna", saved.title)
    assert len(chat.title) <= 60
    first, second = project.messages(chat.id)
    assert (first.parent, second.parent, chat.state["leaf"]) == ("", first.id, second.id)
    assert second.text == "Yes \ufffd?"
    project.close()


def test_save_command_writes_a_new_project(tmp_path: Path) -> None:
    talking, _, _, err = room(["Good day."])
    talking.hear("Hello")
    talking.hear(f"/save {tmp_path / 'talk'}")
    assert "Saved as the chat “Hello”." in err.getvalue()
    project = Project.open(tmp_path / "talk.pieria")
    assert len(project.messages(project.chats(project.documents("manuscript")[0].id)[0].id)) == 2
    project.close()


def test_json_says_each_answer_on_a_line() -> None:
    talking, _, out, _ = room(["Good\nday."], as_json=True)
    talking.hear("Hello")
    [line] = out.getvalue().splitlines()
    assert json.loads(line) == {"event": "answer", "text": "Good\nday.", "stopped": False, "meta": {"tokens": 3}}


@pytest.mark.parametrize("line", ["\ud83d", "a\x00b", "/", "//", "/save \x00"])
def test_odd_lines_do_not_end_the_conversation(line: str) -> None:
    talking, _, _, _ = room(["One."])
    assert talking.hear(line)
