"""What Pieria is made of: components with version, licence and the licence's text. Plain data, no widgets."""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

DISTRIBUTION = "pieria-studio"
FONTS = Path(__file__).parent / "fonts"
ROOT = Path(__file__).resolve().parents[2]
LICENCE_NAME = re.compile(r"(licen[cs]e|copying|notice|authors)", re.IGNORECASE)
MOST_TEXT = 400_000


@dataclass(frozen=True)
class Component:
    """One part. `kind`: "font", "icons", "library" or "list"."""

    name: str
    version: str
    licence: str
    kind: str = "library"


def version() -> str:
    """Of Pieria itself."""
    from studio import __version__

    return __version__


def own_text(name: str) -> str:
    """LICENSE or THIRD_PARTY.md: from the checkout that this runs from, else from the installed distribution; "" if
    neither has it."""
    path = ROOT / name
    if path.is_file() and (ROOT / "pyproject.toml").is_file():
        return path.read_text("utf-8", "replace")[:MOST_TEXT]
    try:
        for file in metadata.files(DISTRIBUTION) or ():
            if file.name == name:
                found = Path(str(file.locate()))
                if found.is_file():
                    return found.read_text("utf-8", "replace")[:MOST_TEXT]
    except metadata.PackageNotFoundError:
        pass
    return ""


def components() -> list[Component]:
    """The parts that come with Pieria and the libraries that it needs, directly or not, sorted by name.

    Reads the metadata of every library (tens of milliseconds): call it away from the window's thread.
    """
    fonts = [Component(family, "", "OFL-1.1", "font") for family in ("Inter", "Literata", "JetBrains Mono")]
    wanted, queue = {}, [DISTRIBUTION]
    while queue:
        name = normal(queue.pop())
        if name in wanted:
            continue
        try:
            found = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            continue
        wanted[name] = found
        queue += [need for line in found.requires or () if (need := _needed(line))]
    libraries = [Component(d.metadata["Name"], d.version, licence_of(d)) for n, d in wanted.items()
                 if n != DISTRIBUTION]
    return sorted([*fonts, *libraries], key=lambda c: c.name.casefold())


def normal(name: str) -> str:
    """A distribution's name in the normal form of PEP 503."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _needed(requirement: str) -> str:
    """The name in a requirement, "" for one that belongs to an extra."""
    match = re.match(r"[A-Za-z0-9._-]+", requirement)
    return "" if match is None or re.search(r";.*\bextra\b", requirement) else match.group()


def licence_of(distribution: metadata.Distribution) -> str:
    """The short name of a licence, from the expression, the classifiers or the licence field."""
    facts = distribution.metadata
    expression = (facts.get_all("License-Expression") or [""])[0]
    if expression:
        return str(expression)
    classes = [c.split("::")[-1].strip() for c in facts.get_all("Classifier") or () if c.startswith("License ::")]
    classes = [c for c in classes if c != "OSI Approved"]
    if classes:
        return ", ".join(classes)
    field = str((facts.get_all("License") or [""])[0]).strip().split("\n")[0]
    return field if 0 < len(field) <= 60 else "See its text"


def text_of(component: Component) -> str:
    """The licence texts that a component carries; a sentence where it carries none."""
    if component.kind == "font":
        path = FONTS / f"LICENSE_FONT_{component.name.replace(' ', '')}"
        return path.read_text("utf-8", "replace") if path.is_file() else "SIL Open Font License 1.1"
    texts: list[str] = []
    try:
        for file in metadata.files(component.name) or ():
            if LICENCE_NAME.search(file.name) and ".dist-info" in str(file) and file.suffix not in (".py", ".pyc"):
                path = Path(str(file.locate()))
                if path.is_file() and sum(map(len, texts)) < MOST_TEXT:
                    texts.append(path.read_text("utf-8", "replace")[:MOST_TEXT])
    except (metadata.PackageNotFoundError, OSError):
        pass
    return "\n\n".join(texts) or _known_text(component)


def _known_text(component: Component) -> str:
    """The text for a package that carries none: the common licences are at hand."""
    words = f"{component.name} carries no licence text of its own. It is licensed under {component.licence}.\n\n"
    if "Apache" in component.licence:
        return words + own_text("LICENSE")
    if "LGPL-3.0" in component.licence:
        common = [Path("/usr/share/common-licenses", name) for name in ("LGPL-3", "GPL-3")]
        texts = [path.read_text("utf-8", "replace") for path in common if path.is_file()]
        words += ("Pieria uses it under the LGPL, version 3, as separate libraries that you may replace by your own "
                  "build.\nSources and texts: https://www.qt.io/licensing/open-source-lgpl-obligations and "
                  "https://www.gnu.org/licenses/lgpl-3.0.html\n\n")
        return words + "\n\n".join(texts)
    return words


def readable(markdown: str) -> str:
    """Markdown as plain text: headings without marks, table rows as lines."""
    lines: list[str] = []
    for line in markdown.splitlines():
        if re.fullmatch(r"\|[\s|:-]+\|", line.strip()):
            lines[-1:] = []  # the row before is the table's head
            continue
        if line.startswith("|"):
            cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
            line = "  " + "  ·  ".join(cell for cell in cells if cell)
        lines.append(line.lstrip("# ").rstrip() if line.startswith("#") else line.replace("`", ""))
    return "\n".join(lines)
