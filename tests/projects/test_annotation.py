"""What is drawn is on disk at once, and in a mask file that any program reads."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
import tifffile

from morula.errors import FileError
from morula.projects.annotation import Annotation
from morula.projects.project import Project
from morula.projects.strokes import Stroke


@pytest.fixture
def annotation(project, named):
    """That of the first disc."""
    return Annotation(project, named(project, "disc 0"))


def test_a_stroke_becomes_a_mask(project, annotation, stroke, disc):
    assert annotation.draw(Stroke(**stroke())) == 1
    annotation.write()
    mask = tifffile.imread(project.masks / "disc 0.tif")
    assert mask.dtype == np.uint8
    assert np.array_equal(mask, np.where(disc(), 1, 255))


def test_what_nobody_touched_is_background_in_a_finished_frame(project, annotation, stroke, disc):
    annotation.draw(Stroke(**stroke()))
    annotation.set_finished(0, True)
    annotation.write()
    assert np.array_equal(tifffile.imread(project.masks / "disc 0.tif"), disc())


def test_an_eraser_leaves_nothing_behind(project, annotation, stroke, disc):
    annotation.draw(Stroke(**stroke()))
    annotation.write()
    annotation.draw(Stroke(**stroke(255)))
    annotation.write()
    assert not (project.masks / "disc 0.tif").exists()
    assert annotation.notes.state(0) == "no"


def test_a_stroke_survives_a_process_that_is_killed(project, folder):
    """The process draws, is killed before it has written any mask file, and the next one has the stroke."""
    script = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from morula.projects.annotation import Annotation\n"
        "from morula.projects.project import Project\n"
        "from morula.projects.strokes import Stroke\n"
        "project = Project(Path(sys.argv[1]))\n"
        "Annotation(project, project.sources()[0]).draw(Stroke(t=0, box=(3, 5, 13, 9), runs=[1, 40]))\n"
        "os.kill(os.getpid(), getattr(signal, 'SIGKILL', signal.SIGTERM))\n"
    )
    done = subprocess.run([sys.executable, "-c", script, str(folder)], check=False, capture_output=True)
    assert done.returncode not in (0, 1), done.stderr
    assert not project.masks.exists()
    annotation = Annotation(Project(folder), project.sources()[0])
    numbers = annotation.region(0, annotation.image.whole)
    expected = np.full((60, 80), 255)
    expected[5:9, 3:13] = 1
    assert np.array_equal(numbers, expected)
    annotation.write()
    assert np.array_equal(tifffile.imread(project.masks / "disc 0.tif"), expected)


def test_frames_and_slices_are_kept_apart(project, named, stroke, disc):
    movie = Annotation(project, named(project, "movie"))
    movie.draw(Stroke(**stroke(t=1)))
    movie.write()
    mask = tifffile.imread(project.masks / "movie.tif")
    assert (mask[[0, 2]] == 255).all()
    assert np.array_equal(mask[1] == 1, disc())
    assert [movie.notes.state(frame) for frame in range(3)] == ["no", "partly", "no"]
    volume = Annotation(project, named(project, "volume"))
    volume.draw(Stroke(t=0, z=2, box=(10, 5, 20, 15), runs=[1, 100]))
    volume.write()
    mask = tifffile.imread(project.masks / "volume.tif")
    assert np.argwhere(mask == 1).min(0).tolist() == [2, 5, 10]
    assert (mask == 1).sum() == 100


def test_a_mask_of_another_program_is_taken_up(project, annotation, named, stroke, disc):
    annotation.draw(Stroke(**stroke()))
    annotation.write()
    assert not annotation.is_outdated
    tifffile.imwrite(project.masks / "disc 0.tif", disc(radius=20).astype(np.uint8))
    assert annotation.is_outdated
    again = Annotation(project, named(project, "disc 0"))
    assert np.array_equal(again.region(0, again.image.whole), disc(radius=20))
    assert again.notes.state(0) == "finished"


def test_a_mask_that_does_not_fit_is_named(project, named, disc):
    project.masks.mkdir()
    tifffile.imwrite(project.masks / "disc 0.tif", np.zeros((10, 12), np.uint8))
    with pytest.raises(FileError, match=r"disc 0.tif has 10 × 12, and its image 60 × 80"):
        Annotation(project, named(project, "disc 0"))
    tifffile.imwrite(project.masks / "disc 0.tif", np.full((60, 80), 9, np.uint8))
    with pytest.raises(FileError, match="holds 9, and there are 1 classes"):
        Annotation(project, named(project, "disc 0"))


@pytest.mark.parametrize(("wrong", "words"), [
    (Stroke(t=1, box=(0, 0, 1, 1), runs=[1, 1]), "outside the image of 60 × 80"),
    (Stroke(t=0, z=1, box=(0, 0, 1, 1), runs=[1, 1]), "outside"),
    (Stroke(t=0, box=(79, 0, 81, 1), runs=[1, 2]), "outside"),
    (Stroke(t=0, box=(0, 59, 1, 61), runs=[1, 2]), "outside"),
    (Stroke(t=0, box=(0, 0, 1, 1), runs=[2, 1]), "There are 1 classes, and 2 is the number of none"),
])
def test_strokes_that_cannot_be(annotation, wrong, words):
    with pytest.raises(ValueError, match=words):
        annotation.draw(wrong)
    assert annotation.notes.state(0) == "no"


def test_filling_leaves_what_a_person_drew(annotation, stroke, disc):
    annotation.draw(Stroke(**stroke(0, radius=5)))
    annotation.fill(0, disc(radius=12).astype(np.uint8))
    numbers = annotation.region(0, annotation.image.whole)
    assert (numbers[disc(radius=5)] == 0).all()
    assert (numbers[disc(radius=12) & ~disc(radius=5)] == 1).all()


def test_objects_have_room_for_many(project, named, stroke, disc):
    project.change_settings(project.settings.model_copy(update={"objects": True}))
    annotation = Annotation(project, named(project, "disc 0"))
    annotation.draw(Stroke(**stroke(40_000)))
    annotation.write()
    mask = tifffile.imread(project.masks / "disc 0.tif")
    assert mask.dtype == np.uint16
    assert np.array_equal(mask, np.where(disc(), 40_000, 65_535))


def test_an_object_that_is_taken_over_keeps_apart_from_what_was_drawn(project, named, stroke, disc):
    project.change_settings(project.settings.model_copy(update={"objects": True}))
    annotation = Annotation(project, named(project, "disc 0"))
    annotation.draw(Stroke(**stroke(1, centre=(15, 15), radius=8)))
    taken = np.where(disc(centre=(40, 60), radius=9), 1, np.where(disc(centre=(40, 20), radius=9), 2, 0))
    annotation.fill(0, taken)
    numbers = annotation.region(0, annotation.image.whole)
    assert np.array_equal(numbers == 1, disc(centre=(15, 15), radius=8))
    assert np.array_equal(numbers == 2, taken == 2)
    assert np.array_equal(numbers == 3, taken == 1)
    assert annotation.highest(0) == annotation.notes.highest == 3


def test_the_highest_number_of_a_frame_follows_the_strokes(project, named, stroke):
    project.change_settings(project.settings.model_copy(update={"objects": True}))
    annotation = Annotation(project, named(project, "movie"))
    assert [annotation.highest(frame) for frame in range(3)] == [0, 0, 0]
    annotation.draw(Stroke(**stroke(7, t=1)))
    assert [annotation.highest(frame) for frame in range(3)] == [0, 7, 0]
    again = Annotation(project, named(project, "movie"))
    assert [again.highest(frame) for frame in range(3)] == [0, 7, 0]
