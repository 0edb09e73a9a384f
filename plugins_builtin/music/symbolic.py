"""`music.transformer` and `music.lstm`: scores composed bar by bar."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from plugins_builtin.music.instruments import BY_NAME, by_family
from plugins_builtin.music.words import AUTO, MODES, MOST_BARS, SHARPS, Wish, read_instruments, read_prompt
from studio.plugins import (
    Context,
    Generator,
    GeneratorError,
    InputError,
    ModelField,
    Params,
    Prompt,
    Score,
    Seed,
    ui,
)
from studio.plugins import Requirements as Needs

Style = Literal["auto", "folk", "reel", "jig", "slip jig", "hornpipe", "strathspey", "fling", "polka", "march", "waltz",
                "air", "chorale"]
Tonic = Literal["auto", "C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B"]
Mode = Literal["auto", "major", "minor", "dorian", "mixolydian"]
Metre = Literal["auto", "2/4", "3/4", "4/4", "2/2", "3/2", "3/8", "6/8", "9/8", "12/8", "6/4"]
FLATS = {"Eb": "D#", "Ab": "G#", "Bb": "A#"}
FRACTION = 0.95


NEW = {"task": ["new"]}
WORK = {"task": ["continue", "vary", "harmonise", "fill"]}
DRESSED = {"task": ["new", "harmonise"]}


def choice(**hints: Any) -> dict[str, Any]:
    """Hints of a choice that only a new piece has."""
    return ui(widget="choice", **{"when": NEW, **hints})


class SymbolicParams(Params):
    """What to compose. A field left at "auto" or 0 takes what the prompt says, else what suits the style."""

    prompt: Prompt = Field("", description='What to compose: "a slow waltz in D minor for flute and harp, 24 bars".')
    task: Literal["new", "continue", "vary", "fill"] = Field(
        "new", description="A new piece; or go on with the score, vary it, or write some of its bars anew.",
        json_schema_extra=ui(widget="choice", label="Task"))
    tempo: Annotated[int, Field(ge=0, le=320)] = Field(
        0, description="Quarter notes a minute; 0 takes the style's.",
        json_schema_extra=ui(widget="number", unit="bpm", auto=0, usual=96, when=NEW))
    tonic: Tonic = Field("auto", description="The key note.", json_schema_extra=choice(label="Key"))
    mode: Mode = Field("auto", description="Major, minor or a church mode.", json_schema_extra=choice())
    bars: Annotated[int, Field(ge=0, le=MOST_BARS)] = Field(
        0, description="Length in bars; 0 takes the prompt's, else 16. When going on, how many are added, else 8.",
        json_schema_extra=ui(widget="number", label="Bars", auto=0, usual=16, when={"task": ["new", "continue"]}))
    metre: Metre = Field("auto", description="Beats in a bar.", json_schema_extra=choice())
    style: Style = Field("auto", description="What kind of piece.", json_schema_extra=choice())
    sections: str = Field(
        "", max_length=400, description='The form: letters such as AABA (A\' is A varied), or names with commas: '
        '"intro 4, theme, answer, theme".', json_schema_extra=ui(label="Structure", auto="", when=NEW))
    instruments: str = Field(
        "", max_length=400, description='Who plays, the melody first: "flute, harp". Empty takes the style\'s.',
        json_schema_extra=ui(widget="chips", label="Instruments", auto="", names=by_family(), when=DRESSED))
    texture: Literal["auto", "melody", "chords"] = Field(
        "auto", description="A melody alone, or with chords that a rule finds.",
        json_schema_extra=choice(when=DRESSED))
    score: Score | None = Field(None, description="The score to work on; without one, that of the chosen clip.",
                                json_schema_extra=ui(role="score", label="Score", media="score", when=WORK))
    first_bar: Annotated[int, Field(ge=0)] = Field(
        0, description="First bar to fill, counted from 1; in the window 0 takes those that are selected.",
        json_schema_extra=ui(widget="number", label="First bar", auto=0, usual=1, when={"task": ["fill"]}))
    last_bar: Annotated[int, Field(ge=0)] = Field(
        0, description="Last bar to fill.",
        json_schema_extra=ui(widget="number", label="Last bar", auto=0, usual=1, when={"task": ["fill"]}))
    strength: Annotated[float, Field(ge=0.05, le=1)] = Field(
        0.5, description="How much a variation changes.",
        json_schema_extra=ui(role="strength", widget="slider", step=0.05, when={"task": ["vary"]}))
    form: Literal["auto", "strains", "free"] = Field(
        "auto", description="Strains repeat bars as dance tunes do; free never does on purpose.",
        json_schema_extra=choice(group="Advanced"))
    temperature: Annotated[float, Field(ge=0, le=2)] = Field(
        0.9, description="Lower is plainer, higher is wilder.",
        json_schema_extra=ui(widget="slider", step=0.05, group="Advanced"))
    seed: Seed = 0


class TransformerParams(SymbolicParams):
    """What to compose."""

    task: Literal["new", "continue", "vary", "harmonise", "fill"] = Field(  # type: ignore[assignment]
        "new", description="A new piece; or go on with the score, vary it, harmonise it, or write some bars anew.",
        json_schema_extra=ui(widget="choice", label="Task"))
    texture: Literal["auto", "melody", "chords", "four voices"] = Field(  # type: ignore[assignment]
        "auto", description="A melody alone, with chords, or in four voices.", json_schema_extra=choice(when=DRESSED))
    model: Annotated[str, Field(description="The model that composes.")] = ModelField(
        "music-transformer", default="music-transformer")


class LstmParams(SymbolicParams):
    """What to compose."""

    model: Annotated[str, Field(description="The model that composes.")] = ModelField(
        "music-lstm", default="music-lstm")


class Symbolic(Generator):
    """What both symbolic generators share: one network, tasks on scores, a bar at a time."""

    produces = "score"
    icon = "music-notes"
    requires = Needs(memory=300 * 2**20)
    libraries = ("torch", "symusic", "numpy")
    version = "2"
    kind = "transformer"

    def __init__(self) -> None:
        self._network: Any = None

    def load(self, ctx: Context) -> None:
        """Bring the network in. Raises `GeneratorError` for broken files."""
        from plugins_builtin.music.model import load

        ctx.check()
        self._network = load(ctx.model("model"), ctx.device, self.kind)

    def unload(self) -> None:
        self._network = None

    def run(self, params: SymbolicParams, ctx: Context) -> Score:
        """Compose. Raises `InputError` for a score that cannot be read or bars that it does not have."""
        if self._network is None:
            raise GeneratorError("The music model is not loaded.")
        import torch

        from plugins_builtin.music import compose, midi
        from plugins_builtin.music.model import one_thread
        from plugins_builtin.music.sample import Sampler, Taste

        wish = compose.asked_for(read_prompt(params.prompt), fields(params))
        sheet = None
        if params.task != "new":
            if params.score is None:
                raise InputError(f"Choose a score to {params.task}.")
            sheet = midi.Sheet(params.score)
        draw = torch.Generator("cpu").manual_seed(params.seed)
        sampler = Sampler(self._network, Taste(params.temperature, FRACTION), draw, ctx.check)
        composer = compose.Composer(sampler, lambda done, of: ctx.progress(done, of, message=f"Bar {done} of {of}"),
                                    solo=self.kind == "lstm")
        with one_thread():
            if sheet is None:
                piece, made = composer.new(wish)
                form = compose.form_of(wish, piece)
                return midi.dump(midi.write(piece, made), **facts_of(piece, made),
                                 **({"sections": [[s.name, s.last - s.first] for s in form.sections]} if form else {}))
            file = work_on(composer, sheet, params, wish)
        bars = len(midi.Sheet(Score(bytes(file.dumps_midi()))).bars)
        return midi.dump(file, **sheet_facts(sheet, file, bars))


def work_on(composer: Any, sheet: Any, params: SymbolicParams, wish: Wish) -> Any:
    """The task on a score that is there; gives a symusic score."""
    from plugins_builtin.music import compose

    if params.task == "fill":
        return composer.fill(sheet, *compose.region(sheet, params.first_bar, params.last_bar))
    if params.task == "continue":
        return composer.go_on(sheet, wish.bars or 8)
    if params.task == "vary":
        return composer.vary(sheet, params.strength)
    texture = wish.texture if wish.texture in ("chords", "four") else "four" if sheet.style == "chorale" else "chords"
    return composer.harmonise(sheet, texture, wish.instruments)


def fields(params: SymbolicParams) -> Wish:
    """What the form says, in the same shape as what the prompt says. Raises `InputError` for unknown instruments."""
    tonic = None if params.tonic == AUTO else SHARPS.index(FLATS.get(params.tonic, params.tonic))
    named = read_instruments(params.instruments)
    if params.instruments.strip() and not named:
        some = ", ".join(sorted(BY_NAME)[:400:4])
        raise InputError(f"No instrument is known under the name “{params.instruments.strip()[:60]}”; try {some}.")
    texture = {"melody": "solo", "chords": "chords", "four voices": "four"}.get(getattr(params, "texture", AUTO), "")
    return Wish(style="" if params.style == AUTO else params.style, tonic=tonic,
                mode="" if params.mode == AUTO else params.mode, metre="" if params.metre == AUTO else params.metre,
                bars=params.bars, bpm=float(params.tempo), instruments=named, texture=texture,
                form="" if params.form == AUTO else params.form, sections=params.sections.strip())


def facts_of(piece: Any, made: Any) -> dict[str, Any]:
    """What a result says about itself."""
    from plugins_builtin.music.words import key_name

    return {"bars": piece.bars, "bpm": round(piece.bpm, 2), "key": key_name(piece.tonic, piece.mode),
            "metre": piece.metre, "style": piece.style,
            "instruments": list(dict.fromkeys(part.instrument.name for part in made))}


def sheet_facts(sheet: Any, file: Any, bars: int) -> dict[str, Any]:
    from plugins_builtin.music.instruments import of_program
    from plugins_builtin.music.words import key_name

    names = [of_program(int(t.program)).name or t.name for t in file.tracks if not t.is_drum]
    return {"bars": bars, "bpm": round(sheet.bpm(0), 2), "key": key_name(sheet.tonic, sheet.mode),
            "metre": sheet.bars[0].metre, "style": sheet.style, "instruments": list(dict.fromkeys(names))}


class MusicTransformer(Symbolic):
    """The project's own small transformer: tunes with chords, and chorales in four voices."""

    id = "music.transformer"
    title = "Compose"
    summary = "Writes tunes with chords and chorales, goes on from a score, fills bars, varies and harmonises."

    class Params(TransformerParams):
        """What to compose."""


class MusicLstm(Symbolic):
    """A recurrent melody model of a megabyte, the field's earlier classic."""

    id = "music.lstm"
    title = "Compose melodies (LSTM)"
    summary = "A small recurrent model for melodies; plainer than Compose, and quicker."
    icon = "music-note"
    kind = "lstm"

    class Params(LstmParams):
        """What to compose."""


__all__ = ["MODES", "MusicLstm", "MusicTransformer"]
