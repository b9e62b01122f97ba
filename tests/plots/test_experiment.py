"""Who belongs together in a table of measures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from morula.errors import FileError, RequestError
from morula.objects.tables import write_columns
from morula.plots.experiment import Experiment, ExperimentSettings, read_experiment


def table(path: Path, rows: list[tuple], columns: str = "file frame object area_um2") -> Path:
    names = columns.split()
    write_columns(path, {name: [row[place] for row in rows] for place, name in enumerate(names)})
    return path


def read(*paths: Path, **settings) -> Experiment:
    return read_experiment(paths, ExperimentSettings(**settings))


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_numbered_frames_are_moments_of_a_movie_and_its_only_object_is_a_track(tmp_path, kind):
    rows = [(f"wt_pos{movie}_t{moment:03d}.tif", 0, 1, 10.0 * movie + moment)
            for movie in (1, 2) for moment in (0, 2, 4)]
    rows.append(("chiron_pos1_t000.tif", 0, None, None))
    rows.append(("chiron_pos1_t002.tif", 0, 1, 50.0))
    found = read(table(tmp_path / f"t.{kind}", rows), conditions="wt|chiron", control="chiron", minutes_per_frame=30)
    assert found.conditions == ("chiron", "wt")
    assert found.groups == ("wt_pos1", "wt_pos2", "chiron_pos1")
    assert found.time.tolist() == [0, 1, 2, 0, 1, 2, 1]
    assert found.track.tolist() == [0, 0, 0, 1, 1, 1, 2]
    assert found.measures == ("area_um2",)
    assert found.samples("area_um2", 1).tolist() == [12, 22]
    assert found.samples("area_um2", 0).tolist() == [50]


def test_names_that_tell_times_make_hours(tmp_path):
    def time(moments=None, **movies):
        rows = [(f"{movie}_00d{hour:02d}h{minute:02d}m.tif", 0, 1, 1.0) for movie, times in movies.items()
                for hour, minute in times]
        tracked = [(*row, 1, moment) for row, moment in zip(rows, moments or [0] * len(rows), strict=True)]
        found = (read(table(tmp_path / "t.csv", tracked, "file frame object area_um2 track moment")) if moments
                 else read(table(tmp_path / "t.csv", rows)))
        return found.time_label, found.time.tolist()

    halves, hours = [(0, 0), (0, 30), (1, 0)], [(0, 0), (1, 0), (2, 0)]
    assert time(a=halves, b=halves[:2]) == ("time (h)", [0, 0.5, 1, 0, 0.5])
    assert time(a=halves, b=hours)[0] == "frame"
    assert time(a=hours, moments=[3, 4, 5]) == ("time (h)", [3, 4, 5])
    assert time(a=hours, moments=[0, 2, 4])[0] == "frame"  # tracks counted half hours, without objects


def test_a_stack_is_a_movie_and_crowded_objects_are_no_tracks_until_tracked(tmp_path):
    rows = [("a.tif", frame, number, float(frame + number)) for frame in (0, 1, 2) for number in (1, 2)]
    found = read(table(tmp_path / "t.csv", rows))
    assert found.groups == ("a",)
    assert len(set(found.track)) == 6
    assert found.time.tolist() == [0, 0, 1, 1, 2, 2]
    tracked = [(*row, 3 - row[2] if row[1] else row[2], row[1] + 5) for row in rows]
    found = read(table(tmp_path / "t.csv", tracked, "file frame object area_um2 track moment"))
    assert len(set(found.track)) == 2
    assert found.time.tolist() == [5, 5, 6, 6, 7, 7]
    assert found.of_tracks("area_um2") == pytest.approx([8 / 3, 7 / 3])


def test_samples_are_groups_however_many_objects_they_have(tmp_path):
    rows = [("ctrl_1.tif", 0, number, 1.0) for number in range(1, 30)] + [("ctrl_2.tif", 0, 1, 3.0)]
    found = read(table(tmp_path / "t.csv", rows), conditions="ctrl")
    assert found.samples("area_um2", 0).tolist() == [1, 3]
    together = read(table(tmp_path / "t.csv", rows), groups="ctrl")
    assert together.samples("area_um2", 0).tolist() == pytest.approx([32 / 30])


def test_several_tables_are_conditions_and_equal_names_in_them_are_different_files(tmp_path):
    one = table(tmp_path / "control.csv", [("a.tif", 0, 1, 1.0)])
    other = table(tmp_path / "drug.csv", [("a.tif", 0, 1, 5.0)])
    found = read(one, other)
    assert found.conditions == ("control", "drug")
    assert (found.samples("area_um2", 0).tolist(), found.samples("area_um2", 1).tolist()) == ([1], [5])
    assert read(other, one, control="control").conditions == ("control", "drug")


def test_tables_of_one_name_are_no_conditions(tmp_path):
    tables = []
    for day in ("monday", "tuesday"):
        (tmp_path / day).mkdir()
        tables.append(table(tmp_path / day / "t.csv", [(f"{day}.tif", 0, 1, 1.0)]))
    with pytest.raises(RequestError, match="two are called t"):
        read(*tables)
    assert read(*tables, conditions="(mon|tues)").conditions == ("mon", "tues")


def test_a_column_may_say_the_condition_and_the_group(tmp_path):
    rows = [("a.tif", 0, 1, 1.0, "low", 7), ("a.tif", 0, 2, 2.0, "high", 7), ("b.tif", 0, 1, 4.0, "high", 7)]
    path = table(tmp_path / "t.csv", rows, "file frame object area_um2 dose plate")
    found = read(path, conditions="dose", groups="plate")
    assert found.conditions == ("low", "high")
    assert found.samples("area_um2", 1).tolist() == [3]


def test_missing_values_are_left_out(tmp_path):
    rows = [("a_t1.tif", 0, 1, 1.0), ("a_t2.tif", 0, 1, None), ("b_t1.tif", 0, 1, None), ("b_t2.tif", 0, 1, None)]
    found = read(table(tmp_path / "t.csv", rows))
    assert found.samples("area_um2", 0).tolist() == [1]
    assert np.isnan(found.of_tracks("area_um2")).tolist() == [False, True]


@pytest.mark.parametrize(
    ("settings", "wrong"),
    [
        ({"measures": ("height",)}, "no column 'height'"),
        ({"conditions": "(mutant)"}, "--conditions '(mutant)' fits none"),
        ({"conditions": "a|b", "control": "c"}, "no condition 'c'. There are a, b"),
        ({"conditions": "(a)"}, "does not fit b.tif"),
        ({"conditions": "("}, "--conditions '(' is not a regular"),
    ],
)
def test_what_does_not_fit_is_named(tmp_path, settings, wrong):
    path = table(tmp_path / "t.csv", [("a.tif", 0, 1, 1.0), ("b.tif", 0, 1, 1.0)])
    with pytest.raises(RequestError) as told:
        read(path, **settings)
    assert wrong in str(told.value)


@pytest.mark.parametrize(("row", "wrong"), [
    ("7,0,1,5,2", "'file' holds 7"), (",0,1,5,2", "'file' holds None"), ("a.tif,x,1,5,2", "'frame' holds 'x'"),
    ("a.tif,,1,5,2", "'frame' holds None"), ("a.tif,0,1,5,late", "'moment' holds 'late'"),
])
def test_rows_that_do_not_say_where_their_object_is_are_refused(tmp_path, row, wrong):
    (tmp_path / "t.csv").write_text(f"file,frame,object,area_um2,moment\n{row}\n")
    with pytest.raises(RequestError, match=wrong):
        read(tmp_path / "t.csv")


def test_files_that_are_no_tables_are_refused(tmp_path):
    (tmp_path / "t.csv").write_text("file,frame,object\na,b\n")
    with pytest.raises(FileError, match="row 2 has 2 values"):
        read(tmp_path / "t.csv")
    (tmp_path / "t.csv").write_text("name,area\na,1\n")
    with pytest.raises(RequestError, match="no column 'file'"):
        read(tmp_path / "t.csv")
    with pytest.raises(RequestError, match="no object"):
        read(table(tmp_path / "t.csv", [("a.tif", 0, None, None)]))


def test_files_of_one_name_are_samples_of_their_folders(tmp_path):
    rows = [(f"{folder}/{name}{moment}.tif", 0, 1, size) for folder, size in (("wt", 1.0), ("chiron", 2.0))
            for name in ("t", "a_t") for moment in (0, 1)]
    found = read(table(tmp_path / "t.csv", rows), conditions="wt|chiron")
    assert set(found.groups) == {"wt", "wt/a", "chiron", "chiron/a"}
    assert found.conditions == ("wt", "chiron")
    assert found.samples("area_um2", 0).tolist() == [1, 1]
    assert found.samples("area_um2", 1).tolist() == [2, 2]
    assert found.time.tolist() == [0, 1] * 4
