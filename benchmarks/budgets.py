"""Whether more time never makes it worse: scores on images that took no part, for budgets from seconds to minutes.

    python benchmarks/budgets.py DATA [SET ...] [--seconds 3 6 12 25 45 90] [--seeds 3] --out budgets

DATA holds a folder for each SET, with `images` and `masks` in it; `gastruloids` are drawn. A fifth of each set is held
out as `held_out.py` does it. For every budget and seed the rest is trained on, and the held-out images are scored. A
table has a row for each set: the mean of the seeds for each budget, and the worst that any budget lies below a smaller
one. What was measured stands in `budgets.jsonl`; begun again, only what is missing is measured. Run it on a machine
that does nothing else.
"""

from __future__ import annotations

import argparse
import json
import time
from itertools import product
from pathlib import Path

import numpy as np
from held_out import hold_out

import morula

SETS = ("gastruloids", "blood_cells", "nuclei", "em_membrane", "spheroids", "hippocampus")
DRAWN = 100
"""Gastruloids that are drawn, of which a fifth is held out."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("sets", nargs="*", default=SETS)
    parser.add_argument("--seconds", type=float, nargs="+", default=(3, 6, 12, 25, 45, 90))
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--out", type=Path, default=Path("budgets"))
    options = parser.parse_args()
    table = options.out / "budgets.jsonl"
    for seed, name, seconds in product(range(options.seeds), options.sets, options.seconds):
        key = {"set": name, "seconds": seconds, "seed": seed}
        if any(key.items() <= row.items() for row in rows_of(table)):
            continue
        row = key | measured(halves(options.data / name, options.out / name), options.out / "run" / name, seconds, seed)
        print(json.dumps(row), flush=True)
        with table.open("a") as file:
            file.write(json.dumps(row) + "\n")
    print(summary(rows_of(table)))


def rows_of(table: Path) -> list[dict]:
    return [json.loads(line) for line in table.read_text().splitlines()] if table.exists() else []


def halves(data: Path, out: Path) -> Path:
    """The folder with what is known and what is new of a set, made where it is missing."""
    if not (out / "new").is_dir():
        if data.name == "gastruloids":
            data = out / "drawn"
            morula.draw("gastruloids", data, count=DRAWN)
        hold_out(data, out)
    return out


def measured(halves: Path, out: Path, seconds: float, seed: int) -> dict[str, float]:
    """What a training of so many seconds is worth, and how long it took."""
    model = out / "model.safetensors"
    began = time.perf_counter()
    training = morula.train(halves / "known/images", halves / "known/masks", model, minutes=seconds / 60, seed=seed,
                            overwrite=True)
    took = time.perf_counter() - began
    morula.segment(training.model, halves / "new/images", out / "predicted", overwrite=True)
    scores = morula.evaluate(out / "predicted", halves / "new/masks", json=out / "scores.json").scores
    return {"iou": scores.foreground_iou, "accuracy": scores.pixel_accuracy, "took": took,
            "steps": training.model.record["steps_done"]}


def summary(rows: list[dict]) -> str:
    """The table: a row for each set, a column for each budget."""
    budgets = sorted({row["seconds"] for row in rows})
    lines = [f"| set | {' | '.join(f'{seconds:g} s' for seconds in budgets)} | below a smaller one |",
             f"|{' --- |' * (len(budgets) + 2)}"]
    for name in dict.fromkeys(row["set"] for row in rows):
        found = [np.mean([row["iou"] for row in rows if (row["set"], row["seconds"]) == (name, seconds)] or [np.nan])
                 for seconds in budgets]
        below = np.nanmax(np.fmax.accumulate(found) - found)
        lines.append(f"| {name} | {' | '.join(f'{iou:.4f}' for iou in found)} | {below:.4f} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
