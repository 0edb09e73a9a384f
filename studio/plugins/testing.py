"""The harness for plugin authors: what `studio plugins check` runs, and a pytest fixture.

``python -m studio.plugins.testing NAME [--json] [--model FIELD=PATH]`` ends with 1 where there is a fault. In a test::

    from studio.plugins.testing import run_generator

    def test_it(run_generator):
        artifacts, ctx = run_generator(Plasma, seed=7)
        assert artifacts[0].pil().size == (256, 256)
"""

from __future__ import annotations

import argparse
import io
import json
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from studio.plugins import registry
from studio.plugins.api import Artifact, Audio, Context, Device, Generator, Image, Mask, ModelFiles, Text
from studio.plugins.errors import Cancelled, ModelMissing

if TYPE_CHECKING:
    import numpy as np

Level = Literal["ok", "note", "fault"]
Schema = Mapping[str, Any]


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at. level: "ok", "note" (could be better, or not tried), "fault" (must be mended)."""

    level: Level
    rule: str
    message: str
    generator: str = ""
    details: str = ""


class RecordingContext(Context):
    """A Context that writes down what is pushed.

    Args:
        models: for each `ModelField`, the weights to hand out.
        data_dir: the plugin's folder; needed only where the generator asks for it.
        stop_after: raise `Cancelled` at every push after this many; None never does.
    """

    def __init__(self, models: Mapping[str, ModelFiles] | None = None, data_dir: Path | None = None,
                 stop_after: int | None = None, device: Device | None = None) -> None:
        self.device = device or Device()
        self.data_dir = data_dir or Path(tempfile.gettempdir())
        self._models, self._stop_after = dict(models or {}), stop_after
        self.pushes = self.stops = 0
        self.steps: list[tuple[int, int]] = []
        self.previews: list[Image] = []
        self.tokens: list[str] = []
        self.sounds: list[tuple[Any, int]] = []
        self.lines: list[str] = []

    def model(self, name: str = "model") -> ModelFiles:
        if name not in self._models:
            raise ModelMissing(f"No weights were given for the field “{name}”.", name)
        return self._models[name]

    def check(self) -> None:
        if self._stop_after is not None and self.pushes >= self._stop_after:
            self.stops += 1
            raise Cancelled
        self.pushes += 1

    def progress(self, step: int, of: int, preview: Image | None = None, message: str = "") -> None:
        self.check()
        self.steps.append((step, of))
        if preview is not None:
            self.previews.append(preview)

    def wants_preview(self) -> bool:
        return True

    def token(self, text: str) -> None:
        self.check()
        self.tokens.append(text)

    def audio(self, samples: np.ndarray, rate: int) -> None:
        self.check()
        self.sounds.append((samples, rate))

    def log(self, text: str) -> None:
        self.lines.append(text)


def run(generator: type[Generator], ctx: Context | None = None, /, **params: Any) -> tuple[list[Artifact], Context]:
    """Load, run and unload a generator in this process. Returns its artifacts and the context that it pushed to."""
    context = ctx if ctx is not None else RecordingContext()
    instance = generator()
    instance.load(context)
    try:
        return list(_artifacts(instance.run(generator.Params(**params), context), generator)), context
    finally:
        instance.unload()


def check(target: str | Sequence[type[Generator]], models: Mapping[str, ModelFiles] | None = None) -> list[Finding]:
    """Examine an installed plugin by its entry-point name, or generator classes.

    Args:
        models: weights for model fields; a generator that needs others is not run.

    Returns:
        What was found, in order; the plugin is sound where no level is "fault".
    """
    findings: list[Finding] = []
    for cls in _classes(target, findings):
        findings += check_generator(cls, models or {})
    return findings


def check_generator(cls: Any, models: Mapping[str, ModelFiles]) -> list[Finding]:
    """All findings on one generator class."""
    try:
        schema = registry.validate(cls)
    except Exception as error:
        return [Finding("fault", "declaration", f"The declaration is wrong: {error}.", getattr(cls, "__name__", ""),
                        traceback.format_exc())]
    found = [Finding("ok", "declaration", f"{cls.id} declares all that it must.", cls.id)]
    found += _schema_findings(cls, schema)
    params = sample_params(schema)
    try:
        cls.Params(**params)
    except Exception as error:
        return [*found, Finding("fault", "defaults", f"Its defaults are refused by its own Params: {error}", cls.id)]
    found.append(Finding("ok", "defaults", "Its defaults are valid.", cls.id))
    return found + _run_findings(cls, params, models)


def sample_params(schema: Schema) -> dict[str, Any]:
    """Values for the fields of a Params schema that have no default, small enough to be quick, and a prompt."""
    required = schema.get("required", [])
    sample = {name: _sample(name, prop) for name, prop in schema.get("properties", {}).items() if name in required}
    for name, prop in schema.get("properties", {}).items():
        if prop.get("x-studio", {}).get("role") == "prompt":
            sample.setdefault(name, "a red apple")
    return sample


# ---------------------------------------------------------------- inside


def _classes(target: str | Sequence[type[Generator]], findings: list[Finding]) -> Iterable[Any]:
    if not isinstance(target, str):
        return target
    points = [point for point in registry.installed() if point.name == target]
    if not points:
        findings.append(Finding("fault", "installed", f"No plugin called “{target}” is installed; install its package "
                                "into this environment."))
        return []
    found = registry.discover(points)
    findings += [Finding("fault", "import", error.message, error.generator, error.details) for error in found.errors]
    if found.generators:
        findings.append(Finding("ok", "import", f"It can be imported and has {len(found.generators)} generator(s)."))
    return [entry.generator for entry in found.generators.values()]


def _schema_findings(cls: type[Generator], schema: Schema) -> Iterator[Finding]:
    for name, prop in schema.get("properties", {}).items():
        numbers = [part for part in (prop, *prop.get("anyOf", [])) if part.get("type") in ("integer", "number")]
        if "enum" not in prop and any(not ({"minimum", "exclusiveMinimum"} & part.keys()
                                           and {"maximum", "exclusiveMaximum"} & part.keys()) for part in numbers):
            yield Finding("note", "bounds", f"The number “{name}” has no bounds; with ge= and le= it gets a slider.",
                          cls.id)
        role = prop.get("x-studio", {}).get("role")
        if not prop.get("description") and not role and not _is_media(prop):
            yield Finding("note", "description", f"The field “{name}” has no description; it becomes the tooltip.",
                          cls.id)
    if not cls.summary:
        yield Finding("note", "summary", "It has no summary; one sentence helps people to choose it.", cls.id)


def _run_findings(cls: type[Generator], params: dict[str, Any], models: Mapping[str, ModelFiles]) -> list[Finding]:
    printed = io.StringIO()
    try:
        with tempfile.TemporaryDirectory() as folder, redirect_stdout(printed):
            found = _runs(cls, params, models, Path(folder))
    except ModelMissing as error:
        return [Finding("note", "run", f"It was not run: its model is not there ({error})", cls.id)]
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        reason = str(error) or type(error).__name__
        return [Finding("fault", "run", f"It does not run with its defaults: {reason}", cls.id, traceback.format_exc())]
    if printed.getvalue():
        found.append(Finding("note", "print", "It prints to stdout; ctx.log puts lines into the studio's log.", cls.id))
    return found


def _runs(cls: type[Generator], params: dict[str, Any], models: Mapping[str, ModelFiles],
          folder: Path) -> list[Finding]:
    first = RecordingContext(models, folder)
    made, _ = run(cls, first, **params)
    found = [Finding("ok", "run", f"It made {len(made)} result(s).", cls.id), *_artifact_findings(cls, made)]
    again, _ = run(cls, RecordingContext(models, folder), **params)
    if [one.data for one in made] == [one.data for one in again]:
        found.append(Finding("ok", "repeat", "The same parameters give the same bytes.", cls.id))
    else:
        found.append(Finding("fault", "repeat", "The same parameters gave other bytes; draw all randomness from the "
                             "seed, and write no times into files.", cls.id))
    found.append(_cancel_finding(cls, params, models, folder, first.pushes))
    return found


def _artifact_findings(cls: type[Generator], made: list[Artifact]) -> Iterator[Finding]:
    if not made:
        yield Finding("fault", "result", "It finished without a result.", cls.id)
    for one in made:
        if isinstance(one, Image):
            try:
                one.pil()
            except Exception as error:
                yield Finding("fault", "result", f"Its picture cannot be read: {error}", cls.id)
        if not one.data and not isinstance(one, Text):
            yield Finding("fault", "result", "Its result is an empty file.", cls.id)


def _cancel_finding(cls: type[Generator], params: dict[str, Any], models: Mapping[str, ModelFiles], folder: Path,
                    pushes: int) -> Finding:
    if not pushes:
        return Finding("fault", "cancel", "It never calls ctx.progress or ctx.check, so that it cannot be stopped; "
                       "call one of them at each step.", cls.id)
    # Not in the middle of loading only: stop at the last push too, where a swallowed Cancelled shows as a result.
    for stop_after in sorted({0, pushes // 2, pushes - 1}):
        context = RecordingContext(models, folder, stop_after)
        try:
            kept, _ = run(cls, context, **params)
        except Cancelled:
            continue
        if context.stops > 1 or not kept or not all(one.made_with for one in kept):
            return Finding("fault", "cancel", "It goes on after Cancelled was raised; let Cancelled pass through, or "
                           "push no more and return what is finished, with made_with.", cls.id)
        for one in kept:
            again, _ = run(cls, RecordingContext(models, folder), **{**params, **one.made_with})
            if [other.data for other in again] != [one.data]:
                return Finding("fault", "cancel", "What it kept after Stop is not made again with its made_with.",
                               cls.id)
    return Finding("ok", "cancel", "Stop ends it at the next step.", cls.id)


def _artifacts(output: Any, cls: type[Generator]) -> Iterator[Artifact]:
    several = isinstance(output, Iterable) and not isinstance(output, (Artifact, str, bytes, Mapping))
    for item in output if several else [output]:
        if not isinstance(item, Artifact):
            raise TypeError(f"{cls.id} returned {type(item).__name__}, not an artifact of studio.plugins")
        if item.kind != cls.produces:
            raise TypeError(f"{cls.id} says that it produces {cls.produces} and returned {item.kind}")
        yield item


def _is_media(prop: Schema) -> bool:
    return any("media" in part.get("x-studio", {}) for part in (prop, *prop.get("anyOf", []), prop.get("items", {})))


def _sample(name: str, prop: Schema) -> Any:
    for part in (prop, *prop.get("anyOf", [])):
        media = part.get("x-studio", {}).get("media")
        if media:
            return _media_sample(media)
        if "enum" in part:
            return part["enum"][0]
        if "const" in part:
            return part["const"]
        if part.get("type") in ("integer", "number"):
            return part.get("minimum", part.get("exclusiveMinimum", 0) + 1)
        if part.get("type") == "string":
            return "a red apple"[:part.get("maxLength")].ljust(part.get("minLength", 0), ".")
        if part.get("type") == "boolean":
            return False
        if part.get("type") == "array":
            return [_sample(name, part.get("items", {})) for _ in range(part.get("minItems", 0))]
    return None


def _media_sample(role: str) -> Artifact | None:
    import PIL.Image

    if role == "image":
        return Image.from_pil(PIL.Image.linear_gradient("L").resize((64, 64)).convert("RGB"))
    if role == "mask":
        return Mask.from_pil(PIL.Image.radial_gradient("L").resize((64, 64)))
    if role == "text":
        return Text.of("A short text.")
    if role == "audio":
        import numpy as np

        phase = np.arange(8000) * 2 * np.pi * 440 / 8000  # a second of a', with an overtone
        return Audio.from_samples(np.sin(phase) / 3 + np.sin(2 * phase) / 6, 8000)
    return None


def __getattr__(name: str) -> Any:
    """`run_generator`, a pytest fixture, made when it is imported: pytest is needed for nothing else here."""
    if name != "run_generator":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import pytest

    def run_generator(tmp_path: Path) -> Callable[..., tuple[list[Artifact], Context]]:
        """Run a generator class with the given parameters; gives its artifacts and a `RecordingContext`."""

        def go(cls: type[Generator], /, models: Mapping[str, ModelFiles] | None = None,
               **params: Any) -> tuple[list[Artifact], Context]:
            return run(cls, RecordingContext(models, tmp_path), **params)

        return go

    fixture = pytest.fixture(run_generator)
    globals()["run_generator"] = fixture
    return fixture


def main(arguments: Sequence[str] | None = None) -> int:
    """Check one installed plugin and print the findings. Returns 1 where there is a fault."""
    parser = argparse.ArgumentParser(prog="python -m studio.plugins.testing", description="Check an installed plugin.")
    parser.add_argument("name", help="the plugin's entry-point name")
    parser.add_argument("--json", action="store_true", help="one finding a line as JSON")
    parser.add_argument("--model", action="append", default=[], metavar="FIELD=PATH", help="weights for a model field")
    options = parser.parse_args(arguments)
    paths = {field: Path(path) for field, _, path in (pair.partition("=") for pair in options.model)}
    findings = check(options.name, {field: ModelFiles(path.name, "", path) for field, path in paths.items()})
    for one in findings:
        mark = {"ok": "ok   ", "note": "note ", "fault": "FAULT"}[one.level]
        print(json.dumps(asdict(one)) if options.json else f"{mark}  {one.generator or options.name}: {one.message}")
        if one.level == "fault" and one.details and not options.json:
            print(one.details, file=sys.stderr)
    return int(any(one.level == "fault" for one in findings))


if __name__ == "__main__":
    sys.exit(main())
