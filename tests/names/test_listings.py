"""Tables say of each file what a person wrote, and what they leave out is named."""

from pathlib import Path

import pytest

from morula.errors import RequestError
from morula.names.listings import listed_in


def test_files_stand_there_with_their_ending_or_without(tmp_path):
    table = tmp_path / "who.csv"
    table.write_text("note,file,annotator\n,a.tif, anna\n,b,ben\n,c.tif,\n")
    said = listed_in(table, [Path("masks/a.tif"), Path("masks/b.png")], "annotator", "--annotators")
    assert list(said.values()) == ["anna", "ben"]


def test_what_is_missing_or_said_twice_is_named_with_the_option(tmp_path):
    table, files = tmp_path / "who.csv", [Path("one/a.tif"), Path("one/b.tif")]
    table.write_text("file,annotator\na,anna\n")
    with pytest.raises(RequestError, match=r"--annotators .* does not say the annotator of 1 of 2 .* such as b\.tif"):
        listed_in(table, files, "annotator", "--annotators")
    table.write_text("file,annotator\na,anna\na.tif,ben\none/b,ben\nother/b,ben\nx/one/a.tif,eve\n")
    assert listed_in(table, files, "annotator", "--annotators") == {files[0]: "eve", files[1]: "ben"}
    table.write_text("file,annotator\ntwo/a.tif,anna\nthree/a.tif,ben\nb,ben\n")
    with pytest.raises(RequestError, match=r"one.a\.tif that it is by anna and by ben"):
        listed_in(table, files, "annotator", "--annotators")
    table.write_text("file,group\na,anna\n")
    with pytest.raises(RequestError, match="must begin with the line file,annotator"):
        listed_in(table, files, "annotator", "--annotators")
