"""Drawn phase-contrast movies of gastruloids, with their outlines known exactly.

The demo, the tests and the benchmarks learn and measure on them, so that nothing needs a download. Every
movie has a style of its own, drawn from the seed and the movie's number; every frame follows from the style
and the frame's number, and does not depend on how many others are drawn.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from morula.drawings.drawn import Drawing
from morula.drawings.gastruloids import Gastruloid, Shedding
from morula.drawings.phase_contrast import PhaseContrast, cell_discs, pixel_centres
from morula.errors import RequestError
from morula.plurals import many

FRAME_WIDTH = 800.0
"""The width of a frame in µm, whatever its size in pixels."""


@dataclass(frozen=True)
class MovieStyle:
    """What sets one movie apart: its gastruloid's life, the cells it sheds, the microscope and the well."""

    gastruloid: Gastruloid
    shedding: Shedding
    microscope: PhaseContrast

    @classmethod
    def drawn(cls, seed: int, movie: int) -> MovieStyle:
        """The style of a movie; the same seed and number give the same style."""
        rng = np.random.default_rng([seed, movie])
        return cls(Gastruloid.drawn(rng), Shedding.drawn(rng), PhaseContrast.drawn(rng))


def draw_gastruloids(
    count: int, *, movies: int, seed: int = 0, size: int = 160, classes: int = 1
) -> Iterator[Drawing]:
    """Draw `count` frames, spread evenly over `movies` movies, each from its first frame on.

    Args:
        count: how many frames in all.
        movies: how many movies; each has its own gastruloid, microscope and well.
        seed: everything follows from it; another seed gives other movies.
        size: width and height of a frame in pixels; all things scale with it.
        classes: 1 to mark the body only, 2 to mark shed cells also.

    Raises:
        RequestError: a number that cannot be drawn.

    >>> next(draw_gastruloids(1, movies=1)).name
    'movie00_t000'
    """
    least_numbers = {"count": (count, 1), "movies": (movies, 1), "seed": (seed, 0), "size": (size, 32)}
    for name, (number, least) in least_numbers.items():
        if number < least:
            raise RequestError(f"{name} must be at least {least}, not {number}.")
    if movies > count:
        raise RequestError(f"{many(count, 'frame')} cannot fill {many(movies, 'movie')}: ask for fewer movies.")
    if classes not in (1, 2):
        raise RequestError(f"classes must be 1 (body) or 2 (body and shed cells), not {classes}.")
    return (
        draw_frame(MovieStyle.drawn(seed, movie), seed, movie, frame, size, classes)
        for movie in range(movies)
        for frame in range((movie + 1) * count // movies - movie * count // movies)
    )


def draw_frame(style: MovieStyle, seed: int, movie: int, frame: int, size: int, classes: int) -> Drawing:
    """Draw one frame of a movie.

    The mask holds 0 background, 1 body, 2 shed cell where asked for. The body is all within the true outline,
    also what shed cells hide of it: the annotator follows the rim behind a heap, leaves out what sticks out of
    it, and does not take cells that lie on the body away from it. So a cell over the rim is class 2 only where
    it sticks out.
    """
    # Seeds that differ in zeros at the end only are the same to numpy, and the style has taken [seed, movie].
    rng = np.random.default_rng([seed, movie, frame + 1])
    life = style.gastruloid
    body = life.body(frame)
    cells = style.shedding.cells(body, life.aged(frame), frame, life.turning * frame, rng)
    depth = body.depth(*pixel_centres(size))
    mask = (depth > 0).astype(np.uint8)
    if classes == 2:
        mask[cell_discs(cells, size) & (mask == 0)] = 2
    return Drawing(
        name=f"movie{movie:02d}_t{frame:03d}",
        image=style.microscope.picture(body, depth, cells, rng),
        mask=mask,
        pixel_size=(FRAME_WIDTH / size, FRAME_WIDTH / size),
    )
