"""How long measuring takes beside scikit-image, topic by topic, and how much memory a long movie needs.

    python benchmarks/measures.py [--objects 2000] [--volumes 64] [--frames 10 100]

Draws a frame of so many bent ellipses and a volume of ellipsoids, each 20 to 35 pixels long, and measures them from
arrays. The first rows of the table are the measures that scikit-image's `regionprops_table` has as well, computed by
both; then come all measures of each topic alone. What topics share, such as outlines, is computed in each row anew, so
that rows do not add up. Then movies of a few frames and of many are measured from files, each in a process of its own;
each frame that stayed in memory would add 2 MB.
"""

from __future__ import annotations

import argparse
import resource
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from skimage.measure import regionprops_table

import morula
from morula.images.write import write_mask
from morula.measures.bodies import cut_out
from morula.measures.catalogue import TOPICS, asked_for
from morula.measures.columns import Layout
from morula.objects.selection import Objects, ObjectSettings, choose_objects

IN_BOTH = {
    2: (
        ("area", "bounding_box", "centroid", "equivalent_diameter", "major_axis", "minor_axis", "eccentricity",
         "orientation", "perimeter", "holes", "solidity", "feret_max", "mean"),
        ("area", "bbox", "centroid", "equivalent_diameter_area", "axis_major_length", "axis_minor_length",
         "eccentricity", "orientation", "perimeter_crofton", "euler_number", "solidity", "feret_diameter_max",
         "intensity_mean"),
    ),
    3: (
        ("volume", "bounding_box", "centroid", "equivalent_diameter", "longest_axis", "shortest_axis", "solidity",
         "feret_max", "mean"),
        ("area", "bbox", "centroid", "equivalent_diameter_area", "axis_major_length", "axis_minor_length", "solidity",
         "feret_diameter_max", "intensity_mean"),
    ),
}
"""The same measures by our names and by those of scikit-image, by the number of axes."""

WARM = 20

SIDE, OF_MOVIE = 1024, 16
"""Of a movie's frames: pixels along a side, and objects."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--objects", type=int, default=2_000)
    parser.add_argument("--volumes", type=int, default=64)
    parser.add_argument("--frames", type=int, nargs=2, default=(10, 100))
    options = parser.parse_args()
    for axes, count in ((2, options.objects), (3, options.volumes)):
        print(f"\n{count:,} objects in {'a plane' if axes == 2 else 'a volume'}, milliseconds each\n")
        print("| measures | Morula | scikit-image | ratio |\n| --- | --- | --- | --- |")
        compare(drawn(axes, count))
    print("\n| frames | peak memory, MB |\n| --- | --- |")
    for frames in options.frames:
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as alone:
            print(f"| {frames} | {alone.submit(peak, frames).result() / 1e6:,.0f} |")


def compare(labels: np.ndarray) -> None:
    """The rows of the table for the objects of one frame."""
    image = np.random.default_rng(1).uniform(50, 200, (1, *labels.shape)).astype(np.float32)
    ours, theirs = IN_BOTH[labels.ndim]
    count = int(labels.max())
    seconds = timed(labels, image, ours)
    begin = time.perf_counter()
    regionprops_table(labels, image[0], properties=("label", *theirs))
    other = time.perf_counter() - begin
    print(f"| those of both | {1e3 * seconds / count:.2f} | {1e3 * other / count:.2f} | {seconds / other:.2f} |")
    for name, words in (*((topic, (topic,)) for topic in TOPICS), ("all", tuple(TOPICS))):
        print(f"| {name} | {1e3 * timed(labels, image, words) / count:.2f} |  |  |")


def timed(labels: np.ndarray, image: np.ndarray, words: tuple[str, ...]) -> float:
    """Seconds to measure all objects of a frame."""
    layout = Layout(labels.ndim, False, ("a",), asked=asked_for(words))
    spacing = np.ones(labels.ndim)
    for body, _ in zip(cut_out(chosen(labels), spacing, image), range(WARM), strict=False):
        layout.row(body)
    begin = time.perf_counter()
    for body in cut_out(chosen(labels), spacing, image):
        layout.row(body)
    return time.perf_counter() - begin


def chosen(labels: np.ndarray) -> Objects:
    """All objects of a label image."""
    numbers = np.arange(labels.max() + 1)
    return choose_objects(labels, numbers, np.minimum(numbers, 1), ObjectSettings(), pixel_volume=1, most_classes=1)


def drawn(axes: int, count: int, seed: int = 0) -> np.ndarray:
    """A label image of bent ellipses or ellipsoids in rows, int32 `(*space)`."""
    rng, side = np.random.default_rng(seed), 38
    across = int(np.ceil(count ** (1 / axes)))
    labels = np.zeros((across * side,) * axes, np.int32)
    offsets = np.stack(np.meshgrid(*[np.arange(side) - side / 2] * axes, indexing="ij"))
    for number in range(count):
        turn = rng.uniform(0, np.pi)
        *above, y, x = offsets
        along, aside = x * np.cos(turn) + y * np.sin(turn), y * np.cos(turn) - x * np.sin(turn)
        aside = aside + along**2 / 120
        half = rng.uniform([12, 8, 7], [17, 11, 10])
        inside = sum((way / size) ** 2 for way, size in zip([along, aside, *above], half, strict=False)) <= 1
        corner = np.array(np.unravel_index(number, (across,) * axes)) * side
        labels[tuple(slice(start, start + side) for start in corner)][inside] = number + 1
    return labels


def peak(frames: int) -> float:
    """The most memory in bytes that measuring a movie took, in a process that does nothing else."""
    objects = drawn(2, OF_MOVIE)
    labels = np.zeros((SIDE, SIDE), np.uint16)
    labels[tuple(map(slice, objects.shape))] = objects
    with TemporaryDirectory() as place:
        masks = Path(place) / "movie.tif"
        write_mask(masks, (labels for _ in range(frames)), pixel_size=None)
        morula.measure(masks, Path(place) / "table.csv", read_masks_as="objects")
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


if __name__ == "__main__":
    main()
