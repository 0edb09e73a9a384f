"""`studio generate`: a prompt in, files out."""

from __future__ import annotations

import argparse
import hashlib
import mimetypes
import secrets
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from studio.cli import params as p
from studio.cli import performance
from studio.cli.engine import Engine, Keeps
from studio.cli.models import open_library
from studio.cli.output import BAD_ARGUMENTS, FAILED, MODEL_MISSING, CommandError, Output
from studio.cli.outputs import Destination, Keeper, open_project
from studio.engine.job import Discovery, GeneratorInfo, Job, Request, new_id
from studio.engine.wildcards import expand
from studio.models import Library, ModelDamaged, ModelError, ModelNotInstalled
from studio.project import Project
from studio.settings import Paths

PREFERRED = ("diffusion.image", "language.text", "speech.hibari", "music.transformer")
FAMILIES = ("speech", "music")
"""What --kind takes besides the kinds of results: all generators of a plugin."""
MAX_INPUT = 1 << 30
MAX_SEED = 2**32
MEDIA_TYPES = {"image": ("image/",), "mask": ("image/",), "text": ("text/",), "audio": ("audio/",),
               "score": ("audio/midi", "audio/sp-midi", "audio/x-midi"), "video": ("video/",), "mesh": ("model/",)}


@dataclass(frozen=True)
class Wish:
    """What somebody wants made. seed: None where the generator takes none; media: hash -> (bytes, media type)."""

    info: GeneratorInfo
    params: dict[str, Any]
    models: dict[str, dict[str, Any]]
    media: dict[str, tuple[bytes, str]]
    seed: int | None
    count: int = 1

    def jobs(self) -> list[Job]:
        """One job for each result, with seeds that count up and choices made at the wildcards of pictures."""
        name, batch = p.with_role(self.info.schema, "seed"), new_id()
        made = []
        for index in range(self.count):
            seeded = {} if self.seed is None else {name: (self.seed + index) % MAX_SEED}
            own = {**self.params, **seeded}
            if self.info.produces == "image":
                own |= self._expanded((self.seed or 0) + index)
            made.append(Job(Request(self.info.id, own, self.models, batch=batch, index=index)))
        return made

    def _expanded(self, seed: int) -> dict[str, str]:
        folder = Paths.from_env().wildcards
        names = [p.with_role(self.info.schema, role) for role in ("prompt", "negative")]
        return {name: expand(str(self.params[name]), seed, folder) for name in names if name in self.params}


def generate(arguments: argparse.Namespace, out: Output) -> int:
    started = time.monotonic()
    if arguments.count < 1:
        raise CommandError("--count must be at least 1.", field="--count")
    if arguments.output == "-" and out.json:
        raise CommandError("-o - and --json both want stdout; choose one.", field="--output")
    library = open_library()[0]
    with ExitStack() as stack:
        engine = stack.enter_context(Engine.start())
        wish = read_wish(arguments, engine.discovery(), library)
        engine.media |= wish.media
        destination = Destination(arguments.output or "", arguments.count > 1)
        destination.check(wish.info.produces)
        project = stack.enter_context(open_project(arguments.project)) if arguments.project else None
        if project is not None:
            for data, media_type in wish.media.values():
                project.put_media(data, media_type).result()
        keeper = Keeper(out, destination, project)
        outputs = keeper.outputs
        if performance.wanted(wish.info.produces, destination.given):
            outputs = perform(wish, arguments, engine, library, keeper, out, project)
        else:
            make(wish.jobs(), wish, engine, keeper, out)
    out.emit({"event": "done", "outputs": outputs, "seconds": round(time.monotonic() - started, 3)})
    return 0


def make(jobs: Sequence[Job], wish: Wish, engine: Engine, keeper: Keeps, out: Output) -> None:
    """Run jobs one after another and keep what they give. Raises CommandError."""
    names = [str(model["name"]) for model in wish.models.values()]
    of = f" with {', '.join(names)}" if names else ""
    seed = f", seed {wish.seed}" if wish.seed is not None else ""
    out.say(f"{wish.info.title} ({wish.info.id}){of}{seed}")
    out.emit({"event": "start", "generator": wish.info.id, "models": names, "seed": wish.seed, "count": len(jobs)})
    for job in jobs:
        engine.run(job, keeper, out, f"{job.request.index + 1}/{len(jobs)}" if len(jobs) > 1 else wish.info.title)


def perform(wish: Wish, arguments: argparse.Namespace, engine: Engine, library: Library, sounds: Keeper, out: Output,
            project: Project | None) -> list[dict[str, Any]]:
    """Compose scores, then play them; gives what was written. Raises CommandError before anything is composed."""
    info = performance.player(engine.discovery())
    beside = Destination(str(Path(arguments.output).with_suffix(performance.SCORES[0])), arguments.count > 1)
    scores = Keeper(out, beside, project)
    played = performance.Performance(info, resolve(info, {}, library), scores, sounds)
    make(wish.jobs(), wish, engine, played, out)
    played.play(engine, out)
    return scores.outputs + sounds.outputs


# ---------------------------------------------------------------- from arguments to a wish


def read_wish(arguments: argparse.Namespace, discovery: Discovery, library: Library) -> Wish:
    """Check all that was asked for. Raises CommandError that names the field."""
    info = choose(discovery, library, arguments.generator, arguments.kind)
    values = p.settings(info.schema, arguments.settings)
    prompt = read_prompt(arguments.prompt)
    if prompt is not None:
        name = p.with_role(info.schema, "prompt")
        if not name:
            raise CommandError(f"{info.id} takes no prompt.", field="PROMPT")
        values[name] = prompt
        p.check(name, prompt, p.fields(info.schema)[name])
    references, media = read_inputs(info.schema, arguments.inputs)
    p.put(values, references)
    seed = read_seed(info, arguments.seed, values)
    given = {*values, p.with_role(info.schema, "seed")}
    for name in info.schema.get("required", ()):
        if name not in given:
            raise missing(info, name)
    return Wish(info, values, resolve(info, values, library), media, seed, arguments.count)


def missing(info: GeneratorInfo, name: str) -> CommandError:
    how = f"--input {name}=FILE" if name in p.media_fields(info.schema) else f"--set {name}=VALUE"
    what = "a prompt" if name == p.with_role(info.schema, "prompt") else how
    return CommandError(f"{info.id} needs {what}.", field=name)


def read_prompt(text: str | None) -> str | None:
    if text != "-":
        return text
    return sys.stdin.buffer.read(4_000_000).decode("utf-8", "replace").rstrip("\n")


def read_seed(info: GeneratorInfo, given: int | None, values: dict[str, Any]) -> int | None:
    """The seed of the first result: --seed, --set seed=, or a random one; None where there is no such parameter."""
    name = p.with_role(info.schema, "seed")
    if not name:
        if given is not None:
            raise CommandError(f"{info.id} takes no seed.", field="--seed")
        return None
    if given is not None:
        p.check("seed", given, p.fields(info.schema)[name])
        return given
    return int(values.pop(name)) if name in values else secrets.randbelow(MAX_SEED)


def choose(discovery: Discovery, library: Library, generator: str | None, kind: str | None) -> GeneratorInfo:
    """The generator of that id, or the default one of a kind. Raises CommandError."""
    if generator:
        info = discovery.find(generator)
        if info is None:
            broken = [e.message for e in discovery.errors if e.plugin == generator.partition(".")[0]]
            known = ", ".join(g.id for g in discovery.generators) or "none"
            raise CommandError(" ".join([f"There is no generator {generator}; there is {known}.", *broken]),
                               kind="unknown-generator", field="--generator")
        if kind and not _is_kind(info, kind):
            raise CommandError(f"{generator} makes {info.produces}, not {kind}.", field="--kind")
        return info
    kind = kind or "image"
    fitting = sorted((g for g in discovery.generators if _is_kind(g, kind)),
                     key=lambda g: (PREFERRED.index(g.id) if g.id in PREFERRED else len(PREFERRED), g.id))
    if not fitting:
        kinds = ", ".join(sorted({g.produces for g in discovery.generators})) or "nothing"
        raise CommandError(f"No installed generator makes {kind}; those there are make {kinds}.", field="--kind")
    if kind in FAMILIES:  # one that only works on files is never meant
        fitting = [g for g in fitting if p.with_role(g.schema, "prompt")] or fitting
    return next((g for g in fitting if _has_models(g, library)), fitting[0])


def _is_kind(info: GeneratorInfo, kind: str) -> bool:
    return info.produces == kind or (kind in FAMILIES and info.id.startswith(kind + "."))


def _has_models(info: GeneratorInfo, library: Library) -> bool:
    try:
        resolve(info, {}, library)
    except CommandError:
        return False
    return True


def resolve(info: GeneratorInfo, values: dict[str, Any], library: Library) -> dict[str, dict[str, Any]]:
    """The weights of each model parameter. Raises CommandError with code 4 and the command that installs them."""
    props, models = p.fields(info.schema), {}
    for name, kinds in p.model_fields(info.schema).items():
        wanted = str(values.get(name) or props[name].get("default") or "")
        if not wanted and p.hint(props[name], "optional"):
            continue
        with _model_errors(name, wanted):
            models[name] = dict(library.resolve(wanted, kinds))
    with _model_errors("controls", "named"):
        models |= library.resolve_listed(values, info.schema)
    return models | library.resolve_loras(str(values.get("prompt", "")), info.schema)


@contextmanager
def _model_errors(name: str, wanted: str) -> Iterator[None]:
    """What the library raises, as errors of the command about the parameter `name`."""
    try:
        yield
    except (ModelDamaged, ModelNotInstalled) as error:
        raise CommandError(str(error), MODEL_MISSING, kind="model-missing", field=name,
                           command=error.command) from error
    except ModelError as error:
        raise CommandError(str(error), BAD_ARGUMENTS if wanted else FAILED, kind="model", field=name) from error


def read_inputs(schema: dict[str, Any], given: Sequence[str]) -> tuple[dict[str, Any], dict[str, tuple[bytes, str]]]:
    """Values of --input: references for the parameters, and the bytes by hash. Raises CommandError."""
    media = p.media_fields(schema)
    references: dict[str, Any] = {}
    blobs: dict[str, tuple[bytes, str]] = {}
    for text in given:
        name, file = p.split(text, "--input")
        plain = p.without_places(name)
        if plain not in media:
            raise CommandError(f"This generator takes no file {name}; it takes {', '.join(sorted(media)) or 'none'}.",
                               field=name)
        data, media_type = _read_media(name, Path(file).expanduser(), media[plain])
        sha256 = hashlib.sha256(data).hexdigest()
        references[name] = {"media": sha256, "type": media_type}
        blobs[sha256] = (data, media_type)
    return references, blobs


def _read_media(name: str, path: Path, kind: str) -> tuple[bytes, str]:
    try:
        if path.stat().st_size > MAX_INPUT:
            raise CommandError(f"{path} is larger than 1 GB.", field=name)
        data = path.read_bytes()
    except OSError as error:
        raise CommandError(f"{path} cannot be read ({error.strerror}).", field=name) from error
    media_type = mimetypes.guess_type(path.name)[0] or ("text/plain" if kind == "text" else "application/octet-stream")
    wanted = MEDIA_TYPES.get(kind, ("",))
    if not media_type.startswith(wanted) and media_type != "application/octet-stream":
        raise CommandError(f"{name} takes {kind}, and {path.name} is {media_type}.", field=name)
    if kind == "score":
        return data, "audio/midi"
    return data, "text/plain; charset=utf-8" if media_type == "text/plain" else media_type
