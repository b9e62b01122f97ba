from pathlib import Path

import pytest

from morula.images.names import ending, stem


@pytest.mark.parametrize(("name", "rest", "end"), [
    ("a.tif", "a", ".tif"), ("a.nii.gz", "a", ".nii.gz"), ("Scan 1.5.NII.GZ", "Scan 1.5", ".nii.gz"),
    ("a.nii", "a", ".nii"), ("a.ome.tif", "a", ".tif"), ("a.OME.TIFF", "a", ".tiff"),
    ("table.csv.gz", "table.csv", ".gz"),
    ("t 0.5 s.png", "t 0.5 s", ".png"), ("no ending", "no ending", ""), ("some.home.tif", "some.home", ".tif"),
    ("胚胎.nii.gz", "胚胎", ".nii.gz"),
])
def test_names_and_their_endings(name, rest, end):
    assert (stem(Path("folder.nii.gz") / name), ending(Path("folder.nii.gz") / name)) == (rest, end)
