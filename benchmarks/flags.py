"""How many masks get a flag, of good ones and of others: images that took no part in the training.

    python benchmarks/flags.py DATA/blood_cells DATA/nuclei … [--minutes 0.5 | --steps 150] [--out FOLDER]

Each set is divided as by `held_out.py`. A mask is good that has a foreground IoU of at least 0.8.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from held_out import add_budget, budget_of, hold_out

import morula
from morula.names.endings import stem

GOOD = 0.8


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", nargs="+", type=Path)
    add_budget(parser, minutes=0.5)
    parser.add_argument("--out", type=Path, default=Path(tempfile.gettempdir()) / "flags")
    asked = parser.parse_args()
    print("| set | foreground IoU | good | flagged | others | flagged | flags |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for data in asked.data:
        shutil.rmtree(asked.out / data.name, ignore_errors=True)
        print(row(data, budget_of(asked), asked.out / data.name), flush=True)


def row(data: Path, budget: dict[str, Any], out: Path) -> str:
    """One row of the table; everything that was made stays in `out`."""
    hold_out(data, out)
    training = morula.train(out / "known/images", out / "known/masks", out / "model.safetensors", **budget)
    frames = morula.segment(training.model, out / "new/images", out / "predicted", review=12).frames
    scores = morula.evaluate(out / "predicted", out / "new/masks").scores
    ious = {image.name: image.foreground_iou for image in scores.images}
    flags = {True: [], False: []}
    for frame in frames:
        iou = ious[stem(Path(frame.file))]
        flags[iou is None or iou >= GOOD].append(frame.flags)
    counts = " | ".join(f"{len(each)} | {sum(map(bool, each))}" for each in flags.values())
    said = Counter(flag for each in flags.values() for some in each for flag in some)
    words = ", ".join(f"{flag} {count}" for flag, count in said.most_common())
    return f"| {data.name} | {scores.foreground_iou:.3f} | {counts} | {words} |"


if __name__ == "__main__":
    main()
