"""What each block of the network learns in the same time, on drawn shapes and on real images, in 2-D and in 3-D.

    python benchmarks/blocks.py --out blocks --data DATA --page docs/gallery.md

Networks and steps are small, so that half a minute teaches something; everything else is planned as
`morula train` does. A fifth of the real images is held out, and for the drawn ones others are drawn: the scores
are those of images that took no part. What was measured stays in the folder `--out`, so that the same command
goes on where it was stopped. Run it on a machine that does nothing else: it takes about 40 minutes on two cores.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import get_args

import numpy as np
from held_out import hold_out

import morula
from morula.files import write_text
from morula.images.read import find_files
from morula.networks.architecture import Block

DRAWN = {
    "1 channel, 1 class": {"channels": 1, "classes": 1},
    "1 channel, 2 classes": {"channels": 1, "classes": 2},
    "1 channel, 5 classes": {"channels": 1, "classes": 5},
    "3 channels, 5 classes": {"channels": 3, "classes": 5},
}
"""The four cases: one or many channels, one, two or many classes."""
REAL = {2: ("blood cells", "blood_cells"), 3: ("hippocampus", "hippocampus")}
"""By the number of spatial axes: a set of real images and its folder in DATA."""
SIZES = {2: 128, 3: 40}
"""The sides of drawn images, by the number of spatial axes."""
BATCH = {2: 6, 3: 2}
"""Patches in a step, likewise."""
KNOWN, NEW = 48, 12
"""Drawn images that are learned from and validated on, and others to measure on."""
PLACE = re.compile(r"(<!-- blocks -->\n).*?(<!-- end of blocks -->)", re.DOTALL)


@dataclass(frozen=True)
class Row:
    """What one block made of one set."""

    axes: int
    set: str
    block: str
    parameters: int
    steps: int
    training_seconds: float
    inference_seconds: float
    foreground_iou: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("blocks"))
    parser.add_argument("--data", type=Path, help="real images: folders with images and masks in them")
    parser.add_argument("--minutes", type=float, default=0.5, help="for each training")
    parser.add_argument("--width", type=int, default=8, help="features of the first stage")
    parser.add_argument("--blocks", nargs="*", default=get_args(Block))
    parser.add_argument("--page", type=Path, help="a page to write the tables into, between its marks")
    options = parser.parse_args()
    results = options.out / "rows.json"
    rows = [Row(**row) for row in json.loads(results.read_text())] if results.exists() else []
    for axes, name, folder in sets(options.out, options.data, [(row.axes, row.set, row.block) for row in rows],
                                   options.blocks):
        for block in options.blocks:
            if not any((row.axes, row.set, row.block) == (axes, name, block) for row in rows):
                rows.append(measured(axes, name, folder, block, options))
                write_text(results, json.dumps([asdict(row) for row in rows], indent=1) + "\n")
                print(rows[-1], flush=True)
    text = tables(rows, options)
    print(text)
    if options.page:
        page = options.page.read_text(encoding="utf-8")
        write_text(options.page, PLACE.sub(lambda place: place[1] + text + place[2], page))


def sets(
    out: Path, data: Path | None, done: list[tuple[int, str, str]], blocks: list[str]
) -> Iterator[tuple[int, str, Path]]:
    """Axes, name and folder of each set that some block has yet to learn, with `known` and `new` made in it."""
    for axes, (real, source) in REAL.items():
        for name in (*DRAWN, real):
            if all((axes, name, block) in done for block in blocks) or (name == real and data is None):
                continue
            folder = out / f"{axes}-D {name}"
            shutil.rmtree(folder, ignore_errors=True)
            if name == real:
                hold_out(data / source, folder)
            else:
                for seed, (part, count) in enumerate({"known": KNOWN, "new": NEW}.items()):
                    morula.draw("shapes", folder / part, axes=axes, size=SIZES[axes], count=count, seed=seed,
                                **DRAWN[name])
            yield axes, name, folder


def measured(axes: int, name: str, folder: Path, block: str, options: argparse.Namespace) -> Row:
    """Train on one set, and time and score the masks of its new images."""
    known, new = folder / "known", folder / "new"
    model = morula.train(known / "images", known / "masks", folder / f"{block}.safetensors", overwrite=True,
                         minutes=options.minutes, block=block, width=options.width, batch=BATCH[axes],
                         read_masks_as="classes", from_nothing=True).model  # one block alone has a start
    model = replace(model, flips=False)
    seconds = []
    for path in find_files(new / "images"):
        image = morula.open_image(path)
        began = time.perf_counter()
        model.mask(image)
        seconds.append(time.perf_counter() - began)
    morula.segment(model, new / "images", folder / block, flips=False, overwrite=True)
    evaluation = morula.evaluate(folder / block, new / "masks", read_truth_as="classes", read_predicted_as="classes")
    return Row(
        axes=axes,
        set=name,
        block=block,
        parameters=sum(weights.numel() for weights in model.network.parameters()),
        steps=model.record["steps_done"],
        training_seconds=round(model.record["seconds"], 1),
        inference_seconds=round(float(np.median(seconds)), 4),
        foreground_iou=round(evaluation.scores.foreground_iou or 0.0, 4),
    )


def tables(rows: list[Row], options: argparse.Namespace) -> str:
    """For each number of axes a table of blocks, their scores on each set, and what they cost on average."""
    text = (f"Each training was given {options.minutes * 60:.0f} s on {os.cpu_count()} cores, and {options.width} "
            "features in the first stage.\n")
    for axes in sorted({row.axes for row in rows}):
        here = [row for row in rows if row.axes == axes]
        names = list(dict.fromkeys(row.set for row in here))
        heads = ["block", *names, "parameters", "steps", "training (s)", "inference (s)"]
        text += f"\n**In {axes}-D**\n\n| {' | '.join(heads)} |\n|{' --- |' * len(heads)}\n"
        best = {name: max(row.foreground_iou for row in here if row.set == name) for name in names}
        for block in dict.fromkeys(row.block for row in here):
            own = {row.set: row for row in here if row.block == block}
            scores = [_score(own.get(name), best[name]) for name in names]
            costs = [f"{np.mean([getattr(row, cost) for row in own.values()]):{form}}" for cost, form in (
                ("parameters", ",.0f"), ("steps", ".0f"), ("training_seconds", ".0f"), ("inference_seconds", ".3f"))]
            text += f"| {' | '.join([block, *scores, *costs])} |\n"
    return text


def _score(row: Row | None, best: float) -> str:
    if row is None:
        return ""
    return f"**{row.foreground_iou:.3f}**" if row.foreground_iou == best else f"{row.foreground_iou:.3f}"


if __name__ == "__main__":
    main()
