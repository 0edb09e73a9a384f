"""`language.text`: prose from a language model, continued at the cursor or written to a wish."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, field_validator

from plugins_builtin.language.backend import Backend, Ended, Sampling
from plugins_builtin.language.passage import Asked, Flow, continuation, instruction
from studio.plugins import (
    Context,
    Generator,
    GeneratorError,
    InputError,
    ModelField,
    Params,
    Requirements,
    Seed,
    Text,
    ui,
)

MAX_PROMPT = 20_000

Stop = Annotated[str, Field(min_length=1, max_length=200)]


class WriterParams(Params):
    """What to write and how."""

    prompt: str = Field(
        "",
        max_length=MAX_PROMPT,
        description="What to write, or a wish for how the text goes on. May be empty when there is text to continue.",
        json_schema_extra=ui(role="prompt", widget="multiline", label="Prompt"),
    )
    context: Text | None = Field(
        None,
        description="The text before the cursor, which is continued.",
        json_schema_extra=ui(role="context", label="Text so far", media="text"),
    )
    model: Annotated[str, Field(description="The model that writes.")] = ModelField(
        "gguf", "causal-lm", default="smollm2-135m"
    )
    max_tokens: int = Field(
        160,
        ge=1,
        le=4096,
        description="Longest text to write. A token is about three quarters of a word.",
        json_schema_extra=ui(role="length", widget="slider", label="Length", unit="tokens"),
    )
    temperature: float = Field(
        0.8,
        ge=0,
        le=2,
        description="How daring the choice of words is. 0 always takes the likeliest.",
        json_schema_extra=ui(role="temperature", widget="slider", label="Temperature", step=0.05),
    )
    seed: Seed = Field(0, description="The same seed and settings give the same text.")
    top_p: float = Field(
        0.95,
        ge=0,
        le=1,
        description="Keeps the likeliest words that together reach this share. 1 keeps all.",
        json_schema_extra=ui(widget="slider", label="Top-p", step=0.01, group="Advanced"),
    )
    top_k: int = Field(
        40,
        ge=0,
        le=200,
        description="Keeps this many of the likeliest words. 0 keeps all.",
        json_schema_extra=ui(widget="slider", label="Top-k", group="Advanced"),
    )
    min_p: float = Field(
        0.05,
        ge=0,
        le=1,
        description="Drops words less likely than this share of the likeliest one. 0 drops none.",
        json_schema_extra=ui(widget="slider", label="Min-p", step=0.01, group="Advanced"),
    )
    repetition_penalty: float = Field(
        1.1,
        ge=1,
        le=2,
        description="Makes words that were just used less likely. 1 is off.",
        json_schema_extra=ui(widget="slider", label="Repetition penalty", step=0.01, group="Advanced"),
    )
    stop: list[Stop] = Field(
        default_factory=list,
        max_length=16,
        description="The text ends before any of these.",
        json_schema_extra=ui(widget="list", label="Stop at", group="Advanced"),
    )
    system: str = Field(
        "",
        max_length=MAX_PROMPT,
        description="Standing instructions for the model, in place of its own.",
        json_schema_extra=ui(widget="multiline", label="System prompt", group="Advanced"),
    )

    @field_validator("stop", mode="before")
    @classmethod
    def _one_stop(cls, value: object) -> object:
        return [value] if isinstance(value, str) and value else value or []


class Writer(Generator):
    """Continues a passage where the cursor stands, or writes what the prompt asks for."""

    id = "language.text"
    title = "Writer"
    produces = "text"
    summary = "Continues your text at the cursor, or writes what you ask for."
    icon = "pen-nib"
    requires = Requirements(memory=400 * 2**20)
    libraries = ("xllamacpp", "torch", "transformers")

    class Params(WriterParams):
        """What to write and how."""

    def __init__(self) -> None:
        self._backend: Backend | None = None

    def load(self, ctx: Context) -> None:
        """Bring the model in. Raises `GeneratorError` where its files are missing or broken."""
        ctx.check()
        files = ctx.model("model")
        if files.kind == "gguf" or files.path.suffix == ".gguf":
            from plugins_builtin.language.llama_cpp import LlamaCpp

            self._backend = LlamaCpp(files, ctx.device)
        else:
            from plugins_builtin.language.causal import CausalLM

            self._backend = CausalLM(files, ctx.device)

    def unload(self) -> None:
        if self._backend is not None:
            self._backend.close()
        self._backend = None

    def run(self, params: WriterParams, ctx: Context) -> Text:
        """Write. The tokens pushed, joined, are the text returned.

        Raises:
            InputError: prompt and context are both empty.
        """
        if self._backend is None:
            raise GeneratorError("The language model is not loaded.")
        asked, limit = self._ask(params, self._backend)
        if asked.dropped:
            ctx.log(f"The text is longer than the model's window; its oldest {asked.dropped} tokens were left out.")
        passage = _Passage(ctx, params, asked, limit)
        ended = self._backend.generate(asked.tokens, _sampling(params, limit), passage.on_piece, passage.on_read)
        if passage.stopped_by is not None:
            raise passage.stopped_by
        return passage.result(ended)

    def _ask(self, params: WriterParams, backend: Backend) -> tuple[Asked, int]:
        """The tokens to continue, and how many may follow them inside the window."""
        passage = _clean(params.context.text) if params.context else ""
        prompt, system = _clean(params.prompt), _clean(params.system)
        limit = min(params.max_tokens, backend.window // 2)
        room = backend.window - limit - 1
        if passage.strip():
            return continuation(backend, passage, prompt, system, room), limit
        if not prompt.strip():
            raise InputError("There is nothing to write from: type a prompt, or some text to continue.", field="prompt")
        return instruction(backend, prompt, system, room), limit


class _Passage:
    """One run: feeds the page, counts, and carries a stop out of the runtime's callbacks."""

    def __init__(self, ctx: Context, params: WriterParams, asked: Asked, limit: int) -> None:
        self._ctx, self._params, self._asked, self._limit = ctx, params, asked, limit
        self._flow = Flow(ctx.token, params.stop, asked.before if params.context else "\n")
        self._tokens = 0
        self.stopped_by: BaseException | None = None

    def on_piece(self, piece: str, tokens: int) -> bool:
        self._tokens = tokens
        return self._guard(lambda: self._take(piece))

    def on_read(self, read: int, of: int) -> bool:
        return self._guard(lambda: self._reading(read, of))

    def _take(self, piece: str) -> bool:
        self._ctx.check()
        stop = self._flow.add(piece)
        self._ctx.progress(min(self._tokens, self._limit), self._limit)
        return stop

    def _reading(self, read: int, of: int) -> bool:
        self._ctx.progress(0, self._limit, message="Reading" if read < of else "Writing")
        return False

    def _guard(self, step: object) -> bool:
        # Exceptions must not unwind through native code: keep it, stop there, and raise it here.
        try:
            return bool(step())  # type: ignore[operator]
        except BaseException as error:
            self.stopped_by = error
            return True

    def result(self, ended: Ended) -> Text:
        text = self._flow.finish()
        facts: dict[str, object] = {"tokens": self._tokens, "stopped": ended, "read": len(self._asked.tokens)}
        if self._asked.dropped:
            facts["dropped"] = self._asked.dropped
        return Text.of(text, **facts)


def _sampling(params: WriterParams, limit: int) -> Sampling:
    return Sampling(
        limit, params.temperature, params.top_p, params.top_k, params.min_p, params.repetition_penalty, params.seed
    )


def _clean(text: str) -> str:
    """One kind of line end, and no lone surrogates, which no tokenizer takes."""
    return text.replace("\r\n", "\n").encode("utf-8", "replace").decode("utf-8")
