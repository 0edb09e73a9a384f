"""Run as a program by the tests of compacting: compacts a project over and over, and says when. The test kills it."""

from __future__ import annotations

import sys

from studio.project import Project


def main(path: str, _: str) -> None:
    with Project.open(path) as project:
        project._opened = float("inf")  # so that what it throws away itself may go at once
        number = 0
        while True:
            number += 1
            row = project.add_result(kind="text", data=f"waste {number} ".encode() * 20_000, media_type="text/plain",
                                     meta={}, recipe={"generator": "a.b", "params": {"prompt": f"waste{number}"}})
            project.delete_result(row.result().id).result()
            say("begin")
            say(f"won {project.compact(0).result().won}")


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
