"""Whether drawn movies with known outlines are measured and followed as they are.

    python benchmarks/drawn_movies.py [--minutes 2] [--movies 20] [--frames 24] [--out drawn_movies]

A model is trained on 300 drawn frames of 30 movies. Other movies are drawn with a second picture of each frame, of a
fluorescent reporter that is brighter towards one side, which turns. Their frames are segmented, measured and tracked,
and compared with what is measured of the true outlines, and with the direction in which the reporter was drawn.
"""

from __future__ import annotations

import argparse
import csv
from pathlib import Path

import numpy as np

import morula
from morula.drawings.drawn import Drawing, save_drawings
from morula.drawings.phase_contrast import pixel_centres
from morula.drawings.synthetic import MovieStyle, draw_frame

SEED, SIZE = 7, 160


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=2)
    parser.add_argument("--movies", type=int, default=20)
    parser.add_argument("--frames", type=int, default=24)
    parser.add_argument("--out", type=Path, default=Path("drawn_movies"))
    options = parser.parse_args()
    out, model = options.out, options.out / "model.safetensors"
    if not model.exists():
        known = morula.draw("gastruloids", out / "known", count=300, movies=30, seed=1)
        morula.train(known.images, known.masks, model, minutes=options.minutes)
    directions = draw_movies(out, options.movies, options.frames)
    morula.segment(model, out / "seen" / "images", out / "masks")
    found, truth = (measured(masks, out / "reporter" / "images", out / f"{name}.csv")
                    for name, masks in (("found", out / "masks"), ("truth", out / "seen" / "masks")))
    tracked = morula.track(out / "masks", out / "tracked", overwrite=True)
    print(f"{len(truth)} frames of {options.movies} movies\n\n"
          "| | within | of the frames | median | 95 % below |\n| --- | --- | --- | --- | --- |")
    offs = {
        "area": (0.02, [abs(number(found, file, "area_um2") / number(truth, file, "area_um2") - 1) for file in truth]),
        "aspect ratio": (0.03, [abs(number(found, file, "aspect_ratio") - number(truth, file, "aspect_ratio"))
                                for file in truth]),
        "direction of polarisation, degrees": (10, [
            abs((number(found, file, "polarisation_angle_grey_deg") - directions[file] + 180) % 360 - 180)
            for file in truth]),
        "the same with true outlines": (10, [
            abs((number(truth, file, "polarisation_angle_grey_deg") - directions[file] + 180) % 360 - 180)
            for file in truth]),
    }
    for name, (limit, off) in offs.items():
        values = np.array(off)
        print(f"| {name} | {limit} | {np.mean(values <= limit):.1%} | {np.median(values):.3g} "
              f"| {np.percentile(values, 95):.3g} |")
    print(f"\nTracks that are whole: {whole_tracks(tracked.table, options.frames)} of {options.movies}.")


def draw_movies(out: Path, movies: int, frames: int) -> dict[str, float]:
    """Draw movies and their reporters; returns where each reporter is brightest, degrees on the screen, by file."""
    seen, reporters, directions = [], [], {}
    for movie in range(movies):
        style = MovieStyle.drawn(SEED, movie)
        rng = np.random.default_rng([SEED, movie, 2**20])
        start, turning = rng.uniform(0, 2 * np.pi), rng.normal(0, 0.1)
        for frame in range(frames):
            drawing = draw_frame(style, SEED, movie, frame, SIZE, classes=1)
            angle = start + turning * frame
            seen.append(drawing)
            reporters.append(reporter(style, drawing, frame, angle, rng))
            directions[f"{drawing.name}.tif"] = float(np.degrees(-angle) % 360)
    for name, drawings in (("seen", seen), ("reporter", reporters)):
        save_drawings(drawings, out / name)
    return directions


def reporter(style: MovieStyle, drawing: Drawing, frame: int, angle: float, rng: np.random.Generator) -> Drawing:
    """A picture that is brighter along `angle`, from x towards y, by a fifth on each side, with a camera's noise."""
    body = style.gastruloid.body(frame)
    y, x = pixel_centres(SIZE)
    along = ((y - body.centre[0]) * np.sin(angle) + (x - body.centre[1]) * np.cos(angle)) / body.radius
    light = 20 + (drawing.mask > 0) * (100 + 40 * along)
    noisy = np.clip(np.rint(rng.normal(light, 8)), 0, 255).astype(np.uint8)
    return Drawing(drawing.name, noisy, drawing.mask, drawing.pixel_size)


def measured(masks: Path, images: Path, table: Path) -> dict[str, dict[str, str]]:
    """The measures of the main object of each file."""
    morula.measure(masks, table, images=images, main_object=True, background=20)
    with table.open(newline="", encoding="utf-8") as file:
        return {row["file"]: row for row in csv.DictReader(file)}


def number(table: dict[str, dict[str, str]], file: str, name: str) -> float:
    """A value of a table; infinity where it is missing, which is as wrong as can be."""
    return float(table[file][name] or "inf")


def whole_tracks(table: Path, frames: int) -> int:
    """How many movies hold one track that goes from the first frame to the last, and no other."""
    movies: dict[str, list[str]] = {}
    with table.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            movies.setdefault(row["movie"], []).append(row["track"])
    return sum(len(tracks) == frames and len(set(tracks)) == 1 for tracks in movies.values())


if __name__ == "__main__":
    main()
