"""The chat joined to project and engine: kept as it goes, streamed as it comes."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication

from studio.project.manuscript.rows import Chat, Message
from studio.ui.widgets.askname import ask_name
from studio.ui.write.assist.chatpanel import ChatPanel
from studio.ui.write.assist.chattree import ChatTree, title_of
from studio.ui.write.assist.errands import Errand, Errands

if TYPE_CHECKING:
    from studio.project import ResultRow
    from studio.ui.session import Session

CHAT = "language.chat"
MOST_CONTEXT = 60_000
"""Characters of the text that a chat may be given; the generator keeps what its window holds."""
SCOPES = ("scene",)


class ChatControl(QObject):
    """The chats of one manuscript.

    Args:
        see: gives (context, memory) for the chosen scopes.
        insert: puts a text into the manuscript with the result it came from.
        say: shows one sentence, with what takes the change back if there is such.
    """

    def __init__(self, session: Session, panel: ChatPanel, errands: Errands, document: str,
                 see: Callable[[tuple[str, ...]], tuple[str, str]], insert: Callable[[str, str], object],
                 say: Callable[..., object], params: Callable[[str], dict[str, Any]]) -> None:
        super().__init__(panel)
        self.session, self.panel, self.errands, self.document = session, panel, errands, document
        self._see, self._insert, self._say, self._params = see, insert, say, params
        self.chats: dict[str, Chat] = {}
        self.chat: Chat | None = None
        self.tree = ChatTree()
        self._errand: Errand | None = None
        self._answer: Message | None = None
        self._streamed = ""
        self.selected = False
        self._connect()
        self.load()

    def _connect(self) -> None:
        panel = self.panel
        panel.sent.connect(self.send)
        panel.stopped.connect(self.stop)
        panel.chat_picked.connect(self.pick)
        panel.chat_added.connect(self.add)
        panel.chat_deleted.connect(self.delete)
        panel.chat_renamed.connect(self._ask_title)
        panel.scopes_changed.connect(self._set_scopes)
        panel.copied.connect(lambda key: QGuiApplication.clipboard().setText(self.tree.messages[key].text))
        panel.inserted.connect(self._put)
        panel.again.connect(self.again)
        panel.edited.connect(self.edit)
        panel.stepped.connect(self._step)
        self.session.result_stored.connect(self._came_late)

    # ------------------------------------------------------------ chats

    def load(self) -> None:
        """Read the chats of the project; the one last talked in is shown."""
        found = self.session.project.chats(self.document)
        self.chats = {chat.id: chat for chat in found}
        last = self.session.project.get_state("chat", "")
        self.pick(last if last in self.chats else next(reversed(self.chats), ""))

    def pick(self, chat: str) -> None:
        """Show a chat, "" for one that begins with the first message."""
        self.stop()
        self.chat = self.chats.get(chat)
        messages = self.session.project.messages(chat) if self.chat is not None else []
        leaf = str(self.chat.state.get("leaf", "")) if self.chat is not None else ""
        self.tree = ChatTree(messages, leaf)
        if not self.session.project.read_only:
            self.session.store(self.session.project.set_state("chat", chat))
        self.show()

    def add(self) -> None:
        self.pick("")
        self.panel.line.setFocus()

    def delete(self) -> None:
        """Take the chat away; what takes it back is offered."""
        chat, messages = self.chat, list(self.tree.messages.values())
        if chat is None:
            return
        self.stop()
        del self.chats[chat.id]
        self.session.store(self.session.project.remove_chat(chat.id))
        self.pick(next(reversed(self.chats), ""))
        self._say(f"Deleted the chat “{chat.title}”.", lambda: self._restore(chat, messages))

    def _restore(self, chat: Chat, messages: list[Message]) -> None:
        project = self.session.project
        self.session.store(project.put_chat(chat))
        futures = [project.put_message(message) for message in messages]
        self.chats[chat.id] = chat

        def back(_: Any) -> None:
            self.pick(chat.id)

        if futures:
            self.session.store(futures[-1], back)
        else:
            self.pick(chat.id)

    def setup(self, character: str, system: str) -> None:
        """Who answers, and the standing instructions."""
        chat = self.chat or self._begin("Chat")
        self._keep(replace(chat, character=character, system=system))
        self.show()

    def _ask_title(self) -> None:
        if self.chat is not None:
            ask_name(self.panel.theme, self.panel.choice, "Name of the chat", self.chat.title, self.rename,
                     place="below")

    def rename(self, title: str) -> None:
        if self.chat is not None:
            self._keep(replace(self.chat, title=title))
            self.show()

    def _begin(self, title: str) -> Chat:
        state = {"scopes": list(self.scopes())}
        chat = Chat(secrets.token_hex(8), self.document, title, "", "", time.time(), state)
        self.tree = ChatTree()
        self._keep(chat)
        self.session.store(self.session.project.set_state("chat", chat.id))
        return chat

    def _keep(self, chat: Chat) -> None:
        self.chat = self.chats[chat.id] = chat
        self.session.store(self.session.project.put_chat(chat))

    def _keep_leaf(self) -> None:
        if self.chat is not None and self.chat.state.get("leaf") != self.tree.leaf:
            self._keep(replace(self.chat, state={**self.chat.state, "leaf": self.tree.leaf}))

    # ------------------------------------------------------------ scopes

    def scopes(self) -> tuple[str, ...]:
        """What the chat may see."""
        kept = self.chat.state.get("scopes") if self.chat is not None else None
        return tuple(str(s) for s in kept) if isinstance(kept, list) else self._fresh_scopes

    _fresh_scopes: tuple[str, ...] = SCOPES

    def _set_scopes(self, scopes: tuple[str, ...]) -> None:
        self._fresh_scopes = scopes
        if self.chat is not None:
            self._keep(replace(self.chat, state={**self.chat.state, "scopes": list(scopes)}))
        self.show()

    def show_selection(self, there: bool) -> None:
        """Whether text is selected."""
        if there != self.selected:
            self.selected = there
            self.panel.show_scopes(self.scopes(), selection=there)

    # ------------------------------------------------------------ talking

    def send(self, text: str) -> None:
        """Say something, and let the machine answer."""
        if self.panel.running or not text.strip():
            return
        chat = self.chat or self._begin(title_of(text))
        if chat.title == "Chat" and not self.tree.messages:
            self._keep(replace(chat, title=title_of(text)))
        self._say_as_person(text, self.tree.leaf)

    def edit(self, message: str, text: str) -> None:
        """Say an earlier message otherwise: what follows it is a branch of its own."""
        found = self.tree.messages.get(message)
        if found is not None and not self.panel.running:
            self._say_as_person(text, found.parent)

    def _say_as_person(self, text: str, parent: str) -> None:
        said = self._add(parent, "user", text)
        self._answer_to(said.id)

    def again(self, message: str) -> None:
        """Another answer to the same, beside the one there is."""
        found = self.tree.messages.get(message)
        if found is not None and not self.panel.running:
            self._answer_to(found.parent)

    def _add(self, parent: str, role: str, text: str) -> Message:
        assert self.chat is not None
        message = Message(secrets.token_hex(8), self.chat.id, parent, role, text, time.time())
        self.tree.put(message)
        self.tree.leaf = message.id
        self.session.store(self.session.project.put_message(message))
        return message

    def _answer_to(self, parent: str) -> None:
        assert self.chat is not None
        if not self.errands.known(CHAT):
            self.show()
            self._say("The machine has no generator that chats; see Models.")
            return
        said = [{"role": m.role, "text": m.text} for m in self.tree.path(parent)]
        context, memory = self._see(self.scopes())
        answer = Message(secrets.token_hex(8), self.chat.id, parent, "assistant", "", time.time())
        self.tree.put(answer)
        self.tree.leaf = answer.id
        self._answer, self._streamed = answer, ""
        params = {**self._params(CHAT), "messages": said, "system": self.chat.system,
                  "character": self.chat.character, "memory": memory, "slot": "chat"}
        self.panel.set_running(answer.id)
        self.show()
        self._errand = self.errands.send(
            CHAT, params, {"context": context[-MOST_CONTEXT:]}, kind="chat", token=self._token, result=self._result,
            ended=self._ended, target={"chat": self.chat.id, "parent": parent})

    def stop(self) -> None:
        """Stop the answer; what has come stays."""
        if self._errand is not None:
            self.errands.cancel(self._errand)
            self._settle("")

    def _token(self, _: int, text: str) -> None:
        self._streamed += text
        if self._answer is not None:
            self.panel.append(self._answer.id, text)

    def _result(self, _: int, row: ResultRow) -> None:
        answer = self._answer
        if answer is None:
            return
        text = self.session.project.media(row.media)[0].decode("utf-8", "replace")
        self._finish(replace(answer, text=text.strip(), result=row.id))

    def _came_late(self, row: ResultRow, job: Any) -> None:
        """The answer of a request that was interrupted, and run again after the project was opened."""
        target = job.request.target
        if target.get("kind") != "chat" or self.errands.knows(job) or target.get("chat") not in self.chats:
            return
        text = self.session.project.media(row.media)[0].decode("utf-8", "replace").strip()
        message = Message(secrets.token_hex(8), str(target["chat"]), str(target.get("parent", "")), "assistant", text,
                          time.time(), row.id)
        self.session.store(self.session.project.put_message(message))
        if self.chat is not None and self.chat.id == message.chat and not self.panel.running:
            self.tree.put(message)
            if self.tree.leaf == message.parent:
                self.tree.leaf = message.id
                self._keep_leaf()
            self.show()

    def _ended(self, _: int, sentence: str) -> None:
        self._settle(sentence)

    def _settle(self, sentence: str) -> None:
        """No more comes. Without a result, what has streamed is the message."""
        if self._answer is not None:
            if self._streamed.strip():
                self._finish(replace(self._answer, text=self._streamed.strip()))
            else:
                self._withdraw(self._answer)
        self._errand = None
        self.panel.set_running("")
        self.show()
        if sentence:
            self._say(sentence)

    def _finish(self, message: Message) -> None:
        self._answer, self._streamed = None, ""
        self.tree.put(message)
        self.session.store(self.session.project.put_message(message))
        self._keep_leaf()

    def _withdraw(self, message: Message) -> None:
        """An answer of which nothing came is no message."""
        self._answer = None
        rest = [m for m in self.tree.messages.values() if m.id != message.id]
        others = [m for m in self.tree.versions(message.id) if m != message.id]
        self.tree = ChatTree(rest, others[-1] if others else message.parent)
        self._keep_leaf()

    # ------------------------------------------------------------ small things

    def _step(self, message: str, by: int) -> None:
        if not self.panel.running and self.tree.switch(message, by):
            self._keep_leaf()
            self.show()

    def _put(self, message: str) -> None:
        found = self.tree.messages.get(message)
        if found is not None:
            self._insert(found.text, found.result)

    def who(self) -> str:
        """Who answers: the first line of the character."""
        first = (self.chat.character if self.chat is not None else "").strip().split("\n")[0]
        return title_of(first.split(":")[0]) if first else "Machine"

    def show(self) -> None:
        """Bring everything onto the panel."""
        chats = [(chat.id, chat.title) for chat in self.chats.values()]
        if self.chat is None and chats:
            chats.append(("", "New chat"))
        self.panel.show_chats(chats, self.chat.id if self.chat is not None else "")
        self.panel.show_scopes(self.scopes(), selection=self.selected)
        about = []
        if self.chat is not None and self.chat.character:
            about.append(f"{self.who()} answers.")
        if self.chat is not None and self.chat.system:
            about.append("Has a system prompt.")
        self.panel.show_about(" ".join(about))
        self.panel.show_tree(self.tree, self.who())
