"""What the masks of a set hold, seen together: the values that count, and those that only scatter around them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from morula.errors import DataError
from morula.pairs.census import FEW, Census, carrier_of, edges_of, modes_along_edges, modes_of, number_objects
from morula.pairs.masks import Code, shown
from morula.pairs.stored_values import Carrier

SCALED = 0.1  # from whole numbers: a header that spreads 8 bits over some numbers moves them by less
EDGES = "only along edges, as after resizing"


@dataclass(frozen=True)
class Evidence:
    """What the masks of a set hold, seen together."""

    frames: tuple[Census, ...]  # only with the channels that carry the meaning
    pool: Census
    carrier: Carrier
    codes: np.ndarray  # (values, channels), ascending, what is not annotated left out
    numbered: bool  # so many values, each one piece, that they number objects
    scatter: str  # why values lie around `codes`; empty where they are exact
    zero_set_aside: bool

    @classmethod
    def of(cls, censuses: Sequence[Census], not_annotated: int | None, *, smooth: bool) -> Evidence:
        carrier = carrier_of(censuses)
        try:
            frames = tuple(census.carried(carrier) for census in censuses)
        except ValueError as error:
            raise DataError([f"The masks cannot be read together: {error}."]) from error
        pool = Census.pool(frames)
        if not np.isfinite(pool.codes.astype(float)).all():
            raise DataError(["The masks hold NaN or infinity. Store a number of its own for what is not annotated."])
        numbered = pool.distinct > FEW and number_objects(frames)
        codes, scatter = (pool.codes, "") if numbered else _without_scatter(frames, pool, smooth=smooth)
        if not_annotated is not None:
            codes = codes[(codes != not_annotated).any(axis=1)]
        if not len(codes):
            raise DataError([f"Every pixel of the masks is {not_annotated}, which means not annotated."])
        return cls(frames, pool, carrier, codes, numbered, scatter, not_annotated == 0)

    def code(self, value: float) -> Code:
        return (value,) * self.codes.shape[1]

    def background_colour(self) -> Code | None:
        """Black, or the colour that fills most of the frames and most of their borders; None where there is none."""
        known: list[Code] = [tuple(code) for code in self.codes.tolist()]
        black = self.code(0)
        if black in known:
            return black
        distance = np.abs(self.pool.codes[:, None].astype(float) - np.array(known)).max(axis=-1)
        counts, border = (
            np.bincount(distance.argmin(axis=1), pixels, len(known)) for pixels in (self.pool.counts, self.pool.border)
        )
        largest = int(counts.argmax())
        shares = counts[largest] / counts.sum(), border[largest] / border.sum()
        return known[largest] if min(shares) > 1 / 2 else None


def _without_scatter(frames: Sequence[Census], pool: Census, *, smooth: bool) -> tuple[np.ndarray, str]:
    """The codes that values lie around, ascending, and why they do; all values, and nothing, where they are exact.

    Edges may be `smooth` only where nobody said what the values mean.
    """
    if _scaled(frames):
        return np.unique(np.rint(pool.codes), axis=0), "values lie beside whole numbers, as a header scales them"
    modes = modes_of(pool)
    if modes:
        codes = np.array(sorted(modes))
        edges = modes_along_edges(pool, codes)
        if not smooth or not edges.any():
            return codes, "values scatter as after JPEG"
        return codes[~edges], _along_edges(codes[edges])
    edges = edges_of(pool)
    if not smooth or not edges.any() or np.isin(pool.codes, range(FEW + 1)).all():
        return pool.codes, ""
    return pool.codes[~edges], _along_edges(pool.codes[edges])


def _along_edges(codes: np.ndarray) -> str:
    """That these values are none of their own."""
    values = [shown(code) for code in codes]
    listed = ", ".join([*values[:3], *(["…"] if len(values) > 4 else []), *values[3:][-1:]])
    return f"the value {listed} lies {EDGES}" if len(values) == 1 else f"the values {listed} lie {EDGES}"


def _scaled(frames: Sequence[Census]) -> bool:
    """Whether values lie off whole numbers, but so near that in every frame each belongs to a number of its own."""
    off = 0.0
    for census in frames:
        whole = np.rint(census.codes)
        off = max(off, float(np.abs(census.codes - whole).max()))
        if off > SCALED or len(np.unique(whole, axis=0)) < len(whole):
            return False
    return off > 0
