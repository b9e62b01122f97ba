"""Which true frame belongs to which predicted one, whatever files they are in."""

from __future__ import annotations

from pathlib import Path

import nibabel
import numpy as np
import pytest
import tifffile

from morula.errors import FileError
from morula.pairs.pairing import pair_files
from morula.progress import silent
from morula.scores.comparison_settings import ComparisonSettings
from morula.scores.mask_pairs import MaskPair, read_pairs

RNG = np.random.default_rng(0)


def drawn(*shape: int) -> np.ndarray:
    return RNG.integers(0, 3, shape).astype(np.uint8)


def saved(path: Path, mask: np.ndarray, **options) -> Path:
    path.parent.mkdir(exist_ok=True)
    tifffile.imwrite(path, mask, **options)
    return path


@pytest.mark.parametrize("axes", ["ZYX", "TYX"])
def test_volumes_pair_whatever_form_they_have(tmp_path, axes):
    """NIfTI against TIFF, though the pages of a plain TIFF follow one another in time."""
    one, other = drawn(6, 30, 40), drawn(6, 30, 40)
    tiff = saved(tmp_path / "a.tif", one, imagej=True, metadata={"axes": axes})
    nifti = tmp_path / "a.nii.gz"
    nibabel.save(nibabel.Nifti1Image(other.T, np.diag([1, 1, 2, 1])), nifti)
    for files, masks in (((tiff, nifti), (one, other)), ((nifti, tiff), (other, one))):
        [frame] = MaskPair.read(*files, ComparisonSettings()).frames
        for image, mask in zip((frame.predicted, frame.truth), masks, strict=True):
            np.testing.assert_array_equal(image.frame(frame.index)[0], mask)


def test_frames_of_a_movie_have_names_of_their_own(tmp_path):
    predicted, truth = (saved(tmp_path / side / "a.tif", drawn(4, 30, 40), photometric="minisblack") for side in "pt")
    pair = MaskPair.read(predicted, truth, ComparisonSettings())
    assert [(frame.name, frame.index) for frame in pair.frames] == [(f"a[{index}]", index) for index in range(4)]


def test_masks_of_another_size_are_left_out_by_name(tmp_path):
    truth = [saved(tmp_path / "t" / f"{name}.tif", drawn(30, 40)) for name in ("a", "b")]
    predicted = [saved(tmp_path / "p" / f"{name}.tif", drawn(side, 40)) for name, side in (("a", 30), ("b", 20))]
    pairs, failures = read_pairs(pair_files(predicted, truth), ComparisonSettings(), silent)
    assert [pair.truth.path for pair in pairs] == truth[:1]
    assert list(failures) == truth[1:]
    assert isinstance(failures[truth[1]], FileError)
    assert "30 × 40, the predicted one 20 × 40" in str(failures[truth[1]])
