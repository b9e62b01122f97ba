"""A mask lies on the file of its image voxel by voxel, as nibabel sees both."""

from pathlib import Path

import nibabel
import numpy as np
import pytest

from morula.errors import FileError, OutputError
from morula.images.nifti_masks import write_nifti_mask
from morula.images.read import open_image
from volumes import ORIENTATIONS, PLACE, save, turned

RNG = np.random.default_rng(5)


def lies_on_its_image(image: Path, mask: Path) -> None:
    ours, theirs = nibabel.load(mask), nibabel.load(image)
    assert type(ours) is type(theirs)
    assert np.array_equal(ours.affine, theirs.affine)
    for name in ("sform_code", "qform_code", "xyzt_units", "quatern_b", "quatern_c", "quatern_d"):
        assert ours.header[name] == theirs.header[name]
    assert ours.get_data_dtype() == np.uint8
    assert ours.header.get_intent()[0] == "label"
    assert ours.shape == theirs.shape[: ours.ndim]
    assert ours.header.get_zooms() == theirs.header.get_zooms()[: ours.ndim]


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_in_every_orientation(tmp_path, orientation):
    nibabel.save(turned(RNG.normal(size=(4, 5, 6)), orientation), tmp_path / "image.nii.gz")
    image = open_image(tmp_path / "image.nii.gz")
    write_nifti_mask(tmp_path / "mask.nii.gz", [(image.frame()[0] > 0).astype(np.uint8)], image)
    lies_on_its_image(tmp_path / "image.nii.gz", tmp_path / "mask.nii.gz")
    stored, mask = (nibabel.load(tmp_path / f"{name}.nii.gz").get_fdata() for name in ("image", "mask"))
    assert np.array_equal(mask, stored > 0)
    assert (open_image(tmp_path / "mask.nii.gz").frame() == (image.frame() > 0)).all()


@pytest.mark.parametrize(("shape", "axes", "covered"), [
    ((4, 5, 6), None, ...), ((4, 5), None, ...), ((4, 5, 1), None, ...), ((1, 5, 6), None, ...),
    ((4, 5, 6, 3), None, ...), ((4, 5, 1, 3), None, ...), ((4, 5, 6), "XYT", ...),
    ((4, 5, 6, 3, 2), None, (..., 0)), ((4, 5, 6, 1, 2), None, (..., 0, 0)), ((4, 5, 6, 2), "XYZC", (..., 0)),
])
@pytest.mark.parametrize("form", [nibabel.Nifti1Image, nibabel.Nifti2Image])
def test_of_every_shape(tmp_path, shape, axes, covered, form):
    array = RNG.integers(-50, 50, shape).astype(">i2")
    save(tmp_path / "image.nii", array, np.diag([-0.5, -0.7, 3, 1]), "micron", form)
    image = open_image(tmp_path / "image.nii", axes=axes)
    write_nifti_mask(tmp_path / "mask.nii.gz", ((frame[0] > 0).astype(np.uint8) for frame in image), image)
    lies_on_its_image(tmp_path / "image.nii", tmp_path / "mask.nii.gz")
    assert np.array_equal(nibabel.load(tmp_path / "mask.nii.gz").get_fdata(), array[covered] > 0)


def test_scaling_of_the_image_does_not_reach_it(tmp_path):
    scaled = nibabel.Nifti1Image(RNG.normal(size=(4, 5, 6)), PLACE)
    scaled.set_data_dtype(np.int16)
    scaled.header["cal_max"] = 3
    nibabel.save(scaled, tmp_path / "image.nii.gz")
    assert nibabel.load(tmp_path / "image.nii.gz").dataobj.slope != 1
    image = open_image(tmp_path / "image.nii.gz")
    mask = RNG.integers(0, 3, image.space, np.uint8)
    write_nifti_mask(tmp_path / "mask.nii.gz", [mask], image)
    written = nibabel.load(tmp_path / "mask.nii.gz")
    assert np.array_equal(written.get_fdata(), mask.T)
    assert (written.dataobj.slope, written.dataobj.inter, written.header["cal_max"]) == (1, 0, 0)


def test_the_same_mask_is_the_same_file(tmp_path):
    save(tmp_path / "image.nii", RNG.normal(size=(4, 5, 6)))
    image = open_image(tmp_path / "image.nii")
    for name in ("one", "two"):
        write_nifti_mask(tmp_path / f"{name}.nii.gz", [np.ones(image.space, np.uint8)], image)
    assert (tmp_path / "one.nii.gz").read_bytes() == (tmp_path / "two.nii.gz").read_bytes()


def test_whole_or_not_at_all(tmp_path):
    save(tmp_path / "image.nii", RNG.normal(size=(4, 5, 6)))
    image = open_image(tmp_path / "image.nii")
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match=r"mask\.nii\.gz cannot be written"):
        write_nifti_mask(tmp_path / "file" / "mask.nii.gz", [np.ones(image.space, np.uint8)], image)

    def frames():
        raise FileError("the image went away")
        yield

    with pytest.raises(FileError):
        write_nifti_mask(tmp_path / "out" / "mask.nii.gz", frames(), image)
    assert not (tmp_path / "out").exists()
    (tmp_path / "image.nii").unlink()
    with pytest.raises(FileError, match=r"image\.nii"):
        write_nifti_mask(tmp_path / "mask.nii.gz", [np.ones(image.space, np.uint8)], image)
