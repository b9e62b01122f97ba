"""One class or two of the same shapes, learned: plain binary masks, and the same regions."""

from __future__ import annotations

import numpy as np
import pytest
import tifffile

from morula import workflows
from morula.images.read import find_files
from morula.planning.training_settings import NetworkSettings, TrainSettings

pytestmark = pytest.mark.slow

SETTINGS = TrainSettings(steps=100, batch=6)
NETWORK = NetworkSettings(width=8, depth=4)


@pytest.fixture(scope="module")
def masks(tmp_path_factory) -> dict[str, np.ndarray]:
    """The masks of new images, `(images, y, x)`, by what they are: truth, of one class, of two."""
    folder = tmp_path_factory.mktemp("shapes")
    found = {}
    for classes, name in ((1, "one"), (2, "two")):
        known, new = folder / name / "known", folder / name / "new"
        drawn = workflows.draw("shapes", known, count=40, size=96, classes=classes)
        others = workflows.draw("shapes", new, count=8, size=96, classes=classes, seed=1)
        made = workflows.train(drawn.images, drawn.masks, folder / f"{name}.safetensors", SETTINGS, None, NETWORK)
        workflows.segment(made.model, others.images, folder / name / "out")
        found[name] = read(folder / name / "out")
        found[f"truth of {name}"] = read(others.masks)
    return found


def read(folder) -> np.ndarray:
    return np.stack([tifffile.imread(path) for path in find_files(folder)])


def iou(one: np.ndarray, other: np.ndarray) -> float:
    return (one & other).sum() / (one | other).sum()


def test_one_class_gives_a_plain_binary_mask(masks):
    assert masks["one"].dtype == np.uint8
    assert set(np.unique(masks["one"])) == {0, 1}
    assert set(np.unique(masks["two"])) == {0, 1, 2}


def test_one_class_and_two_have_the_same_regions(masks):
    truth = masks["truth of one"] > 0
    np.testing.assert_array_equal(truth, masks["truth of two"] > 0)
    one, two = masks["one"] > 0, masks["two"] > 0
    assert iou(one, truth) > 0.9
    assert iou(two, truth) > 0.9
    assert iou(one, two) > 0.9


def test_form_alone_tells_the_two_classes_apart(masks):
    truth, two = masks["truth of two"], masks["two"]
    for number in (1, 2):
        assert iou(two == number, truth == number) > 0.7
