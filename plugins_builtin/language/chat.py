"""`language.chat`: a conversation that may see the manuscript."""

from __future__ import annotations

from plugins_builtin.language.params import ChatParams
from plugins_builtin.language.prompts import load_prompt
from plugins_builtin.language.share import Speaker
from plugins_builtin.language.speaking import Speaking, sampling_of
from plugins_builtin.language.telling import Messages, Teller, clean, without_middle
from plugins_builtin.language.writer import LIBRARIES, room_for
from studio.plugins import Context, InputError, Requirements, Text


class Chat(Speaker):
    """Answers the last message of a conversation."""

    id = "language.chat"
    title = "Chat"
    produces = "text"
    summary = "Talks with you about your text, or as one of its characters."
    icon = "chat-circle"
    requires = Requirements(memory=800 * 2**20)
    libraries = LIBRARIES

    class Params(ChatParams):
        """A conversation, and what it may see of the manuscript."""

    def run(self, params: ChatParams, ctx: Context) -> Text:
        """Answer. The tokens pushed, joined, are the text returned.

        Raises:
            InputError: nobody has said anything.
        """
        said = [{"role": m.role, "content": clean(m.text)} for m in params.messages if m.text.strip()]
        if params.prompt.strip():
            said.append({"role": "user", "content": clean(params.prompt)})
        if not any(m["role"] == "user" for m in said):
            raise InputError("Nothing has been said yet: type a message.", field="prompt")
        limit, room = room_for(params.max_tokens, self.backend)
        teller = Teller(self.backend)
        system = self._system(params, ctx, teller, room)
        tokens, dropped = fitted(teller, system, said, room)
        if dropped:
            ctx.log(f"The conversation is longer than the model's window; its oldest {dropped} messages were left out.")
        stops = [*params.stop, *([] if teller.template else ["\nUser:"])]
        speaking = Speaking(ctx, self.backend, params.slot, stops=stops, banned=params.banned_words)
        spoken = speaking.run(tokens, sampling_of(params, self.backend, limit))
        facts: dict[str, object] = {"tokens": spoken.tokens, "stopped": spoken.ended, "read": len(tokens),
                                    "template": teller.template}
        lost = sum(part.dropped for part in teller.parts)
        facts |= {"dropped_messages": dropped} if dropped else {}
        facts |= {"dropped": lost} if lost else {}
        return Text.of(spoken.text, **facts)

    @staticmethod
    def _system(params: ChatParams, ctx: Context, teller: Teller, room: int) -> str:
        """Standing instructions with what may be seen. Memory and text stand first, so that they stay warm."""
        values = {
            "character": teller.take("character", clean(params.character), room // 8),
            "memory": teller.take("memory", clean(params.memory), room // 6),
            "context": teller.take("context", clean(params.context.text) if params.context else "", room // 2,
                                   newest=True),
            "style": teller.take("style_sample", clean(params.style_sample), room // 8),
            "note": teller.take("author_note", clean(params.author_note), room // 8),
            "system": teller.take("system", clean(params.system), room // 6),
        }
        name = "character" if params.character.strip() else "chat"
        messages, _ = load_prompt(name, ctx.data_dir).messages(values)
        return "\n\n".join(m["content"] for m in messages if m["role"] == "system")


def fitted(teller: Teller, system: str, said: Messages, room: int) -> tuple[list[int], int]:
    """Tokens of the conversation; the oldest messages go where it is too long, a few at a time so that the rest stays
    warm for a while. Returns the tokens and how many messages went."""
    head: Messages = [{"role": "system", "content": system}] if system.strip() else []
    sizes = [len(teller.backend.tokenize(m["content"], start=False)) + 8 for m in said]
    left = room - (len(teller.backend.tokenize(system, start=False)) if head else 0) - 16
    dropped = 0
    if sum(sizes) > left:
        while dropped < len(said) - 1 and (sum(sizes[dropped:]) > left * 3 // 4 or said[dropped]["role"] != "user"):
            dropped += 1
    kept = [dict(m) for m in said[dropped:]]
    if len(kept) == 1 and sizes[-1] > left:
        kept[0]["content"] = teller.take("message", kept[0]["content"], max(1, left), newest=True)
    return without_middle(teller.converse([*head, *kept]), room), dropped
