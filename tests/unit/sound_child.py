"""Run as a program by the tests of the project file: edits an arrangement again and again, for ever, and says which
changes are on disk. The test kills it."""

from __future__ import annotations

import sys

from studio.project import Project
from studio.project.sound import Arrangement, Clip, Track


def main(path: str) -> None:
    with Project.open(path) as project:
        document = project.documents("sound")[0].id
        arrangement = project.sound(document)
        number = counted(arrangement)
        say("open")
        while True:
            number += 1
            after = edited(arrangement, number)
            done = project.put_sound(document, arrangement, after)
            done.add_done_callback(lambda future, told=number: say(f"sound {told}") if not future.exception() else None)
            arrangement = after
            if number % 6 == 0:
                project.flush()


def counted(arrangement: Arrangement) -> int:
    return int(arrangement.tracks[0].name) if arrangement.tracks else 0


def edited(arrangement: Arrangement, number: int) -> Arrangement:
    """Two tracks take the number as their name and change places; a clip comes, one moves, and every third time one
    goes."""
    a, b = (Track(key, str(number), gain=-float(number % 40)) for key in "ab")
    clips = [clip.with_(start=float(number)) if clip.id == f"c{number // 2}" else clip for clip in arrangement.clips]
    clips.append(Clip(f"c{number}", "a", float(number), 1.0, "m" * 64, text=f"Sentence {number}."))
    if number % 3 == 0:
        clips = [clip for clip in clips if clip.id != f"c{number // 3}"]
    return arrangement.with_(tracks=(a, b) if number % 2 else (b, a), clips=clips, master_gain=-float(number % 10))


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1])
