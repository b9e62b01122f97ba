"""Files that hold several images say which."""

from pathlib import Path

import pytest

from morula.errors import FileError
from morula.formats.scenes import Scene, chosen, require_known, whole_moments

FILE = Path("a.lif")


def test_of_many_scenes_the_first_are_listed():
    scenes = [Scene(f"s{number}", {"Y": 4, "X": 5}) for number in range(40)]
    with pytest.raises(FileError) as caught:
        chosen(FILE, scenes, None)
    assert "a.lif:12 is s11 (Y 4 × X 5); and so on to a.lif:40." in str(caught.value)
    assert "a.lif:13" not in str(caught.value)
    assert [chosen(FILE, scenes, number) for number in (1, 40)] == [0, 39]
    for number in (0, 41):
        with pytest.raises(FileError, match=f"none of them is number {number}"):
            chosen(FILE, scenes, number)


def test_an_only_scene_need_not_be_named():
    scenes = [Scene("", {"Y": 4, "X": 5})]
    assert chosen(FILE, scenes, None) == chosen(FILE, scenes, 1) == 0
    with pytest.raises(FileError, match=r"a\.lif holds no image"):
        chosen(FILE, [], None)


def test_axes_that_images_have_none_for_are_refused():
    require_known(FILE, {"T": 3, "H": 1, "Y": 5}, {"H": "phases"})
    with pytest.raises(FileError, match="has 3 phases for each plane"):
        require_known(FILE, {"H": 3, "Y": 5}, {"H": "phases"})


@pytest.mark.parametrize(("there", "frames"), [
    ([6, 6, 0, 0], 2), ([6, 5, 0], 1), ([5, 6], 2), ([0, 6], 2), ([6, 0, 6], 3)])
def test_only_what_was_stopped_is_read_less_far(there, frames):
    whole, said = whole_moments(there, 6)
    assert whole == frames
    assert f"holds {sum(there)} of the {6 * len(there)} planes" in said
    assert ("read as 0" in said) == (frames == len(there))
