"""An animation has a picture for each glimpse, and ends with the mask as it is."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from morula.errors import OutputError, RequestError
from morula.examples.example import Piece, class_shares
from morula.models.plan import Plan
from morula.networks.architecture import Architecture
from morula.plots import palette
from morula.reports.animation import BORDER, ensure_animation, write_animation


def plan(axes: int, classes: int = 1, **changes) -> Plan:
    return Plan(**{"channels": ("grey",), "classes": tuple("abcd"[:classes]), "binning": (1,) * axes, "batch": 1,
                   "patch": (16,) * axes, "architecture": Architecture(axes=axes), "learning_rate": 0.1, **changes})


def watched(space: tuple[int, ...], classes: int = 1) -> Piece:
    mask = np.zeros(space, np.uint8)
    for number in range(1, classes + 1):
        mask[..., 6 * number : 6 * number + 5, 4:16] = number
    return Piece(np.zeros((1, *space), np.float32), class_shares(mask, classes, (1,) * len(space)))


def sure(mask: np.ndarray, classes: int = 1) -> np.ndarray:
    return np.stack([255 * (mask == number) for number in range(classes + 1)]).astype(np.uint8)


def frames(path) -> list[tuple[np.ndarray, int]]:
    """Pictures of an animation, and how many milliseconds each stands."""
    found = []
    with Image.open(path) as animation:
        for number in range(getattr(animation, "n_frames", 1)):
            animation.seek(number)
            found.append((np.asarray(animation.convert("RGB")).astype(int), animation.info["duration"]))
    return found


def test_it_ends_with_the_mask_and_lingers_there(tmp_path):
    piece = watched((20, 24))
    half = piece.truth * (np.arange(24) < 10)
    glimpses = {3: sure(half), 1: sure(half * 0), 40: sure(piece.truth)}
    write_animation(tmp_path / "a.gif", piece, glimpses, plan(2), longest=240)
    found = frames(tmp_path / "a.gif")
    assert [duration for _, duration in found] == [100, 100, 3000]
    pictures = [picture[BORDER : BORDER + 200, BORDER : BORDER + 240] for picture, _ in found]  # ten times as large
    inside, green = piece.truth.repeat(10, 0).repeat(10, 1) == 1, np.array(palette.rgb(palette.BOTH))
    tinted = [(np.abs(picture - 0.55 * green).max(-1) < 12) for picture in pictures]
    middle = np.s_[65:105, 45:155]  # within the outline
    assert not tinted[0].any()
    assert tinted[1][65:105, 50:90].all()
    assert not tinted[1][65:105, 110:150].any()
    assert tinted[2][middle].all()
    assert not tinted[2][~inside].any()
    line = np.abs(pictures[2] - green).max(-1) < 12
    assert line[60, 45:155].all()
    assert line[109, 45:155].all()
    truth = (pictures[0] > 240).all(-1)  # white, where nothing was found yet
    assert truth[60, 45:155].all()
    assert not truth[70:100, 50:150].any()


def test_each_class_has_a_colour(tmp_path):
    piece = watched((32, 20), classes=3)
    write_animation(tmp_path / "a.gif", piece, {1: sure(piece.truth, 3)}, plan(2, 3), longest=320)
    [(picture, _)] = frames(tmp_path / "a.gif")
    for number, colour in zip((1, 2, 3), palette.CLASSES, strict=False):
        shown = picture[BORDER + 60 * number + 25, BORDER + 100]
        np.testing.assert_allclose(shown, 0.55 * np.array(palette.rgb(colour)), atol=12)


def test_a_volume_is_shown_by_its_planes(tmp_path):
    piece = watched((5, 20, 24))
    thick = plan(3, pixel_size=(2, 1, 1))
    write_animation(tmp_path / "a.gif", piece, {1: sure(piece.truth), 2: sure(piece.truth)}, thick, longest=300)
    [(picture, _), _] = frames(tmp_path / "a.gif")
    height, width, _ = picture.shape
    assert 8 * (24 + 10) < width < 8 * (24 + 10) + 50  # eight times as large: y and x, beside them z in double
    assert 8 * (20 + 10) < height < 8 * (20 + 10) + 70
    assert picture[-60, -60].min() > 240  # the corner is paper


def test_a_small_picture_stays_small(tmp_path):
    rng = np.random.default_rng(0)
    piece = watched((60, 60))
    grainy = Piece(rng.normal(size=(1, 60, 60)).astype(np.float32), piece.shares)
    glimpses = {step: (255 * rng.random((2, 60, 60)) * (step / 50)).astype(np.uint8) for step in range(1, 51)}
    write_animation(tmp_path / "a.gif", grainy, glimpses, plan(2), longest=240)
    assert (tmp_path / "a.gif").stat().st_size < 3_000_000
    assert len(frames(tmp_path / "a.gif")) == 50


def test_what_cannot_be_written_is_said_before_the_training(tmp_path):
    ensure_animation(tmp_path / "new" / "a.gif")
    with pytest.raises(RequestError, match=r"a\.mp4.*end with \.gif"):
        ensure_animation(tmp_path / "a.mp4")
    (tmp_path / "b.gif").mkdir()
    with pytest.raises(OutputError, match="is a folder"):
        ensure_animation(tmp_path / "b.gif")
