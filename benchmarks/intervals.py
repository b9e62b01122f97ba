"""How often intervals of measures hold the true values, on drawn gastruloids whose outlines are known.

    python benchmarks/intervals.py [--minutes 1] [--frames 150] [--out intervals]

A model is trained on 300 frames of 30 movies. It segments frames of other movies, as they are and altered, with its
doubt; both its masks and the true ones are measured. A row of a table is printed for each measure: the share of true
values that lie in its interval, and the width of the interval in the median. Then the same shares for altered frames,
and the width of intervals where a rim is hidden by shed cells.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import tifffile
from scipy import ndimage

import morula
from morula.drawings.synthetic import draw_gastruloids
from morula.measures.intervals import PERIODS

SHOWN = ("area_um2", "equivalent_diameter_um", "centroid_y_um", "centroid_x_um", "major_axis_um", "minor_axis_um",
         "aspect_ratio", "eccentricity", "orientation_deg", "perimeter_um", "circularity", "solidity", "feret_max_um",
         "feret_min_um", "inscribed_radius_um", "enclosing_radius_um", "curvature_max_per_um", "concave_share",
         "protrusions", "harmonic_2", "midline_length_um", "midline_width_um", "width_5_um", "mean_grey", "total_grey",
         "contrast_grey", "polarisation_grey", "polarisation_angle_grey_deg", "along_5_grey", "inward_1_grey")
SHORT = ("area_um2", "aspect_ratio", "perimeter_um", "circularity", "major_axis_um")

Table = dict[str, dict[str, str]]


def noisy(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return image + rng.normal(0, 12, image.shape)


def blurred(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return ndimage.gaussian_filter(image, 1.5)


def flat(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return 60 + 0.4 * image + rng.normal(0, 4, image.shape)


def uneven(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    y, x = np.indices(image.shape) / image.shape[0]
    return image * (0.5 + 0.7 * x) + 40 * y


STYLES: dict[str, Callable[[np.ndarray, np.random.Generator], np.ndarray]] = {
    "more noise": noisy, "out of focus": blurred, "less contrast": flat, "uneven light": uneven,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=1)
    parser.add_argument("--frames", type=int, default=150)
    parser.add_argument("--out", type=Path, default=Path("intervals"))
    options = parser.parse_args()
    out = options.out
    model = out / "model.safetensors"
    if not model.exists():
        known = morula.draw("gastruloids", out / "known", count=300, movies=30, seed=1)
        morula.train(known.images, known.masks, model, minutes=options.minutes)
    movies = options.frames // 5
    new = morula.draw("gastruloids", out / "new", count=options.frames, movies=movies, seed=2)
    truth = measured(new.masks, new.images, out / "truth.csv")
    found = outlined(model, new.images, out / "as drawn")
    print(f"{len(found)} frames of {movies} movies\n")
    print("| measure | typical value | in the interval | width of the interval |\n| --- | --- | --- | --- |")
    for name in SHOWN:
        inside, width = coverage(found, truth, name)
        typical = np.median([float(row[name]) for row in truth.values() if row[name]])
        print(f"| {name} | {typical:.3g} | {inside:.0%} | {width:.2g} |")
    print(f"\n| frames | {' | '.join(SHORT)} |\n|{' --- |' * (len(SHORT) + 1)}")
    for style, alter in STYLES.items():
        images = altered(new.images, out / style / "images", alter)
        table = outlined(model, images, out / style)
        print(f"| {style} | {' | '.join(f'{coverage(table, truth, name)[0]:.1%}' for name in SHORT)} |")
    hidden = hidden_rims(options.frames, movies)
    widths = {name: float(row["area_um2_high"]) / float(row["area_um2_low"]) - 1 for name, row in found.items()}
    order = sorted(widths, key=lambda name: hidden[name])
    quarter = len(order) // 4
    print("\n| frames | rim hidden | width of the interval of the area | off by |\n| --- | --- | --- | --- |")
    for words, names in (("the least hidden quarter", order[:quarter]), ("the most hidden quarter", order[-quarter:])):
        off = [abs(float(found[name]["area_um2"]) / float(truth[name]["area_um2"]) - 1) for name in names]
        print(f"| {words} | {np.mean([hidden[name] for name in names]):.0%} "
              f"| {np.median([widths[name] for name in names]):.2%} | {np.median(off):.2%} |")


def outlined(model: Path, images: Path, out: Path) -> Table:
    """The measures of a model's masks, with their intervals."""
    morula.segment(model, images, out / "masks", doubt=True)
    return measured(out / "masks", images, out / "table.csv", doubt=out / "masks" / "doubt")


def measured(masks: Path, images: Path, table: Path, doubt: Path | None = None) -> Table:
    """The measures of the main object of each file."""
    morula.measure(masks, table, images=images, doubt=doubt, main_object=True)
    with table.open(newline="", encoding="utf-8") as file:
        return {row["file"]: row for row in csv.DictReader(file) if row["object"]}


def coverage(found: Table, truth: Table, name: str) -> tuple[float, float]:
    """The share of true values in their interval, and its median width."""
    period = next((turn for measure, turn in PERIODS.items() if name.startswith(measure.split("_{")[0])), np.inf)
    inside, widths = [], []
    for file, row in found.items():
        if row[f"{name}_low"] and truth[file][name]:
            low, high, true = float(row[f"{name}_low"]), float(row[f"{name}_high"]), float(truth[file][name])
            turned = true if period == np.inf else low + (true - low) % period
            inside.append(low <= turned <= high)
            widths.append(high - low)
    return float(np.mean(inside)), float(np.median(widths))


def altered(images: Path, out: Path, alter: Callable[[np.ndarray, np.random.Generator], np.ndarray]) -> Path:
    """Every third of the images in another style."""
    out.mkdir(parents=True, exist_ok=True)
    for place, path in enumerate(sorted(images.iterdir())[::3]):
        with tifffile.TiffFile(path) as file:
            image, size = file.asarray().astype(float), file.pages[0].tags["XResolution"].value  # type: ignore[union-attr]
        changed = np.clip(np.rint(alter(image, np.random.default_rng(place))), 0, 255).astype(np.uint8)
        tifffile.imwrite(out / path.name, changed, imagej=True, metadata={"unit": "um"},
                         resolution=(size[0] / size[1],) * 2)
    return out


def hidden_rims(frames: int, movies: int) -> dict[str, float]:
    """The share of the outline of each frame that shed cells touch, by file."""
    shares = {}
    for drawing in draw_gastruloids(frames, movies=movies, seed=2, classes=2):
        body = drawing.mask == 1
        rim = ndimage.binary_dilation(body, iterations=2) & ~body
        shares[f"{drawing.name}.tif"] = float((drawing.mask[rim] == 2).mean())
    return shares


if __name__ == "__main__":
    main()
