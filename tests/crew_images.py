"""Images for the tests of crews: pictures of several sizes, movies, and what is damaged."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import tifffile


def noise(*shape: int) -> np.ndarray:
    return np.random.default_rng(sum(shape)).integers(0, 255, shape).astype(np.uint8)


def write_images(folder: Path, pictures: int) -> Path:
    """So many pictures, two movies, one of which has a bad frame, and a file that is no image."""
    folder.mkdir()
    for number in range(pictures):
        tifffile.imwrite(folder / f"{number}.tif", noise(60 + 17 * number, 90))
    tifffile.imwrite(folder / "movie.tif", noise(9, 50, 70), imagej=True, metadata={"axes": "TYX"})
    torn = noise(7, 40, 50).astype(np.float32)
    torn[4] = np.nan
    tifffile.imwrite(folder / "torn.tif", torn, metadata={"axes": "TYX"})
    (folder / "bad.png").write_bytes(b"no image")
    return folder
