"""What it is worth to begin with what was learned from drawings, where few images are annotated.

    python benchmarks/few_images.py DATA [SET ...] [--images 1 3 5 10 25 all] [--steps 100] [--seeds 3] --out few_images

DATA holds a folder for each SET, with `images` and `masks` in it. A fifth of each set, at most 12 images, is held out.
For every seed, that many of the others are drawn by lot, a network learns from them twice, from the start and from
nothing, and the images that were held out are scored. Budgets are steps, which take as long in both and are alike on
any machine. What was measured stands in `few_images.jsonl`; begun again, only what is missing is measured.
"""

from __future__ import annotations

import argparse
import json
import math
from itertools import product
from pathlib import Path

import numpy as np

from morula.checks.data_settings import DataSettings
from morula.examples.prepared import prepared
from morula.judging.scoring import score_frames
from morula.learning.lesson import prepare_lesson
from morula.learning.loop import Course, fit
from morula.models.model import Model
from morula.planning.training_settings import NetworkSettings, TrainSettings

SETS = ("blood_cells", "nuclei", "nuclei_stained", "em_membrane", "spheroids", "hippocampus")
SCORED = 12
"""Images that are held out at most."""
ALL = "all"
"""For a number of images: as many as there are, but for those that are held out."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("sets", nargs="*", default=SETS)
    parser.add_argument("--images", type=_count, nargs="+", default=(1, 3, 5, 10, 25))
    parser.add_argument("--steps", type=int, nargs="+", default=(100,))
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--out", type=Path, default=Path("few_images"))
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    table = options.out / "few_images.jsonl"
    wanted = product(range(options.seeds), options.sets, options.images, options.steps, (False, True))
    for seed, name, images, steps, from_nothing in wanted:
        key = {"set": name, "images": images, "steps": steps, "seed": seed, "from_nothing": from_nothing}
        if any(key.items() <= row.items() for row in rows_of(table)):
            continue
        row = key | measured(options.data / name, images, steps, seed, options.out, from_nothing=from_nothing)
        print(json.dumps(row), flush=True)
        with table.open("a") as file:
            file.write(json.dumps(row) + "\n")
    print(summary(rows_of(table)))


def _count(said: str) -> int | str:
    """How many images are annotated: a number, or all of those that are not held out."""
    return said if said == ALL else int(said)


def rows_of(table: Path) -> list[dict]:
    return [json.loads(line) for line in table.read_text().splitlines()] if table.exists() else []


def measured(
    data: Path, images: int | str, steps: int, seed: int, out: Path, *, from_nothing: bool
) -> dict[str, float | None]:
    """Scores on images that took no part, after so many steps on so many images; None where there are fewer."""
    files = {kind: sorted(path for path in (data / kind).iterdir() if path.is_file()) for kind in ("images", "masks")}
    count = len(files["images"])
    held = max(2, min(SCORED, count // 5))
    order = [int(place) for place in np.random.default_rng(0).permutation(count)]
    images = count - held if isinstance(images, str) else images
    if images > count - held:
        return {"iou": None, "pixel_accuracy": None}
    known = np.random.default_rng(seed).choice(order[held:], images, replace=False).tolist()
    settings = TrainSettings(steps=steps, seed=seed, from_nothing=from_nothing)
    given, new = (
        prepare_lesson([files["images"][place] for place in places], [files["masks"][place] for place in places],
                       settings, DataSettings(), NetworkSettings())
        for places in (sorted(known), sorted(order[:held]))
    )
    with prepared(given.inspection.frames, given.data, given.reading, given.plan, keep=None,
                  beside=out / "model.safetensors") as examples:
        trained = fit(Course(given.plan, given.settings, examples.examples, (), initial=given.kept.weights))
    scores = score_frames(Model(trained.network, given.plan), new.inspection.frames, new.reading, given.plan.classes)
    assert scores is not None
    return {"iou": scores.foreground_iou, "pixel_accuracy": scores.pixel_accuracy}


def summary(rows: list[dict]) -> str:
    """The table: a row for each set and budget, and in each cell what the start is worth and what nothing is."""
    counts = sorted({row["images"] for row in rows}, key=lambda count: math.inf if count == ALL else count)
    lines = [f"| set | steps | {' | '.join(f'{count} images' for count in counts)} |",
             f"|{' --- |' * (len(counts) + 2)}"]
    for name, steps in dict.fromkeys((row["set"], row["steps"]) for row in rows):
        cells = []
        for count in counts:
            alike = [row for row in rows if (row["set"], row["steps"], row["images"]) == (name, steps, count)]
            start, nothing = (np.mean([row["iou"] or np.nan for row in alike if row["from_nothing"] is from_nothing]
                                      or [np.nan]) for from_nothing in (False, True))
            cells.append("" if np.isnan(start) else f"{start:.3f} / {nothing:.3f}")
        lines.append(f"| {name} | {steps} | {' | '.join(cells)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
