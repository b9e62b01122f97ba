"""What a few minutes of training are worth on images that took no part in it.

    python benchmarks/held_out.py DATA [SET ...] [--minutes 5 | --steps 760] --out held_out

DATA holds a folder for each SET, with `images` and `masks` in it. A fifth of each set is held out, in whole groups: the
last files where names are numbered without a gap, files chosen at random otherwise. The rest is trained on as
`morula train` does, the held-out fifth is segmented and scored, and a row of a table is printed for each set.
Run it on a machine that does nothing else.
"""

from __future__ import annotations

import argparse
import shutil
import time
from pathlib import Path
from typing import Any

import numpy as np

import morula
from morula.checks.data_settings import DataSettings
from morula.checks.inspection import inspect

COLUMNS = ("set", "trained on", "held out", "steps", "seconds", "foreground IoU", "foreground Dice", "mean IoU",
           "pixel accuracy")
HELD_OUT = 5
"""One in so many is held out."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("sets", nargs="*", default=["blood_cells", "nuclei", "em_membrane", "spheroids", "hippocampus"])
    add_budget(parser, minutes=5)
    parser.add_argument("--out", type=Path, default=Path("held_out"))
    options = parser.parse_args()
    print(f"| {' | '.join(COLUMNS)} |\n|{' --- |' * len(COLUMNS)}")
    for name in options.sets:
        print(measured(options.data / name, options.out / name, budget_of(options)), flush=True)


def add_budget(parser: argparse.ArgumentParser, minutes: float) -> None:
    """Flags for how long each training takes."""
    either = parser.add_mutually_exclusive_group()
    either.add_argument("--minutes", type=float, default=minutes)
    either.add_argument("--steps", type=int, help="in place of minutes: what any machine makes alike")


def budget_of(options: argparse.Namespace) -> dict[str, Any]:
    """What `morula.train` wants to know of these flags."""
    return {"steps": options.steps} if options.steps else {"minutes": options.minutes}


def measured(data: Path, out: Path, budget: dict[str, Any]) -> str:
    """One row of the table; everything that was made stays in `out`."""
    counts = hold_out(data, out)
    began = time.perf_counter()
    training = morula.train(out / "known/images", out / "known/masks", out / "model.safetensors", **budget)
    seconds = time.perf_counter() - began
    morula.segment(training.model, out / "new/images", out / "predicted")
    scores = morula.evaluate(out / "predicted", out / "new/masks", json=out / "scores.json").scores
    dice = np.mean([each.dice for each in scores.classes[1:] if each.dice is not None])
    shares = (scores.foreground_iou, dice, scores.mean_iou, scores.pixel_accuracy)
    numbers = " | ".join(f"{share:.4f}" for share in shares if share is not None)
    steps = training.model.record["steps_done"]
    return f"| {data.name} | {counts[0]} | {counts[1]} | {steps} | {seconds:.0f} | {numbers} |"


def hold_out(data: Path, out: Path) -> tuple[int, int]:
    """Copy a set into `out/known` and `out/new`; returns how many pairs went where."""
    found = inspect(data / "images", data / "masks", DataSettings())
    pairs = list(dict.fromkeys(frame.pair for frame in found.frames))
    numbered = all(pair.image.name.isdecimal() for pair in pairs)
    gapless = numbered and int(pairs[-1].image.name) - int(pairs[0].image.name) == len(pairs) - 1
    count = max(1, len(pairs) // HELD_OUT)
    order = np.arange(len(pairs))[::-1] if gapless else np.random.default_rng(0).permutation(len(pairs))
    groups = list(dict.fromkeys(pairs[number].group for number in order))
    held: set[str] = set()
    while sum(pair.group in held for pair in pairs) < count:
        held.add(groups[len(held)])
    for pair in pairs:
        for kind, file in (("images", pair.image.path), ("masks", pair.mask.path)):
            folder = out / ("new" if pair.group in held else "known") / kind
            folder.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, folder)
    new = sum(pair.group in held for pair in pairs)
    return len(pairs) - new, new


if __name__ == "__main__":
    main()
