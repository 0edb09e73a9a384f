"""``python -m training.music corpus | train | export | evaluate | forms``: from a corpus to models and figures."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

BUILD = Path(os.environ.get("MUSIC_BUILD", Path(__file__).resolve().parents[2] / "build" / "music"))


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    stage = parser.add_subparsers(dest="stage", required=True)
    stage.add_parser("corpus", help="parse the corpus, about ten minutes")
    train = stage.add_parser("train", help="train one model; a second run goes on where the first stopped")
    train.add_argument("kind", choices=("transformer", "lstm"))
    train.add_argument("--minutes", type=float, default=75.0)
    train.add_argument("--threads", type=int, default=1)
    stage.add_parser("export", help="write the weights that the program ships")
    evaluate = stage.add_parser("evaluate", help="figures and rendered examples")
    evaluate.add_argument("--pieces", type=int, default=60, help="pieces of each model")
    evaluate.add_argument("--soundfont", type=Path, help="render eight examples with it")
    forms = stage.add_parser("forms", help="pieces in sections beside real ones, with the weights that ship")
    forms.add_argument("--pieces", type=int, default=50)
    return parser.parse_args()


def main() -> int:
    options = arguments()
    pieces = BUILD / "pieces.jsonl"
    if options.stage == "corpus":
        from . import corpus

        kept, broken = corpus.read_all(pieces)
        print(f"{kept} pieces in {pieces}, {broken} could not be read")
    elif options.stage == "train":
        import torch

        from .train import train

        torch.set_num_threads(options.threads)
        print(train(options.kind, pieces, BUILD, options.minutes))
    elif options.stage == "export":
        from .export import export

        export(BUILD)
    elif options.stage == "forms":
        from .forms import evaluate as evaluate_forms

        evaluate_forms(BUILD, options.pieces)
    else:
        from .evaluate import evaluate

        evaluate(BUILD, options.pieces, options.soundfont)
    return 0


if __name__ == "__main__":
    sys.exit(main())
