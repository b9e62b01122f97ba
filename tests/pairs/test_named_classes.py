"""What people call their classes, and what cannot be a name."""

from __future__ import annotations

import numpy as np
import pytest
import tifffile

import morula
from morula.checks.data_settings import DataSettings
from morula.errors import DataError, RequestError
from morula.models.model import Model
from morula.pairs.named_classes import alike
from morula.settings import read_settings


@pytest.mark.parametrize("given", [("background", "cell", "wall"), ("cell", "wall"), ("Background", " cell", "wall ")])
def test_background_may_stand_first_or_not(given):
    assert read_settings(DataSettings, {"class_names": given}).class_names == ("cell", "wall")


@pytest.mark.parametrize(("given", "words"), [
    (("cell", "Cell"), "'cell' is there twice"),
    (("cell", ""), "one is empty"),
    (("background",), "one is empty"),
    (("cell", "background"), "begin with background"),
    (("cell", "2"), "no numbers"),
    (("cell", "wall_low"), "end in low or high"),
])  # fmt: skip
def test_what_is_no_name_is_refused_in_words(given, words):
    with pytest.raises(RequestError, match=f"--class-names should .*{words}"):
        read_settings(DataSettings, {"class_names": given})


def test_classes_of_two_places_are_told_by_name_or_by_number_where_nobody_named_them():
    assert alike(("wall", "cell"), ("cell", "wall")) == (("wall", "cell"), ("cell", "wall"))
    assert alike(("class 1", "class 2"), ("cell", "wall")) == (("class 1", "class 2"),) * 2
    assert alike(("cell",), ("foreground",)) == (("class 1",), ("class 1",))


@pytest.fixture
def folders(tmp_path):
    """Eight images, each with a bright square of class 1 and a dark one of class 2."""
    draw = np.random.default_rng(0)
    for name in range(8):
        mask = np.zeros((64, 64), np.uint8)
        y, x = draw.integers(4, 30, 2)
        mask[y : y + 24, x : x + 12], mask[y : y + 24, x + 16 : x + 30] = 1, 2
        image = np.array([90, 220, 10])[mask] + draw.normal(0, 4, mask.shape)
        for folder, array in (("images", image), ("masks", mask)):
            (tmp_path / folder).mkdir(exist_ok=True)
            tifffile.imwrite(tmp_path / folder / f"{'abcdefgh'[name]}.tif", array.clip(0, 255).astype(np.uint8))
    return tmp_path


def test_a_check_calls_classes_by_their_names(folders):
    inspection = morula.check(folders / "images", folders / "masks", class_names=["cell", "wall"])
    shares = dict(inspection.rows)["classes"]
    assert [word.split()[0] for word in shares.split(", ")] == ["background", "cell", "wall"]
    for names, words in ((["cell"], "--class-names names 1 (cell), and the masks hold 2"),
                         (["cell", "wall", "gap"], "Nothing is drawn of gap. Draw it in a mask or two")):
        found = morula.check(folders / "images", folders / "masks", class_names=names)
        [error] = found.errors
        assert words in str(error)
        with pytest.raises(DataError, match="--class-names"):
            found.raise_on_errors()


@pytest.mark.slow
def test_names_stay_with_the_model_and_are_shown_wherever_it_speaks(run, folders):
    images, masks, path = folders / "images", folders / "masks", folders / "m.safetensors"
    done = run("train", images, masks, "--out", path, "--steps", 30, "--class-names", "background,cell,wall")
    assert done.exit_code == 0, done.output
    assert "cell" in done.stdout
    assert Model.load(path).classes == ("cell", "wall")
    assert "classes: cell, wall" in run("info", path).stdout
    assert run("segment", path, images, "--out", folders / "out", "--review", 2).exit_code == 0
    header = (folders / "out" / "frames.csv").read_text(encoding="utf-8").splitlines()[0].split(",")
    assert "class 1" not in " ".join(header)
    review = (folders / "out" / "review" / "review.html").read_text(encoding="utf-8")
    page = folders / "page.html"
    assert run("report", path, "--out", page, "--masks", masks, "--predicted", folders / "out").exit_code == 0
    shown = page.read_text(encoding="utf-8")
    assert all(f">{name}</" in text for name in ("cell", "wall") for text in (review, shown))
    assert "class 1" not in shown.replace("class 1 (", "")
