"""Overlays whose colours are known pixel by pixel."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from morula.plots import palette
from morula.plots.overlay import FILL, NEAR, enlarged, outlined, overlay
from morula.plots.planes import MARGIN


def square(left: int, number: int = 1) -> np.ndarray:
    mask = np.zeros((40, 40), np.uint8)
    mask[10:30, left : left + 16] = number
    return mask


def opened(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(png)))


def test_an_overlay_has_known_colours():
    image = np.linspace(0, 1, 1600, dtype=np.float32).reshape(1, 40, 40)
    truth, predicted = square(8), square(16)  # 8…23 and 16…31: both 16…23
    plain = opened(overlay(image, truth * 0, truth * 0, longest=40))
    picture = opened(overlay(image, truth, predicted, longest=40))
    assert picture.shape == (40, 40, 3)
    np.testing.assert_array_equal(picture[0:9], plain[0:9])
    low, high = np.percentile(image, (0.5, 99.5))
    stretched = ((image[0] - low) / (high - low)).clip(0, 1)
    np.testing.assert_allclose(plain[..., 0], 255 * stretched, atol=0.6)
    for column, colour, cover in ((12, palette.TRUTH_ONLY, "wrong"), (20, palette.BOTH, "both"),
                                  (28, palette.PREDICTION_ONLY, "wrong")):
        share = FILL[cover]
        wanted = (1 - share) * plain[20, column] + share * np.array(palette.rgb(colour))
        np.testing.assert_allclose(picture[20, column], wanted, atol=1)
        assert tuple(picture[10, column]) == palette.rgb(colour)  # the outline
    assert tuple(picture[20, 8]) == palette.rgb(palette.TRUTH_ONLY)
    assert tuple(picture[20, 31]) == palette.rgb(palette.PREDICTION_ONLY)


def test_another_class_and_missing_annotation_have_colours_of_their_own():
    image = np.full((1, 40, 40), 7, np.uint16)
    truth = square(8)
    truth[35:] = 255
    picture = opened(overlay(image, truth, square(8, 2), longest=40))
    assert tuple(picture[10, 12]) == palette.rgb(palette.OTHER_CLASS)
    grey = np.array(palette.rgb(palette.NOT_ANNOTATED)) * FILL["wrong"]
    np.testing.assert_allclose(picture[37, 5], grey, atol=1)
    assert not picture[5, 5].any()


def test_an_overlay_shows_images_of_any_kind():
    nothing = np.zeros((30, 60), np.uint8)
    colour = np.random.default_rng(0).integers(0, 256, (3, 30, 60), dtype=np.uint8)
    rgb = ("red", "green", "blue")
    shown = opened(overlay(colour, nothing, nothing, channels=rgb, longest=60))
    np.testing.assert_array_equal(shown, np.moveaxis(colour, 0, -1))  # colours as they are
    assert opened(overlay(colour, nothing, nothing, longest=130)).shape == (60, 120, 3)  # twice
    assert opened(overlay(colour, nothing, nothing, longest=15)).shape == (8, 15, 3)
    broken = np.full((2, 30, 60), np.nan)
    broken[1, :, 30:] = 1e6
    assert opened(overlay(broken, nothing, nothing, longest=60))[:, 45].max() > 0


def test_a_volume_is_shown_from_three_sides_in_its_true_proportions():
    volume = np.zeros((1, 5, 30, 60), np.float64)
    volume[0, 2, 10:20] = 1
    mask = np.zeros((5, 30, 60), np.uint8)
    mask[2, 12:18, 20:40] = 1
    # Voxels are three times as thick as they are wide: 75 pixels across, 45 down.
    picture = opened(overlay(volume, mask, mask, pixel_size=(6, 2, 2), longest=75))
    assert picture.shape == (30 + 15 + 4 * MARGIN, 60 + 15 + 4 * MARGIN, 4)
    xy = picture[MARGIN : MARGIN + 30, MARGIN : MARGIN + 60]
    xz = picture[30 + 3 * MARGIN :][:15, MARGIN : MARGIN + 60]
    yz = picture[MARGIN : MARGIN + 30, 60 + 3 * MARGIN :][:, :15]
    green = np.array(palette.rgb(palette.BOTH))
    for plane, inside in ((xy, np.s_[12:18, 20:40]), (xz, np.s_[6:9, 20:40]), (yz, np.s_[12:18, 6:9])):
        assert (plane[..., 3] == 255).all()
        outlined = (plane[..., :3] == green).all(-1)
        wanted = np.zeros(outlined.shape, bool)
        wanted[inside] = True
        assert outlined[inside].any()
        reach = [slice(max(0, part.start - 1), part.stop + 1) for part in inside]
        wanted[tuple(reach)] = True
        assert not (outlined & ~wanted).any()
    assert tuple(xy[14, 5]) == (255, 255, 255, 255)
    assert not picture[30 + 2 * MARGIN :, 60 + 2 * MARGIN :, 3].any()  # the corner is clear


class TestTouchingObjects:
    """Bars that fill rows 10 to 29, parted at a column: nothing but their numbers tells where."""

    def bars(self, *starts: int) -> np.ndarray:
        labels = np.zeros((40, 60), np.uint32)
        for number, start in enumerate(starts):
            labels[10:30, start:54] = 255 + 70_000 * number
        return labels

    def shown(self, true: np.ndarray, found: np.ndarray) -> np.ndarray:
        truth, mask = ((labels > 0).astype(np.uint8) for labels in (true, found))
        return opened(overlay(np.zeros((1, 40, 60), np.uint8), truth, mask, objects=(true, found), longest=60))

    def coloured(self, picture: np.ndarray, colour: str) -> list[int]:
        """The columns that have a colour halfway down, away from the ends of the bars."""
        return [column for column in range(9, 51) if tuple(picture[20, column]) == palette.rgb(colour)]

    @pytest.mark.parametrize("apart", [0, NEAR - 1])
    def test_an_edge_that_both_have_is_green(self, apart):
        picture = self.shown(self.bars(6, 30), self.bars(6, 30 + apart))
        assert self.coloured(picture, palette.BOTH) == [29 + apart, 30 + apart]
        assert not self.coloured(picture, palette.TRUTH_ONLY)
        assert not self.coloured(picture, palette.PREDICTION_ONLY)

    def test_an_edge_is_red_where_objects_run_together_and_blue_where_one_is_cut(self):
        picture = self.shown(self.bars(6, 20), self.bars(6, 40))
        assert self.coloured(picture, palette.TRUTH_ONLY) == [19, 20]
        assert self.coloured(picture, palette.PREDICTION_ONLY) == [39, 40]
        assert not self.coloured(picture, palette.BOTH)

    def test_without_numbers_nothing_is_parted(self):
        mask = (self.bars(6, 30) > 0).astype(np.uint8)
        picture = opened(overlay(np.zeros((1, 40, 60), np.uint8), mask, mask, longest=60))
        assert not self.coloured(picture, palette.BOTH)

    def test_lines_run_around_each_object_of_a_label_image(self):
        labels, image = self.bars(6, 30), np.random.default_rng(0).integers(90, 250, (1, 40, 60)).astype(np.uint8)
        picture = opened(outlined(image, labels, numbered=True, longest=60))
        plain = opened(outlined(image, labels * 0, numbered=True, longest=60))
        assert self.coloured(picture, palette.CLASSES[0]) == [29, 30]
        assert [row for row in range(40) if tuple(picture[row, 20]) == palette.rgb(palette.CLASSES[0])] == [
            10, 11, 28, 29]
        assert (picture[14:26, 12:26] == plain[14:26, 12:26]).all()
        assert (picture[8:10, 14:50] <= 0.5 * plain[8:10, 14:50]).all()  # beside the line it is darker

    def test_thousands_of_objects_are_all_outlined(self):
        """Squares of 7 pixels side by side: their rims are lines, their middles are as they are."""
        side = 143  # 20,449 objects
        labels = np.kron(np.arange(1, side**2 + 1, dtype=np.uint32).reshape(side, side), np.ones((7, 7), np.uint32))
        picture = opened(outlined(np.zeros((1, *labels.shape), np.uint8), labels, numbered=True, longest=7 * side))
        lines = (picture == palette.rgb(palette.CLASSES[0])).all(-1)
        across = np.arange(7 * side)
        rim = (across % 7 == 0) | (across % 7 == 6)
        inner = slice(7, -7)
        np.testing.assert_array_equal(lines[inner, inner], (rim[:, None] | rim)[inner, inner])


@pytest.mark.parametrize("size", [(80, 90), (7, 11), (33, 100), (1, 1)])
def test_flat_masks_change_their_size_as_pictures_do(size):
    mask = np.random.default_rng(0).integers(0, 255, (41, 31)).astype(np.uint8)  # odd: no middle lies on a border
    wanted = Image.fromarray(mask).resize(size[::-1], Image.Resampling.NEAREST)
    np.testing.assert_array_equal(enlarged(mask, size), np.asarray(wanted))
    np.testing.assert_array_equal(enlarged(mask.astype(np.uint32) * 70_000, size), 70_000 * np.asarray(wanted, int))
