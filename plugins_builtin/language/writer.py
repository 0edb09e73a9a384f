"""`language.text`: prose from a language model, continued at the cursor or written to a wish."""

from __future__ import annotations

from plugins_builtin.language.backend import Backend
from plugins_builtin.language.params import SteeringParams, WriterParams
from plugins_builtin.language.share import Speaker
from plugins_builtin.language.speaking import Speaking, sampling_of
from plugins_builtin.language.telling import Asked, Steering, clean, code, continuation, instruction
from studio.plugins import Context, InputError, Requirements, Text

RESERVE = 512
"""The window's room for new text is counted in steps of this, so that ghost text and long continuations cut a long
manuscript at the same place and share its warm beginning."""

LIBRARIES = ("xllamacpp", "torch", "transformers", "llguidance")


class Writer(Speaker):
    """Continues a passage where the cursor stands, or writes what the prompt asks for."""

    id = "language.text"
    title = "Writer"
    produces = "text"
    summary = "Continues your text at the cursor, or writes what you ask for."
    icon = "pen-nib"
    version = "2"
    requires = Requirements(memory=800 * 2**20)
    libraries = LIBRARIES

    class Params(WriterParams):
        """What to write and how."""

    def run(self, params: WriterParams, ctx: Context) -> Text:
        """Write. The tokens pushed, joined, are the text returned.

        Raises:
            InputError: prompt and context are both empty, or a grammar is none.
        """
        backend = self.backend
        asked, limit = ask(params, backend)
        if asked.dropped:
            ctx.log(f"The text is longer than the model's window; {asked.dropped} tokens of it were left out.")
        speaking = Speaking(ctx, backend, params.slot, stops=params.stop, banned=params.banned_words,
                            before=asked.before if params.context else "\n")
        spoken = speaking.run(asked.tokens, sampling_of(params, backend, limit, params.alternatives))
        facts: dict[str, object] = {"tokens": spoken.tokens, "stopped": spoken.ended, "read": len(asked.tokens),
                                    "fim": asked.fim, "template": asked.template}
        facts |= {"dropped": asked.dropped} if asked.dropped else {}
        facts |= {"suffix": asked.suffix} if asked.suffix else {}
        facts |= {"alternatives": spoken.alternatives} if params.alternatives else {}
        return Text.of(spoken.text, **facts)


def ask(params: WriterParams, backend: Backend) -> tuple[Asked, int]:
    """The tokens to continue, and how many may follow them inside the window. Raises `InputError`."""
    passage = clean(params.context.text) if params.context else ""
    suffix = clean(params.suffix.text) if params.suffix else ""
    told = steering(params, params.prompt)
    limit, room = room_for(params.max_tokens, backend)
    fills_in = bool(suffix.strip()) and backend.fim() is not None
    if fills_in or (params.slot == "code" and passage.strip()):
        return code(backend, passage, suffix, told, room), limit
    if passage.strip():
        return continuation(backend, passage, told, room, suffix), limit
    if not told.prompt.strip():
        raise InputError("There is nothing to write from: type a prompt, or some text to continue.", field="prompt")
    return instruction(backend, told, room), limit


def room_for(max_tokens: int, backend: Backend) -> tuple[int, int]:
    """How many tokens may be made, and how many told."""
    limit = min(max_tokens, backend.window // 2)
    return limit, backend.window - min(-(-limit // RESERVE) * RESERVE, backend.window // 2) - 1


def steering(params: SteeringParams, prompt: str) -> Steering:
    """The texts that steer, cleaned."""
    return Steering(clean(prompt), clean(params.system), clean(params.memory), clean(params.style_sample),
                    clean(params.author_note))
