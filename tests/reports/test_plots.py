"""Charts as SVG with the true numbers in them; overlays whose colours are known pixel by pixel."""

from __future__ import annotations

import io
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from PIL import Image

from morula.objects.compare import compare_masks, summarise
from morula.reports import palette, plots

SVG = "{http://www.w3.org/2000/svg}"


def texts(svg: str) -> list[str]:
    return ["".join(element.itertext()).strip() for element in ET.fromstring(svg).iter(f"{SVG}text")]


def colours_of(svg: str) -> str:
    return " ".join(element.get("style", "") for element in ET.fromstring(svg).iter())


def square(left: int, number: int = 1) -> np.ndarray:
    mask = np.zeros((40, 40), np.uint8)
    mask[10:30, left : left + 16] = number
    return mask


def opened(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(png)))


@pytest.fixture(scope="module")
def scores():
    images = [compare_masks(square(10), square(left), 1, name=f"{left}") for left in (10, 12, 18)]
    return summarise(images, ("囊胚 & $body$",))


def test_a_learning_curve_marks_the_best_validation():
    history = [{"step": step, "loss": 1 / step, "seconds": step} for step in range(1, 31)]
    for step, iou in ((10, 0.71), (20, 0.934), (30, 0.9)):
        history[step - 1]["validation_iou"] = iou
    found = texts(plots.learning_curve(history))
    assert "Validation IoU, best 0.934 at step 20" in found
    assert "Training loss" in found


@pytest.mark.parametrize("rows", [
    [{"step": 1, "loss": 0.7, "validation_iou": None}],
    [{"step": 1, "loss": float("nan"), "validation_iou": float("nan")}, {"step": 2, "loss": 0.5}],
])
def test_a_training_that_stopped_early_has_a_curve(rows):
    assert "Validation IoU" in texts(plots.learning_curve(rows))


def test_strips_show_each_image_and_the_mean(scores):
    svg = plots.score_strips(scores)
    assert f"{scores.classes[1].iou:.3f}" in texts(svg)
    assert "囊胚 & $body$" in texts(svg)
    dots = [use for use in ET.fromstring(svg).iter(f"{SVG}use") if palette.ACCENT in use.get("style", "")]
    assert len(dots) == 2 * 3


def test_a_confusion_matrix_gives_shares_of_the_true_class(scores):
    found = texts(plots.confusion_matrix(scores))
    shares = 100 * scores.confusion / scores.confusion.sum(axis=1, keepdims=True)
    assert [text for text in found if text.endswith("%")] == [f"{share:.2f} %" for share in shares.ravel()]


def test_charts_use_only_the_palette_and_are_the_same_each_time(scores):
    svg = plots.confusion_matrix(scores)
    assert svg == plots.confusion_matrix(scores)
    themed = {light for light, _ in palette.THEME.values()}
    for chart in (svg, plots.score_strips(scores), plots.learning_curve([{"step": 1, "loss": 1.0}])):
        used = {word.strip(" ;") for word in colours_of(chart).split() if word.startswith("#")}
        assert used <= themed | {palette.TRUTH_ONLY}


def test_an_overlay_has_known_colours():
    image = np.linspace(0, 1, 1600, dtype=np.float32).reshape(1, 40, 40)
    truth, predicted = square(8), square(16)  # 8…23 and 16…31: both 16…23
    plain = opened(plots.overlay(image, truth * 0, truth * 0, longest=40))
    picture = opened(plots.overlay(image, truth, predicted, longest=40))
    assert picture.shape == (40, 40, 3)
    np.testing.assert_array_equal(picture[0:9], plain[0:9])
    low, high = np.percentile(image, (0.5, 99.5))
    stretched = ((image[0] - low) / (high - low)).clip(0, 1)
    np.testing.assert_allclose(plain[..., 0], 255 * stretched, atol=0.6)
    for column, colour, cover in ((12, palette.TRUTH_ONLY, "wrong"), (20, palette.BOTH, "both"),
                                  (28, palette.PREDICTION_ONLY, "wrong")):
        share = plots.FILL[cover]
        wanted = (1 - share) * plain[20, column] + share * np.array(palette.rgb(colour))
        np.testing.assert_allclose(picture[20, column], wanted, atol=1)
        assert tuple(picture[10, column]) == palette.rgb(colour)  # the outline
    assert tuple(picture[20, 8]) == palette.rgb(palette.TRUTH_ONLY)
    assert tuple(picture[20, 31]) == palette.rgb(palette.PREDICTION_ONLY)


def test_another_class_and_missing_annotation_have_colours_of_their_own():
    image = np.full((1, 40, 40), 7, np.uint16)
    truth = square(8)
    truth[35:] = 255
    picture = opened(plots.overlay(image, truth, square(8, 2), longest=40))
    assert tuple(picture[10, 12]) == palette.rgb(palette.OTHER_CLASS)
    grey = np.array(palette.rgb(palette.NOT_ANNOTATED)) * plots.FILL["wrong"]
    np.testing.assert_allclose(picture[37, 5], grey, atol=1)
    assert not picture[5, 5].any()


def test_an_overlay_shows_images_of_any_kind():
    nothing = np.zeros((30, 60), np.uint8)
    colour = np.random.default_rng(0).integers(0, 256, (3, 30, 60), dtype=np.uint8)
    shown = opened(plots.overlay(colour, nothing, nothing, longest=60))
    np.testing.assert_array_equal(shown, np.moveaxis(colour, 0, -1))  # colours as they are
    assert opened(plots.overlay(colour, nothing, nothing, longest=130)).shape == (60, 120, 3)  # twice
    assert opened(plots.overlay(colour, nothing, nothing, longest=15)).shape == (8, 15, 3)
    broken = np.full((2, 30, 60), np.nan)
    broken[1, :, 30:] = 1e6
    assert opened(plots.overlay(broken, nothing, nothing, longest=60))[:, 45].max() > 0

    volume = np.zeros((1, 5, 30, 60), np.float64)
    volume[0, 2, 10:20] = 1
    deep = np.zeros((5, 30, 60), np.uint8)
    deep[2, :, :10] = 1
    picture = opened(plots.overlay(volume, deep, deep, longest=60))
    assert tuple(picture[15, 30]) == (255, 255, 255)
    assert tuple(picture[0, 9]) == palette.rgb(palette.BOTH)
