"""What a name says about the group of a file."""

from pathlib import Path

import pytest

from morula.errors import RequestError
from morula.images.groups import group_by, group_of


@pytest.mark.parametrize(("file", "group"), [
    ("movie03_t012.tif", "movie03"), ("embryo 2-z05.tif", "embryo 2"), ("B03_frame7.png", "B03"),
    ("B03_s03.tif", "B03"), ("m1_t01_z05.tif", "m1"), ("a_time12.tif", "a"), ("series/t007.tif", "series"),
    ("cell_01.tif", "cell_01"), ("s03.tif", "s03"), ("heart7.tif", "heart7"), ("test12.tif", "test12"),
])
def test_a_name_tells_its_group(file, group):
    assert group_of(Path(file)) == group


def test_a_movie_is_a_group_of_its_own():
    assert group_of(Path("movie_s03.tif"), frames=12) == "movie_s03"


def test_groups_by_a_pattern():
    files = [Path(name) for name in ("d1_A1_3.tif", "d2_A1_4.tif", "control.tif")]
    assert list(group_by(r"_(A\d)_", files).values()) == ["A1", "A1", "control"]
    assert list(group_by(r"d\d", files).values()) == ["d1", "d2", "control"]
    with pytest.raises(RequestError, match="regular expression"):
        group_by("(", files)
    with pytest.raises(RequestError, match="fits none"):
        group_by("plate", files)
