"""How many hidden copies are found, how many different frames are joined, and how long it takes.

    python benchmarks/copies.py [--frames 286] [--movies 10] [--size 160] [--seed 1]

Movies of gastruloids are drawn, and every frame is hidden among them six times more, each time altered in another
way. All are checked as `morula check` does, under names that tell nothing. A row of a table is printed for each kind of
alteration: how many such copies ended in the group of their frame. Then come the different frames that were joined,
and the seconds of the check.
"""

from __future__ import annotations

import argparse
import io
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from PIL import Image as Picture

import morula
from morula.drawings.synthetic import draw_gastruloids

Change = Callable[[np.ndarray, np.random.Generator], np.ndarray]
COPIES = 6
"""Of each frame."""


def turn(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return np.rot90(image, rng.integers(1, 4))


def flip(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return np.flip(image, rng.integers(2))


def contrast(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    middle = image.mean()
    changed = (image - middle) * np.exp(rng.uniform(-0.6, 0.6)) + middle + rng.uniform(-30, 30)
    return np.clip(np.rint(changed), 0, 255).astype(np.uint8)


def gamma(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return np.rint(255 * (image / 255) ** np.exp(rng.uniform(-0.7, 0.7))).astype(np.uint8)


def crop(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    sides = np.rint(np.multiply(image.shape, rng.uniform(0.6, 0.95, 2))).astype(int)
    y, x = rng.integers(0, image.shape - sides + 1)
    return image[y : y + sides[0], x : x + sides[1]]


def compress(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    file = io.BytesIO()
    Picture.fromarray(np.ascontiguousarray(image)).save(file, "JPEG", quality=int(rng.integers(30, 90)))
    return np.asarray(Picture.open(file))


def shrink(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return _resized(image, np.rint(np.multiply(image.shape, rng.uniform(0.5, 0.9))).astype(int))


def magnify(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    sides = np.rint(np.multiply(image.shape, rng.uniform(0.6, 0.95))).astype(int)
    y, x = rng.integers(0, image.shape - sides + 1)
    return _resized(image[y : y + sides[0], x : x + sides[1]], image.shape)


def _resized(image: np.ndarray, shape: tuple[int, ...] | np.ndarray) -> np.ndarray:
    height, width = map(int, shape)
    picture = Picture.fromarray(np.ascontiguousarray(image))
    return np.asarray(picture.resize((width, height), Picture.Resampling.BICUBIC))


CHANGES: dict[str, tuple[Change, ...]] = {
    "quarter turn": (turn,),
    "flip": (flip,),
    "brightness and contrast": (contrast,),
    "gamma": (gamma,),
    "quarter turn and contrast": (turn, contrast),
    "crop to 36-90 %": (crop,),
    "JPEG of quality 30-90": (compress,),
    "flip and JPEG": (flip, compress),
    "crop, turn and gamma": (crop, turn, gamma),
    "crop, turn, flip, gamma, contrast and JPEG": (crop, turn, flip, gamma, contrast, compress),
    "half to nine tenths of the size": (shrink,),
    "crop, enlarged to the size of the whole": (magnify,),
    "crop, turn, gamma, contrast, enlarged crop, JPEG": (crop, turn, gamma, contrast, magnify, compress),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--frames", type=int, default=286)
    parser.add_argument("--movies", type=int, default=10)
    parser.add_argument("--size", type=int, default=160)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    images, origins, kinds = hidden(options.frames, options.movies, options.size, options.seed)
    with TemporaryDirectory() as folder:
        save(images, Path(folder))
        began = time.perf_counter()
        inspection = morula.check(f"{folder}/images", f"{folder}/masks")
        seconds = time.perf_counter() - began
    homes = [frame.group for frame in inspection.frames]
    original = {origin: home for origin, kind, home in zip(origins, kinds, homes, strict=True) if not kind}
    everything, found = Counter(kinds), Counter()
    for origin, kind, home in zip(origins, kinds, homes, strict=True):
        found[kind] += home == original[origin]
    print("| copies by | hidden | found |\n| --- | --- | --- |")
    for kind in CHANGES:
        print(f"| {kind} | {everything[kind]} | {found[kind] / everything[kind]:.1%} |")
    joined = sum(count for count in Counter(original.values()).values() if count > 1)
    print(f"\nDifferent frames joined: {joined} of {options.frames}.")
    print(f"{len(images)} images checked in {seconds:.1f} s.")


def save(images: list[np.ndarray], folder: Path) -> None:
    """Write images under names that tell nothing, each with a mask of its size."""
    for kind in ("images", "masks"):
        (folder / kind).mkdir()
    for number, image in enumerate(images):
        mask = np.zeros_like(image)
        mask[20:-20, 20:-20] = 1
        for kind, pixels in (("images", image), ("masks", mask)):
            Picture.fromarray(pixels).save(folder / kind / f"{number:05}.png")


def hidden(frames: int, movies: int, size: int, seed: int) -> tuple[list[np.ndarray], list[int], list[str]]:
    """Images, the number of the frame that each shows, and how it was altered, empty where it was not."""
    rng = np.random.default_rng(seed)
    images, origins, kinds = [], [], []
    for origin, drawing in enumerate(draw_gastruloids(frames, movies=movies, seed=seed, size=size)):
        for kind in ("", *rng.choice(list(CHANGES), COPIES, replace=False).tolist()):
            image = drawing.image
            for change in CHANGES.get(kind, ()):
                image = change(image, rng)
            images.append(np.ascontiguousarray(image))
            origins.append(origin)
            kinds.append(kind)
    order = rng.permutation(len(images))
    return tuple([each[place] for place in order] for each in (images, origins, kinds))  # type: ignore[return-value]


if __name__ == "__main__":
    main()
