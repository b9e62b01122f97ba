"""An image in memory gets the mask, and is said the same, as the file of it does."""

from __future__ import annotations

import numpy as np
import pytest
import tifffile

import morula
from morula.drawings.synthetic import draw_gastruloids
from morula.errors import ModelError
from morula.models.model import Model
from morula.segmenting.flags import AMONG_UNLIKE
from morula.segmenting.frames import TABLE, read_frames
from morula.specimens.kinds import draw_specimen
from morula.trust.expectation import UNLIKE


@pytest.fixture(scope="module")
def model() -> Model:
    return Model.load("gastruloid")


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    return morula.draw("gastruloids", tmp_path_factory.mktemp("drawn") / "made", count=2, movies=1)


def test_as_files_are(model, drawn, tmp_path):
    files = morula.segment(model, drawn.images, tmp_path / "out", min_size=20)
    for row, path in zip(files.frames, sorted(drawn.images.iterdir()), strict=True):
        made = morula.segment_array(model, morula.open_image(path), min_size=20)
        assert (made.masks == morula.open_image(tmp_path / "out" / row.mask).array()[:, 0]).all()
        [own] = made.frames
        assert (own.expected, own.certainty, own.model, own.objects) == (
            row.expected, row.certainty, row.model, row.objects)
        assert own.in_words.startswith(f"expected IoU {row.expected.mean.iou:.2f}")
        assert own.in_words in made._repr_html_()


def test_frames_that_the_model_does_not_know_are_told_together(model, tmp_path):
    """As files and in memory: crowds of drawn cells before a model for aggregates, and aggregates."""
    cells = [draw_specimen("cells in fluorescence", 4, number, 160).image for number in range(10)]
    known = [drawing.image for drawing in draw_gastruloids(10, movies=2, seed=3)]
    for pictures, unlike in ((cells, True), (known, False)):
        movie = np.rint([each if each.ndim == 2 else each.mean(2) for each in pictures]).astype(np.uint8)
        file = tmp_path / f"{unlike}.tif"
        tifffile.imwrite(file, movie, metadata={"axes": "TYX"})
        files = morula.segment(model, file, tmp_path / "out")
        made = morula.segment_array(model, movie, axes="TYX")
        for rows, said in ((files.frames, " ".join(files.notes)), (made.frames, made.note),
                           (read_frames(tmp_path / "out" / TABLE)[file.name], None)):
            assert len(rows) == 10
            assert all({UNLIKE, AMONG_UNLIKE} & set(row.flags) for row in rows) == unlike
            assert any(AMONG_UNLIKE in row.flags for row in rows) == unlike
            assert said is None or ("the model does not know such images" in said) == unlike


def test_progress_goes_frame_by_frame_and_may_end_it(model):
    movie, said = np.zeros((2, 64, 64), np.uint8), []
    made = morula.segment_array(model, movie, axes="TYX", progress=lambda *told: said.append(told))
    assert made.masks.shape == (2, 64, 64)
    assert [row.frame for row in made.frames] == [0, 1]
    assert said[0] == (0, 2, "frame 1 of 2")
    assert said[-1] == (2, 2, "done")
    assert said.count((0, 2, "frame 1 of 2")) > 1  # also within a frame

    def stop(done: int, total: int, words: str) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        morula.segment_array(model, movie, axes="TYX", progress=stop)


def test_what_does_not_fit_is_said_as_to_somebody_in_python(model):
    with pytest.raises(ModelError, match=r'axes="TYX"'):
        morula.segment_array(model, np.zeros((2, 40, 40), np.uint8), axes="ZYX")
