"""The colour tokens of the design language, for the dark and the light theme, and the WCAG contrast of two colours."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import lru_cache


@dataclass(frozen=True)
class Tokens:
    """Colours as "#RRGGBB". Spring is the person, iris the machine; the rest is near-neutral grey."""

    # surfaces, from the pasteboard up
    canvas: str
    chrome: str
    panel: str
    raised: str
    page: str
    control: str
    hover: str
    press: str
    line: str
    line2: str
    # text, from titles and values down to disabled
    t1: str
    t2: str
    t3: str
    t4: str
    # the person
    spring: str
    spring_hover: str
    spring_press: str
    on_spring: str
    spring_t: str
    # the machine
    iris: str
    iris_t: str
    # selected content
    sky: str
    sky_t: str
    ok: str
    warn: str
    err: str
    err_t: str
    # prompt syntax
    emphasis: str
    wildcard: str
    lora: str
    # tracks
    voice: str
    music: str
    ambience: str
    notes: str
    ghost: str
    checker_a: str
    checker_b: str
    # slider handle
    knob: str
    knob_edge: str
    shadow: str
    shadow_alpha: float
    # the same in both themes
    mask_fill: str = "#A488FF"
    mask_edge: str = "#C9B8FF"
    frame: str = "#C9B8FF"
    badge: str = "#6A48D7"
    on_badge: str = "#FFFFFF"
    label: str = "#0C0D10"
    on_label: str = "#FFFFFF"

    def high_contrast(self) -> Tokens:
        """Separators and field edges become as visible as hints."""
        return replace(self, line=self.t3, line2=self.t3)

    @classmethod
    def names(cls) -> list[str]:
        """The tokens that are colours."""
        return [f.name for f in fields(cls) if f.name != "shadow_alpha"]


DARK = Tokens(
    canvas="#151619", chrome="#1B1C20", panel="#202226", raised="#282A30", page="#1C1D21",
    control="#2E3138", hover="#383B43", press="#24262B", line="#303239", line2="#454953",
    t1="#ECEDF0", t2="#B6BAC3", t3="#9EA3AE", t4="#5F646E",
    spring="#4BD4B4", spring_hover="#63DFC2", spring_press="#3BBB9D", on_spring="#06231C", spring_t="#1F3B38",
    iris="#A78BFF", iris_t="#332C4E", sky="#6CB0FF", sky_t="#22354D",
    ok="#5FCB8A", warn="#F0B95A", err="#FF7B72", err_t="#47282A",
    emphasis="#F2BC6B", wildcard="#7CC4FF", lora="#F49AB8",
    voice="#6CB0FF", music="#4BD4B4", ambience="#E3B566", notes="#EE8FB0",
    ghost="#868B96", checker_a="#2A2B2F", checker_b="#35373C",
    knob="#ECEDF0", knob_edge="#ECEDF0", shadow="#000000", shadow_alpha=0.42,
)

LIGHT = Tokens(
    canvas="#DDDFE3", chrome="#F3F4F6", panel="#F9FAFB", raised="#FFFFFF", page="#FFFFFF",
    control="#ECEEF1", hover="#E1E4E8", press="#D6DADF", line="#DBDEE3", line2="#C0C5CD",
    t1="#1A1C20", t2="#454A53", t3="#595F69", t4="#A3A8B1",
    spring="#0A7260", spring_hover="#0B6353", spring_press="#084F42", on_spring="#FFFFFF", spring_t="#D5EEE8",
    iris="#6A48D7", iris_t="#E9E3FB", sky="#1A61BA", sky_t="#DCE9FA",
    ok="#1E7F4B", warn="#8F5B00", err="#C2342B", err_t="#FBE4E2",
    emphasis="#8F5B00", wildcard="#1A61BA", lora="#B0305F",
    voice="#2F78D6", music="#0E8C74", ambience="#A8701A", notes="#C24A7C",
    ghost="#666C76", checker_a="#FFFFFF", checker_b="#E6E8EB",
    knob="#FFFFFF", knob_edge="#595F69", shadow="#191C23", shadow_alpha=0.16,
)


def channels(colour: str) -> tuple[int, int, int]:
    """Red, green and blue, 0 to 255, of "#RRGGBB"."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def luminance(colour: str) -> float:
    """Relative luminance, 0 to 1 (WCAG 2.2, "relative luminance")."""
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (v / 255 for v in channels(colour)))
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours, 1 to 21 (WCAG 2.2)."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@lru_cache(4096)
def mix(base: str, top: str, amount: float) -> str:
    """The opaque colour of `top` laid over `base` at `amount`, 0 to 1."""
    pairs = zip(channels(base), channels(top), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * amount):02X}" for a, b in pairs)
