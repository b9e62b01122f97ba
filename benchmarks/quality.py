"""Whether models know how good their masks are: on images of the kind they learned from, and on others.

    python benchmarks/quality.py DATA [SET ...] [--minutes 0.5 | --steps 300] --out quality

DATA holds a folder for each SET, with `images` and `masks` in it. Of each set a fifth is held out, and the rest is
trained on. The held-out images are segmented, and what was expected of each is compared with what is true: the first
table. Then models meet images that are not of their kind: drawn gastruloids under other microscopes, and grey and
stained nuclei in place of each other: the second table. The last lines say what it costs. Run it on a machine that does
nothing else.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from held_out import add_budget, budget_of, hold_out
from PIL import Image as Picture
from scipy.stats import spearmanr

import morula
from morula.drawings.drawn import Drawing, save_drawings
from morula.drawings.synthetic import MovieStyle, draw_frame
from morula.models.model import Model

SETS = ("blood_cells", "nuclei", "nuclei_stained", "em_membrane", "spheroids", "hippocampus")
DRAWN = "gastruloids"
GOOD = 0.8
"""Masks with a lower IoU are bad ones, which must not pass unnoticed."""
PER_STYLE = 10

Change = Callable[[np.random.Generator], dict]
STYLES: dict[str, Change] = {
    "noise": lambda rng: {"noise": rng.uniform(12, 60)},
    "blur": lambda rng: {"blur": rng.uniform(2, 6)},
    "low contrast": lambda rng: {"body": rng.uniform(25, 70), "cells": rng.uniform(60, 120)},
    "bright floor": lambda rng: {"floor": rng.uniform(70, 160)},
    "coarse grain": lambda rng: {"grain": rng.uniform(30, 60), "grain_width": rng.uniform(1.5, 4)},
    "narrow well": lambda rng: {"wall": rng.uniform(120, 240), "well_radius": rng.uniform(55, 80)},
    "uneven light": lambda rng: {"light": tuple(rng.uniform(-0.6, 0.6, 2).tolist())},
    "out of focus": lambda rng: {"rim": 0.0, "edge": rng.uniform(0.1, 0.25)},
    "magnified": lambda rng: {},
    "inverted": lambda rng: {},
}
"""What changes the microscope or the well of drawn gastruloids."""


@dataclass(frozen=True)
class Met:
    """What was expected of some images, and what is true: arrays of the same length."""

    expected: np.ndarray
    low: np.ndarray
    high: np.ndarray
    flagged: np.ndarray
    true: np.ndarray

    @property
    def error(self) -> float:
        return float(np.abs(self.expected - self.true).mean())

    @property
    def correlation(self) -> float:
        return float(np.corrcoef(self.expected, self.true)[0, 1])

    @property
    def covered(self) -> float:
        return float(((self.low <= self.true) & (self.true <= self.high)).mean())

    def __add__(self, other: Met) -> Met:
        return Met(*(np.concatenate([getattr(self, name), getattr(other, name)]) for name in self.__dataclass_fields__))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("sets", nargs="*", default=[*SETS, DRAWN])
    add_budget(parser, minutes=0.5)
    parser.add_argument("--out", type=Path, default=Path("quality"))
    options = parser.parse_args()
    out = options.out
    print("| set | trained on | held out | IoU | mean error | correlation | covered | mean width | good, flagged |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    known = {}
    for name in options.sets:
        counts, model = learned(name, options.data, out / name, budget_of(options))
        known[name] = met(model, out / name / "new", out / name / "predicted")
        print(_row(name, *counts, _spread(known[name].true), known[name].error, known[name].correlation,
                   _share(known[name].covered), (known[name].high - known[name].low).mean(),
                   _flagged(known[name], known[name].true >= GOOD)), flush=True)
    print("\n| model of | images | IoU | bad | bad, flagged | mean error | rank correlation |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for name, kinds in others(options.sets, options.data, out).items():
        model, everything = Model.load(out / name / "model.safetensors"), known[name]
        strange = None
        for kind, folder in kinds.items():
            found = met(model, folder, out / name / "others" / kind)
            strange = strange + found if strange else found
            print(_row(name, kind, _spread(found.true), *_bad(found), found.error, ""), flush=True)
        if strange:
            everything += strange
            print(_row(name, "all of them, and its own", _spread(everything.true), *_bad(strange), everything.error,
                       spearmanr(everything.expected, everything.true).statistic), flush=True)
    print()
    for name in options.sets:
        print(f"{name}: {cost(out / name):+.0%} of the time of segmenting.", flush=True)


def learned(name: str, data: Path, out: Path, budget: dict[str, Any]) -> tuple[tuple[int, int], Model]:
    """A model of most of a set, and how many images it learned from and how many were held out."""
    if name == DRAWN:
        save_drawings(drawn("", 60, seed=1), out / "known")
        save_drawings(drawn("", 20, seed=2), out / "new")
        counts = 60, 20
    else:
        counts = hold_out(data / name, out)
    made = morula.train(out / "known/images", out / "known/masks", out / "model.safetensors", **budget)
    return counts, made.model


def met(model: Model, folder: Path, out: Path) -> Met:
    """What a model expects of the images in a folder, and what is true."""
    done = morula.segment(model, folder / "images", out)
    scores = {scored.name.split("[")[0]: scored.foreground_iou
              for scored in morula.evaluate(out, folder / "masks").scores.images}
    rows = []
    for frame in done.frames:
        true, expected = scores[frame.mask.split(".")[0]], frame.expected
        if true is None or expected is None:
            continue
        mean = expected.mean
        iou, low, high = (mean.iou, mean.low, mean.high) if mean else (0.0, 0.0, 1.0)
        rows.append((iou, low, high, float(bool(expected.flags)), true))
    return Met(*np.array(rows).T)


def others(sets: list[str], data: Path, out: Path) -> dict[str, dict[str, Path]]:
    """Folders of images that are not of the kind of each set."""
    found: dict[str, dict[str, Path]] = {}
    if DRAWN in sets:
        for number, style in enumerate(STYLES):
            save_drawings(drawn(style, PER_STYLE, seed=100 + number), out / "styles" / style)
        found[DRAWN] = {style: out / "styles" / style for style in STYLES}
    pair = ("nuclei", "nuclei_stained")
    for one, other in (pair, pair[::-1]):
        if one in sets and other in sets:
            folder = out / f"{other} for {one}"
            recoloured(out / other / "new", folder, grey=one == "nuclei")
            found[one] = {other: folder}
    return found


def drawn(style: str, count: int, seed: int) -> Iterator[Drawing]:
    """Gastruloids, a movie each, under the usual microscopes or in another style."""
    rng = np.random.default_rng(seed)
    for movie in range(count):
        usual = MovieStyle.drawn(seed, movie)
        if style:
            usual = replace(usual, microscope=replace(usual.microscope, **STYLES[style](rng)))
        size = int(rng.choice([64, 90, 256, 320, 420])) if style == "magnified" else 160
        drawing = draw_frame(usual, seed, movie, int(rng.integers(60)), size, classes=1)
        # Without a pixel size, nobody can bring magnified ones back.
        drawing = replace(drawing, pixel_size=None)
        yield replace(drawing, image=255 - drawing.image) if style == "inverted" else drawing


def recoloured(folder: Path, out: Path, *, grey: bool) -> None:
    """Write the images of a folder in grey, or in colours that are all alike."""
    (out / "images").mkdir(parents=True, exist_ok=True)
    for path in sorted((folder / "images").iterdir()):
        Picture.open(path).convert("L" if grey else "RGB").save(out / "images" / f"{path.stem}.png")
    (out / "masks").unlink(missing_ok=True)
    (out / "masks").symlink_to((folder / "masks").resolve())


def cost(folder: Path) -> float:
    """What it adds to the time of segmenting to say how good masks probably are."""
    model, times = Model.load(folder / "model.safetensors"), []
    for number in range(4):  # the first two warm up
        tick = time.perf_counter()
        morula.segment(replace(model, quality=None if number % 2 else model.quality), folder / "new/images",
                       folder / "timed", overwrite=True)
        times.append(time.perf_counter() - tick)
    return times[2] / times[3] - 1


def _bad(found: Met) -> tuple[int, str]:
    """How many masks are bad, and the share of these that is flagged."""
    return int(np.count_nonzero(found.true < GOOD)), _flagged(found, found.true < GOOD)


def _flagged(found: Met, which: np.ndarray) -> str:
    return _share(found.flagged[which].mean()) if which.any() else "–"


def _share(share: float) -> str:
    return f"{100 * share:.0f} %"


def _spread(true: np.ndarray) -> str:
    return f"{true.mean():.3f} ± {true.std():.3f}"


def _row(*cells: object) -> str:
    return f"| {' | '.join(f'{cell:.3f}' if isinstance(cell, float) else str(cell) for cell in cells)} |"


if __name__ == "__main__":
    main()
