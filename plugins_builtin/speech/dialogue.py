"""Who says which lines: "Anna: Good morning." """

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from plugins_builtin.speech.sentences import Sentence, sentences
from studio.plugins.dialogue import named, names_in


def turns(text: str, names: Mapping[str, str] | None) -> Iterator[tuple[str, Sentence]]:
    """Each sentence with its speaker, "" for the narrator.

    A line that begins with a name of `names` and a colon is that person's, without the name; lines below it go on
    until a blank line or another name. A remark in brackets after the name is not spoken.

    Args:
        names: as small letters -> as written; None where the text is no dialogue.
    """
    if names is None:
        yield from (("", sentence) for sentence in sentences(text))
        return
    speaker, lines = "", list[str]()
    for line in [*text.splitlines(), ""]:
        match = named(line)
        name = names.get(match[0].lower()) if match else None
        if match and name is not None:
            yield from ((speaker, sentence) for sentence in sentences("\n".join(lines)))
            speaker, lines = name, [match[1]]
        elif line.strip():
            lines.append(line)
        else:
            yield from ((speaker, sentence) for sentence in sentences("\n".join(lines)))
            speaker, lines = "", []


def cast(text: str, given: Mapping[str, str], voices: Sequence[str], narrator: str) -> dict[str, str]:
    """A voice for each name: the given one, else the next that nobody has, round and round where they run out."""
    taken = {narrator, *given.values()}
    free = [voice for voice in voices if voice not in taken] or [v for v in voices if v != narrator] or list(voices)
    chosen, lower = dict(given), {name.lower() for name in given}
    new = [name for name in names_in(text) if name.lower() not in lower]
    return chosen | {name: free[number % len(free)] for number, name in enumerate(new)}
