"""What a score says where copies of a frame are on both sides of a split.

    python benchmarks/leakage.py [--frames 65] [--size 96] [--steps 400] [--seeds 3] [--out leakage]

Frames of gastruloids are drawn, each of another movie, and each is saved six times: as it is, turned by quarters,
mirrored, all but the first in other brightness and contrast. A fifth of the pictures is held out, once at random, and
once with all copies of a frame on the same side. The same small network learns the same number of steps from the rest,
and is scored on the held-out pictures and on as many frames of movies that it knows nothing of. The difference of these
two scores is what the split pretended.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import morula
from morula.drawings.drawn import Drawing, save_drawings
from morula.drawings.synthetic import draw_gastruloids

HELD_OUT = 5
"""One in so many is held out."""
NEW = 10_000
"""Added to the seed, it draws other movies."""


@dataclass(frozen=True)
class Outcome:
    """The foreground IoU on what a split held out, and on frames of other movies."""

    said: float
    true: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--frames", type=int, default=65)
    parser.add_argument("--size", type=int, default=96)
    parser.add_argument("--steps", type=int, default=400)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--out", type=Path, default=Path("leakage"))
    options = parser.parse_args()
    print("| split | seed | on what was held out | on new frames | pretended |\n| --- | --- | --- | --- | --- |")
    for seed in range(options.seeds):
        frames = list(draw_gastruloids(options.frames, movies=options.frames, seed=seed, size=options.size))
        new = list(draw_gastruloids(options.frames, movies=options.frames, seed=seed + NEW, size=options.size))
        for name, held in (("at random", at_random), ("by frame", by_frame)):
            apart = held(options.frames, np.random.default_rng(seed))
            found = outcome(list(copies(frames, seed)), apart, new, options.out / f"{name} {seed}", options.steps)
            print(f"| {name} | {seed} | {found.said:.4f} | {found.true:.4f} | {found.said - found.true:+.4f} |",
                  flush=True)


def copies(frames: Sequence[Drawing], seed: int) -> Iterator[Drawing]:
    """Each frame six times, one after the other."""
    rng = np.random.default_rng(seed)
    for frame in frames:
        for number in range(6):
            image, mask = (np.rot90(array, number) if number < 4 else np.flip(array, number - 4)
                           for array in (frame.image, frame.mask))
            if number:
                image = image * rng.uniform(0.7, 1.3) + rng.uniform(-25, 25)
            pixels = np.clip(np.rint(image), 0, 255).astype(np.uint8)
            yield Drawing(f"{frame.name} copy {'abcdef'[number]}", np.ascontiguousarray(pixels),
                          np.ascontiguousarray(mask), frame.pixel_size)


def at_random(frames: int, rng: np.random.Generator) -> set[int]:
    """The places of a fifth of all pictures."""
    return set(rng.permutation(6 * frames)[: 6 * frames // HELD_OUT].tolist())


def by_frame(frames: int, rng: np.random.Generator) -> set[int]:
    """The places of all copies of a fifth of the frames."""
    held = rng.permutation(frames)[: frames // HELD_OUT]
    return {6 * frame + number for frame in held.tolist() for number in range(6)}


def outcome(pictures: Sequence[Drawing], held: set[int], new: Sequence[Drawing], out: Path, steps: int) -> Outcome:
    """Learn from all pictures but those held out; everything that was made stays in `out`."""
    parts = {
        "known": [picture for place, picture in enumerate(pictures) if place not in held],
        "held": [pictures[place] for place in sorted(held)],
        "new": new,
    }
    for name, drawings in parts.items():
        save_drawings(drawings, out / name, total=len(drawings))
    # One frame, with its copies, is what the training itself holds out at the least.
    known = (out / "known" / kind for kind in ("images", "masks"))
    training = morula.train(*known, out / "model.safetensors", steps=steps, quick=True, share=0.02)
    scores = []
    for name in ("held", "new"):
        morula.segment(training.model, out / name / "images", out / f"{name} predicted")
        scores.append(morula.evaluate(out / f"{name} predicted", out / name / "masks").scores.foreground_iou)
    return Outcome(*scores)


if __name__ == "__main__":
    main()
