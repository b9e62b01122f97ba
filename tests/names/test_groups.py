"""What names, tables and people say about the groups of files."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from morula.errors import RequestError
from morula.names.groups import Membership, grouped_in_words, membership, told_groups
from morula.names.table import read_names


@pytest.mark.parametrize(("file", "group"), [
    ("movie03_t012.tif", "movie03"), ("embryo 2-z05.tif", "embryo 2"), ("m1_t01_z05.tif", "m1"),
    ("a_time12.tif", "a"), ("series/t007.tif", "series"), ("embryo2_day3_z05.tif", "embryo2"),
    ("pos2_frame7.tif", "pos2"), ("movie3_012.tif", "movie3"), ("plate1_xy05_0007.png", "plate1_xy05"),
])
def test_moments_and_slices_belong_to_what_they_are_of(file, group):
    assert membership(Path(file)).group == group


@pytest.mark.parametrize(("file", "group"), [
    ("B03_frame7.png", "B03"), ("B03_s03.tif", "B03"), ("B04_day3_z05.tif", "B04"), ("Well_B04_site2.tif", "Well_B04"),
    ("plate1_P24_f02_t3.tif", "plate1_P24"), ("plate1.ome.zarr/P/24/2", "plate1_P24"),
    ("A1_2.tif", "A1"), ("well A01-fov3.tif", "well A01"),
])
def test_all_that_was_seen_in_a_well_belongs_to_it(file, group):
    assert membership(Path(file)).group == group
    assert membership(Path(file)).rule == "well"


@pytest.mark.parametrize("name", [
    "001", "cell_01", "s03", "day3", "heart7", "test12", "A1", "C2C12_01", "B03ED783", "Q3_01", "A25_1", "A0_1",
    "E12_embryo3", "0280fa8f60f6", "hippocampus_007", "t",
])
def test_a_name_that_says_nothing_is_a_group_alone(name):
    assert membership(Path(f"folder/{name}.png")) == Membership(name, "itself")


@given(st.sampled_from("ABCDEFGHIJKLMNOP"), st.integers(1, 24), st.sampled_from(["", "0"]),
       st.lists(st.tuples(st.sampled_from(["t", "z", "site", "day", "frame", ""]), st.integers(0, 999)), min_size=1))
def test_every_well_of_a_plate_is_known_with_whatever_is_counted_in_it(row, column, zero, counted):
    well = f"{row}{zero if column < 10 else ''}{column}"
    name = "_".join([well, *(f"{word}{number}" for word, number in counted)])
    assert membership(Path(f"{name}.tif")).group == well


def test_a_stack_is_a_group_of_its_own_unless_it_names_a_well():
    assert membership(Path("movie_s03.tif"), frames=12).group == "movie_s03"
    assert membership(Path("B04_site2.tif"), frames=12).group == "B04"


def test_groups_by_a_pattern():
    files = [Path(name) for name in ("d1_A1_3.tif", "d2_A1_4.tif", "control.tif")]
    assert [member.group for member in told_groups(r"_(A\d)_", files).values()] == ["A1", "A1", "control"]
    assert [member.group for member in told_groups(r"d\d", files).values()] == ["d1", "d2", "control"]
    with pytest.raises(RequestError, match="regular expression"):
        told_groups("(", files)
    with pytest.raises(RequestError, match="fits none"):
        told_groups("plate", files)


def test_groups_by_a_table(tmp_path):
    files = [Path(f"images/{name}.tif") for name in ("a", "b", "c")]
    table = tmp_path / "groups.csv"
    table.write_text("\ufefffile,group,note\na.tif,one,\nb,one,dim\nimages/c.tif,two,\nunknown.tif,three,\n", "utf-8")
    assert [member.group for member in told_groups(str(table), files).values()] == ["one", "one", "two"]
    table.write_text("file,group\na.tif,one\nb.tif,\n")
    with pytest.raises(RequestError, match=r"2 of 3 images, such as b\.tif"):
        told_groups(str(table), files)
    table.write_text("a.tif,one\n")
    with pytest.raises(RequestError, match="file,group"):
        told_groups(str(table), files)
    with pytest.raises(RequestError, match="cannot be read"):
        told_groups(str(tmp_path / "none.csv"), files)


def test_it_is_said_how_groups_came_about():
    def said(*names: str) -> str:
        return grouped_in_words((path, membership(path)) for path in map(Path, names))

    assert said("m1_t01.tif", "m1_t02.tif") == "names that differ only in a moment or slice, as m1_t01 of m1"
    assert said("B04_f1.tif", "x.tif") == "wells, as B04_f1 of B04; other files stand alone"
    assert said("1.tif", "2.tif") == "no names say that images belong together"


def test_a_table_tells_files_of_one_name_apart_by_their_folders(tmp_path):
    files = [Path("one/t0.tif"), Path("two/t0.tif"), Path("two/t1.tif")]
    table = tmp_path / "groups.csv"
    table.write_text("file,group\none/t0.tif,a\ndata/two/t0.tif,c\ntwo/t0.tif,b\nelsewhere/t1.tif,b\n")
    with pytest.raises(RequestError, match=r"two.t0\.tif that it is in b and in c"):
        told_groups(str(table), files)
    table.write_text("file,group\none/t0.tif,a\ntwo/t0.tif,b\nelsewhere/t1.tif,b\n")
    assert [member.group for member in told_groups(str(table), files).values()] == ["a", "b", "b"]


def test_a_pattern_sees_folders_where_it_shall():
    files = [Path("one/t0.tif"), Path("two/t0.tif")]
    assert [member.group for member in told_groups("one|two", files, with_folders=True).values()] == ["one", "two"]
    with pytest.raises(RequestError, match=r"such as t0\.tif"):
        told_groups("one|two", files)


@pytest.mark.parametrize("name", ["wt (3)", "wt_Tag (3)", "wt 4Std"])
def test_a_number_that_a_system_writes_in_brackets_counts_nothing(name):
    files = [Path(f"{name}.tif"), Path(f"{name} (4).tif")]
    names = read_names(files)
    assert len({membership(file, 1, names[file]).group for file in files}) == 2


@pytest.mark.parametrize(("name", "group"), [("emb (a) t1", "emb (a)"), ("emb [a_t1]", "emb [a]"), ("emb (t1)", "emb")])
def test_brackets_in_the_name_of_a_group_are_closed(name, group):
    assert membership(Path(f"{name}.tif")).group == group
