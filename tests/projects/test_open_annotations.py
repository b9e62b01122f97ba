"""Of many annotations, few are open, and none loses a stroke."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import tifffile

from morula.errors import RequestError
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


@pytest.fixture
def objects(project):
    """A project in which objects are told apart, and its first image."""
    project.change_settings(project.settings.model_copy(update={"objects": True}))
    annotations = OpenAnnotations(project)
    yield annotations, project.sources()[0]
    annotations.close()


def test_no_number_is_given_twice(objects, project, stroke, monkeypatch):
    """However many ask, whatever was drawn or erased meanwhile, and though the annotation was closed meanwhile."""
    monkeypatch.setattr("morula.projects.open_annotations.KEPT", 1)
    annotations, source = objects
    annotations.of(source).draw(Stroke(**stroke(7)))
    with ThreadPoolExecutor(8) as pool:
        given = list(pool.map(lambda _: annotations.numbers(source, 0, 5), range(20)))
    numbers = [number for each in given for number in each]
    assert sorted(numbers) == list(range(8, 108))
    annotations.of(source).draw(Stroke(**stroke(200)))
    annotations.of(source).draw(Stroke(**stroke(65535)))
    assert annotations.numbers(source, 0, 1) == range(201, 202)
    annotations.write_all()
    annotations.of(project.sources()[1])
    assert annotations.numbers(source, 0, 1) == range(202, 203)
    annotations.of(source).draw(Stroke(**stroke(65530)))
    with pytest.raises(RequestError, match="as many objects"):
        annotations.numbers(source, 0, 5)


def test_frames_number_their_objects_apart(objects, project, named, stroke):
    annotations, movie = objects[0], named(project, "movie")
    annotations.of(movie).draw(Stroke(**stroke(9, t=1)))
    assert [annotations.numbers(movie, frame, 1)[0] for frame in range(3)] == [1, 10, 1]


def test_objects_that_come_in_do_not_take_the_numbers_of_others(objects, stroke, disc):
    """Of two whose number is drawn, one lies elsewhere, and one is the drawn one itself."""
    annotations, source = objects
    annotations.of(source).draw(Stroke(**stroke(1, radius=5, centre=(10, 10))))
    annotations.of(source).draw(Stroke(**stroke(2, radius=5, centre=(50, 70))))
    coming = 1 * disc(radius=6) + 2 * disc(radius=7, centre=(50, 70)) + 3 * disc(radius=4, centre=(9, 60))
    found = annotations.apart(source, 0, coming.astype(np.float32))
    assert [set(found[coming == number].tolist()) for number in range(4)] == [{0}, {4}, {2}, {3}]
    assert np.array_equal(annotations.apart(source, 0, 9 * disc()), 9 * disc())
    unknown = np.where(coming, coming, 65535)  # as the frame before has it, and here nobody left a pixel open
    annotations.of(source).replace(0, np.where(disc(radius=5, centre=(10, 10)), 1, 65535 * (coming > 0)))
    found = annotations.apart(source, 0, unknown)
    assert set(found[unknown == 65535].tolist()) == {65535}
    assert found[unknown == 1].min() > 4
