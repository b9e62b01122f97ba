"""What is drawn is on disk at once, and in a mask file that any program reads."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import PIL.Image
import pytest
import tifffile

from morula.errors import FileError
from morula.projects.annotation import Annotation
from morula.projects.frame_states import FrameFinished
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
    (Stroke(t=0, box=(0, 0, 1, 1), runs=[2, 1]), "There is no class 2: the last one is 1"),
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


def test_the_highest_number_of_a_frame_follows_the_strokes(project, named, stroke):
    project.change_settings(project.settings.model_copy(update={"objects": True}))
    annotation = Annotation(project, named(project, "movie"))
    assert [annotation.highest(frame) for frame in range(3)] == [0, 0, 0]
    annotation.draw(Stroke(**stroke(7, t=1)))
    assert [annotation.highest(frame) for frame in range(3)] == [0, 7, 0]
    again = Annotation(project, named(project, "movie"))
    assert [again.highest(frame) for frame in range(3)] == [0, 7, 0]


def test_finished_frames_are_not_drawn_on(annotation, stroke, disc):
    annotation.draw(Stroke(**stroke()))
    annotation.set_finished(0, True)
    before = annotation.region(0, annotation.image.whole)
    for change in (lambda: annotation.draw(Stroke(**stroke(0))), lambda: annotation.fill(0, disc() * 1),
                   lambda: annotation.replace(0, disc() * 0)):
        with pytest.raises(FrameFinished, match="Press F"):
            change()
    assert np.array_equal(annotation.region(0, annotation.image.whole), before)
    annotation.set_finished(0, False)
    annotation.draw(Stroke(**stroke(0)))
    assert (annotation.region(0, annotation.image.whole)[disc()] == 0).all()


def test_locked_objects_stay_as_they_are(project, named, stroke, disc):
    project.change_settings(project.settings.model_copy(update={"objects": True}))
    source = named(project, "movie")
    annotation = Annotation(project, source)
    for frame in (0, 1):
        annotation.draw(Stroke(**stroke(3, t=frame)))
    annotation.set_locked(1, [3])
    again = Annotation(project, source)  # also by a server that was started anew
    for frame in (0, 1):
        again.draw(Stroke(**stroke(4, t=frame, radius=14, centre=(30, 50))))
    locked, other = disc(), disc(radius=14, centre=(30, 50))
    assert np.array_equal(again.region(0, again.image.whole) == 3, locked & ~other)
    assert np.array_equal(again.region(1, again.image.whole) == 3, locked)
    assert np.array_equal(again.region(1, again.image.whole) == 4, other & ~locked)
    again.replace(1, np.full((60, 80), 65535))
    assert np.array_equal(again.region(1, again.image.whole) == 3, locked)
    again.set_locked(1, [])
    again.replace(1, np.full((60, 80), 65535))
    assert again.notes.state(1) == "no"


def test_a_frame_that_is_cleared_has_nothing_left(project, named, stroke):
    """Neither pixels nor what was said of it, be its objects locked and be it finished."""
    project.change_settings(project.settings.model_copy(update={"objects": True}))
    annotation = Annotation(project, named(project, "disc 0"))
    annotation.draw(Stroke(**stroke(3)))
    annotation.set_locked(0, [3])
    annotation.set_review(0, "corrected")
    annotation.set_finished(0, True)
    annotation.clear(0)
    assert (annotation.region(0, annotation.image.whole) == 65535).all()
    notes = annotation.notes
    assert (notes.state(0), notes.locked, notes.reviews) == ("no", {}, {})


@pytest.mark.parametrize(("mask", "words"), [
    (np.full((3, 60, 80), np.nan, np.float32), "no whole number"),
    (np.full((3, 60, 80), 0.5, np.float32), "no whole number"),
    (np.full((3, 60, 80), -3, np.int32), "no whole number"),
    (np.full((3, 60, 80), 9, np.uint8), "holds 9"),
    (np.broadcast_to(np.where(np.arange(80) < 9, 255, 0), (3, 60, 80)).astype(np.uint8), "0 and 255"),
])
def test_a_mask_that_is_refused_changes_nothing(project, named, stroke, disc, mask, words):
    """Not even the frames before the one that is wrong."""
    movie = named(project, "movie")
    annotation = Annotation(project, movie)
    for t in (0, 2):
        annotation.draw(Stroke(**stroke(t=t)))
    annotation.write()
    path = project.mask(movie)
    before = path.read_bytes()
    mask = mask.copy()
    mask[0] = disc(radius=3)
    os.utime(path, (1, 1))
    written = path.stat()
    Annotation(project, movie)
    tifffile.imwrite(path, mask, imagej=mask.dtype != np.int32, metadata={"axes": "TYX"})
    with pytest.raises(FileError, match=words):
        Annotation(project, movie)
    path.write_bytes(before)
    os.utime(path, ns=(written.st_atime_ns, written.st_mtime_ns))
    again = Annotation(project, movie)
    assert np.array_equal(again.region(0, again.image.whole) == 1, disc())
    assert np.array_equal(again.region(2, again.image.whole) == 1, disc())


def test_a_frame_that_lies_between_others_is_seen_once_it_is_drawn_on(annotation, stroke):
    annotation.draw(Stroke(**stroke()))
    annotation.set_interpolated(0, True)
    annotation.draw(Stroke(**stroke(radius=4)))
    assert not annotation.notes.interpolated


def test_numbers_that_do_not_fit_are_written_nowhere(annotation, stroke, disc):
    annotation.draw(Stroke(**stroke()))
    with pytest.raises(ValueError, match="do not fit"):
        annotation.replace(0, np.ones((30, 40), np.uint8))
    assert np.array_equal(annotation.region(0, annotation.image.whole) == 1, disc())


def test_a_mask_of_another_kind_of_file_is_written_as_one_of_ours(project, named, stroke, disc):
    """A PNG that somebody put there: what is drawn on it goes into a TIFF, and it is kept as it was."""
    project.masks.mkdir()
    source = named(project, "disc 0")
    png = project.masks / f"{source.path.stem}.png"
    PIL.Image.fromarray(disc().astype(np.uint8)).save(png)
    before = png.read_bytes()
    annotation = Annotation(project, source)
    annotation.set_finished(0, False)
    annotation.draw(Stroke(**stroke(0, radius=3)))
    annotation.write()
    assert [path.name for path in project.masks.iterdir()] == [f"{source.path.stem}.tif"]
    assert np.array_equal(tifffile.imread(project.mask(source)), disc() & ~disc(radius=3))
    assert (project.folder / "masks as found" / png.name).read_bytes() == before
    assert not annotation.is_outdated
