"""Whether suggested images teach more than images chosen at random: scores by how many are annotated.

    python benchmarks/suggestions.py DATA/blood_cells DATA/nuclei [--steps 400] [--most 25] [--out FOLDER]

A fifth of each set is held out. From five annotated images, each choice adds five at a time, up to `--most`, trains
anew and is scored on the images held out, for three seeds, which draw the first five. Trainings are counted in steps of
the network for a first look, so that the table does not depend on the machine. The last row of a set says how many
images chosen at random have the same mean score as so many suggested ones, by straight lines between the sizes. What
was trained is kept in `--out`, and not trained again when the command is given again.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from held_out import HELD_OUT

import morula
from morula.images.read import find_files
from morula.pairs.pairing import pair_files

STEP, MOST, SEEDS = 5, 25, 3
Files = tuple[Path, Path]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", nargs="+", type=Path)
    parser.add_argument("--steps", type=int, default=400)
    parser.add_argument("--most", type=int, default=MOST)
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--out", type=Path, default=Path(tempfile.gettempdir()) / "suggestions")
    asked = parser.parse_args()
    sizes = range(STEP, asked.most + 1, STEP)
    print("| set | choice |", *(f"{size} |" for size in sizes))
    print("| --- | --- |", *("--- |" for _ in sizes))
    for data in asked.data:
        means = {}
        for choice in ("random", "suggested"):
            scores = [scores_by_size(data, choice, seed, sizes, asked.steps, asked.out / data.name / f"{seed}")
                      for seed in range(asked.seeds)]
            means[choice] = np.mean(scores, axis=0)
            print(f"| {data.name} | {choice} |", *(f"{mean:.3f} |" for mean in means[choice]), flush=True)
        print(f"| {data.name} | random, for the same score |",
              *(f"{needed(mean, sizes, means['random'])} |" for mean in means["suggested"]), flush=True)


def scores_by_size(data: Path, choice: str, seed: int, sizes: Sequence[int], steps: int, out: Path) -> list[float]:
    """Foreground IoU on the images held out, by how many are annotated."""
    pairs = pair_files(find_files(data / "images"), find_files(data / "masks")).pairs
    order = np.random.default_rng(0).permutation(len(pairs))
    held = [pairs[place] for place in order[: len(pairs) // HELD_OUT]]
    pool = [pairs[place] for place in np.random.default_rng(seed).permutation(order[len(held) :])]
    annotated, scores, folder = pool[:STEP], [], out / f"both{STEP}"
    for size in sizes:
        if size > STEP:
            left = [pair for pair in pool if pair not in annotated]
            annotated = annotated + (left[:STEP] if choice == "random" else suggested(folder, left))
            folder = out / f"{choice}{size}"
        scores.append(score(annotated, held, steps, seed, folder))
    return scores


def needed(score: float, sizes: Sequence[int], scores: Sequence[float]) -> str:
    """The fewest images that reach a score, by straight lines between the sizes that were measured."""
    best = np.maximum.accumulate(scores)
    place = int(np.searchsorted(best, score))
    if place == len(sizes):
        return f"> {sizes[-1]}"
    return f"{np.interp(score, best[max(0, place - 1) : place + 1], sizes[max(0, place - 1) : place + 1]):.0f}"


def suggested(folder: Path, left: Sequence[Files]) -> list[Files]:
    """Those that the model in a folder suggests."""
    images = [image for image, _ in left]
    chosen = {each.path for each in morula.suggest(folder / "model.safetensors", images, count=STEP).frames}
    return [pair for pair in left if pair[0] in chosen]


def score(annotated: Sequence[Files], held: Sequence[Files], steps: int, seed: int, folder: Path) -> float:
    """Train on annotated images and score on others, unless that was done before."""
    result, names = folder / "score.json", sorted(image.name for image, _ in annotated)
    if result.exists() and (known := json.loads(result.read_text()))["images"] == names:
        return known["score"]
    shutil.rmtree(folder, ignore_errors=True)
    images, masks = zip(*annotated, strict=True)
    morula.train(list(images), list(masks), folder / "model.safetensors", steps=steps, quick=True, seed=seed)
    images, masks = zip(*held, strict=True)
    morula.segment(folder / "model.safetensors", list(images), folder / "predicted")
    found = morula.evaluate(folder / "predicted", list(masks)).scores.foreground_iou or 0.0
    result.write_text(json.dumps({"images": names, "score": found}))
    return found


if __name__ == "__main__":
    main()
