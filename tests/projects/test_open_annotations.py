"""Of many annotations, few are open, and none loses a stroke."""

from __future__ import annotations

import numpy as np
import pytest
import tifffile

from morula.projects.open_annotations import OpenAnnotations
from morula.projects.strokes import Stroke


@pytest.fixture
def opened(project):
    """The annotations of a project."""
    annotations = OpenAnnotations(project)
    yield annotations
    annotations.close()


def test_the_state_of_a_folder_full_of_masks_opens_none_twice(project, opened, disc, monkeypatch):
    monkeypatch.setattr("morula.projects.open_annotations.KEPT", 2)
    project.masks.mkdir()
    for number in range(5):
        tifffile.imwrite(project.masks / f"disc {number}.tif", disc().astype(np.uint8))
    made = []
    real = opened.of
    monkeypatch.setattr(opened, "of", lambda source: made.append(source) or real(source))
    for _ in range(2):
        states = [opened.notes(source).state(0) for source in project.sources()]
        assert states == ["finished"] * 5 + ["no"] * 2
    assert len(opened._open) <= 2
    assert len({source.id for source in made}) == 5


def test_strokes_on_many_images_are_all_written(project, opened, stroke, disc, monkeypatch):
    monkeypatch.setattr("morula.projects.open_annotations.KEPT", 1)
    for number in range(5):
        source = next(each for each in project.sources() if each.path.stem == f"disc {number}")
        opened.of(source).draw(Stroke(**stroke(radius=4 + number)))
    opened.write_all()
    for number in range(5):
        assert np.array_equal(tifffile.imread(project.masks / f"disc {number}.tif") == 1, disc(radius=4 + number))


def test_a_mask_that_another_program_wrote_or_removed_is_noticed(project, opened, stroke, disc):
    source = project.sources()[0]
    opened.of(source).draw(Stroke(**stroke()))
    opened.write_all()
    assert opened.notes(source).state(0) == "partly"
    tifffile.imwrite(project.mask(source), disc(radius=20).astype(np.uint8))
    assert opened.notes(source).state(0) == "finished"
    annotation = opened.of(source)
    assert (annotation.region(0, annotation.image.whole) == disc(radius=20)).all()
    project.mask(source).unlink()
    assert opened.notes(source).state(0) == "no"
