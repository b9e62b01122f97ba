from __future__ import annotations

import numpy as np
import pytest

from annotated import blank, circle, in_circle, iou, opened, shape_of, write_labelme
from morula.errors import FileError
from morula.exchange import painting
from morula.exchange.collection import find_annotations


def remarks(tmp_path, *shapes: dict) -> tuple[str, ...]:
    return opened(write_labelme(tmp_path / "a.json", shapes)).remarks


def test_what_is_drawn_later_lies_above_and_what_it_covers_is_counted(tmp_path):
    mask = opened(write_labelme(tmp_path / "a.json", [
        shape_of("cell", circle(30, 30, 12)), shape_of("wall", circle(42, 30, 12))]))
    lens = in_circle(30, 30, 12, 60, 80) & in_circle(42, 30, 12, 60, 80)
    assert iou(mask.frame()[0] == 2, in_circle(42, 30, 12, 60, 80)) > 0.99
    [remark] = mask.remarks
    count = int(remark.split()[0])
    assert count == pytest.approx(np.count_nonzero(lens), abs=4)
    assert remark.endswith("belong to several outlines. Each was given to the one that was drawn last.")


def test_classes_that_overlap_themselves_are_nothing_to_speak_of(tmp_path):
    assert not remarks(tmp_path, shape_of("cell", circle(30, 30, 12)), shape_of("cell", circle(42, 30, 12)),
                       shape_of("wall", circle(70, 10, 5)))


def test_what_lies_outside_is_counted_and_said(tmp_path):
    beyond = [circle(78, 30, 9), circle(40, 55, 9), circle(40, 5, 9), circle(5, 30, 9)]
    little = circle(69.9, 10.5, 10.9)
    for each, said in ((beyond, "of 6 outlines, 1 outside of the image and 4 cut at its border. Look whether"),
                       ([little], "of 3 outlines, 1 outside of the image. Look whether")):
        [remark] = remarks(tmp_path, *(shape_of("cell", corners) for corners in (
            circle(40, 30, 5), circle(300, 30, 12), *each)))
        assert remark.startswith(said)


def test_what_is_too_small_for_a_pixel_is_counted_and_said(tmp_path):
    [remark] = remarks(tmp_path, shape_of("cell", circle(30, 30, 0.2)), shape_of("cell", circle(30, 30, 12)))
    assert remark.startswith("of 2 outlines, 1 without the middle of a pixel")


def test_outlines_that_cross_themselves_are_said_with_what_is_left_out(tmp_path):
    turn = np.linspace(0, 4 * np.pi, 200, endpoint=False)
    twice_round = np.stack([30 + (8 + turn) * np.cos(turn), 30 + (8 + turn) * np.sin(turn)], axis=1)
    [remark] = remarks(tmp_path, shape_of("cell", twice_round))
    assert remark.startswith("outlines cross themselves, and ")


@pytest.mark.parametrize("together", [1, 300, 10**6])
def test_a_part_of_a_mask_is_read_alone(together, tmp_path, monkeypatch):
    whole = opened(write_labelme(tmp_path / "a.json", [shape_of("cell", circle(30, 30, 12))])).frame()
    monkeypatch.setattr(painting, "TOGETHER", together)
    mask = opened(tmp_path / "a.json")
    assert (mask.region(0, (slice(20, 41), slice(25, 70))) == whole[:, 20:41, 25:70]).all()
    assert mask.region(0, (slice(7, 7), slice(0, 80))).shape == (1, 0, 80)


def test_a_volume_is_painted_slice_by_slice(tmp_path):
    found = find_annotations(write_labelme(tmp_path / "a.json", [shape_of("cell", circle(30, 30, 12))], None, None))
    assert found is not None
    volume = found.open(found.files[0], blank(60, 80, depth=3)).frame()[0]
    assert volume.shape == (3, 60, 80)
    assert (volume == volume[0]).all()
    assert volume.any()


def test_a_mask_of_another_size_is_refused_before_it_is_made(tmp_path):
    found = find_annotations(write_labelme(tmp_path / "a.json", [shape_of("cell", circle(30, 30, 12))], 46_000, 46_000))
    assert found is not None
    with pytest.raises(FileError, match=r"it was drawn on an image of 46000 × 46000 px, and its image has 60 × 80 px"):
        found.open(found.files[0], blank(60, 80))
