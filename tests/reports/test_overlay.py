"""Overlays whose colours are known pixel by pixel."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from morula.reports import palette
from morula.reports.overlay import FILL, overlay
from morula.reports.planes import MARGIN


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
