"""Files in the order of time."""

from pathlib import Path

import pytest

from morula.names.series import series_of
from morula.names.table import read_names


def numbers(*names: str, by_last_number: bool = False) -> list[dict[str, int]]:
    read = read_names(Path(f"folder/{name}.tif") for name in names)
    found = series_of(read, by_last_number=by_last_number)
    return [dict(zip((file.stem for file in each.files), each.numbers, strict=True)) for each in found]


def test_counts_are_kept_with_their_gaps():
    assert numbers("m_t10", "m_t2", "m_t3") == [{"m_t2": 2, "m_t3": 3, "m_t10": 10}]


def test_times_in_units_are_numbered_by_their_usual_step():
    """Half an hour is one step; where two are left out, three lie between."""
    assert numbers("a_0.5h", "a_0h", "a_1h", "a_150min", "a_3h") == [
        {"a_0h": 0, "a_0.5h": 1, "a_1h": 2, "a_150min": 5, "a_3h": 6}]
    [series] = series_of(read_names([Path("a_0h.tif"), Path("a_30min.tif"), Path("a_1h.tif")]))
    assert series.minutes == 30


def test_a_clock_that_is_a_little_late_loses_no_step():
    clock = [f"2021-08-06_{minute // 60:02d}-{minute % 60:02d}-00" for minute in (0, 10, 21, 30, 40, 51, 60, 70)]
    assert [list(each.values()) for each in numbers(*clock)] == [list(range(8))]


def test_places_are_series_of_their_own():
    assert numbers("x_s4_t0", "x_s5_t0", "x_s4_t1", "x_s5_t1") == [{"x_s4_t0": 0, "x_s4_t1": 1},
                                                                   {"x_s5_t0": 0, "x_s5_t1": 1}]


def test_folders_are_apart():
    found = series_of(read_names([Path("a/t0.tif"), Path("b/t0.tif"), Path("a/t1.tif")]))
    assert [len(each.files) for each in found] == [2, 1]


def test_folders_that_are_moments_are_in_order():
    files = [Path(f"{plate}/TimePoint_{moment}/exp_{well}.tif")
             for plate in "pq" for moment in (1, 2, 10) for well in ("A01", "B02")]
    found = series_of(read_names(reversed(files)))
    assert {(each.before, each.after, each.numbers) for each in found} == {("exp_A01", "", (1, 2, 10)),
                                                                          ("exp_B02", "", (1, 2, 10))}
    assert sorted(each.files for each in found) == sorted(tuple(files[place : place + 6 : 2]) for place in (0, 1, 6, 7))


@pytest.mark.parametrize("asked", [True, False])
def test_a_number_that_says_nothing_counts_where_it_is_asked_for(asked):
    assert numbers("cell_1", "cell_2", by_last_number=asked) == ([{"cell_1": 1, "cell_2": 2}] if asked else [])


def test_where_moments_stand_still_slices_are_in_order():
    assert numbers("e_t0_z1", "e_t0_z2", "e_t0_z10") == [{"e_t0_z1": 1, "e_t0_z2": 2, "e_t0_z10": 10}]


def test_recordings_with_a_clock_each_keep_their_own_moments():
    names = [f"2021-08-06_1{hour}-00-00_t{moment}" for hour in (1, 2) for moment in (0, 1)]
    assert [list(each.values()) for each in numbers(*names)] == [[0, 1], [0, 1]]
