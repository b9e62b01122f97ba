"""What it costs to learn from data that memory does not hold.

    python benchmarks/larger_than_memory.py --gigabytes 20 --steps 100 --out larger

Draws so many GB of images and masks, and trains five times for the same number of steps, each time in a process of
its own: on 10 frames, which tells what the bare process takes; and twice in turn on as many frames as are held in
memory, and on all, from disk. Before the steps from disk are timed, its pages are thrown out of the system's cache.
A row of a table is printed for each. Run it on a machine that does nothing else; drawing goes on where it was stopped.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import tifffile

SIDE = 1024
MOVIES = 40
FEW, MANY = 10, 150


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gigabytes", type=float, default=20)
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--out", type=Path, default=Path("larger"))
    options = parser.parse_args()
    pairs = drawn(options.out / "data", round(options.gigabytes * 1e9 / (3 * SIDE**2)))
    store = options.out / "store"
    few = measured(pairs[:FEW], options.out / "few.safetensors", options.steps)
    rounds = [(measured(pairs[:MANY], options.out / "many.safetensors", options.steps),
               measured(pairs, options.out / "all.safetensors", options.steps, store)) for _ in range(2)]
    size = sum(file.stat().st_size for file in store.iterdir())
    print("| frames | from | seconds a step | peak memory, MB | above the bare process, MB |")
    print("| --- | --- | --- | --- | --- |")
    rows = [(FEW, "memory", few)]
    for many, every in rounds:
        rows += [(MANY, "memory", many), (len(pairs), "disk", every)]
    for count, place, found in rows:
        peaks = f"{found.peak / 1e6:,.0f} | {(found.peak - few.peak) / 1e6:,.0f}"
        print(f"| {count} | {place} | {found.step:.3f} | {peaks} |")
    from_memory, from_disk = (sum(found.step for found in kind) for kind in zip(*rounds, strict=True))
    print(f"\nA step from disk takes {from_disk / from_memory:.2f} times as long as one from memory. "
          f"{sum(file.stat().st_size for pair in pairs for file in pair) / 1e9:.2f} GB of files were prepared in "
          f"{rounds[0][1].preparing:.0f} s and take {size / 1e9:.2f} GB on disk.")


@dataclass(frozen=True)
class Measured:
    """Of one training: median seconds of a step, the most memory in bytes, seconds of preparing frames on disk."""

    step: float
    peak: int
    preparing: float


def measured(pairs: list[tuple[Path, Path]], out: Path, steps: int, store: Path | None = None) -> Measured:
    """Train in a process of its own."""
    with ProcessPoolExecutor(1, get_context("spawn")) as alone:
        return alone.submit(trained, pairs, out, steps, store).result()


def trained(pairs: list[tuple[Path, Path]], out: Path, steps: int, store: Path | None) -> Measured:
    import morula

    preparing: list[float] = []

    def watch(done: int, total: int, words: str) -> None:
        if words.startswith("preparing"):
            preparing.append(time.perf_counter())
        if store and done == 1 and words.startswith("loss"):
            forget_pages(store)

    images, masks = zip(*pairs, strict=True)
    morula.train(images, masks, out, steps=steps, binning=1, store=store, overwrite=True, progress=watch)
    log = [json.loads(line) for line in out.with_name(out.name + ".log.jsonl").read_text().splitlines()]
    seconds = np.diff([line["seconds"] for line in log if line["event"] == "step"])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return Measured(float(np.median(seconds)), peak, preparing[-1] - preparing[0] if preparing else 0.0)


def forget_pages(folder: Path) -> None:
    """Throw the files of a folder out of the system's cache, where that can be asked for."""
    os.sync()
    for file in folder.iterdir() if hasattr(os, "posix_fadvise") else ():
        handle = os.open(file, os.O_RDONLY)
        os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(handle)


def drawn(folder: Path, count: int) -> list[tuple[Path, Path]]:
    """Files with discs of grain in noise, and their masks; those that are there already are kept."""
    pairs = []
    for number in range(count):
        name = f"movie{number % MOVIES:02}_t{number // MOVIES:05}.tif"
        pair = (folder / "images" / name, folder / "masks" / name)
        pairs.append(pair)
        if pair[1].exists():
            continue
        for file, array in zip(pair, frame(number), strict=True):
            file.parent.mkdir(parents=True, exist_ok=True)
            tifffile.imwrite(file, array)
    return pairs


def frame(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Some discs, brighter and with more grain than the ground."""
    rng = np.random.default_rng(seed)
    rows, columns = np.ogrid[:SIDE, :SIDE]
    mask = np.zeros((SIDE, SIDE), np.uint8)
    for _ in range(rng.integers(4, 12)):
        row, column, radius = rng.integers(60, SIDE - 60), rng.integers(60, SIDE - 60), rng.integers(20, 60)
        mask[(rows - row) ** 2 + (columns - column) ** 2 < radius**2] = 1
    noise = rng.standard_normal((SIDE, SIDE), np.float32)
    image = 4000 + np.float32(1500) * mask + (600 + np.float32(900) * mask) * noise
    return (image * rng.uniform(0.5, 1.5)).astype(np.uint16), mask


if __name__ == "__main__":
    main()
