"""`studio chat`: a conversation in the terminal, on the same engine as the window's."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from studio.cli.engine import Engine
from studio.cli.generate import MAX_SEED, Wish, read_wish
from studio.cli.models import open_library
from studio.cli.output import CommandError, Output
from studio.cli.outputs import open_project
from studio.engine.job import Job, Request, Result
from studio.project import Project
from studio.project.manuscript.rows import Chat, Message

GENERATOR = "language.chat"
HELP = """/retry            answer the last message anew
/undo             take back your last message and its answer
/new              begin another conversation
/system TEXT      standing instructions; without a text they go
/save [FILE]      keep the conversation in a project, beside its manuscript
/quit             end (also Ctrl+D)
Ctrl+C stops an answer; what came of it stays. A line that ends in \\ goes on in the next."""
MAX_TITLE = 60


@dataclass
class Talk:
    """What has been said. messages: {"role", "text"}, oldest first; answers: how many were asked for, for the seeds."""

    messages: list[dict[str, str]] = field(default_factory=list)
    system: str = ""
    answers: int = 0

    def undo(self) -> bool:
        """Take back the last message of the person and what follows; False where there is none."""
        while self.messages:
            if self.messages.pop()["role"] == "user":
                return True
        return False

    def without_answer(self) -> bool:
        """Take back the last answer; False where nobody has said anything."""
        while self.messages and self.messages[-1]["role"] != "user":
            self.messages.pop()
        return bool(self.messages)


class _Stream(Output):
    """Shows tokens on stdout as they come, and remembers them."""

    def __init__(self, out: Output) -> None:
        super().__init__(json=out.json, out=out.out, err=out.err)
        self.text = ""

    def stream(self, text: str) -> None:
        self.text += text
        if not self.json:
            self.clear()
            self.out.write(text)
            self.out.flush()


class _Answer:
    """Takes the result of one job."""

    def __init__(self) -> None:
        self.meta: dict[str, Any] = {}

    def keep(self, event: Result, job: Job) -> None:
        self.meta = dict(event.meta)


class _Terminated(BaseException):
    """SIGTERM: unlike Ctrl+C it ends the conversation."""


def chat(arguments: argparse.Namespace, out: Output) -> int:
    arguments.generator, arguments.kind, arguments.count, arguments.prompt = GENERATOR, "text", 1, None
    settings = [("model", arguments.model), ("character", arguments.character)]
    arguments.settings = [*arguments.settings, *(f"{name}={value}" for name, value in settings if value)]
    with ExitStack() as stack:
        engine = stack.enter_context(Engine.start())
        wish = read_wish(arguments, engine.discovery(), open_library()[0])
        engine.media |= wish.media
        project = stack.enter_context(open_project(arguments.project)) if arguments.project else None
        stack.enter_context(_terminable())
        room = Room(engine, wish, out, project, str(arguments.system or ""))
        names = ", ".join(str(model["name"]) for model in wish.models.values())
        out.say(f"Chat with {names}, seed {wish.seed}. /help lists what you can do besides talking.")
        try:
            for line in _lines(out):
                if not room.hear(line):
                    break
        except _Terminated as error:
            raise KeyboardInterrupt from error
    out.emit({"event": "done", "messages": len(room.talk.messages)})
    return 0


class Room:
    """One person, one model and what they said."""

    def __init__(self, engine: Engine, wish: Wish, out: Output, project: Project | None, system: str) -> None:
        self._engine, self._wish, self._out, self._project = engine, wish, out, project
        self.talk = Talk(system=system or str(wish.params.get("system", "")))

    def hear(self, line: str) -> bool:
        """Take a line; False where the conversation ends."""
        word, _, rest = line.strip().partition(" ")
        if not word.startswith("/"):
            if line.strip():
                self.talk.messages.append({"role": "user", "text": line})
                self._answer()
            return True
        command = word[1:].lower()
        if command in ("quit", "exit", "q"):
            return False
        action = {"retry": self._retry, "undo": self._undo, "new": self._new, "system": self._set_system,
                  "save": self._save, "help": self._help}.get(command)
        if action is None:
            self._out.say(f"There is no {word}; /help lists what there is.")
            return True
        try:
            action(rest.strip())
        except CommandError as error:
            self._out.fail(error)
        return True

    # ------------------------------------------------------------ talking

    def _answer(self) -> None:
        params = {**self._wish.params, "messages": list(self.talk.messages)}
        params |= {"system": self.talk.system} if self.talk.system else {}
        if self._wish.seed is not None:
            params["seed"] = (self._wish.seed + self.talk.answers) % MAX_SEED
        self.talk.answers += 1
        shown, answer = _Stream(self._out), _Answer()
        job = Job(Request(self._wish.info.id, params, self._wish.models))
        stopped = False
        try:
            self._engine.run(job, answer, shown, "Reading")
        except KeyboardInterrupt:
            stopped = True
        except CommandError as error:
            self._out.fail(error)
            if not shown.text:
                return
        self._out.print()
        if stopped:
            self._out.say("Stopped.")
        if answer.meta.get("dropped_messages"):
            self._out.say(f"The conversation is longer than the model's window: it no longer saw the oldest "
                          f"{answer.meta['dropped_messages']} messages.")
        if shown.text.strip():
            self.talk.messages.append({"role": "assistant", "text": shown.text})
        self._out.emit({"event": "answer", "text": shown.text, "stopped": stopped, "meta": answer.meta})

    def _help(self, _: str) -> None:
        self._out.say(HELP)

    def _retry(self, _: str) -> None:
        if self.talk.without_answer():
            self._answer()
        else:
            self._out.say("Nothing has been said yet.")

    def _undo(self, _: str) -> None:
        self._out.say("Taken back." if self.talk.undo() else "Nothing has been said yet.")

    def _new(self, _: str) -> None:
        self.talk = Talk(system=self.talk.system)
        self._out.say("A new conversation.")

    def _set_system(self, text: str) -> None:
        self.talk.system = text
        self._out.say("Standing instructions are set." if text else "No standing instructions.")

    # ------------------------------------------------------------ keeping

    def _save(self, name: str) -> None:
        if not self.talk.messages:
            self._out.say("Nothing has been said yet.")
        elif name:
            with open_project(name) as project:
                self._say_saved(save(project, self.talk, self._character))
        elif self._project is not None:
            self._say_saved(save(self._project, self.talk, self._character))
        else:
            self._out.say("Say where: /save FILE.pieria")

    @property
    def _character(self) -> str:
        return str(self._wish.params.get("character", ""))

    def _say_saved(self, chat: Chat) -> None:
        self._out.say(f"Saved as the chat “{chat.title}”.")
        self._out.emit({"event": "saved", "chat": chat.id, "title": chat.title})


def save(project: Project, talk: Talk, character: str = "") -> Chat:
    """Add the conversation to the project's first manuscript (made if there is none); when it returns it is on disk."""
    manuscripts = project.documents("manuscript")
    document = manuscripts[0] if manuscripts else project.add_document("manuscript", "Manuscript").result()
    first = next((m["text"] for m in talk.messages if m["role"] == "user"), "Chat")
    title = " ".join(first.split())
    title = title if len(title) <= MAX_TITLE else title[: MAX_TITLE - 1].rstrip() + "…"
    chat = project.put_chat(Chat("", document.id, title, character, talk.system)).result()
    parent = ""
    for message in talk.messages:
        kept = project.put_message(Message("", chat.id, parent, message["role"], message["text"])).result()
        parent = kept.id
    return project.put_chat(Chat(chat.id, document.id, title, character, talk.system, chat.created,
                                 {**chat.state, "leaf": parent})).result()


# ---------------------------------------------------------------- the terminal


def _lines(out: Output) -> Iterator[str]:
    """What the person types; Ctrl+C on an empty line says how to end."""
    terminal = sys.stdin.isatty() and not out.json
    if terminal:
        with suppress(ImportError):
            import readline  # noqa: F401  (arrow keys and history at the prompt)
    held: list[str] = []
    while True:
        try:
            line = input(("… " if held else "› ") if terminal else "")
        except EOFError:
            if held:
                yield "\n".join(held)
            return
        except KeyboardInterrupt:
            held.clear()
            out.say("\nCtrl+D or /quit ends the chat.")
            continue
        except UnicodeDecodeError:
            out.say("That line is not text that can be read; it was left out.")
            continue
        if line.endswith("\\"):
            held.append(line[:-1])
            continue
        yield "\n".join([*held, line])
        held.clear()


@contextmanager
def _terminable() -> Iterator[None]:
    def end(*_: object) -> None:
        raise _Terminated

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
