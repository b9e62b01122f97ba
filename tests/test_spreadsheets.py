"""Names and numbers as they come back from other programs."""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from morula.objects.tables import read_table, write_columns
from morula.spreadsheets import as_named, csv_rows, written


@given(st.binary(min_size=1, max_size=20).map(os.fsdecode))
def test_whatever_bytes_a_name_is_made_of_it_comes_back(name):
    assert as_named(written(name)) == name
    assert written(name).encode("utf-8")


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_a_table_takes_every_name(tmp_path, ending):
    write_columns(tmp_path / f"a.{ending}", {"file": ["gr\udcfcn.tif", "grün.tif"], "area": [1.5, 2.5]})
    assert read_table(tmp_path / f"a.{ending}") == {"file": ["gr\\udcfcn.tif", "grün.tif"], "area": [1.5, 2.5]}


@pytest.mark.parametrize(("data", "expected"), [
    ("a,b\n1,ü\n".encode(), [["a", "b"], ["1", "ü"]]),
    ("a;b\n1,5;ü\n".encode("cp1252"), [["a", "b"], ["1,5", "ü"]]),
    ("a\tb\r\n1,5\tü\r\n".encode("utf-16"), [["a", "b"], ["1,5", "ü"]]),
    (b'\xef\xbb\xbfa;b\r\n"x;y";z\r\n', [["a", "b"], ["x;y", "z"]]),
    (b"", []),
])
def test_a_table_is_read_however_it_was_saved(tmp_path, data, expected):
    (tmp_path / "a.csv").write_bytes(data)
    assert list(csv_rows(tmp_path / "a.csv")) == expected
