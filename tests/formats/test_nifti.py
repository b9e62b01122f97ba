"""NIfTI as nibabel writes and reads it."""

import gzip
import tracemalloc
from pathlib import Path

import nibabel
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from morula.checks.data_settings import DataSettings
from morula.checks.inspection import inspect
from morula.errors import FileError
from morula.formats.nifti import voxels_apart
from morula.images.image import Image
from morula.images.read import find_files, open_alike, open_image
from morula.pairs.recognition import recognise
from volumes import ORIENTATIONS, PLACE, save, turned

RNG = np.random.default_rng(5)
OBLIQUE = np.array([[0.1, -0.6, 0, 3], [0.48, 0.1, 0.4, 0], [0.05, 0.1, -2.9, 9], [0, 0, 0, 1.0]])


@settings(max_examples=60)
@given(data=st.data(), space=st.tuples(*[st.integers(2, 9)] * 3), frames=st.integers(1, 3),
       dtype=st.sampled_from(["u1", "i2", ">i2", "u2", "<f4", ">f4", "f8", "i4"]),
       ending=st.sampled_from(["nii", "nii.gz"]), form=st.sampled_from([nibabel.Nifti1Image, nibabel.Nifti2Image]))
def test_a_region_is_a_crop_of_what_nibabel_reads(tmp_path_factory, data, space, frames, dtype, ending, form):
    def piece(size):
        start = data.draw(st.integers(0, size - 1))
        return slice(start, data.draw(st.integers(start + 1, size)))

    path = tmp_path_factory.mktemp("nifti") / f"Größe 细胞 1.{ending}"
    array = RNG.integers(0, 200, (*space, frames)).astype(dtype)
    save(path, array, form=form)
    image = open_image(path)
    assert (image.name, image.frames, image.space) == ("Größe 细胞 1", frames, space[::-1])
    assert image.dtype == np.dtype(dtype).newbyteorder("=")
    assert image.pixel_size == pytest.approx((3000, 700, 500))
    box, frame = tuple(map(piece, image.space)), frames - 1
    read = image.region(frame, box)
    assert (read[0] == np.asarray(nibabel.load(path).dataobj)[..., frame].T[box]).all()
    assert (read[0] == array[..., frame].T[box]).all()
    assert read.flags.writeable


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_however_a_volume_is_stored_it_is_the_same_image(tmp_path, orientation):
    array = RNG.integers(0, 99, (4, 5, 6), np.uint8)
    nibabel.save(turned(array, orientation), tmp_path / "a.nii.gz")
    image = open_image(tmp_path / "a.nii.gz")
    assert (image.frame()[0] == array.T).all()
    assert (image.region(0, (slice(1, 5), slice(0, 2), slice(2, 3)))[0] == array.T[1:5, 0:2, 2:3]).all()
    assert image.pixel_size == pytest.approx((3000, 700, 500))
    canonical = nibabel.as_closest_canonical(nibabel.load(tmp_path / "a.nii.gz"))
    assert np.array_equal(image.frame()[0].T, canonical.dataobj)


def test_a_volume_that_lies_askew_is_turned_as_nearly_as_nibabel_would(tmp_path):
    save(tmp_path / "a.nii", RNG.integers(0, 99, (4, 5, 6), np.uint8), OBLIQUE)
    canonical = nibabel.as_closest_canonical(nibabel.load(tmp_path / "a.nii"))
    image = open_image(tmp_path / "a.nii")
    assert np.array_equal(image.frame()[0].T, canonical.dataobj)
    assert image.pixel_size == pytest.approx(np.array(canonical.header.get_zooms()[::-1]) * 1000)


def test_a_volume_that_does_not_say_where_it_lies_stays_as_it_is(tmp_path):
    array = RNG.integers(0, 99, (4, 5, 6), np.uint8)
    image = nibabel.Nifti1Image(array, PLACE)
    image.header.set_sform(None)
    image.header.set_qform(None)
    image.header.set_xyzt_units("unknown")
    nibabel.save(nibabel.Nifti1Image(array, None, image.header), tmp_path / "a.nii")
    image = open_image(tmp_path / "a.nii")
    assert (image.frame()[0] == array.T).all()
    assert image.pixel_size is None


@pytest.mark.parametrize(("unit", "size"), [("mm", 3000), ("micron", 3), ("meter", 3e6), ("unknown", 3000)])
def test_sizes_are_in_micrometres(tmp_path, unit, size):
    save(tmp_path / "a.nii", np.zeros((4, 5, 6), np.uint8), unit=unit)
    assert open_image(tmp_path / "a.nii").pixel_size[0] == pytest.approx(size)
    assert open_image(tmp_path / "a.nii", pixel_size=(2, 1, 1)).pixel_size == (2, 1, 1)


@pytest.mark.parametrize(("slope", "intercept"), [(0.5, 0), (1, -1024), (2.5, 7)])
def test_numbers_are_scaled_as_the_header_says(tmp_path, slope, intercept):
    array = RNG.integers(-100, 3000, (4, 5, 6)).astype(np.int16)
    header = nibabel.Nifti1Header()
    header.set_data_dtype(np.int16)
    header.set_data_shape(array.shape)
    header.set_slope_inter(slope, intercept)
    header["vox_offset"] = 352
    (tmp_path / "a.nii").write_bytes(header.binaryblock + bytes(4) + array.tobytes(order="F"))
    image = open_image(tmp_path / "a.nii")
    assert image.dtype == image.frame().dtype == np.float32
    np.testing.assert_allclose(image.frame()[0], nibabel.load(tmp_path / "a.nii").get_fdata().T)
    np.testing.assert_allclose(image.frame()[0], array.T * slope + intercept)


def test_axes_of_all_lengths(tmp_path):
    components = RNG.integers(0, 99, (4, 5, 6, 3, 2), np.uint8)
    save(tmp_path / "components.nii", components)
    image = open_image(tmp_path / "components.nii")
    assert (image.frames, image.channels, image.space) == (3, ("channel 1", "channel 2"), (6, 5, 4))
    assert (image.array() == components.transpose(3, 4, 2, 1, 0)).all()
    save(tmp_path / "slice.nii", components[:, :, :1, 0, 0])
    save(tmp_path / "picture.nii", components[:, :, 0, 0, 0])
    for name in ("slice", "picture"):
        picture = open_image(tmp_path / f"{name}.nii")
        assert (picture.space, picture.pixel_size) == ((5, 4), pytest.approx((700, 500)))
        assert (picture.frame()[0] == components[:, :, 0, 0, 0].T).all()
    save(tmp_path / "modalities.nii", components[..., 0])
    modalities = open_image(tmp_path / "modalities.nii", axes="XYZC", channels=["T1", "T2", "FLAIR"])
    assert (modalities.frames, modalities.channels) == (1, ("T1", "T2", "FLAIR"))
    assert (modalities.frame() == components[..., 0].transpose(3, 2, 1, 0)).all()
    save(tmp_path / "six.nii", np.zeros((2, 2, 2, 2, 2, 2), np.uint8))
    with pytest.raises(FileError, match=r"six\.nii.*axes are not known"):
        open_image(tmp_path / "six.nii")


def test_only_the_region_is_read(tmp_path):
    header = nibabel.Nifti1Header()
    header.set_data_dtype(np.uint8)
    header.set_data_shape((400, 400, 400))
    header["vox_offset"] = 352
    with (tmp_path / "large.nii").open("wb") as file:
        file.write(header.binaryblock)
        file.truncate(352 + 400**3)
    image = open_image(tmp_path / "large.nii")
    tracemalloc.start()
    assert image.region(0, (slice(100, 130), slice(0, 30), slice(370, 400))).sum() == 0
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 200_000


@settings(max_examples=60)
@given(ending=st.sampled_from(["nii", "nii.gz"]), share=st.floats(0, 0.95))
def test_a_file_cut_short_is_found_and_named(tmp_path_factory, ending, share):
    path = tmp_path_factory.mktemp("cut") / f"scan.{ending}"
    save(path, RNG.integers(0, 99, (9, 8, 7)).astype(np.int16))
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(FileError, match="scan"):
        open_image(path).array()


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(("content", "words"), [
    (gzip.compress(b"hello, this is text" * 50, mtime=0), "holds no NIfTI volume"),
    ((348).to_bytes(4, "little") + bytes(600), "cannot be read"),
], ids=["packed text", "header of zeros"])
def test_what_only_begins_like_nifti_is_refused_and_nothing_printed(tmp_path, content, words, capfd):
    (tmp_path / "a.nii.gz").write_bytes(content)
    with pytest.raises(FileError, match=rf"a\.nii\.gz {words}"):
        open_image(tmp_path / "a.nii.gz")
    (tmp_path / "b.nii").write_text("text")
    with pytest.raises(FileError, match="not a NII picture"):
        open_image(tmp_path / "b.nii")
    assert capfd.readouterr() == ("", "")


def test_folders_hold_nifti_too(tmp_path):
    for name in ("b.nii", "a.NII.GZ", "table.csv.gz"):
        (tmp_path / name).touch()
    assert [path.name for path in find_files(tmp_path)] == ["a.NII.GZ", "b.nii"]


def test_labels_stored_as_floats_are_class_numbers(tmp_path):
    labels = np.zeros((12, 13, 14))
    labels[3:6, 3:6, 3:6], labels[7:10, 7:10, 7:10] = 1, 2
    save(tmp_path / "labels.nii.gz", labels)
    mask = open_image(tmp_path / "labels.nii.gz")
    assert mask.dtype == np.float64
    reading = recognise([mask])
    assert (reading.sentence, reading.classes) == ("class numbers 0 to 2", 2)
    assert (reading.class_numbers(mask.frame()) == labels.T).all()


def test_a_volume_beside_a_movie_is_taken_for_a_movie(tmp_path):
    """NIfTI says that it is a volume, and takes part in a movie if its image is one."""
    array = RNG.integers(0, 99, (7, 6, 5), np.uint8)
    save(tmp_path / "mask.nii.gz", array)
    movie = Image.from_array(np.zeros((5, 6, 7)), "TYX")
    mask = open_alike(tmp_path / "mask.nii.gz", movie)
    assert (mask.frames, mask.space) == (5, (6, 7))
    assert (mask.array()[:, 0] == array.T).all()


@pytest.mark.parametrize("orientation", ORIENTATIONS[::7])
def test_a_mask_that_is_stored_turned_lies_on_its_image(tmp_path, orientation):
    for name, (affine, away) in {"straight": (PLACE, 0), "oblique": (OBLIQUE, 0)}.items():
        save(tmp_path / "image.nii", RNG.random((6, 5, 4), np.float32), affine)
        nibabel.save(turned(np.ones((6, 5, 4), np.uint8), orientation, affine), tmp_path / "mask.nii.gz")
        assert voxels_apart(tmp_path / "image.nii", tmp_path / "mask.nii.gz") == pytest.approx(away, abs=1e-4), name


def test_how_far_a_mask_lies_from_its_image_is_told_in_voxels(tmp_path):
    image, mask = tmp_path / "image.nii", tmp_path / "mask.nii"
    save(image, np.zeros((6, 5, 4), np.float32))
    moved, larger = PLACE.copy(), PLACE.copy()
    moved[:3, 3] += 0.5, 1.4, -3  # a voxel, two voxels, a voxel
    larger[0, 0] *= 1.2  # the sixth voxel lies one farther away
    for affine, away in ((moved, 2), (larger, 1), (PLACE, 0)):
        save(mask, np.zeros((6, 5, 4), np.uint8), affine)
        assert voxels_apart(image, mask) == pytest.approx(away, abs=1e-5)
    # The usual mistake: a mask saved without the affine of its image, which lies with its back to the front.
    save(image, np.zeros((6, 5, 4), np.float32), np.diag([-1.0, -1, 1, 1]))
    save(mask, np.zeros((6, 5, 4), np.uint8), np.eye(4))
    assert voxels_apart(image, mask) == 5
    silent = nibabel.Nifti1Image(np.zeros((6, 5, 4), np.uint8), None)
    nibabel.save(silent, mask)
    assert voxels_apart(image, mask) == 0


def test_masks_that_lie_elsewhere_are_doubted(tmp_path):
    for name in ("images", "masks"):
        (tmp_path / name).mkdir()
    for number in range(3):
        save(tmp_path / "images" / f"{number}.nii", RNG.random((9, 8, 7), np.float32))
        mask = np.zeros((9, 8, 7), np.uint8)
        mask[2:5, 2:5, 2:5] = 1
        save(tmp_path / "masks" / f"{number}.nii", mask, np.eye(4) if number == 1 else PLACE)
    found = inspect(tmp_path / "images", tmp_path / "masks", DataSettings()).warnings
    elsewhere = [finding for finding in found if "away from its image" in finding.problem]
    assert [Path(finding.file) for finding in elsewhere] == [tmp_path / "masks" / "1.nii"]


def test_real_volumes_are_as_nibabel_sees_them(real_data):
    for file in find_files(real_data / "hippocampus" / "images")[:20]:
        image, volume = open_image(file), nibabel.load(file)
        assert np.array_equal(image.frame()[0].T, volume.get_fdata().astype(image.dtype))
        assert image.pixel_size == (1000, 1000, 1000)
