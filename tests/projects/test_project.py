"""A project is a folder, and nothing outside of it."""

from __future__ import annotations

import json

import numpy as np
import pytest
import tifffile

from morula.errors import FileError, RequestError
from morula.projects.project import SETTINGS, NotThere, Project


def test_images_are_found_and_stay_themselves(project, folder):
    names = [source.path.name for source in project.sources()]
    assert names == [*(f"disc {number}.tif" for number in range(5)), "movie.tif", "volume.tif"]
    ids = {source.id for source in project.sources()}
    assert len(ids) == 7
    assert {source.id for source in Project(folder).sources()} == ids
    assert project.image(project.source(project.sources()[5].id)).frames == 3


def test_images_may_lie_in_the_folder_itself(tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", np.zeros((8, 9), np.uint8))
    assert [source.path for source in Project(tmp_path).sources()] == [tmp_path / "a.tif"]


def test_what_comes_and_goes_is_noticed(project):
    tifffile.imwrite(project.images / "new.tif", np.zeros((8, 9), np.uint8))
    assert len(project.sources()) == 8
    gone = project.sources()[0]
    gone.path.unlink()
    with pytest.raises(NotThere):
        project.source(gone.id)
    with pytest.raises(FileError, match="is gone"):
        project.image(gone)


def test_an_image_is_read_again_once_it_changed(project, named):
    source = named(project, "disc 0")
    assert project.image(source).space == (60, 80)
    tifffile.imwrite(source.path, np.zeros((8, 9), np.uint8))
    assert project.image(source).space == (8, 9)


def test_links_out_of_it_are_not_followed(project, tmp_path):
    secret = tmp_path / "secret.tif"
    tifffile.imwrite(secret, np.zeros((8, 9), np.uint8))
    (project.images / "link.tif").symlink_to(secret)
    (project.images / "within.tif").symlink_to(project.images / "disc 0.tif")
    names = [source.path.name for source in project.sources()]
    assert "link.tif" not in names
    assert "within.tif" in names


def test_settings_are_kept(project, folder):
    project.change_settings(project.settings.model_copy(update={"minutes": 3.0}))
    assert Project(folder).settings.minutes == 3
    assert json.loads((folder / SETTINGS).read_text())["classes"][0]["name"] == "foreground"


@pytest.mark.parametrize("text", ["{", "[]", "[" * 100_000, '{"minutes": -1}', '{"unknown": 1}'])
def test_settings_that_cannot_be_understood_are_named(folder, text):
    (folder / SETTINGS).write_text(text)
    with pytest.raises(RequestError, match=rf"{SETTINGS} cannot be understood .* Move it away"):
        Project(folder)


def test_a_pixel_size_counts_at_once(project, named):
    source = named(project, "disc 0")
    assert project.image(source).pixel_size is None
    project.change_settings(project.settings.model_copy(update={"pixel_size": 0.5}))
    assert project.image(source).pixel_size == (0.5, 0.5)


def test_a_file_is_no_project(tmp_path):
    (tmp_path / "a.txt").write_text("")
    with pytest.raises(RequestError, match=r"a\.txt is a file"):
        Project(tmp_path / "a.txt")
