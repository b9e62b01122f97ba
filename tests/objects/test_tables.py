"""Tables as files, read back by others."""

from __future__ import annotations

import csv
import os

import numpy as np
import pytest

from morula.errors import FileError, RequestError
from morula.objects.tables import Table, open_table, read_table, write_columns

COLUMNS = {"file": str, "frame": int, "area_um2": float, "note": str}
ROWS = [
    {"file": "a, b.tif", "frame": 0, "area_um2": 1 / 3, "note": 'a "word"'},
    {"file": "ä.tif", "frame": 1, "area_um2": None},
]


def write(path):
    with open_table(path, COLUMNS) as rows:
        for row in ROWS:
            rows([row])
    return path


def test_csv(tmp_path):
    with write(tmp_path / "t.csv").open(newline="", encoding="utf-8") as file:
        first, second = csv.DictReader(file)
    assert first == {"file": "a, b.tif", "frame": "0", "area_um2": "0.3333333", "note": 'a "word"'}
    assert second == {"file": "ä.tif", "frame": "1", "area_um2": "", "note": ""}


def test_parquet(tmp_path):
    from pyarrow.parquet import read_table

    table = read_table(write(tmp_path / "t.parquet"))
    assert table.schema.names == list(COLUMNS)
    assert [str(kind) for kind in table.schema.types] == ["string", "int64", "double", "string"]
    assert table.to_pylist() == [ROWS[0], {**ROWS[1], "note": None}]


def test_another_ending_is_refused_with_those_that_are_known(tmp_path):
    with pytest.raises(RequestError, match=r"\.csv or \.parquet"), open_table(tmp_path / "t.xlsx", COLUMNS):
        pass


def test_what_fails_leaves_no_table_behind(tmp_path):
    def stop():
        with open_table(tmp_path / "t.csv", COLUMNS) as rows:
            rows(ROWS)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        stop()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_what_is_written_is_read(tmp_path, kind):
    columns = {"file": ["a.tif", 'ä, "b".tif'], "object": [70_000, 4_000_000_000], "area_um2": [None, 1234.567],
               "class": [2, None], "well": ["007", "010"]}
    write_columns(tmp_path / f"t.{kind}", columns)
    assert read_table(tmp_path / f"t.{kind}") == columns


def test_arrays_become_columns(tmp_path):
    write_columns(tmp_path / "t.csv", {"n": np.array([3, 4]), "x": np.array([0.5, np.nan]), "t": np.array(["a", ""])})
    assert read_table(tmp_path / "t.csv") == {"n": [3, 4], "x": [0.5, None], "t": ["a", None]}


@pytest.mark.parametrize("text", [b"a,b\n1\n", b"\xff\xfe\x00", b'a\n"b'])
@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_what_is_no_table_is_named(tmp_path, kind, text):
    (tmp_path / f"t.{kind}").write_bytes(text)
    with pytest.raises(FileError, match=f"t.{kind} cannot be read as a table"):
        read_table(tmp_path / f"t.{kind}")


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_pipe_is_no_table_and_nobody_waits_for_it(tmp_path, kind):
    os.mkfifo(tmp_path / f"t.{kind}")
    with pytest.raises(FileError, match="is a pipe or a device"):
        read_table(tmp_path / f"t.{kind}")


class TestInMemory:
    def test_has_columns_and_rows(self):
        table = Table(COLUMNS, tuple(ROWS))
        assert len(table) == 2
        assert table["area_um2"] == [1 / 3, None]
        assert table["note"] == ['a "word"', None]
        with pytest.raises(KeyError, match=r"no column 'area'.*area_um2"):
            _ = table["area"]
        assert repr(table).startswith("Table of 2 rows\n  columns  file, frame, area_um2, note")

    def test_becomes_a_dataframe_with_all_columns(self):
        frame = Table(COLUMNS, tuple(ROWS)).dataframe()
        assert list(frame.columns) == list(COLUMNS)
        assert frame["frame"].tolist() == [0, 1]
        assert frame["frame"].dtype == np.int64
        assert frame["area_um2"].isna().tolist() == [False, True]
        assert list(Table(COLUMNS, ()).dataframe().columns) == list(COLUMNS)

    @pytest.mark.parametrize("kind", ["csv", "parquet"])
    def test_is_saved_as_it_would_be_written(self, tmp_path, kind):
        Table(COLUMNS, tuple(ROWS)).save(tmp_path / f"a.{kind}")
        with open_table(tmp_path / f"b.{kind}", COLUMNS) as rows:
            rows(ROWS)
        assert read_table(tmp_path / f"a.{kind}") == read_table(tmp_path / f"b.{kind}")
