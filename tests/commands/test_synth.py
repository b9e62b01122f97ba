"""`morula synth`: what was asked for is drawn, and nothing that was there is lost."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tifffile


def contents(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_draws_the_images_and_masks_asked_for(drawn):
    images, masks = sorted((drawn / "images").iterdir()), sorted((drawn / "masks").iterdir())
    assert [path.name for path in images] == [path.name for path in masks]
    assert len(images) == 6
    assert {path.name.split("_")[0] for path in images} == {"movie00", "movie01", "movie02"}
    assert tifffile.imread(images[0]).shape == (64, 64)
    assert set(np.unique(tifffile.imread(masks[0]))) == {0, 1}


def test_the_same_seed_draws_the_same(run, drawn, tmp_path):
    again, other = tmp_path / "again", tmp_path / "other"
    line = ["synth", "gastruloids", "--frames", 2, "--movies", 3, "--size", 64]
    assert run(*line, "--out", again).exit_code == 0
    assert run(*line, "--out", other, "--seed", 1).exit_code == 0
    first, second, third = (tifffile.imread(sorted((folder / "images").iterdir())) for folder in (drawn, again, other))
    np.testing.assert_array_equal(first, second)
    assert (first != third).any()


def test_leaves_what_is_there_already(run, drawn):
    before = contents(drawn)
    done = run("synth", "gastruloids", "--out", drawn, "--count", 2, "--movies", 1)
    assert done.exit_code == 2
    assert "holds files already" in done.stderr
    assert contents(drawn) == before


def test_says_when_it_may_not_write(run, tmp_path):
    (tmp_path / "file").write_text("in the way")
    done = run("synth", "gastruloids", "--out", tmp_path / "file" / "new", "--count", 2, "--movies", 1)
    assert done.exit_code == 2
    assert "cannot be written" in done.stderr


def test_shapes_are_volumes_of_several_channels_if_asked_for(run, tmp_path):
    done = run("synth", "shapes", "--out", tmp_path, "--count", 2, "--axes", 3, "--channels", 2, "--classes", 3,
               "--size", 32)
    assert done.output == f"2 images in {tmp_path / 'images'}, their masks in {tmp_path / 'masks'}\n"
    assert tifffile.imread(tmp_path / "images" / "shapes_001.tif").shape == (32, 2, 32, 32)  # ImageJ: Z C Y X
    assert set(np.unique(tifffile.imread(tmp_path / "masks" / "shapes_001.tif"))) == {0, 1, 2, 3}


@pytest.mark.parametrize(("kind", "flag", "other"), [("shapes", "--movies", "gastruloids"),
                                                     ("shapes", "--frames", "gastruloids"),
                                                     ("gastruloids", "--axes", "shapes"),
                                                     ("hearts", "--axes", "shapes"),
                                                     ("gastruloids", "--channels", "hearts and shapes")])
def test_what_only_another_kind_knows_is_refused(run, kind, flag, other, tmp_path):
    done = run("synth", kind, "--out", tmp_path / "new", flag, 2)
    assert done.exit_code == 2
    assert f"{flag} is for {other}, and {kind} were asked for" in done.stderr
    assert not (tmp_path / "new").exists()


def test_hearts_have_contrasts_for_channels(run, tmp_path):
    done = run("synth", "hearts", "--out", tmp_path, "--count", 2, "--channels", 3, "--classes", 3, "--size", 64)
    assert done.output == f"2 images in {tmp_path / 'images'}, their masks in {tmp_path / 'masks'}\n"
    assert tifffile.imread(tmp_path / "images" / "heart_001.tif").shape == (3, 64, 64)
    assert set(np.unique(tifffile.imread(tmp_path / "masks" / "heart_001.tif"))) == {0, 1, 2, 3}


def test_count_and_frames_exclude_each_other(run, tmp_path):
    done = run("synth", "gastruloids", "--out", tmp_path / "new", "--count", 2, "--frames", 2)
    assert done.exit_code == 2
    assert "give one of them" in done.stderr


def test_fields_of_every_style_are_drawn(run, tmp_path):
    from morula.worlds.fields import STYLES

    done = run("synth", "fields", "--out", tmp_path / "fields", "--count", len(STYLES), "--size", 96, "--classes", 2)
    assert done.exit_code == 0, done.output
    images = sorted((tmp_path / "fields" / "images").iterdir())
    assert {path.stem.rsplit("-", 1)[0] for path in images} == {style.replace(" ", "-") for style in STYLES}
    assert {tifffile.imread(path).shape for path in images} == {(96, 96)}
    masks = [tifffile.imread(path) for path in (tmp_path / "fields" / "masks").iterdir()]
    assert set(np.unique(masks)) == {0, 1, 2}
    done = run("synth", "fields", "--out", tmp_path / "more", "--count", 1, "--classes", 3)
    assert done.exit_code == 2
    assert "1 (body) or 2 (body and shed cells), not 3" in done.output
