"""What is taken along is what lies in the folder."""

from __future__ import annotations

import shutil
import zipfile

import numpy as np
import pytest
import tifffile

from morula.errors import RequestError
from morula.jobs.archives import archive
from morula.jobs.tasks import MEASURED
from morula.projects.annotation import Annotation
from morula.projects.open_annotations import OpenAnnotations
from morula.projects.project import Project
from morula.projects.reviewed_masks import gather_reviewed
from morula.projects.strokes import Stroke
from morula.segmenting.frames import TABLE, SegmentedFrame, read_frames, write_frames


def test_reviewed_masks(project, named, stroke, disc):
    """A frame that a person finished is theirs, another the model's."""
    project.predicted.mkdir(parents=True)
    for name in ("disc 0", "disc 1"):
        tifffile.imwrite(project.predicted / f"{name}.tif", disc(radius=5).astype(np.uint8))
    annotation = Annotation(project, named(project, "disc 0"))
    annotation.draw(Stroke(**stroke()))
    annotation.set_finished(0, True)
    annotation.write()
    with zipfile.ZipFile(archive(project, "masks.zip")) as packed:
        assert sorted(packed.namelist()) == ["disc 0.tif", "disc 1.tif"]
        packed.extractall(project.folder / "out")
    assert np.array_equal(tifffile.imread(project.folder / "out" / "disc 0.tif"), disc())
    assert np.array_equal(tifffile.imread(project.folder / "out" / "disc 1.tif"), disc(radius=5))


def test_what_was_corrected_counts_before_it_is_finished(project, named, stroke, disc):
    project.predicted.mkdir(parents=True)
    tifffile.imwrite(project.predicted / "disc 0.tif", disc(radius=5).astype(np.uint8))
    annotation = Annotation(project, named(project, "disc 0"))
    annotation.fill(0, disc().astype(np.uint8))
    annotation.set_review(0, "corrected")
    annotation.write()
    with zipfile.ZipFile(archive(project, "masks.zip")) as packed:
        packed.extractall(project.folder / "out")
    assert np.array_equal(tifffile.imread(project.folder / "out" / "disc 0.tif"), disc())


def test_one_corrected_frame_of_a_movie(project, named, stroke, disc):
    project.predicted.mkdir(parents=True)
    tifffile.imwrite(project.predicted / "movie.tif", np.stack([disc(radius=5)] * 3).astype(np.uint8),
                     imagej=True, metadata={"axes": "TYX"})
    annotation = Annotation(project, named(project, "movie"))
    annotation.draw(Stroke(**stroke(t=1)))
    annotation.draw(Stroke(**stroke(0, t=1, radius=3)))
    annotation.set_finished(1, True)
    annotation.write()
    with zipfile.ZipFile(archive(project, "masks.zip")) as packed:
        packed.extractall(project.folder / "out")
    frames = tifffile.imread(project.folder / "out" / "movie.tif")
    assert np.array_equal(frames[1], disc() & ~disc(radius=3))
    for other in (0, 2):
        assert np.array_equal(frames[other], disc(radius=5))


def test_everything_but_the_images(project, named, stroke):
    annotation = Annotation(project, named(project, "disc 0"))
    annotation.draw(Stroke(**stroke()))
    annotation.write()
    project.change_settings(project.settings)
    with zipfile.ZipFile(archive(project, "everything.zip")) as packed:
        assert sorted(packed.namelist()) == [f".morula/annotations/{named(project, 'disc 0').id}.json",
                                             "masks/disc 0.tif", "morula.json"]


def test_what_was_said_of_frames_is_there_where_everything_is_unpacked(project, named, stroke, tmp_path):
    """But for a mask that was changed meanwhile, of which nothing counts that was said before."""
    for name in ("disc 0", "disc 1", "movie"):
        annotation = Annotation(project, named(project, name))
        annotation.draw(Stroke(**stroke()))
        annotation.set_review(0, "corrected")
        annotation.set_finished(0, True)
        annotation.write()
    annotation.set_review(1, "rejected")
    annotation.replace(2, annotation.whole(0))
    annotation.set_interpolated(2, True)
    annotation.set_review(2, "corrected")
    annotation.set_finished(2, True)
    annotation.write()
    other = Annotation(project, named(project, "disc 2"))
    other.set_review(0, "rejected")
    folder = tmp_path / "elsewhere"
    with zipfile.ZipFile(archive(project, "everything.zip")) as packed:
        packed.extractall(folder)
    shutil.copytree(project.images, folder / "images")
    mask = tifffile.imread(folder / "masks" / "disc 1.tif")
    tifffile.imwrite(folder / "masks" / "disc 1.tif", np.roll(mask, 3, 0))
    there = Project(folder)
    for _ in range(2):  # and when it is opened again
        annotations = OpenAnnotations(there)
        found = {source.path.stem: annotations.notes(source) for source in there.sources()}
        assert found["disc 0"].reviews == {0: "corrected"}
        assert found["disc 0"].finished == {0}
        assert found["disc 1"].reviews == {}
        assert found["disc 2"].reviews == {0: "rejected"}
        assert found["movie"].reviews == {0: "corrected", 1: "rejected"}
        assert (found["movie"].finished, found["movie"].state(2)) == ({0}, "no")
        annotations.of(named(there, "disc 2"))
        annotations.close()


def test_nothing_is_said_to_be_nothing(project):
    with pytest.raises(RequestError, match="no mask"):
        archive(project, "masks.zip")
    with pytest.raises(RequestError, match="nothing to take along"):
        archive(project, "rois.zip")


def test_figures_of_what_was_measured_are_in_everything(project):
    project.results.mkdir()
    rows = "".join(f"disc {number}.tif,0,1,{100 + number}\n" for number in range(5))
    (project.results / MEASURED).write_text(f"file,frame,object,area_px2\n{rows}")
    with zipfile.ZipFile(archive(project, "everything.zip")) as packed:
        assert "results/figures/conditions.svg" in packed.namelist()
        assert b"area (px\xc2\xb2)" in packed.read("results/figures/conditions.svg")
    (project.results / MEASURED).write_text("file,frame,object,area_px2\n")  # nothing to draw
    with zipfile.ZipFile(archive(project, "everything.zip")) as packed:
        assert "results/measurements.csv" in packed.namelist()


def test_what_was_rejected_is_left_out(project, named, disc):
    """A mask of its own has no file then, and a frame of a movie nothing that is known; the table lacks their rows."""
    project.predicted.mkdir(parents=True)
    for name in ("disc 0", "disc 1"):
        tifffile.imwrite(project.predicted / f"{name}.tif", disc(radius=5).astype(np.uint8))
    tifffile.imwrite(project.predicted / "movie.tif", np.stack([disc(radius=5)] * 3).astype(np.uint8),
                     imagej=True, metadata={"axes": "TYX"})
    rows = [SegmentedFrame(name, frame, name, "abc", 1, 81) for name, frame in (
        ("disc 0.tif", 0), ("disc 1.tif", 0), ("movie.tif", 0), ("movie.tif", 1), ("movie.tif", 2))]
    write_frames(project.predicted / TABLE, rows)
    Annotation(project, named(project, "disc 1")).set_review(0, "rejected")
    Annotation(project, named(project, "movie")).set_review(2, "rejected")
    said = []
    folder = gather_reviewed(project, said.append)
    assert sorted(path.name for path in folder.glob("*.tif")) == ["disc 0.tif", "movie.tif"]
    first, second, third = tifffile.imread(folder / "movie.tif")
    assert np.array_equal(first, disc(radius=5))
    assert np.array_equal(second, disc(radius=5))
    assert (third == 255).all()
    assert {name: [row.frame for row in each] for name, each in read_frames(folder / TABLE).items()} == {
        "disc 0.tif": [0], "movie.tif": [0, 1]}
    assert said == ["2 masks that you rejected are left out."]


def test_an_accepted_mask_that_was_erased_is_the_models_again(project, named, stroke, disc):
    project.predicted.mkdir(parents=True)
    tifffile.imwrite(project.predicted / "disc 0.tif", disc(radius=5).astype(np.uint8))
    annotation = Annotation(project, named(project, "disc 0"))
    annotation.fill(0, disc(radius=5).astype(np.uint8))
    annotation.set_review(0, "accepted")
    annotation.replace(0, np.full((60, 80), 255, np.uint8))
    annotation.write()
    assert annotation.notes.reviews == {}
    assert np.array_equal(tifffile.imread(gather_reviewed(project) / "disc 0.tif"), disc(radius=5))


def test_notes_that_cannot_be_read_are_in_nobodys_way(project, named, disc):
    project.predicted.mkdir(parents=True)
    for name in ("disc 0", "disc 1"):
        tifffile.imwrite(project.predicted / f"{name}.tif", disc(radius=5).astype(np.uint8))
    write_frames(project.predicted / TABLE, [SegmentedFrame("disc 1.tif", 0, "disc 1.tif", "abc", 1, 81)])
    Annotation(project, named(project, "disc 0")).set_review(0, "accepted")
    (project.hidden / "annotations" / f"{named(project, 'disc 0').id}.json").write_text("[]")
    said = []
    folder = gather_reviewed(project, said.append)
    assert [path.name for path in folder.glob("*.tif")] == ["disc 1.tif"]
    assert "cannot be understood" in said[0]
    assert list(read_frames(folder / TABLE)) == ["disc 1.tif"]
