from pathlib import Path

import pytest

from morula.names.endings import ending, stem, told_apart


@pytest.mark.parametrize(("name", "rest", "end"), [
    ("a.tif", "a", ".tif"), ("a.nii.gz", "a", ".nii.gz"), ("Scan 1.5.NII.GZ", "Scan 1.5", ".nii.gz"),
    ("a.nii", "a", ".nii"), ("a.ome.tif", "a", ".tif"), ("a.OME.TIFF", "a", ".tiff"),
    ("table.csv.gz", "table.csv", ".gz"),
    ("t 0.5 s.png", "t 0.5 s", ".png"), ("no ending", "no ending", ""), ("some.home.tif", "some.home", ".tif"),
    ("胚胎.nii.gz", "胚胎", ".nii.gz"),
])
def test_names_and_their_endings(name, rest, end):
    assert (stem(Path("folder.nii.gz") / name), ending(Path("folder.nii.gz") / name)) == (rest, end)


@pytest.mark.parametrize(("files", "names"), [
    (["a/t1.tif", "a/t2.tif"], ["t1.tif", "t2.tif"]),
    (["a/t1.tif", "b/t2.tif"], ["t1.tif", "t2.tif"]),
    (["a/t1.tif", "b/t1.tif", "b/t2.tif"], ["a/t1.tif", "b/t1.tif", "b/t2.tif"]),
    (["a/m/t1.tif", "b/m/t1.tif", "b/n/t1.tif"], ["a/m/t1.tif", "b/m/t1.tif", "b/n/t1.tif"]),
    (["/x/t1.tif", "/x/y/t1.tif"], ["x/t1.tif", "y/t1.tif"]),
    ([], []),
])
def test_files_are_called_by_their_folders_where_names_clash(files, names):
    assert list(told_apart([Path(file) for file in files]).values()) == names
