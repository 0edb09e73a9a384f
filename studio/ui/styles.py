"""Named styles: words that are put around a prompt when it is sent, so that a look can be kept and reused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, Signal

from studio.settings import SettingsFile

PLACE = "{prompt}"


@dataclass(frozen=True)
class Style:
    """prompt holds ``{prompt}`` where the person's words go; without it, it is put behind them."""

    name: str
    prompt: str
    negative: str = ""

    def apply(self, prompt: str, negative: str) -> tuple[str, str]:
        """The prompt and negative prompt that are really asked."""
        own, words = prompt.strip(), self.prompt.strip()
        styled = words.replace(PLACE, own) if PLACE in words else ", ".join(filter(None, (own, words)))
        return styled, ", ".join(filter(None, (negative.strip(), self.negative.strip())))

    def to_json(self) -> dict[str, str]:
        return {"name": self.name, "prompt": self.prompt, "negative": self.negative}


STYLES = (
    Style("3D render", "{prompt}, 3d render"),
    Style("Flat icon", "{prompt}, flat icon"),
    Style("Clip art", "{prompt}, clip art"),
    Style("Sketch", "{prompt}, sketch"),
)
"""What the starter model knows; a person's own come behind them."""


class StyleBook(QObject):
    """The styles that a person can choose from: those that come with the program, and their own."""

    changed = Signal()

    def __init__(self, settings: SettingsFile | None = None, parent: QObject | None = None) -> None:
        """Without `settings` the own styles are forgotten when the program ends."""
        super().__init__(parent)
        self._settings = settings
        self.own: list[Style] = read_styles(settings.value.styles) if settings is not None else []

    def names(self) -> list[str]:
        """All names, those of the program first."""
        taken = {style.name for style in self.own}
        return [style.name for style in STYLES if style.name not in taken] + [style.name for style in self.own]

    def find(self, name: str) -> Style | None:
        """The style of that name; a person's own wins."""
        return next((style for style in [*self.own, *STYLES] if style.name == name), None)

    def save(self, style: Style) -> None:
        """Keep a style; one of the same name is replaced."""
        self._keep([*(s for s in self.own if s.name != style.name), style])

    def remove(self, name: str) -> None:
        """Forget one of the person's own."""
        self._keep([style for style in self.own if style.name != name])

    def _keep(self, styles: list[Style]) -> None:
        self.own = styles
        if self._settings is not None:
            self._settings.update(styles=[style.to_json() for style in styles])
        self.changed.emit()


def read_styles(data: Any) -> list[Style]:
    """A person's own styles as settings keep them; what is no style is passed over."""
    found = []
    for entry in data if isinstance(data, list) else []:
        if isinstance(entry, dict) and all(isinstance(entry.get(k, ""), str) for k in ("name", "prompt", "negative")):
            style = Style(str(entry.get("name", "")).strip()[:60], str(entry.get("prompt", ""))[:20_000],
                          str(entry.get("negative", ""))[:20_000])
            if style.name and (style.prompt or style.negative):
                found.append(style)
    return found

