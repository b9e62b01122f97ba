"""Which files are channels of one image."""

from pathlib import Path

import pytest

from morula.names.lights import joined
from morula.names.table import read_names


def found(*names: str) -> dict[str, dict[str, str]]:
    images = joined(read_names(Path(f"folder/{name}.tif") for name in names))
    return {lead.stem: {channel: file.stem for channel, file in files.items()} for lead, files in images.items()}


def test_channels_of_each_moment():
    assert found("t1_ch01", "t0_ch00", "t0_ch01", "t1_ch00") == {
        "t0_ch00": {"ch00": "t0_ch00", "ch01": "t0_ch01"}, "t1_ch00": {"ch00": "t1_ch00", "ch01": "t1_ch01"}}


def test_dyes_of_single_images():
    assert found("a_DAPI", "a_GFP", "b_DAPI", "b_GFP")["b_DAPI"] == {"DAPI": "b_DAPI", "GFP": "b_GFP"}


@pytest.mark.parametrize("names", [
    ("a_DAPI", "a_GFP", "b_DAPI"), ("a_DAPI", "b_DAPI"), ("a_1", "a_2"), ("t0_ch00", "t0_ch01", "other"),
    ("a_DAPI", "a_GFP", "b_DAPI", "b_RFP"), (),
])
def test_where_a_channel_is_missing_nothing_is_joined(names):
    assert not found(*names)


def test_folders_are_apart():
    files = [Path("a/DAPI.tif"), Path("b/GFP.tif"), Path("a/GFP.tif"), Path("b/DAPI.tif")]
    assert set(joined(read_names(files))) == {Path("a/DAPI.tif"), Path("b/DAPI.tif")}
