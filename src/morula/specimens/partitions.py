"""Space filled with cells that only seams part, as in epithelia and in electron micrographs of tissue."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from morula.specimens import breadths
from morula.specimens.darts import thrown
from morula.specimens.mottles import mottle
from morula.specimens.things import Things, rims
from morula.specimens.warps import bent


def partition(
    shape: tuple[int, ...], spacing: tuple[float, ...], size: float, seam: float, rng: np.random.Generator
) -> Things:
    """Cells side by side.

    Args:
        shape: of the plane or volume.
        spacing: of neighbours along each axis.
        size: of a cell from side to side, in pixels of a row.
        seam: how wide the seams are about, in pixels of a row; 0 for cells that touch.
        rng: where chance comes from.
    """
    cells = _crooked(_nearest(shape, spacing, size, rng), spacing, size, rng)
    if not seam:
        return Things.numbered(cells, spacing)
    deep = np.asarray(ndimage.distance_transform_edt(~rims(cells, spacing), sampling=spacing), np.float32)
    uneven = np.clip(1 + breadths.SEAM_UNEVEN.drawn(rng) * mottle(shape, size, rng, spacing), 0.5, 2.5)
    half = np.maximum(seam / 2 * uneven, 0.6)
    rounded = rng.uniform(0, 0.12) * size
    core = deep > half + rounded
    if rounded > 0.5:
        core = np.asarray(ndimage.distance_transform_edt(~core, sampling=spacing)) <= rounded
        core &= deep > half
    return Things.numbered(np.where(core, cells, 0), spacing)


def _nearest(
    shape: tuple[int, ...], spacing: tuple[float, ...], size: float, rng: np.random.Generator
) -> np.ndarray:
    """Each place has the number of the seed that lies nearest; sizes of cells differ from half to double."""
    extent = np.multiply(shape, spacing)
    wanted = int(np.clip(3 * (extent / size).prod(), 6, breadths.MANY * 2))
    sizes = size / 2 * np.clip(rng.lognormal(0, breadths.CELL_SPREAD.drawn(rng), wanted), 0.4, 2.5)
    seeds, _ = thrown(extent, np.sort(sizes)[::-1] if rng.random() < 0.5 else sizes, rng.uniform(0.5, 0.9), rng)
    at = tuple(np.clip((seeds / spacing).astype(int), 0, np.array(shape) - 1).T)
    numbers = np.zeros(shape, np.int32)
    numbers[at] = np.arange(1, len(seeds) + 1)
    stretch = np.ones(len(shape))
    stretch[rng.integers(len(shape) - 2, len(shape))] = breadths.STRETCH.drawn(rng) if rng.random() < 0.5 else 1
    nearest = ndimage.distance_transform_edt(numbers == 0, sampling=spacing / stretch, return_distances=False,
                                             return_indices=True)
    return numbers[tuple(np.asarray(nearest))]


def _crooked(cells: np.ndarray, spacing: tuple[float, ...], size: float, rng: np.random.Generator) -> np.ndarray:
    wide, fine = rng.uniform(0.6, 1.5) * size, rng.uniform(0.2, 0.5) * size
    places = bent(cells.shape, spacing, breadths.SEAM_BEND.drawn(rng) * size, wide, rng)
    finer = rng.uniform(0, 0.05) * size
    at: list[np.ndarray] = list(np.indices(cells.shape, np.int32, sparse=True))
    for axis in np.flatnonzero(np.array(spacing) == 1):  # to bend across planes far apart would leave steps
        place = places[axis] + finer * mottle(cells.shape, fine, rng, spacing)
        at[axis] = np.clip(np.rint(place).astype(np.int32), 0, cells.shape[axis] - 1)
    return cells[tuple(at)]
