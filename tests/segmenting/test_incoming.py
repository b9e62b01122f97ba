"""Frames on their way into a model: in order, several at once, and past what cannot be opened."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from threading import Barrier

import numpy as np
import pytest
import tifffile
import torch

from morula.errors import FileError
from morula.models.model import Model
from morula.models.plan import Plan
from morula.models.segment_settings import ReadingSettings
from morula.networks.architecture import Architecture
from morula.networks.unet import UNet
from morula.segmenting import incoming
from morula.segmenting.incoming import Incoming, Refused, work_through


@pytest.fixture(scope="module")
def model() -> Model:
    architecture = Architecture(inputs=1, width=4, depth=2)
    plan = Plan(channels=("grey",), classes=("body",), binning=(1, 1), architecture=architecture, patch=(16, 16),
                batch=2, learning_rate=0.01)
    return Model(UNet(architecture).eval(), plan)


@pytest.fixture
def four_threads():
    before = torch.get_num_threads()
    torch.set_num_threads(4)
    yield
    torch.set_num_threads(before)


def movie(path: Path, frames: int) -> Path:
    """Each frame holds its own number."""
    tifffile.imwrite(path, np.arange(frames, dtype=np.uint8)[:, None, None] * np.ones((1, 16, 16), np.uint8),
                     imagej=True, metadata={"axes": "TYX"})
    return path


def number_of(_: Model, frame: Incoming, __: object) -> tuple[str, int]:
    return frame.path.name, int(frame.image.frame(frame.number).max())


def test_all_frames_come_in_order_and_a_bad_file_in_its_place(model, tmp_path):
    paths = [movie(tmp_path / "a.tif", 5), tmp_path / "b.tif", movie(tmp_path / "c.tif", 3)]
    paths[1].write_bytes(b"no image")
    found = [made for _, made in work_through(model, paths, ReadingSettings(), number_of, ())]
    assert [*found[:5], *found[6:]] == [("a.tif", number) for number in range(5)] + [("c.tif", n) for n in range(3)]
    assert isinstance(found[5], Refused)
    assert found[5].path == paths[1]
    assert "b.tif" in found[5].error


def test_a_movie_that_was_stopped_early_is_noted(model, tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", np.zeros((4, 16, 16), np.uint8), metadata=None, photometric="minisblack",
                     description="ImageJ=1.54f\nimages=10\nframes=10\n")
    frames = [frame for frame, _ in work_through(model, [tmp_path / "a.tif"], ReadingSettings(), number_of, ())]
    assert len(frames) == 4
    assert "holds 4 of the 10 planes" in frames[0].note


def test_after_a_bad_frame_no_more_of_its_file_are_begun(model, tmp_path):
    begun, failed = [], {}

    def work(_: Model, frame: Incoming, __: object) -> None:
        begun.append((frame.path.name, frame.number))
        if frame.path.name == "a.tif" and frame.number == 1:
            raise FileError("it ends here")

    paths = [movie(tmp_path / "a.tif", 40), movie(tmp_path / "b.tif", 2)]
    for frame, made in work_through(model, paths, ReadingSettings(), work, failed):
        if isinstance(made, Refused):
            failed[frame.path] = made.error
    assert failed == {paths[0]: "it ends here"}
    assert {("b.tif", 0), ("b.tif", 1)} <= set(begun)
    assert max(number for name, number in begun if name == "a.tif") < 10


@pytest.mark.usefixtures("four_threads")
@pytest.mark.parametrize(("files", "frames", "large", "together"), [
    (1, 1, 2**24, 1), (1, 2, 2**24, 4), (2, 1, 2**24, 4), (2, 1, 255, 2), (1, 1, 255, 1),
])
def test_as_many_at_once_as_there_are_cores_but_fewer_large_ones_and_one_alone(
    model, tmp_path, monkeypatch, files, frames, large, together
):
    monkeypatch.setattr(incoming, "LARGE", large)
    paths = [movie(tmp_path / f"{number}.tif", frames) for number in range(files)]
    seen = [made for _, made in work_through(model, paths, ReadingSettings(), lambda used, *_: used.at_once, ())]
    assert seen == [together] * files * frames


@pytest.mark.usefixtures("four_threads")
def test_frames_do_not_wait_for_each_other(model, tmp_path):
    """Each goes on when three others are there as well."""
    meeting = Barrier(4, timeout=30)
    paths = [movie(tmp_path / "a.tif", 8)]
    made = [made for _, made in work_through(model, paths, ReadingSettings(), lambda *_: meeting.wait() >= 0, ())]
    assert made == [True] * 8


@pytest.mark.parametrize(
    ("shape", "axes", "settings", "words"),
    [
        ((3, 16, 16), "ZYX", ReadingSettings(), "say so with --axes TYX"),
        ((3, 16, 16), "CYX", ReadingSettings(), "Pick those .* with --use-channels"),
        ((3, 16, 16), "TYX", ReadingSettings(pixel_size=(50.0, 50.0)), "say the true size with --pixel-size"),
    ],
)
def test_what_does_not_fit_is_refused_once_in_the_words_of_the_command_line(model, tmp_path, shape, axes, settings,
                                                                              words):
    model = replace(model, plan=model.plan.model_copy(update={"pixel_size": (1.0, 1.0)}))
    tifffile.imwrite(tmp_path / "a.tif", np.zeros(shape, np.uint8), imagej=True, metadata={"axes": axes})
    [(refused, _)] = work_through(model, [tmp_path / "a.tif"], settings, number_of, ())
    assert isinstance(refused, Refused)
    assert re.search(words, refused.error)
