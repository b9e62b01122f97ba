"""A sheet has a row for each contact, and shows each mask over its image."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from morula.plots import palette
from morula.plots.contact_sheet import Contact, draw_contacts

LINE = np.array(palette.rgb(palette.CLASSES[0]))


def lines(picture: np.ndarray) -> np.ndarray:
    """How many pixels of each quarter of the width have the colour of outlines."""
    near = np.abs(picture.astype(int) - LINE).sum(-1) < 40
    return np.array([part.sum() for part in np.array_split(near, 4, axis=1)])


def contact(annotation: np.ndarray, model: np.ndarray) -> Contact:
    grey = np.random.default_rng(0).integers(90, 120, (1, *annotation.shape)).astype(np.uint8)
    return Contact("a", "lies 4 px to the left", grey, annotation, model)


@pytest.mark.parametrize("space", [(60, 60), (6, 60, 60)])
def test_annotation_and_model_are_outlined_in_their_columns_alone(tmp_path, space):
    mask = np.zeros(space, np.uint8)
    mask[..., 20:40, 20:40] = 1
    for drawn, found, expected in ((mask, 0 * mask, (False, True)), (0 * mask, mask, (False, False, True))):
        draw_contacts(tmp_path / "sheet.png", [contact(drawn, found)])
        seen = lines(np.asarray(Image.open(tmp_path / "sheet.png").convert("RGB")))[1:] > 30
        assert seen.tolist() == [*expected, False][:3]


def test_each_contact_has_a_row_and_what_nobody_annotated_no_line(tmp_path):
    mask = np.full((40, 40), 255, np.uint8)
    heights = []
    for count in (1, 3):
        draw_contacts(tmp_path / "sheet.png", [contact(mask, 0 * mask)] * count)
        picture = np.asarray(Image.open(tmp_path / "sheet.png").convert("RGB"))
        heights.append(len(picture))
        assert not lines(picture)[1:].any()
    assert heights[1] > 2.5 * heights[0]


def test_a_sheet_without_contacts_says_so(tmp_path):
    draw_contacts(tmp_path / "sheet.svg", [])
    assert "No annotation looks wrong." in (tmp_path / "sheet.svg").read_text()
