"""Looking on changes nothing, shows what the network makes of the frame, and takes little of the time."""

from __future__ import annotations

from itertools import count

import numpy as np
import pytest
import torch

from morula.errors import FileError
from morula.examples.example import ArrayExample, class_shares
from morula.images.image import Image
from morula.learning import onlooker
from morula.learning.loop import Course, fit
from morula.learning.onlooker import FIRST, MOST, Onlooker
from morula.models.engines import Engine
from morula.models.plan import Plan
from morula.models.sweep import sweep
from morula.networks.architecture import Architecture
from morula.networks.unet import UNet
from morula.planning.training_settings import TrainSettings

PLAN = Plan(channels=("grey",), classes=("body",), binning=(1, 1), patch=(16, 16), batch=4, learning_rate=0.05,
            architecture=Architecture(width=2, depth=2))


def noisy(mask: np.ndarray, seed: int) -> np.ndarray:
    return (2 * mask + np.random.default_rng(seed).normal(0, 0.5, mask.shape))[None].astype(np.float32)


def square(side: int, space: tuple[int, ...] = (24, 24)) -> np.ndarray:
    mask = np.zeros(space, np.uint8)
    mask[tuple(slice(4, 4 + side) for _ in space)] = 1
    return mask


def course(looks: Onlooker | None) -> Course:
    examples = [ArrayExample(str(side), noisy(square(side), side), class_shares(square(side), 1, (1, 1)))
                for side in (8, 10, 12, 14)]
    return Course(PLAN, TrainSettings(steps=12, precision="float32"), examples[:3], examples[3:], onlooker=looks)


class Watching:
    """Wants the second frame of a movie, and keeps what it is shown."""

    def __init__(self, image: Image):
        self.image, self.shown = image, []

    def wanted(self) -> tuple[Image, int] | None:
        return self.image, 1

    def show(self, image: np.ndarray, mask: np.ndarray, step: int) -> None:
        self.shown.append((image, mask, step))


@pytest.fixture
def movie() -> Image:
    """Two frames with a square each."""
    return Image.from_array(np.stack([noisy(square(side), 9)[0] for side in (5, 12)]), "TYX", name="movie")


@pytest.fixture
def slowly(monkeypatch):
    """A clock that goes on by a second whenever it is asked."""
    seconds = count()
    monkeypatch.setattr(onlooker.time, "perf_counter", lambda: float(next(seconds)))


def test_looking_on_changes_no_weight(movie, monkeypatch):
    monkeypatch.setattr(onlooker, "SHARE", 100.0)  # as often as there are steps
    watching = Watching(movie)
    plain, watched = fit(course(None)), fit(course(Onlooker(watching, PLAN, "float32")))
    assert all(map(torch.equal, plain.network.state_dict().values(), watched.network.state_dict().values()))
    assert plain.losses == watched.losses
    assert [step for _, _, step in watching.shown] == list(range(FIRST, 13))
    image, mask, _ = watching.shown[-1]
    assert np.array_equal(image[0], movie.frame(1)[0])
    assert mask.shape == (24, 24)
    assert mask.dtype == np.uint8


def test_what_is_shown_is_the_mask_of_the_most_probable_classes(movie):
    torch.manual_seed(1)
    network, watching = UNet(PLAN.architecture).eval(), Watching(movie)
    Onlooker(watching, PLAN, "float32").look(network, 9)
    [(_, mask, step)] = watching.shown
    [band] = sweep(Engine(network, "float32"), PLAN, movie, 1)
    assert step == 9
    assert np.array_equal(mask, band.probabilities.argmax(0))


def test_looks_take_a_small_share_of_the_time(movie, slowly):
    """Each look takes a second of that clock, and each question for the time another."""
    watching, network = Watching(movie), UNet(PLAN.architecture).eval()
    looks = Onlooker(watching, PLAN, "float32")
    for step in range(1000 + FIRST):
        looks.look(network, step)
    steps = [step for _, _, step in watching.shown]
    assert steps[0] == FIRST
    assert len(steps) == pytest.approx(1000 * onlooker.SHARE, rel=0.1)
    assert min(np.diff(steps)) >= 0.9 / onlooker.SHARE


def test_of_a_large_frame_the_middle_is_shown():
    large = Image.from_array(np.random.default_rng(0).normal(size=(200, 400)).astype(np.float32), "YX")
    watching = Watching(Image.from_array(np.stack([large.frame(0)[0]] * 2), "TYX"))
    Onlooker(watching, PLAN, "float32").look(UNet(PLAN.architecture).eval(), FIRST)
    [(image, mask, _)] = watching.shown
    assert mask.shape == image.shape[1:]
    assert mask.size == pytest.approx(MOST * 4 * 16 * 16, rel=0.05)
    top, left = (200 - mask.shape[0]) // 2, (400 - mask.shape[1]) // 2
    assert np.array_equal(image[0], large.frame(0)[0, top : top + mask.shape[0], left : left + mask.shape[1]])


@pytest.mark.parametrize("wrong", [FileError("it is gone"), OSError("the disk is full")])
def test_learning_goes_on_when_nothing_can_be_seen(movie, monkeypatch, wrong):
    watching = Watching(movie)

    def fails() -> None:
        raise wrong

    monkeypatch.setattr(watching, "wanted", fails)
    assert fit(course(Onlooker(watching, PLAN, "float32"))).step == 12
    other = Watching(Image.from_array(np.zeros((2, 3, 24, 24), np.uint8), "TCYX"))  # of other channels
    assert fit(course(Onlooker(other, PLAN, "float32"))).step == 12
    assert not other.shown
