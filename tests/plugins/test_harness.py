"""`studio.plugins.testing` finds what authors do wrong."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest
from pydantic import Field

from studio.plugins import Cancelled, Generator, Image, Mask, ModelField, Params, Prompt, Seed, Text
from studio.plugins.testing import Finding, check, run_generator  # noqa: F401  (a fixture)


class Sound(Generator):
    id, title, produces, summary = "author.sound", "Sound", "text", "Works."

    class Params(Params):
        prompt: Prompt
        image: Image
        mask: Mask | None = None
        seed: Seed = 0
        width: int = Field(64, ge=8, le=512, description="Width in pixels")

    def run(self, params: Any, ctx: Any) -> Text:
        for step in range(4):
            ctx.progress(step + 1, 4)
        ctx.token("a")
        return Text.of(f"{params.prompt} {params.seed} {params.image.pil().size}")


class Deaf(Sound):
    id = "author.deaf"

    def run(self, params: Any, ctx: Any) -> Text:
        try:
            ctx.check()
        except Cancelled:
            pass
        return Text.of("x")


class Mute(Sound):
    """Swallows Stop and gives nothing."""

    id = "author.mute"

    def run(self, params: Any, ctx: Any) -> list[Text]:
        try:
            ctx.check()
        except Cancelled:
            return []
        return [Text.of("x")]


class Keeper(Sound):
    """Keeps what it has when it is stopped, and says how to make that again."""

    id = "author.keeper"
    honest: ClassVar[bool] = True

    class Params(Params):
        steps: int = Field(4, ge=0, le=9, description="How many")

    def run(self, params: Any, ctx: Any) -> Text:
        made = ""
        try:
            for _ in range(params.steps):
                ctx.check()
                made += "x"
        except Cancelled:
            return Text(made.encode(), made_with={"steps": len(made) if self.honest else 9})
        return Text.of(made)


class Silent(Sound):
    id = "author.silent"

    def run(self, params: Any, ctx: Any) -> Text:
        return Text.of("x")


class Fickle(Sound):
    id = "author.fickle"
    runs: ClassVar[int] = 0

    def run(self, params: Any, ctx: Any) -> Text:
        ctx.check()
        type(self).runs += 1
        return Text.of(str(self.runs))


class WrongKind(Sound):
    id = "author.kind"

    def run(self, params: Any, ctx: Any) -> Any:
        ctx.check()
        return Image(b"no text")


class Refused(Sound):
    id = "author.refused"

    class Params(Params):
        steps: int = Field("many", ge=1, validate_default=True)


class Unlabelled(Sound):
    id, summary = "author.unlabelled", ""

    class Params(Params):
        speed: float = 1.0

    def run(self, params: Any, ctx: Any) -> Text:
        ctx.check()
        print("by the way")
        return Text.of("x")


class Modelled(Sound):
    id = "author.modelled"

    class Params(Params):
        model: str = ModelField("gguf", default="big")

    def load(self, ctx: Any) -> None:
        ctx.model()


def faults(findings: list[Finding]) -> set[str]:
    return {one.rule for one in findings if one.level == "fault"}


def notes(findings: list[Finding]) -> set[str]:
    return {one.rule for one in findings if one.level == "note"}


def test_a_sound_generator_has_no_finding_but_good_ones() -> None:
    assert {one.level for one in check([Sound])} == {"ok"}


@pytest.mark.parametrize(("cls", "rule"), [
    (Deaf, "cancel"), (Mute, "cancel"), (Silent, "cancel"), (Fickle, "repeat"), (WrongKind, "run"),
    (Refused, "defaults"), (type("NoId", (Sound,), {"id": "No Id"}), "declaration"),
])
def test_faults(cls: type[Generator], rule: str) -> None:
    assert faults(check([cls])) == {rule}


def test_what_is_kept_after_stop_has_to_be_made_again() -> None:
    assert not faults(check([Keeper]))
    assert faults(check([type("Liar", (Keeper,), {"id": "author.liar", "honest": False})])) == {"cancel"}


def test_notes() -> None:
    assert notes(check([Unlabelled])) == {"bounds", "description", "summary", "print"}
    assert notes(check([Modelled])) == {"run"}


def test_a_plugin_that_is_not_installed() -> None:
    assert faults(check("nobody")) == {"installed"}


def test_the_fixture(run_generator: Any) -> None:  # noqa: F811
    image = Image.from_pil(__import__("PIL.Image").Image.new("L", (3, 2)))
    (text,), ctx = run_generator(Sound, prompt="hi", image=image, seed=3)
    assert text.text == "hi 3 (3, 2)"
    assert ctx.steps[-1] == (4, 4)
    assert ctx.tokens == ["a"]
