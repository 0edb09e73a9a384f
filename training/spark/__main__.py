"""Train all of Spark, from packages to figures, in one command that can be stopped and started again.

``python -m training.spark`` for a GPU (everything, 1.5 hours), ``python -m training.spark --cpu-core --hours 2`` for
two CPU cores (a few things well), ``python -m training.spark --smoke`` to try it all on made-up pictures.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hours", type=float, default=1.5, help="for all trainings together")
    parser.add_argument("--cpu-core", action="store_true", help="a few things only, for two CPU cores")
    parser.add_argument("--smoke", action="store_true", help="made-up pictures, a few steps of each stage")
    parser.add_argument("--warm", type=Path, help="folder of an earlier version to start from")
    parser.add_argument("--no-evaluation", action="store_true", help="stop after the export")
    return parser.parse_args()


def main() -> int:
    options = arguments()
    if options.smoke:  # read when the stages are imported
        os.environ.setdefault("SPARK_BUILD", str(Path(__file__).resolve().parents[2] / "build" / "spark-smoke"))
    from . import stages

    return stages.run(options)


if __name__ == "__main__":
    sys.exit(main())
