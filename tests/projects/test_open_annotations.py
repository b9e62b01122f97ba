"""Of many annotations, few are open, and none loses a stroke."""

from __future__ import annotations

import shutil
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import tifffile

from morula.errors import FileError, RequestError
from morula.projects.history import History
from morula.projects.image_facts import KnownImages
from morula.projects.open_annotations import OpenAnnotations
from morula.projects.project import Project
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


def test_it_is_told_which_frames_another_program_changed(project, named, stroke, disc, monkeypatch):
    """Without being asked; and not of a mask that was there before anything was drawn."""
    monkeypatch.setattr("morula.projects.open_annotations.PAUSE", 0.1)
    told = []
    annotations = OpenAnnotations(project, lambda source, frames: told.append((source.path.stem, list(frames))))
    movie, other = named(project, "movie"), named(project, "disc 0")
    project.masks.mkdir(exist_ok=True)
    tifffile.imwrite(project.mask(other), disc().astype(np.uint8))
    annotations.of(other)
    for t in (0, 1):
        annotations.of(movie).draw(Stroke(**stroke(t=t)))
    annotations.write_all()
    frames = tifffile.imread(project.mask(movie))
    frames[1] = disc(radius=20)
    project.mask(movie).write_bytes(b"half of a file")
    time.sleep(0.3)
    assert not told
    tifffile.imwrite(project.mask(movie), frames, imagej=True, metadata={"axes": "TYX"})
    for _ in range(100):
        if told:
            break
        time.sleep(0.05)
    assert told == [("movie", [1])]
    annotations.close()


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


def test_a_copied_folder_keeps_what_was_said(project, opened, named, stroke, tmp_path):
    """A copy has other dates: masks that hold what was drawn are not taken for those of another program."""
    movie, disc = named(project, "movie"), named(project, "disc 0")
    opened.of(movie).draw(Stroke(**stroke(t=1)))
    opened.of(movie).set_review(2, "rejected")
    opened.of(movie).set_interpolated(1, True)
    opened.of(movie).draw(Stroke(**stroke(t=0)))
    opened.of(disc).fill(0, np.ones((60, 80), np.uint8))  # all of it, and yet not finished
    opened.write_all()
    shutil.copytree(project.folder, tmp_path / "copy", copy_function=shutil.copyfile)
    copy = Project(tmp_path / "copy")
    again = OpenAnnotations(copy)
    notes = again.notes(named(copy, "movie"))
    assert (notes.touched, notes.interpolated, notes.reviews) == ({0, 1}, {1}, {2: "rejected"})
    assert again.of(named(copy, "movie")).region(1, (slice(0, 60), slice(0, 80))).min() == 1
    assert again.notes(named(copy, "disc 0")).state(0) == "partly"
    again.close()


def test_another_program_changes_only_the_frames_that_it_changed(project, opened, named, stroke, disc):
    movie = named(project, "movie")
    for t in (0, 2):
        opened.of(movie).draw(Stroke(**stroke(t=t)))
        opened.of(movie).set_review(t, "corrected")
    opened.write_all()
    frames = tifffile.imread(project.mask(movie))
    frames[2] = disc(radius=20)
    tifffile.imwrite(project.mask(movie), frames, imagej=True, metadata={"axes": "TYX"})
    notes = opened.notes(movie)
    assert (notes.state(0), notes.state(2), notes.reviews) == ("partly", "finished", {0: "corrected"})
    [kept] = History(project).versions(movie, 2)
    assert np.array_equal(History(project).read(movie, 2, kept.version) == 1, disc())
    assert History(project).versions(movie, 0) == []


def test_a_mask_that_another_program_deleted_has_an_earlier_version(project, opened, stroke, disc):
    source = project.sources()[0]
    opened.of(source).draw(Stroke(**stroke()))
    opened.write_all()
    project.mask(source).unlink()
    assert opened.notes(source).state(0) == "no"
    [kept] = History(project).versions(source, 0)
    assert np.array_equal(History(project).read(source, 0, kept.version) == 1, disc())


def test_an_image_that_was_replaced_and_comes_back_has_its_strokes(project, opened, stroke, disc):
    source = project.sources()[0]
    before = source.path.read_bytes()
    opened.of(source).draw(Stroke(**stroke()))
    opened.of(source).set_review(0, "rejected")
    tifffile.imwrite(source.path, np.zeros((20, 30), np.uint8))
    assert opened.of(source).notes.state(0) == "no"
    source.path.write_bytes(before)
    annotation = opened.of(source)
    assert np.array_equal(annotation.region(0, annotation.image.whole) == 1, disc())
    assert annotation.notes.reviews == {0: "rejected"}


def test_images_that_would_have_one_mask_are_not_drawn_on(project, opened, named, stroke):
    first = named(project, "disc 0")
    path = first.path.with_suffix(".tiff")
    shutil.copyfile(first.path, path)
    second = next(source for source in project.sources() if source.path == path)
    opened.of(first).draw(Stroke(**stroke()))
    with pytest.raises(FileError, match="would have one and the same mask"):
        opened.of(second)
    assert KnownImages(project).all([first, second])[1].problem.startswith("disc 0.tiff and disc 0.tif would have")
    path.rename(path.with_name("other.tiff"))
    assert all(facts.problem is None for facts in KnownImages(project).all(project.sources()))
