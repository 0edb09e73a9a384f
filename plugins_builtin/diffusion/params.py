"""What `diffusion.image` can be asked for."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from plugins_builtin.control.extract import DETECTORS
from plugins_builtin.diffusion.samplers import Sampler
from studio.plugins import Image, Mask, ModelField, Params, Seed, ui

MAX_PROMPT = 20_000

Quality = Literal["Draft", "Quality", "Custom"]
STEPS: dict[str, int] = {"Draft": 4, "Quality": 20}
"""Steps that a choice of quality stands for."""

MAX_REGIONS = 8
MAX_CONTROLS = 4

Control = Literal["None", "Edges (Canny)", "Edges (soft)", "As it is"]
ControlKind = Literal["Edges (Canny)", "Edges (HED)", "Edges (soft)", "Drawing", "Pose", "Reference", "As it is"]


class Region(Params):
    """A part of the picture with a prompt of its own."""

    prompt: str = Field("", max_length=MAX_PROMPT, description="What this part shows.")
    mask: Mask = Field(description="Where: white is all of this prompt, black nothing of it.")


class ControlLayer(Params):
    """A picture that the result follows, in one respect."""

    kind: ControlKind = Field(
        "Edges (Canny)",
        description="What of the picture is followed: its edges, the lines of a drawing, the pose of people, its look "
        "(a reference, for models with an IP-Adapter), or the picture as it is.",
    )
    image: Image = Field(description="The picture to follow.")
    weight: float = Field(1.0, ge=0, le=2, description="How closely it is followed. 0 is off.")
    start: float = Field(0.0, ge=0, le=1, description="After which share of the steps it begins to count.")
    end: float = Field(1.0, ge=0, le=1, description="After which share of the steps it no longer counts.")
    model: Annotated[str, Field(description="A ControlNet or IP-Adapter made for the model that draws; without one "
                                "that model's own.")] = ModelField("controlnet", "ip-adapter", optional=True)
    detector: Annotated[str, Field(description="The network that draws outlines or poses.")] = ModelField(
        optional=True, needs={"field": "kind", "kinds": DETECTORS})

    @model_validator(mode="after")
    def _begins_before_it_ends(self) -> ControlLayer:
        if self.start >= self.end:
            raise ValueError("A control layer must begin before it ends.")
        return self


class PictureParams(Params):
    """What to draw and how."""

    prompt: str = Field(
        "",
        max_length=MAX_PROMPT,
        description="What the picture shows. (word:1.3) weighs a word more, [word] less.",
        json_schema_extra=ui(role="prompt", widget="multiline", label="Prompt", loras=["lora"]),
    )
    negative_prompt: str = Field(
        "",
        max_length=MAX_PROMPT,
        description="What the picture should not show. Needs a guidance scale above 1.",
        json_schema_extra=ui(role="negative", widget="multiline", label="Negative prompt"),
    )
    model: Annotated[str, Field(description="The model that draws.")] = ModelField("stable-diffusion", default="spark")
    width: int = Field(
        256,
        ge=64,
        le=2048,
        multiple_of=8,
        description="Width of the picture. Models draw best near the size they learned.",
        json_schema_extra=ui(role="width", widget="number", label="Width", unit="px", step=8),
    )
    height: int = Field(
        256,
        ge=64,
        le=2048,
        multiple_of=8,
        description="Height of the picture. Models draw best near the size they learned.",
        json_schema_extra=ui(role="height", widget="number", label="Height", unit="px", step=8),
    )
    quality: Quality = Field(
        "Quality",
        description="Draft takes 4 steps, Quality 20, Custom as many as Steps says.",
        json_schema_extra=ui(role="quality", widget="choice", label="Quality",
                             presets={name: {"steps": steps} for name, steps in STEPS.items()}),
    )
    steps: int = Field(
        20,
        ge=1,
        le=150,
        description="How often the picture is refined. More steps take longer and add detail up to a point.",
        json_schema_extra=ui(role="steps", widget="slider", label="Steps"),
    )
    guidance_scale: float = Field(
        3.0,
        ge=1,
        le=30,
        description="How closely the picture follows the prompt: 3 suits Spark, 5 to 8 larger models. High values look "
        "harsh; 1 is off.",
        json_schema_extra=ui(role="guidance", widget="slider", label="Guidance scale", step=0.1),
    )
    sampler: Sampler = Field(
        "Model's own",
        description="The method that turns noise into the picture. Some need fewer steps than others.",
        json_schema_extra=ui(role="sampler", widget="choice", label="Sampler"),
    )
    seed: Seed = Field(0, description="The noise to start from. The same seed and settings give the same picture.")
    init_image: Image | None = Field(
        None,
        description="A picture to start from instead of noise.",
        json_schema_extra=ui(role="init_image", label="Start from", media="image"),
    )
    strength: float = Field(
        0.6,
        ge=0,
        le=1,
        description="How far the result may leave the picture it starts from. 0 keeps it, 1 starts over.",
        json_schema_extra=ui(role="strength", widget="slider", label="Strength", step=0.01, needs="init_image"),
    )
    mask: Mask | None = Field(
        None,
        description="Where the picture to start from may change: white as far as Strength says, grey less, black not.",
        json_schema_extra=ui(role="mask", label="Mask", media="mask", needs="init_image"),
    )
    controls: list[ControlLayer] = Field(
        [],
        max_length=MAX_CONTROLS,
        description="Pictures that the result follows: edges, drawings, poses, references.",
        json_schema_extra=ui(role="controls", widget="none"),
    )
    control: Control = Field(
        "None",
        description="What of the control picture the result follows. One control in short; `controls` can do more.",
        json_schema_extra=ui(widget="none"),
    )
    control_image: Image | None = Field(
        None, description="The picture to follow.", json_schema_extra=ui(widget="none", media="image")
    )
    control_weight: float = Field(
        1.0, ge=0, le=2, description="How closely the result follows the control picture. 0 is off.",
        json_schema_extra=ui(widget="none"),
    )
    control_model: str = Field(
        "", description="The ControlNet, made for the model that draws; without one that model's own.",
        json_schema_extra=ui(role="model", widget="none", kinds=["controlnet"], optional=True, label="Control model"),
    )
    regions: list[Region] = Field(
        [],
        max_length=MAX_REGIONS,
        description="Parts of the picture that have prompts of their own.",
        json_schema_extra=ui(role="regions", widget="none"),
    )
    eta: float = Field(
        0.0,
        ge=0,
        le=1,
        description="Fresh noise at every step of the DDIM sampler. 0 adds none.",
        json_schema_extra=ui(widget="slider", label="Eta", step=0.05, group="Advanced"),
    )

    @model_validator(mode="before")
    @classmethod
    def _steps_of_the_quality(cls, data: Any) -> Any:
        """Make `steps` say what will run. Steps without a quality, as old recipes have them, mean Custom."""
        if not isinstance(data, dict):
            return data
        quality = data.get("quality", "Custom" if "steps" in data else "Quality")
        steps = STEPS.get(quality) if isinstance(quality, str) else None
        return {**data, "quality": quality, **({"steps": steps} if steps else {})}
