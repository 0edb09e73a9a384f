"""The parameters of all generators of this plugin: how words are drawn, what the model is told, what is asked of it."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, field_validator, model_validator

from studio.plugins import ModelField, Params, Seed, Text, ui

MAX_PROMPT = 20_000
MAX_NOTES = 200_000

DEFAULT_MODEL = "smollm2-135m"

Stop = Annotated[str, Field(min_length=1, max_length=200)]
Slot = Literal["manuscript", "chat", "code"]
Preset = Literal["Careful", "Balanced", "Lively", "Bold", "Custom"]

PRESETS: dict[str, dict[str, Any]] = {
    "Careful": {"temperature": 0.3, "top_k": 40, "top_p": 0.9, "min_p": 0.05, "repetition_penalty": 1.05,
                "dry_multiplier": 0.0},
    "Balanced": {"temperature": 0.8, "top_k": 40, "top_p": 0.95, "min_p": 0.05, "repetition_penalty": 1.1,
                 "dry_multiplier": 0.0},
    "Lively": {"temperature": 1.0, "top_k": 0, "top_p": 1.0, "min_p": 0.08, "repetition_penalty": 1.05,
               "dry_multiplier": 0.8},
    "Bold": {"temperature": 1.3, "top_k": 0, "top_p": 1.0, "min_p": 0.05, "repetition_penalty": 1.05,
             "dry_multiplier": 0.8},
}
"""What each preset sets; "Custom" leaves all as they are."""


def _sampling(label: str, step: float | None = None) -> dict[str, Any]:
    return ui(widget="slider", label=label, group="Sampling", **({"step": step} if step else {}))


class SamplerParams(Params):
    """How the next word is chosen, and what the text must not or must look like."""

    preset: Preset = Field(
        "Balanced",
        description="Careful keeps to the likeliest words, Bold strays far. It sets the fields under Sampling.",
        json_schema_extra=ui(role="preset", widget="choice", label="Manner", presets=PRESETS),
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
        json_schema_extra=_sampling("Top-p", 0.01),
    )
    top_k: int = Field(
        40,
        ge=0,
        le=200,
        description="Keeps this many of the likeliest words. 0 keeps all.",
        json_schema_extra=_sampling("Top-k"),
    )
    min_p: float = Field(
        0.05,
        ge=0,
        le=1,
        description="Drops words less likely than this share of the likeliest one. 0 drops none.",
        json_schema_extra=_sampling("Min-p", 0.01),
    )
    repetition_penalty: float = Field(
        1.1,
        ge=1,
        le=2,
        description="Makes words that were just used less likely. 1 is off.",
        json_schema_extra=_sampling("Repetition penalty", 0.01),
    )
    dry_multiplier: float = Field(
        0.0,
        ge=0,
        le=5,
        description="DRY: how strongly it is kept from repeating a whole run of words. 0 is off, 0.8 is usual.",
        json_schema_extra=_sampling("DRY strength", 0.05),
    )
    dry_base: float = Field(
        1.75,
        ge=1,
        le=4,
        description="DRY: how much the penalty grows with each further word of a repeated run.",
        json_schema_extra=_sampling("DRY growth", 0.05),
    )
    dry_allowed_length: int = Field(
        2,
        ge=1,
        le=20,
        description="DRY: runs up to this many tokens may be repeated freely.",
        json_schema_extra=_sampling("DRY free length"),
    )
    stop: list[Stop] = Field(
        default_factory=list,
        max_length=16,
        description="The text ends before any of these.",
        json_schema_extra=ui(widget="list", label="Stop at", group="Rules"),
    )
    banned_words: list[Stop] = Field(
        default_factory=list,
        max_length=100,
        description="Words and phrases that must not be written, in any case of letters.",
        json_schema_extra=ui(widget="list", label="Banned words", group="Rules"),
    )
    json_schema: str = Field(
        "",
        max_length=MAX_PROMPT,
        description="A JSON Schema: the answer is then JSON that fits it. {} takes any JSON.",
        json_schema_extra=ui(widget="multiline", label="JSON schema", group="Rules"),
    )
    grammar: str = Field(
        "",
        max_length=MAX_PROMPT,
        description='A grammar in GBNF that the text must follow, such as: root ::= "yes" | "no"',
        json_schema_extra=ui(widget="multiline", label="Grammar", group="Rules"),
    )

    @model_validator(mode="before")
    @classmethod
    def _fill_preset(cls, values: Any) -> Any:
        """What a preset stands for, where the request does not say otherwise."""
        if not isinstance(values, dict) or not isinstance(values.get("preset"), str):
            return values
        return {**PRESETS.get(values["preset"], {}), **values}

    @field_validator("stop", "banned_words", mode="before")
    @classmethod
    def _one_is_a_list(cls, value: object) -> object:
        return [value] if isinstance(value, str) and value else value or []

    @field_validator("json_schema")
    @classmethod
    def _is_a_schema(cls, value: str) -> str:
        if not value.strip():
            return ""
        try:
            schema = json.loads(value)
        except (ValueError, RecursionError) as error:
            raise ValueError(f"this is not JSON ({error})") from error
        if not isinstance(schema, dict):
            raise ValueError("a JSON Schema is an object in braces, such as {\"type\": \"array\"}")  # noqa: TRY004
        return value


class SteeringParams(SamplerParams):
    """What else the model is told of the work. The window fills these from the story notes."""

    memory: str = Field(
        "",
        max_length=MAX_NOTES,
        description="Facts of the story that the model must know: people, places, rules.",
        json_schema_extra=ui(role="memory", widget="none", label="Memory"),
    )
    author_note: str = Field(
        "",
        max_length=MAX_PROMPT,
        description="A remark on how the text goes on, put near its end where it weighs most.",
        json_schema_extra=ui(role="author_note", widget="none", label="Author's note"),
    )
    style_sample: str = Field(
        "",
        max_length=MAX_PROMPT,
        description="A passage in the style that is wanted.",
        json_schema_extra=ui(role="style_sample", widget="none", label="Style sample"),
    )
    system: str = Field(
        "",
        max_length=MAX_PROMPT,
        description="Standing instructions for the model, in place of its own.",
        json_schema_extra=ui(role="system", widget="multiline", label="System prompt", group="Advanced"),
    )
    slot: Slot = Field(
        "manuscript",
        description="Which of the model's memories is used, so that one kind of request keeps its text warm.",
        json_schema_extra=ui(widget="none"),
    )


KINDS = ("gguf", "causal-lm")


class WriterParams(SteeringParams):
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
    suffix: Text | None = Field(
        None,
        description="The text behind the cursor. Models that can fill in the middle write up to it.",
        json_schema_extra=ui(role="suffix", widget="none", label="Text after", media="text"),
    )
    model: Annotated[str, Field(description="The model that writes.")] = ModelField(*KINDS, default=DEFAULT_MODEL)
    alternatives: int = Field(
        0,
        ge=0,
        le=10,
        description="How many of the likeliest words are told for each one written.",
        json_schema_extra=ui(widget="none", label="Alternatives"),
    )


Action = Literal[
    "rewrite", "shorten", "expand", "summarise", "translate", "tone", "senses", "grammar", "custom", "explain",
    "tests", "bugs", "dialogue",
]


class EditorParams(SteeringParams):
    """What to do with a passage."""

    # The window's cards call it; as an entry of the list of generators it would ask for a passage it cannot get.
    model_config = ConfigDict(json_schema_extra=ui(listed=False))

    preset: Preset = Field(
        "Careful",
        description="Careful keeps to the likeliest words, Bold strays far. It sets the fields under Sampling.",
        json_schema_extra=ui(role="preset", widget="choice", label="Manner", presets=PRESETS),
    )
    passage: Text = Field(
        description="The text to work on.", json_schema_extra=ui(role="passage", label="Passage", media="text")
    )
    action: Action = Field(
        "rewrite",
        description="What is done with it.",
        json_schema_extra=ui(role="action", widget="choice", label="Action", titles={
            "tone": "Change tone", "senses": "Describe with the senses", "grammar": "Fix grammar",
            "custom": "Own instruction", "tests": "Write tests", "bugs": "Find the bug"}),
    )
    instruction: str = Field(
        "",
        max_length=MAX_PROMPT,
        description="An own instruction, or a remark on the action.",
        json_schema_extra=ui(role="prompt", widget="multiline", label="Instruction"),
    )
    tone: str = Field(
        "warm", max_length=200, description="The tone wanted, for Change tone.",
        json_schema_extra=ui(role="tone", label="Tone"),
    )
    language: str = Field(
        "French", max_length=200, description="The language wanted, for Translate.",
        json_schema_extra=ui(role="language", label="Language"),
    )
    senses: str = Field(
        "sight, sound and smell", max_length=200, description="The senses, for Describe with the senses.",
        json_schema_extra=ui(role="senses", label="Senses"),
    )
    before: Text | None = Field(
        None, description="Text before the passage.", json_schema_extra=ui(widget="none", label="Before", media="text")
    )
    after: Text | None = Field(
        None, description="Text after the passage.", json_schema_extra=ui(widget="none", label="After", media="text")
    )
    model: Annotated[str, Field(description="The model that edits.")] = ModelField(*KINDS, default=DEFAULT_MODEL)
    max_tokens: int = Field(
        0,
        ge=0,
        le=4096,
        description="Longest answer. 0 takes what suits the action and the passage.",
        json_schema_extra=ui(role="length", widget="slider", label="Length", unit="tokens"),
    )
    temperature: float = Field(
        0.3,
        ge=0,
        le=2,
        description="How daring the choice of words is. 0 always takes the likeliest.",
        json_schema_extra=ui(role="temperature", widget="slider", label="Temperature", step=0.05),
    )
    top_p: float = Field(0.9, ge=0, le=1, description="Keeps the likeliest words that together reach this share.",
                         json_schema_extra=_sampling("Top-p", 0.01))
    repetition_penalty: float = Field(1.05, ge=1, le=2, description="Makes words that were just used less likely.",
                                      json_schema_extra=_sampling("Repetition penalty", 0.01))
    slot: Slot = Field("code", description="See the Writer.", json_schema_extra=ui(widget="none"))


class Message(Params):
    """One message of a conversation."""

    role: Literal["user", "assistant", "system"] = "user"
    text: str = Field("", max_length=MAX_NOTES)


class ChatParams(SteeringParams):
    """A conversation, and what it may see of the manuscript."""

    model_config = ConfigDict(json_schema_extra=ui(listed=False))

    messages: list[Message] = Field(
        default_factory=list,
        max_length=10_000,
        description="The conversation so far, oldest first; each has a role (user or assistant) and a text.",
        json_schema_extra=ui(role="messages", widget="none", label="Messages"),
    )
    prompt: str = Field(
        "",
        max_length=MAX_PROMPT,
        description="What you say next, after the messages.",
        json_schema_extra=ui(role="prompt", widget="multiline", label="Message"),
    )
    context: Text | None = Field(
        None,
        description="What the conversation may see: a scene, a selection, notes.",
        json_schema_extra=ui(role="context", label="May see", media="text"),
    )
    character: str = Field(
        "",
        max_length=MAX_PROMPT,
        description="Who answers: a description, whose first line may be a name.",
        json_schema_extra=ui(role="character", widget="multiline", label="Character"),
    )
    model: Annotated[str, Field(description="The model that answers.")] = ModelField(*KINDS, default=DEFAULT_MODEL)
    max_tokens: int = Field(
        320,
        ge=1,
        le=4096,
        description="Longest answer. A token is about three quarters of a word.",
        json_schema_extra=ui(role="length", widget="slider", label="Length", unit="tokens"),
    )
    temperature: float = Field(
        0.6,
        ge=0,
        le=2,
        description="How daring the choice of words is. 0 always takes the likeliest.",
        json_schema_extra=ui(role="temperature", widget="slider", label="Temperature", step=0.05),
    )
    preset: Preset = Field(
        "Custom",
        description="Careful keeps to the likeliest words, Bold strays far. It sets the fields under Sampling.",
        json_schema_extra=ui(role="preset", widget="choice", label="Manner", presets=PRESETS),
    )
    slot: Slot = Field("chat", description="See the Writer.", json_schema_extra=ui(widget="none"))


class PlannerParams(SteeringParams):
    """What to plan."""

    task: Literal["outline", "scenes", "names"] = Field(
        "outline",
        description="An outline from an idea, scenes from an outline, or names.",
        json_schema_extra=ui(role="task", widget="choice", label="Plan"),
    )
    prompt: str = Field(
        "",
        max_length=MAX_PROMPT,
        description="The idea, the outline, or what the names are for.",
        json_schema_extra=ui(role="prompt", widget="multiline", label="Idea"),
    )
    context: Text | None = Field(
        None,
        description="Text of the story that it is to fit.",
        json_schema_extra=ui(role="context", label="Fits to", media="text"),
    )
    count: int = Field(
        6, ge=1, le=30, description="How many entries.",
        json_schema_extra=ui(role="entries", widget="slider", label="Entries"),
    )
    model: Annotated[str, Field(description="The model that plans.")] = ModelField(*KINDS, default=DEFAULT_MODEL)
    max_tokens: int = Field(
        0,
        ge=0,
        le=4096,
        description="Longest plan. 0 takes what suits the number of entries.",
        json_schema_extra=ui(role="length", widget="slider", label="Length", unit="tokens"),
    )
    temperature: float = Field(
        0.5,
        ge=0,
        le=2,
        description="How daring the choice of words is. 0 always takes the likeliest.",
        json_schema_extra=ui(role="temperature", widget="slider", label="Temperature", step=0.05),
    )
    preset: Preset = Field(
        "Custom",
        description="Careful keeps to the likeliest words, Bold strays far. It sets the fields under Sampling.",
        json_schema_extra=ui(role="preset", widget="choice", label="Manner", presets=PRESETS),
    )
    slot: Slot = Field("code", description="See the Writer.", json_schema_extra=ui(widget="none"))


class ContextParams(WriterParams):
    """The Writer's parameters: what would the model be given?"""

    model_config = ConfigDict(json_schema_extra=ui(listed=False))
