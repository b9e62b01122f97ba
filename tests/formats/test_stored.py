"""Every layout in a file gives the same regions."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import tifffile
from hypothesis import given, settings
from hypothesis import strategies as st

from morula.images.read import open_image

RNG = np.random.default_rng(1)
LARGE = RNG.integers(0, 256, (3, 2, 130, 170), np.uint8)


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    """One array in files of every layout: T C Y X."""
    folder = tmp_path_factory.mktemp("stored")
    common = {"photometric": "minisblack", "metadata": {"axes": "TCYX"}}
    tifffile.imwrite(folder / "mapped.tif", LARGE, **common)
    tifffile.imwrite(folder / "tiles.tif", LARGE, tile=(32, 48), compression="zlib", **common)
    tifffile.imwrite(
        folder / "strips.tif", LARGE, rowsperstrip=11, compression="lzw", predictor=True, **common
    )
    samples = np.moveaxis(LARGE, 1, -1)
    common["metadata"] = {"axes": "TYXS"}
    tifffile.imwrite(folder / "samples.tif", samples, tile=(64, 32), planarconfig="contig", **common)
    np.save(folder / "array.npy", LARGE)
    return {
        path.stem: open_image(path, axes="TCYX" if path.suffix == ".npy" else None)
        for path in folder.iterdir()
    }


@pytest.mark.parametrize("layout", ["mapped", "tiles", "strips", "samples", "array"])
@settings(max_examples=25)
@given(data=st.data())
def test_a_region_is_a_crop_of_the_whole(stored, layout, data):
    def piece(size):
        start = data.draw(st.integers(0, size - 1))
        return slice(start, data.draw(st.integers(start + 1, size)))

    box, frame = (piece(130), piece(170)), data.draw(st.integers(0, 2))
    assert (stored[layout].region(frame, box) == LARGE[(frame, slice(None), *box)]).all()


def test_many_threads_and_no_open_files(stored):
    descriptors = Path("/proc/self/fd")
    before = len(list(descriptors.iterdir())) if descriptors.exists() else None
    boxes = [(slice(y, y + 40), slice(x, x + 50)) for y in range(0, 90, 9) for x in range(0, 120, 12)]
    with ThreadPoolExecutor(8) as pool:
        for image in stored.values():
            regions = pool.map(lambda box, image=image: image.region(1, box), boxes)
            assert all(
                (region == LARGE[(1, slice(None), *box)]).all()
                for region, box in zip(regions, boxes, strict=True)
            )
    if before is not None:
        assert len(list(descriptors.iterdir())) == before
