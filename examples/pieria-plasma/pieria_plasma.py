import numpy as np
import PIL.Image
from pydantic import Field

from studio.plugins import Generator, Image, Params, Seed, hookimpl


class Plasma(Generator):
    id, title, produces = "plasma.picture", "Plasma", "image"
    summary = "Soft colours that flow into each other."
    class Params(Params):
        seed: Seed = 0
        size: int = Field(256, ge=64, le=1024, description="Width and height in pixels")
        waves: int = Field(24, ge=1, le=200, description="More waves make a busier picture")
    def run(self, params, ctx):
        random = np.random.default_rng(params.seed)
        y, x = np.mgrid[0:1:params.size * 1j, 0:1:params.size * 1j]
        sums = np.zeros((params.size, params.size, 3))
        for step in range(params.waves):
            fx, fy, phase = random.normal(0, 9, 3)
            sums += np.sin(fx * x + fy * y + phase)[..., None] * random.uniform(0, 1, 3)
            ctx.progress(step + 1, params.waves, picture(sums) if ctx.wants_preview() else None)
        return picture(sums)

def picture(sums):
    return Image.from_pil(PIL.Image.fromarray((127 + 127 * np.sin(sums)).astype(np.uint8)))

@hookimpl
def studio_generators():
    return [Plasma]
