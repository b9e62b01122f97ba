"""A project is a folder, and nothing outside of it."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest
import tifffile

from microscopes import write_lif
from morula.errors import FileError, RequestError
from morula.projects.image_facts import KnownImages
from morula.projects.project import SETTINGS, NotThere, Project
from zarrs import write_attributes, write_ome_zarr


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


def test_scenes_and_fields_are_images_with_masks_of_their_own(tmp_path):
    images = tmp_path / "images"
    pictures = {name: np.full((12, 14), value, np.uint8) for name, value in (("first", 3), ("second", 5))}
    images.mkdir()
    write_lif(images / "embryos.lif", {name: (picture, "YX") for name, picture in pictures.items()})
    for well, value in (("A/1", 7), ("B/2", 9)):
        write_ome_zarr(images / "plate.zarr" / well / "0", np.full((16, 18), value, np.uint8), "yx")
        write_attributes(images / "plate.zarr" / well, "0.4", {"well": {"images": [{"path": "0"}]}})
    wells = [{"path": well, "rowIndex": place, "columnIndex": place} for place, well in enumerate(("A/1", "B/2"))]
    write_attributes(images / "plate.zarr", "0.4", {"plate": {"wells": wells, "rows": [{"name": "A"}, {"name": "B"}],
                                                              "columns": [{"name": "1"}, {"name": "2"}]}})
    project = Project(tmp_path)
    sources = project.sources()
    assert [source.name for source in sources] == ["embryos.lif:1", "embryos.lif:2", "plate.zarr/A/1/0",
                                                   "plate.zarr/B/2/0"]
    assert len({source.id for source in sources}) == 4
    assert [int(project.image(source).frame(0).max()) for source in sources] == [3, 5, 7, 9]
    assert [project.mask(source).name for source in sources] == [
        "embryos_scene1.tif", "embryos_scene2.tif", "plate_A1_f0.tif", "plate_B2_f0.tif"]
    assert [(facts.width, facts.problem) for facts in KnownImages(project).all(sources)] == [(14, None)] * 2 + [
        (18, None)] * 2
    (images / "embryos.lif").unlink()
    with pytest.raises(FileError, match=r"embryos\.lif:2 is gone"):
        project.image(sources[1])


def test_no_project_is_made_in_an_ome_zarr(tmp_path):
    plate = write_ome_zarr(tmp_path / "plate.zarr", np.zeros((8, 9), np.uint8), "yx")
    with pytest.raises(RequestError, match=f"Give the folder that it lies in: {re.escape(str(tmp_path))}"):
        Project(plate)
    assert not (plate / ".morula").exists()


def test_what_cannot_be_read_is_listed_once(tmp_path):
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "broken.lif").write_bytes(b"no LIF")
    (tmp_path / "images" / "broken.zarr").mkdir()
    project = Project(tmp_path)
    assert [source.name for source in project.sources()] == ["broken.lif", "broken.zarr"]
    assert all(facts.problem for facts in KnownImages(project).all(project.sources()))


def test_scenes_are_found_once_their_file_has_arrived(tmp_path):
    """The folder does not change any more while the rest of a file is copied."""
    whole, images = tmp_path / "whole.lif", tmp_path / "images"
    write_lif(whole, dict.fromkeys(("first", "second"), (np.zeros((12, 14), np.uint8), "YX")))
    images.mkdir()
    (images / "slow.lif").write_bytes(whole.read_bytes()[:40])
    project = Project(tmp_path)
    assert [source.name for source in project.sources()] == ["slow.lif"]
    with (images / "slow.lif").open("ab") as file:
        file.write(whole.read_bytes()[40:])
    assert [source.name for source in project.sources()] == ["slow.lif:1", "slow.lif:2"]


def test_an_image_of_a_zarr_that_lies_elsewhere_is_none(tmp_path):
    write_ome_zarr(tmp_path / "elsewhere.zarr", np.zeros((8, 9), np.uint8), "yx")
    write_attributes(tmp_path / "project/images/own.zarr", "0.4", {"bioformats2raw.layout": 3})
    (tmp_path / "project/images/own.zarr/0").symlink_to(tmp_path / "elsewhere.zarr")
    (tmp_path / "project/images/link.zarr").symlink_to(tmp_path / "elsewhere.zarr")
    assert Project(tmp_path / "project").sources() == []


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
