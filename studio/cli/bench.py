"""`studio bench`: the measurements in `benchmarks/`, which only a source checkout has."""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

import studio
from studio.cli.output import FAILED, CommandError, Output

ROOT = Path(studio.__file__).resolve().parent.parent
NOT_MEASUREMENTS = ("__init__", "__main__", "common", "conftest")


def available() -> list[str]:
    return sorted(p.stem for p in (ROOT / "benchmarks").glob("*.py")
                  if p.stem not in NOT_MEASUREMENTS and not p.stem.startswith("_"))


def bench(arguments: argparse.Namespace, out: Output) -> int:
    names = available()
    if not names:
        raise CommandError("The benchmarks are in the source code and not in an installed copy; clone the repository "
                           "and run `make bench` there.", kind="bench")
    unknown = [name for name in arguments.names if name not in names]
    if unknown:
        raise CommandError(f"There is no benchmark {unknown[0]}; there is {', '.join(names)}.", field="NAME")
    failed = []
    for name in arguments.names or names:
        out.say(f"{name} ...")
        command = [sys.executable, "-m", f"benchmarks.{name}", *(["--json"] if out.json else [])]
        out.out.flush()
        if subprocess.run(command, cwd=ROOT, check=False).returncode:
            failed.append(name)
            out.say(f"{name} failed")
    out.emit({"event": "done", "failed": failed})
    return FAILED if failed else 0
