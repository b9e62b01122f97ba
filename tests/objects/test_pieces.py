"""What a glance at a mask tells, against discs whose number, sizes and places are known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from skimage import measure

from morula.objects import pieces
from morula.objects.pieces import find_pieces
from morula.pairs.masks import NOT_ANNOTATED


def discs(space: tuple[int, ...], centres, radius: float) -> np.ndarray:
    places = np.indices(space).reshape(len(space), -1).T
    near = [((places - centre) ** 2).sum(1) <= radius**2 for centre in centres]
    return np.any(near, axis=0).reshape(space).astype(np.uint8)


@given(arrays(np.uint8, st.tuples(st.integers(1, 9), st.integers(1, 9)), elements=st.sampled_from([0, 0, 1, 2, 255])))
def test_all_pieces_are_those_of_another_implementation(mask):
    foreground = (mask > 0) & (mask != NOT_ANNOTATED)
    regions = measure.regionprops(measure.label(foreground, connectivity=2))
    found = find_pieces(mask)
    assert sorted(found.sizes) == sorted(region.area for region in regions)
    at_border = [bool({0} & set(region.bbox[:2]) or region.bbox[2] == mask.shape[0] or region.bbox[3] == mask.shape[1])
                 for region in regions]
    assert sum(found.cut) == sum(at_border)
    if foreground.any():
        assert found.centre == pytest.approx(np.argwhere(foreground).mean(0))
    else:
        assert found.centre == ()


@pytest.mark.parametrize(("space", "steps"), [((200, 300), (3, 3)), ((40, 60, 60), (1, 2, 2)), ((200, 300), (1, 1))])
def test_binned_masks_tell_nearly_the_same(space, steps):
    radius = 8
    centres = [np.array(space) * share for share in (0.25, 0.5, 0.75)]
    found = find_pieces(discs(space, centres, radius), steps)
    true = np.pi * radius**2 if len(space) == 2 else 4 / 3 * np.pi * radius**3
    assert found.sizes == pytest.approx(np.full(3, true), rel=0.12)
    assert not found.cut.any()
    assert found.centre == pytest.approx(np.array(space) / 2, abs=1)
    assert found.extent == np.prod(space)


def test_a_mask_too_large_to_look_at_whole_is_thinned(monkeypatch):
    mask = discs((400, 400), [(0, 200), (200, 100), (200, 300)], 30)
    whole = find_pieces(mask)
    monkeypatch.setattr(pieces, "LARGEST", 4000)
    found = find_pieces(mask)
    assert found.sizes == pytest.approx(whole.sizes, rel=0.1)
    assert found.cut.tolist() == whole.cut.tolist() == [True, False, False]
    assert found.centre == pytest.approx(whole.centre, abs=4)


def test_specks_are_left_out_and_other_pixels_counted():
    mask = np.zeros((20, 20), np.uint8)
    mask[2:6, 2:6], mask[10, 10] = 1, 2
    found = find_pieces(mask).enlarged(4)
    assert found.sizes.tolist() == [64, 4]
    assert found.extent == 1600
    assert found.of_size(5).sizes.tolist() == [64]
