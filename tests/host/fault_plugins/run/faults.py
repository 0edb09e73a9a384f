"""Generators that do everything wrong, and a few that do not, for the tests of the host."""

import ctypes
import os
import sys
import threading
import time
from typing import Literal

from pydantic import Field

from studio.plugins import (
    Audio,
    Cancelled,
    Generator,
    GeneratorError,
    Image,
    InputError,
    Mask,
    ModelField,
    OutOfMemory,
    Params,
    Prompt,
    Seed,
    Text,
    hookimpl,
)


class Echo(Generator):
    id, title, produces = "faults.echo", "Echo", "text"
    libraries = ("pydantic", "not-installed")

    class Params(Params):
        prompt: Prompt = "hello"
        seed: Seed = 0
        steps: int = Field(20, ge=1, le=150)
        strength: float = Field(0.5, ge=0, le=1)

    def run(self, params, ctx):
        for word in params.prompt.split():
            ctx.token(word + " ")
        return Text.of(params.prompt)


class Many(Generator):
    id, title, produces = "faults.many", "Many", "text"

    def run(self, params, ctx):
        for index in range(3):
            ctx.progress(index + 1, 3)
            yield Text.of(str(index))


class Endless(Generator):
    id, title, produces = "faults.endless", "Endless", "text"

    def run(self, params, ctx):
        step = 0
        while True:
            step += 1
            ctx.progress(step, 10**9)
            time.sleep(0.002)


class Keeps(Endless):
    """Gives what it had when it was stopped."""

    id, title = "faults.keeps", "Keeps"

    def run(self, params, ctx):
        try:
            super().run(params, ctx)
        except Cancelled:
            return Text(b"half", made_with={"only": 1})


class Deaf(Endless):
    """Runs on whatever is asked of it."""

    id, title = "faults.deaf", "Deaf"

    def run(self, params, ctx):
        ctx.progress(1, 2)
        threading.Event().wait()


class HangsInLoad(Echo):
    id, title = "faults.hangs_in_load", "Hangs in load"

    def load(self, ctx):
        threading.Event().wait()


class LoadsUntilAsked(Echo):
    """Loads for ever, but listens."""

    id, title = "faults.loads", "Loads"

    def load(self, ctx):
        while True:
            ctx.check()
            time.sleep(0.002)


class Warm(Generator):
    """Tells how often it was loaded and run."""

    id, title, produces = "faults.warm", "Warm", "text"
    loads = 0

    def load(self, ctx):
        type(self).loads += 1
        self.runs = 0

    def run(self, params, ctx):
        self.runs += 1
        return Text.of(f"{self.loads} {self.runs}")


class Segfault(Echo):
    id, title = "faults.segfault", "Segfault"

    def run(self, params, ctx):
        ctypes.string_at(0)


class Exits(Echo):
    id, title = "faults.exits", "Exits"

    def run(self, params, ctx):
        os._exit(0)


class Quits(Echo):
    id, title = "faults.quits", "Quits"

    def run(self, params, ctx):
        sys.exit(1)


class Prints(Echo):
    id, title = "faults.prints", "Prints"

    def run(self, params, ctx):
        print("printed by Python")
        sys.stdout.flush()
        os.write(1, b"written to fd 1\n")
        assert sys.stdin.read() == ""
        return Text.of("quiet")


class Raises(Echo):
    id, title = "faults.raises", "Raises"

    class Params(Params):
        how: Literal["zero", "plain", "input", "unprintable"] = "zero"

    def run(self, params, ctx):
        if params.how == "plain":
            raise GeneratorError("The weather is too bad for this; wait for sun.")
        if params.how == "input":
            raise InputError("This picture is too dark.", "image")
        if params.how == "unprintable":
            raise Unprintable
        return 1 / 0


class Unprintable(Exception):
    def __str__(self):
        raise RuntimeError("not even that")


class Rubbish(Echo):
    id, title = "faults.rubbish", "Rubbish"

    class Params(Params):
        what: str = "none"

    def run(self, params, ctx):
        image = object.__new__(Text)
        object.__setattr__(image, "data", "not bytes")
        things = {"none": None, "text": "just a string", "kind": Image(b"x"), "bytes": image, "nothing": [],
                  "meta": Text(b"x", meta={"a": object()}), "dict": {"a": Text(b"x")}, "late": [Text(b"1"), 2]}
        return things[params.what]


class Memory(Generator):
    id, title, produces = "faults.memory", "Memory", "text"
    tries = 0

    class Params(Params):
        how: Literal["MemoryError", "torch", "cuda", "OutOfMemory"] = "MemoryError"
        recovers: bool = True

    def run(self, params, ctx):
        type(self).tries += 1
        if params.recovers and self.tries % 2 == 0:
            return Text.of("second try")
        if params.how == "torch":
            raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 1 bytes.")
        raise {"MemoryError": MemoryError, "OutOfMemory": OutOfMemory("full"),
               "cuda": type("OutOfMemoryError", (RuntimeError,), {})("CUDA")}[params.how]


class Media(Generator):
    id, title, produces = "faults.media", "Media", "text"

    class Params(Params):
        image: Image | None = None
        mask: Mask | None = None
        sounds: list[Audio] = []

    def run(self, params, ctx):
        given = [params.image, params.mask, *params.sounds]
        return Text.of(" ".join(f"{type(a).__name__}:{a.media_type}:{a.data.decode()}" for a in given if a))


class NeedsModel(Generator):
    id, title, produces = "faults.model", "Needs a model", "text"

    class Params(Params):
        model: str = ModelField("gguf", default="spark")

    def load(self, ctx):
        self.text = ctx.model().path.read_text()

    def run(self, params, ctx):
        return Text.of(self.text)


class Sounds(Generator):
    id, title, produces = "faults.sounds", "Sounds", "audio"

    def run(self, params, ctx):
        import numpy as np

        samples = np.array([[0.5, -0.5], [2.0, float("nan")]])
        ctx.token("a")
        ctx.audio(samples, 8000)
        ctx.token("b")
        return Audio.from_samples(samples, 8000)


@hookimpl
def studio_generators():
    return [value for value in globals().values()
            if isinstance(value, type) and issubclass(value, Generator) and value is not Generator]
