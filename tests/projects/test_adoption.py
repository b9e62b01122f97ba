"""Masks that lie in a folder already are understood once, and nothing of them is lost."""

from __future__ import annotations

import numpy as np
import pytest
import tifffile

from annotated import circle, shape_of, write_labelme
from morula.errors import RequestError
from morula.projects.adoption import FOUND, adopt
from morula.projects.annotation import Annotation
from morula.projects.project import SETTINGS, Project


def test_black_and_white_masks(project, folder, disc):
    project.masks.mkdir()
    for number in range(2):
        tifffile.imwrite(project.masks / f"disc {number}.tif", 255 * disc().astype(np.uint8))
    said = adopt(project)
    assert said.startswith("2 masks taken over")
    assert np.array_equal(tifffile.imread(folder / FOUND / "disc 0.tif"), 255 * disc())
    assert np.array_equal(tifffile.imread(project.masks / "disc 1.tif"), disc())
    annotation = Annotation(project, project.sources()[0])
    assert annotation.notes.state(0) == "finished"
    assert np.array_equal(annotation.region(0, annotation.image.whole), disc())
    assert adopt(Project(folder)) is None


def test_label_images_tell_objects_apart(project, disc):
    labels = (project.folder / "labels")
    labels.mkdir()
    numbered = np.zeros((60, 80), np.uint16)
    for number in range(1, 31):
        numbered[disc(centre=(5 + 10 * (number // 6), 6 + 12 * (number % 6)), radius=4)] = number
    tifffile.imwrite(labels / "disc 0.tif", numbered)
    adopt(project)
    assert project.settings.objects
    assert np.array_equal(tifffile.imread(project.masks / "disc 0.tif"), numbered)
    assert np.array_equal(tifffile.imread(labels / "disc 0.tif"), numbered)


def test_masks_of_other_images_stay_where_they_are(project, disc):
    project.masks.mkdir()
    for name in "xy":
        tifffile.imwrite(project.masks / f"other {name}.tif", disc().astype(np.uint8))
    with pytest.raises(RequestError, match=r"No mask in .* fits an image"):
        adopt(project)
    assert (project.masks / "other x.tif").exists()


def test_an_adoption_that_was_broken_off_leaves_nothing_in_the_way(project, disc):
    project.masks.mkdir()
    tifffile.imwrite(project.masks / "disc 0.tif", 255 * disc().astype(np.uint8))
    (project.hidden / "adopted").mkdir()
    (project.hidden / "adopted" / "disc 4.tif").write_bytes(b"half")
    adopt(project)
    assert [path.name for path in project.masks.iterdir()] == ["disc 0.tif"]


def test_what_was_kept_before_is_not_written_over(project, folder, disc):
    for times in range(2):
        project.masks.mkdir(exist_ok=True)
        tifffile.imwrite(project.masks / "disc 0.tif", 255 * disc(radius=5 + times).astype(np.uint8))
        (folder / SETTINGS).unlink(missing_ok=True)
        adopt(project)
    assert np.array_equal(tifffile.imread(folder / FOUND / "disc 0.tif"), 255 * disc(radius=5))
    assert np.array_equal(tifffile.imread(folder / f"{FOUND} 2" / "disc 0.tif"), 255 * disc(radius=6))


def test_a_folder_without_masks_is_a_new_project(project):
    assert adopt(project) is None
    assert not project.masks.exists()
    assert len(project.settings.classes) == 1


def test_what_was_drawn_in_other_programs_becomes_masks_with_its_classes(project, folder):
    outlines = {"wall": circle(20, 20, 9), "cell": circle(50, 30, 12)}
    write_labelme(project.folder / "annotations" / "disc 0.json",
                  [shape_of(name, corners) for name, corners in outlines.items()])
    said = adopt(project)
    assert said is not None
    assert "drawn by name: cell is 1, wall is 2" in said
    assert [each.name for each in project.settings.classes] == ["cell", "wall"]
    mask = tifffile.imread(project.masks / "disc 0.tif")
    assert (mask[20, 20], mask[30, 50], mask[5, 70]) == (2, 1, 0)


def test_several_outlines_of_one_kind_beside_the_images_are_objects(project):
    write_labelme(project.images / "disc 0.json",
                  [shape_of("cell", circle(20, 20, 9)), shape_of("cell", circle(50, 30, 9))])
    adopt(project)
    assert project.settings.objects
    assert [each.name for each in project.settings.classes] == ["cell"]
    assert np.unique(tifffile.imread(project.masks / "disc 0.tif")).tolist() == [0, 1, 2]
