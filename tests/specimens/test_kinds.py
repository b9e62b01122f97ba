"""Specimens are the same for the same seed, are seen where their truth says, and touch under numbers of their own."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from morula.drawings.drawn import save_drawings
from morula.images.read import open_image
from morula.specimens import breadths, kinds
from morula.specimens.kinds import KINDS, draw_specimen
from morula.specimens.things import rims, seams

FLAT = (1.0, 1.0)
COUNT = 24


@pytest.fixture(scope="module")
def drawn():
    """Some specimens of each kind."""
    return {kind: [draw_specimen(kind, 3, number) for number in range(COUNT)] for kind in KINDS}


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_seed_draws_the_same(kind):
    one, again, other = (draw_specimen(kind, seed, 4, size=96) for seed in (0, 0, 1))
    assert np.array_equal(one.image, again.image)
    assert np.array_equal(one.mask, again.mask)
    assert not np.array_equal(one.image, other.image)
    assert one.image.shape == (96, 96, 3)
    assert one.image.dtype == np.uint8
    assert one.mask.shape == (96, 96)
    assert one.mask.dtype == np.int32


@pytest.mark.parametrize("kind", KINDS)
def test_numbers_follow_each_other_and_most_pictures_have_things(drawn, kind):
    counts = [each.mask.max() for each in drawn[kind]]
    for each in drawn[kind]:
        assert np.array_equal(np.unique(each.mask), np.arange(each.mask.min(), each.mask.max() + 1))
    assert sum(count == 0 for count in counts) <= 4  # 3 of 100, so that more than 4 of 24 come once in 3,000 times
    assert np.median(counts) >= 2


@pytest.mark.parametrize("kind", KINDS)
def test_pictures_change_where_the_truth_does(drawn, kind):
    """The steepness at the outlines is far above what it is there when the truth is laid over another picture."""
    seen, elsewhere = [], []
    filled = [each for each in drawn[kind] if rims(each.mask, FLAT).any()]
    for each, other in zip(filled, filled[1:] + filled[:1], strict=True):
        down, right = np.gradient(ndimage.gaussian_filter(each.image.astype(np.float32), (1.2, 1.2, 0)), axis=(0, 1))
        steep = np.sqrt((down**2 + right**2).sum(axis=2))
        steep /= steep.mean()
        seen.append(steep[rims(each.mask, FLAT)].mean())
        elsewhere.append(steep[rims(other.mask, FLAT)].mean())
    assert np.median(seen) > 1.3 * np.median(elsewhere)
    assert np.mean(np.array(seen) > 1.05) > 0.9


@pytest.mark.parametrize("kind", ["nuclei in fluorescence", "cells in brightfield", "stained smears"])
def test_touching_things_have_numbers_of_their_own(drawn, kind):
    """What hangs together is often more than one thing, and no number stands for things apart unless one hides it."""
    touching = [each for each in drawn[kind] if seams(each.mask, FLAT).any()]
    assert len(touching) > COUNT / 3
    assert any(each.mask.max() > ndimage.label(each.mask > 0)[1] for each in touching)


def test_membranes_lie_outside_of_cells_and_differ_from_them(drawn):
    parted = []
    for each in drawn["membranes in electron micrographs"]:
        assert not seams(each.mask, FLAT).any()
        grey = each.image.mean(axis=2)
        membrane = each.mask == 0
        assert 0.03 < membrane.mean() < 0.6
        cells = ndimage.binary_erosion(~membrane, iterations=2)
        parted.append(abs(grey[membrane].mean() - grey[cells].mean()) / grey[cells].std())
    assert np.median(parted) > 0.8


def test_nuclei_in_fluorescence_are_lighter_than_their_floor(drawn, monkeypatch):
    monkeypatch.setattr(breadths, "INVERTED", 0.0)
    monkeypatch.setattr(breadths, "TINTED", 0.0)
    for number in range(20):
        each = draw_specimen("nuclei in fluorescence", 5, number)
        if each.mask.any():
            assert each.image[each.mask > 0].mean() > each.image[each.mask == 0].mean() + 10


def test_as_many_grey_pictures_are_tinted_as_the_table_says():
    grey = [draw_specimen("cells in brightfield", 8, number, size=48).image for number in range(300)]
    tinted = np.mean([(image != image[..., :1]).any() for image in grey])
    assert abs(tinted - breadths.TINTED) < 0.06


def test_stains_have_colours(drawn):
    for kind in ("stained tissue", "stained smears"):
        spread = [np.ptp(each.image.reshape(-1, 3).mean(axis=0)) for each in drawn[kind]]
        assert np.median(spread) > 15


def test_every_kind_is_drawn_from_its_own_chance():
    """Kinds of one seed and number do not share where their things lie."""
    masks = [draw_specimen(kind, 0, 1, size=64).mask.tobytes() for kind in KINDS]
    assert len(set(masks)) == len(masks)


def test_specimens_go_to_files_and_back(tmp_path):
    drawing = draw_specimen("stained smears", 0, 2, size=64)
    save_drawings([drawing], tmp_path)
    [image] = open_image(tmp_path / "images" / f"{drawing.name}.tif")
    [mask] = open_image(tmp_path / "masks" / f"{drawing.name}.tif")
    assert np.array_equal(np.moveaxis(image, 0, -1), drawing.image)
    assert np.array_equal(mask[0], drawing.mask)


def test_an_empty_picture_has_no_things(monkeypatch):
    monkeypatch.setattr(kinds.breadths, "EMPTY", 1.0)
    for kind in KINDS:
        if kind not in ("membranes in electron micrographs", "cells in fluorescence", "anything"):
            assert not draw_specimen(kind, 0, 0, size=64).mask.any(), kind
