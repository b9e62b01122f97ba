"""Who drew a mask stands in its name, in its folder, or in a table."""

from pathlib import Path

import pytest

from morula.errors import RequestError
from morula.names.authors import authors


def who(told: str, *names: str) -> list[str]:
    return list(authors(told, [Path(f"{name}.tif") for name in names]).values())


def test_the_annotator_is_one_word_of_the_name_or_its_folder():
    assert who("{what}_{annotator}", "cell_01_anna", "cell_2_BK2") == ["anna", "BK2"]
    assert who("{annotator}-{what}", "anna-cell_01", "ben-x-y") == ["anna", "ben"]
    assert who("{annotator}/{what}", "masks/anna/01", "masks/ben/01") == ["anna", "ben"]


def test_a_table_says_it_too(tmp_path):
    table = tmp_path / "who.CSV"
    table.write_text("file,annotator\n01,anna\n02,ben\n")
    assert who(str(table), "masks/01", "masks/02") == ["anna", "ben"]


@pytest.mark.parametrize(("told", "words"), [
    ("{what}_{who}", r"does not say where in a name the annotator stands"),
    ("annotator", r"--annotators 'annotator' names no fields"),
    ("{what}_x_{annotator}", r"--annotators .* does not fit 2 of 2 names, such as cell_01_anna\.tif"),
])
def test_what_does_not_fit_is_refused_with_the_option_and_a_name(told, words):
    with pytest.raises(RequestError, match=words):
        who(told, "cell_01_anna", "cell_02_ben")
