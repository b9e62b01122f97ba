"""Names as a person tells them."""

from pathlib import Path

import pytest

from morula.errors import RequestError
from morula.names.groups import membership
from morula.names.series import series_of
from morula.names.told import names_of, suggested


def files(*names: str) -> list[Path]:
    return [Path(f"{name}.tif") for name in names]


def test_fields_are_what_they_are_called():
    names = names_of(files("a-b_7_0030_x", "a-b_8_0060_x"), "{well}_{site}_{time}_x")
    assert [membership(file, 1, name).group for file, name in names.items()] == ["a-b_x", "a-b_x"]
    assert [name.counting[1].value for name in names.values()] == [30, 60]


def test_any_other_field_is_what_the_image_is_of():
    names = names_of(files("wt.3.t9.20210806", "ko.3.t9.20210807"), "{line}.{embryo}.{time}.{ignored}")
    assert [membership(file, 1, name).group for file, name in names.items()] == ["wt.3", "ko.3"]


def test_times_keep_their_units():
    names = names_of(files("x2h", "x30min", "x00d03h00m"), "x{time}")
    assert [name.counting[1].value for name in names.values()] == [120, 30, 180]


def test_a_told_channel_is_one():
    names = names_of(files("7alpha", "7beta"), "{time}{channel}")
    assert [name.of("channel") for name in names.values()] == ["alpha", "beta"]


def test_a_slash_stands_between_a_folder_and_what_lies_in_it():
    found = files("plate/Day 1/A1_7", "plate/Day 3/A1_7")
    names = names_of(found, "Day {time}/{well}_{site}")
    assert [membership(file, 1, name).group for file, name in names.items()] == ["A1", "A1"]
    assert [name.counting[1].value for name in names.values()] == [1, 3]
    assert [series.numbers for series in series_of(names)] == [(1, 3)]
    with pytest.raises(RequestError, match=r"such as Day 1/A1_7\.tif"):
        names_of(found, "d{time}/{well}_{site}")


def test_a_folder_may_be_what_the_image_is_of():
    names = names_of(files("wt/t1", "wt/t2", "ko/t1"), "{embryo}/t{time}")
    assert [membership(file, 1, name).group for file, name in names.items()] == ["wt", "wt", "ko"]
    assert [(series.before, series.numbers) for series in series_of(names)] == [("t", (1, 2)), ("t", (1,))]


@pytest.mark.parametrize(("told", "said"), [
    ("{well}_{site}_{time}", r"does not fit 1 of 2 names, such as b\.tif"), ("well_site", "names no fields"),
    ("{well}_{well}", "twice"), ("{we ll}_{time}", "names no fields"), ("{well_{time}", "names no fields"),
    ("", "no fields"),
])
def test_what_does_not_fit_is_said(told, said):
    with pytest.raises(RequestError, match=said):
        names_of(files("A1_1_t5", "b"), told)


@pytest.mark.parametrize(("one", "other", "more", "wanted"), [
    ("wt_ax", "wt_bx", "mutant_ax", "{what}_{ignored}"),
    ("20210801_wt", "20210802_wt", "20210801_mut", "{time}_{what}"),
    ("a-1 b.day2", "a-1 b.day3", "c-2 d.day2", "{what1}-{what2} {what3}.{time}"),
    ("a", "b", "c", None),  # nothing is left that would say what it is of
    ("wt_a_1", "wt_b_2", "wt_c_3", None),  # two words differ
    ("wt_1", "wt_2", "other", None),  # another name is made otherwise
    ("wt_1", "wt-2", "wt_3", None),
])
def test_what_could_be_told_follows_from_two_names_of_one_thing(one, other, more, wanted):
    assert suggested(one, other, [one, other, more]) == wanted
