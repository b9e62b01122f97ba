"""Data sets with everything that goes wrong in them, written by Pillow, tifffile and numpy."""

import re
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image as Picture
from scipy import ndimage

from morula.checks.data_settings import DataSettings
from morula.checks.findings import Finding, join_findings
from morula.checks.inspection import Inspection, inspect
from morula.errors import DataError, RequestError
from morula.images import room
from morula.images.write import write_mask

SIZE = 48


def photograph(seed: int, brightness: int = 90) -> np.ndarray:
    return np.random.default_rng(seed).normal(brightness, 15, (SIZE, SIZE)).clip(0, 255).astype(np.uint8)


def outline(radius: float = 14, size: int = SIZE) -> np.ndarray:
    rows, columns = np.indices((size, size))
    return (np.hypot(rows - size / 2, columns - size / 2) < radius) * np.uint8(255)


def save(path: Path, array: np.ndarray) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".npy":
        np.save(path, array)
    elif path.suffix == ".tif":
        tifffile.imwrite(path, array)
    else:
        Picture.fromarray(array).save(path)
    return path


@pytest.fixture
def good(tmp_path) -> Path:
    """Eight sound pairs in folders with spaces, umlauts and Chinese characters."""
    folder = tmp_path / "Körper 胚胎 [1]"
    for number in range(8):
        save(folder / "images" / f"cell_{number}x.png", photograph(number))
        save(folder / "masks" / f"cell_{number}x.png", outline(8 + number))
    return folder


def look(folder: Path, **settings) -> Inspection:
    return inspect(folder / "images", folder / "masks", DataSettings(**settings))


def said(findings) -> str:
    return "\n".join(map(str, findings))


def only_error(folder: Path, **settings) -> str:
    inspection = look(folder, **settings)
    assert len(inspection.errors) == 1, said(inspection.findings)
    return str(inspection.errors[0])


def test_sound_data_are_told_in_rows(good):
    inspection = look(good)
    assert inspection.findings == ()
    inspection.raise_on_errors()
    rows = dict(inspection.rows)
    share = np.mean([outline(8 + number) > 0 for number in range(8)])
    assert rows["images"] == rows["masks"] == "8 files"
    assert rows["pairs"] == "8, matched by the same name"
    assert (rows["size"], rows["type"], rows["channels"]) == ("48 × 48 px", "uint8", "grey")
    assert rows["masks read as"] == "0 is background and 255 is class 1"
    assert rows["classes"] == f"background {1 - share:.1%}, foreground {share:.1%}"
    assert rows["groups"].startswith("8: cell_0x, cell_1x")
    assert rows["split"].startswith("7 train and 1 validates")
    assert len(inspection.frames) == 8
    assert inspection.split.validation[0].name.startswith("cell_")


def test_progress_counts_the_pairs(good):
    told = []
    inspect(good / "images", good / "masks", DataSettings(), lambda *progress: told.append(progress[:2]))
    assert told == [(done, 8) for done in range(9)]


def test_nothing_to_look_at_is_a_wrong_request(tmp_path):
    with pytest.raises(RequestError):
        inspect(tmp_path, tmp_path, DataSettings())


def test_no_pairs(tmp_path):
    for name in ("a", "b"):
        save(tmp_path / "images" / f"{name}.png", photograph(1))
    save(tmp_path / "masks" / "c.png", outline())
    inspection = look(tmp_path)
    assert "no image and mask belong together" in said(inspection.errors)
    assert "c.png: the mask has no image" in said(inspection.errors)
    assert inspection.reading is None
    assert inspection.frames == ()


@pytest.mark.parametrize("spelled", ["", "../images"])
def test_the_same_folder_twice(tmp_path, spelled):
    """However it is spelled, no file is taken for the mask of itself."""
    for name in ("a", "b"):
        save(tmp_path / "images" / f"{name}.png", photograph(1))
    inspection = inspect(tmp_path / "images", tmp_path / "images" / spelled, DataSettings())
    [error] = inspection.errors
    assert (error.file, error.problem) == (
        str(tmp_path / "images"), "this folder was given for the images and for the masks alike"
    )
    assert "a_mask.tif" in error.advice
    assert inspection.frames == ()


def test_all_errors_come_at_once(good):
    images, masks = good / "images", good / "masks"
    save(masks / "orphan.png", outline())
    save(masks / "cell_0x.png", outline(size=40))
    save(masks / "cell_1x.png", photograph(99))
    (images / "cell_2x.png").write_bytes((images / "cell_2x.png").read_bytes()[:900])
    (masks / "cell_3x.png").write_bytes(b"")
    save(images / "cell_4x.png", np.dstack([photograph(seed) for seed in (4, 5, 6)]))
    (images / "cell_5x.png").unlink()
    save(images / "cell_5x.tif", np.full((SIZE, SIZE), np.nan, np.float32))
    inspection = look(good)
    for file, problem in [
        (masks / "orphan.png", "no image"),
        (masks / "cell_0x.png", "40 × 40 px, and its image 48 × 48 px"),
        (masks / "cell_1x.png", "photograph"),
        (images / "cell_2x.png", "truncated"),
        (masks / "cell_3x.png", "empty"),
        (images / "cell_4x.png", "3 channels"),
        (images / "cell_5x.tif", "NaN or infinity"),
    ]:
        assert any(error.file == str(file) and problem in error.problem for error in inspection.errors), file
    assert len(inspection.errors) == 7
    assert dict(inspection.rows)["pairs"].startswith("4 of 8 can be used")
    with pytest.raises(DataError) as refused:
        inspection.raise_on_errors()
    assert len(refused.value.problems) == 7
    assert all(error.advice for error in inspection.errors)


def test_infinity_anywhere_in_a_movie_is_found(tmp_path):
    movie = np.random.default_rng(0).random((6, 20, 20), np.float32)
    movie[5, 19, 19] = np.inf
    save(tmp_path / "images" / "m.npy", movie)
    save(tmp_path / "masks" / "m.npy", np.stack([outline(5, 20)] * 6))
    assert "NaN or infinity" in only_error(tmp_path)


@pytest.mark.parametrize("value", [0, 1, 255])
def test_masks_all_one_class(good, value):
    for mask in (good / "masks").iterdir():
        save(mask, np.full((SIZE, SIZE), value, np.uint8))
    assert "all one class" in only_error(good)


def test_a_copy_is_an_error_even_in_another_format(good):
    save(good / "images" / "copy.tif", photograph(3))
    save(good / "masks" / "copy.tif", outline(11))
    assert "copy.tif: the same picture as" in (error := only_error(good))
    assert "cell_3x.png, with the same mask" in error


def test_a_picture_with_two_true_outlines_stays_in_one_group(good):
    save(good / "images" / "again.png", photograph(3))
    save(good / "masks" / "again.png", outline(11.5))
    inspection = look(good)
    assert not inspection.errors
    assert "outlined a second time" in said(inspection.warnings)
    groups = {frame.name: frame.group for frame in inspection.frames}
    assert groups["again"] == groups["cell_3x"]
    save(good / "masks" / "again.png", outline(23))
    assert "a mask that differs" in only_error(good)


def test_altered_copies_stay_in_one_group(good):
    save(good / "images" / "turned.png", np.rot90(photograph(3)))
    save(good / "masks" / "turned.png", np.rot90(outline(11)))
    save(good / "images" / "bright.png", np.clip(photograph(5) * 1.3 + 20, 0, 255).astype(np.uint8))
    save(good / "masks" / "bright.png", outline(13))
    inspection = look(good)
    groups = {frame.name: frame.group for frame in inspection.frames}
    assert groups["turned"] == groups["cell_3x"]
    assert groups["bright"] == groups["cell_5x"]
    assert len(set(groups.values())) == 8
    assert "but turned. Both are kept, in one group." in said(inspection.findings)
    assert "but in brightness, contrast or compression." in said(inspection.findings)
    assert dict(inspection.rows)["grouped by"].endswith("; 2 images shown again by another")


def test_neighbours_are_not_said_to_be_copies(good):
    scene = photograph(3).astype(float)
    for number in (1, 2):
        new = np.random.default_rng(number).normal(0, 3, scene.shape)
        save(good / "images" / f"still{number}.png", (scene + new).clip(0, 255).astype(np.uint8))
        save(good / "masks" / f"still{number}.png", outline(11))
    inspection = look(good)
    findings = said(inspection.findings)
    assert "looks almost the same as" in findings
    assert "the same as" not in findings.replace("almost the same as", "")
    assert "brightness" not in findings
    groups = {frame.name: frame.group for frame in inspection.frames}
    assert groups["still1"] == groups["still2"] == groups["cell_3x"]
    assert dict(inspection.rows)["grouped by"].endswith("; 2 images almost the same as another")


def test_people_have_the_last_word_about_groups(good, tmp_path):
    save(good / "images" / "turned.png", np.rot90(photograph(3)))
    save(good / "masks" / "turned.png", np.rot90(outline(11)))
    apart = look(good, groups=r"turned|cell_\d")
    groups = {frame.name: frame.group for frame in apart.frames}
    assert groups["turned"] == "turned"
    assert "in two groups, as told by --groups" in said(apart.warnings)
    table = tmp_path / "groups.csv"
    lines = [f"cell_{number}x.png,{'old' if number < 4 else 'new'}" for number in range(8)]
    table.write_text("\n".join(["file,group", *lines, "turned.png,old"]))
    told = look(good, groups=str(table))
    assert not told.warnings
    assert {frame.group for frame in told.frames} == {"old", "new"}
    assert dict(told.rows)["grouped by"] == "as told by --groups; 1 image shown again by another"


def test_frames_of_two_movies_that_are_copies_join_them(tmp_path):
    for name, seeds in (("a", (1, 2, 3, 7, 8)), ("b", (4, 5)), ("c", (6, 2))):
        movie = [photograph(seed) for seed in seeds]
        movie[-1] = np.fliplr(movie[-1]) if name == "c" else movie[-1]
        save(tmp_path / "images" / f"{name}.tif", np.stack(movie))
        save(tmp_path / "masks" / f"{name}.tif", np.stack([outline(6 + seed) for seed in seeds]))
    assert [frame.group for frame in look(tmp_path).frames] == [*"aaaaa", "b", "b", "a", "a"]


def test_folds_know_the_classes(good):
    for number in range(8):
        save(good / "masks" / f"cell_{number}x.png", outline() // 255 * (2 if number in (1, 5) else 1))
    inspection = look(good, read_masks_as="classes")
    assert inspection.shown["cell_1x"] == {2}
    assert inspection.shown["cell_2x"] == {1}
    for fold in inspection.folds(2):
        assert len({frame.group for frame in fold.validation} & {"cell_1x", "cell_5x"}) == 1


def test_swapped_folders_are_one_error(good):
    inspection = inspect(good / "masks", good / "images", DataSettings())
    assert [error.advice[:4] for error in inspection.errors] == ["Swap"]


def test_images_without_mask_and_other_files_are_noted(good):
    save(good / "images" / "new.png", photograph(50))
    (good / "images" / "notes.txt").write_text("thoughts")
    (good / "images" / ".hidden").write_text("")
    inspection = look(good)
    assert {finding.severity for finding in inspection.findings} == {"note"}
    assert "1 image without a mask, such as new.png: not looked at" in said(inspection.findings)
    assert "1 file of other kinds passed over, such as notes.txt" in said(inspection.findings)
    assert len(inspection.frames) == 8
    assert [path.name for path in inspection.pairing.images_without_mask] == ["new.png"]


def test_warnings(good):
    save(good / "images" / "cell_2x.png", photograph(2, brightness=220))
    save(good / "masks" / "cell_3x.png", np.zeros((SIZE, SIZE), np.uint8))
    save(good / "masks" / "cell_4x.png", (np.arange(SIZE**2) < 2).reshape(SIZE, SIZE) * np.uint8(255))
    rare = outline()
    rare[:3, :3] = 128
    save(good / "masks" / "cell_5x.png", rare)
    inspection = look(good)
    assert not inspection.errors
    warnings = said(inspection.warnings)
    assert "cell_2x.png: the image is much brighter" in warnings
    assert "cell_3x.png: the mask is empty" in warnings
    assert "cell_4x.png: the mask is nearly empty" in warnings
    assert "cell_5x.png: class 1 occurs in 1 of 8 masks" in warnings
    assert len(inspection.warnings) == 4


def test_a_unit_that_is_not_known_is_said(tmp_path):
    for number, unit in enumerate(["micron", "furlong", "pixel", ""]):
        folder = tmp_path / "images"
        folder.mkdir(exist_ok=True)
        tifffile.imwrite(folder / f"a{number}.tif", photograph(number), metadata=None, resolution=(2, 2),
                         description=f"ImageJ=1.54f\nunit={unit}\n")
        save(tmp_path / "masks" / f"a{number}.png", outline(8 + number))
    finding, = (finding for finding in look(tmp_path).warnings if "unit" in finding.problem)
    assert Path(finding.file).name == "a1.tif"
    assert "'furlong'" in finding.problem
    assert "--pixel-size" in finding.advice
    assert "furlong" not in said(look(tmp_path, pixel_size=0.5).findings)


def test_a_movie_that_was_stopped_early_is_said(tmp_path):
    (tmp_path / "images").mkdir()
    movie = np.stack([photograph(number) for number in range(4)])
    tifffile.imwrite(tmp_path / "images" / "a.tif", movie, metadata=None, photometric="minisblack",
                     description="ImageJ=1.54f\nimages=10\nframes=10\n")
    (tmp_path / "masks").mkdir()
    masks = np.stack([outline(9 + number) for number in range(4)])
    tifffile.imwrite(tmp_path / "masks" / "a.tif", masks, photometric="minisblack")
    assert "holds 4 of the 10 planes" in said(look(tmp_path).warnings)
    assert not look(tmp_path).errors
    save(tmp_path / "masks" / "a.tif", np.stack([outline(9 + number) for number in range(10)]))
    inspection = look(tmp_path)
    assert "holds 4 of the 10 planes" in said(inspection.warnings)
    assert "the mask has 10 frames" in said(inspection.errors)


@pytest.mark.parametrize(("of_mask", "count"), [(1, 1), (3, 0)])
def test_a_mask_without_the_turning_of_its_image_is_doubted(tmp_path, of_mask, count):
    for name, array, orientation in (("images", photograph(1), 3), ("masks", outline(), of_mask)):
        (tmp_path / name).mkdir()
        tifffile.imwrite(tmp_path / name / "a.tif", array, metadata=None, extratags=[(274, 3, 1, orientation, True)])
    assert said(look(tmp_path).warnings).count("(orientation 3 and 1)") == count


def test_of_a_mask_that_cannot_say_how_it_lies_it_is_only_noted(tmp_path):
    (tmp_path / "images").mkdir()
    tifffile.imwrite(tmp_path / "images" / "a.tif", photograph(1), metadata=None, extratags=[(274, 3, 1, 3, True)])
    save(tmp_path / "masks" / "a.png", outline())
    found = [each for each in look(tmp_path).findings if "(orientation 3 and 1)" in each.problem]
    assert [each.severity for each in found] == ["note"]


def test_a_mask_of_ours_lies_on_the_image_that_it_was_made_of(tmp_path):
    (tmp_path / "images").mkdir()
    tifffile.imwrite(tmp_path / "images" / "a.tif", photograph(1), metadata=None, extratags=[(274, 3, 1, 3, True)])
    write_mask(tmp_path / "masks" / "a.tif", [outline()], pixel_size=None)
    assert "orientation" not in said(look(tmp_path).findings)


def test_an_inspection_says_itself_shortly(good):
    lines = repr(look(good)).splitlines()
    assert lines[0] == "Inspection"
    assert "frames" in "".join(lines)
    assert max(map(len, lines)) <= 80
    assert len(lines) < 30


def test_what_masks_could_also_mean_is_a_warning(good):
    for mask in (good / "masks").iterdir():
        stored = (outline() > 0).astype(np.uint8)
        stored[:4] = 255
        save(mask, stored)
    assert "--not-annotated 255" in said(look(good).warnings)
    told = look(good, not_annotated=255)
    assert not told.findings
    assert told.reading.classes == 1


def test_the_settings_overrule(good):
    inverted = look(good, read_masks_as="inverted", groups=r"_(\d)", pixel_size=0.5)
    assert "class 1" in inverted.reading.sentence
    assert dict(inverted.rows)["pixel size"] == "0.5 µm"
    assert inverted.frames[3].group == "3"
    assert "cannot be read as colours" in only_error(good, read_masks_as="colours")
    with pytest.raises(RequestError):
        look(good, groups="plate")


def test_stacks_pair_frame_by_frame(tmp_path):
    rng = np.random.default_rng(0)
    images = save(tmp_path / "movie.tif", rng.integers(0, 255, (12, 40, 40), np.uint8))
    masks = save(tmp_path / "outlines.tif", np.stack([outline(5 + t, 40) for t in range(12)]))
    inspection = inspect(images, masks, DataSettings(), share=0.15)
    assert not inspection.errors
    assert [frame.name for frame in inspection.frames][-1] == "movie[11]"
    assert [frame.index for frame in inspection.split.validation] == [10, 11]
    frame = inspection.frames[7]
    read = inspection.reading.class_numbers(frame.pair.mask.frame(frame.index))
    assert np.array_equal(read, outline(12, 40) > 0)
    save(masks, np.stack([outline(6, 40)] * 11))
    assert "11 frames, and its image 12" in said(inspect(images, masks, DataSettings()).errors)


@pytest.mark.parametrize("kept_in", ["nii.gz", "tif"])
def test_channels_taken_for_moments_are_named_with_the_axes_that_help(tmp_path, kept_in):
    """As the sequences of a magnetic resonance image lie in NIfTI, and a picture of each colour in a TIFF."""
    import nibabel

    rng = np.random.default_rng(0)
    for name in "abc":
        sequences, truth = rng.random((6, 5, 40, 40), np.float32), np.stack([outline(rng.uniform(8, 16), 40)] * 5)
        for folder, array in (("images", sequences), ("masks", truth)):
            (tmp_path / folder).mkdir(exist_ok=True)
            file = tmp_path / folder / f"{name}.{kept_in}"
            if kept_in == "tif":
                save(file, array[:, 0] if array.ndim == 4 else array[0])
            else:
                nibabel.save(nibabel.Nifti1Image(array.T, np.eye(4)), file)
    problem = inspect(tmp_path / "images", tmp_path / "masks", DataSettings()).errors[0]
    assert problem.problem == "the mask has 1 frame, and its image 6"
    axes = re.search(r"these 6 are channels, .*, say --axes ([A-Z]+)\.$", problem.advice)[1]
    inspection = inspect(tmp_path / "images", tmp_path / "masks", DataSettings(axes=axes))
    assert not inspection.errors
    frame = inspection.frames[0]
    assert frame.pair.image.frame().shape == (6, *frame.pair.mask.space)
    assert inspection.reading.class_numbers(frame.pair.mask.frame()).shape == frame.pair.mask.space


def test_a_volume_pairs_with_a_mask_whose_slices_look_like_moments(tmp_path):
    volume = np.random.default_rng(0).integers(0, 255, (12, 40, 40), np.uint8)
    images = tmp_path / "v.tif"
    tifffile.imwrite(images, volume, imagej=True, metadata={"axes": "ZYX"})
    masks = save(tmp_path / "v_mask.tif", np.stack([outline(5 + z, 40) for z in range(12)]))
    inspection = inspect(images, masks, DataSettings())
    assert not inspection.errors
    assert inspection.frames[0].pair.mask.space == (12, 40, 40)


def test_a_mask_of_channels_that_are_no_colours_is_refused(good):
    (good / "masks" / "cell_1x.png").unlink()
    tifffile.imwrite(good / "masks" / "cell_1x.tif", np.stack([outline(), 255 - outline()]),
                     imagej=True, metadata={"axes": "CYX"})
    assert "2 channels" in only_error(good)


def test_axes_that_are_told_hold_for_masks_too(tmp_path):
    rng = np.random.default_rng(0)
    save(tmp_path / "images" / "m.npy", rng.integers(0, 255, (2, 6, 30, 30), np.uint8))
    save(tmp_path / "masks" / "m.npy", np.stack([outline(4 + t, 30) for t in range(6)]))
    inspection = look(tmp_path, axes="CTYX")
    assert not inspection.errors
    assert inspection.frames[0].pair.image.channels == ("channel 1", "channel 2")
    assert len(inspection.frames) == 6


def test_a_thousand_problems_are_five_and_a_count():
    findings = [Finding("error", f"{number}.tif", f"bad in way {number}", "Mend it.") for number in range(100)]
    findings.insert(50, Finding("note", "", "all is said"))
    joined = join_findings(findings)
    assert [finding.file for finding in joined[:5]] == [f"{number}.tif" for number in range(5)]
    assert "95 more" in str(joined[5])
    assert len(joined) == 7


def test_every_finding_stays_reachable(good):
    for number in range(9):
        save(good / "masks" / f"orphan {number}.png", outline())
    inspection = look(good)
    assert len(inspection.errors) == 6
    assert {f.file for f in inspection.all_findings} >= {str(good / "masks" / f"orphan {n}.png") for n in range(9)}


def test_a_link_to_the_same_file_is_a_copy(good):
    (good / "images" / "link.png").symlink_to(good / "images" / "cell_1x.png")
    save(good / "masks" / "link.png", outline(9))
    assert "the same picture" in only_error(good)


def test_images_without_a_common_scale_are_one_sentence_and_may_validate(tmp_path):
    for number in range(12):
        brightness = 3000.0 if number % 3 == 0 else 2.0
        pixels = np.random.default_rng(number).normal(brightness, brightness / 9, (SIZE, SIZE)).astype(np.float32)
        save(tmp_path / "images" / f"scan {number}x.tif", pixels)
        save(tmp_path / "masks" / f"scan {number}x.png", outline(6 + number))
    inspection = look(tmp_path)
    [finding] = inspection.findings
    assert finding.severity == "note"
    assert "no common scale" in finding.problem
    assert "unlike the rest" not in inspection.split.sentence
    held = set()
    for seed in range(20):
        found = inspect(tmp_path / "images", tmp_path / "masks", DataSettings(), seed=seed)
        held |= {frame.name for frame in found.split.validation}
    assert {"scan 0x", "scan 3x"} & held


def test_moments_in_time_are_counted(tmp_path):
    save(tmp_path / "images" / "movie.tif", np.stack([photograph(seed) for seed in range(5)]))
    save(tmp_path / "masks" / "movie.tif", np.stack([outline(8 + seed) for seed in range(5)]))
    assert dict(look(tmp_path).rows)["frames"] == "5 moments in time"
    save(tmp_path / "images" / "alone.tif", photograph(9))
    save(tmp_path / "masks" / "alone.tif", outline(9))
    assert dict(look(tmp_path).rows)["frames"] == "6, 5 of them moments in time"


def test_voxels_longer_than_wide_are_shown(tmp_path):
    rng = np.random.default_rng(0)
    metadata = {"axes": "ZYX", "spacing": 2.0, "unit": "um"}
    for kind in ("images", "masks"):
        (tmp_path / kind).mkdir()
        array = rng.integers(0, 255, (5, 30, 40), np.uint8)
        tifffile.imwrite(tmp_path / kind / "v.tif", array if kind == "images" else (array > 99).astype(np.uint8),
                         imagej=True, resolution=(4, 4), metadata=metadata)
    rows = dict(look(tmp_path).rows)
    assert (rows["size"], rows["voxel size"]) == ("5 × 30 × 40 voxels", "2 × 0.25 × 0.25 µm")


def test_true_volumes_read_well(real_data):
    inspection = look(real_data / "hippocampus")
    rows = dict(inspection.rows)
    assert rows["pairs"] == "120, matched by the same name"
    assert (rows["type"], rows["voxel size"], rows["frames"]) == ("float32, uint8", "1000 µm", "120")
    assert rows["masks read as"] == "class numbers 0 to 2"
    assert [finding.severity for finding in inspection.findings] == ["note"]
    assert "no common scale" in inspection.findings[0].problem


@pytest.mark.parametrize("folder", ["spheroids", "em_membrane", "blood_cells"])
@pytest.mark.slow
def test_true_data_can_be_trained_on(folder, real_data):
    inspection = look(real_data / folder)
    assert not inspection.errors
    assert inspection.split.validation
    joined = len(inspection.frames) - len({frame.group for frame in inspection.frames})
    assert joined == {"blood_cells": 10}.get(folder, 0)  # the same cells, photographed or cut out twice


def channels_apart(folder: Path, wells: str = "AB", moments: int = 4) -> None:
    """Wells, each filmed in two channels that lie in files of their own; the mask is called like the image."""
    for number, (well, moment) in enumerate((well, moment) for well in wells for moment in range(moments)):
        name = f"{well}1_1_00d{moment:02d}h00m"
        for at, channel in enumerate(("DAPI", "GFP")):
            save(folder / "images" / f"{name}_{channel}.tif", photograph(2 * number + at, 60 + 40 * at))
        save(folder / "masks" / f"{name}.png", outline(8 + moment))


def test_files_of_one_moment_become_the_channels_of_one_image(tmp_path):
    channels_apart(tmp_path)
    inspection = look(tmp_path)
    assert not inspection.findings
    image = inspection.pairing.pairs[0].image
    assert image.channels == ("DAPI", "GFP")
    first, second = (tifffile.imread(tmp_path / "images" / f"A1_1_00d00h00m_{dye}.tif") for dye in ("DAPI", "GFP"))
    np.testing.assert_array_equal(image.frame(), [first, second])
    assert dict(inspection.rows)["channels"] == "DAPI, GFP, each in a file of its own"
    assert {pair.group for pair in inspection.pairing.pairs} == {"A1_1", "B1_1"}


def test_a_channel_of_another_size_is_named(tmp_path):
    channels_apart(tmp_path)
    save(tmp_path / "images" / "A1_1_00d01h00m_GFP.tif", photograph(3)[1:])
    assert "A1_1_00d01h00m_GFP.tif is a channel of the image of" in only_error(tmp_path).replace(str(tmp_path), "")


def test_neighbours_whose_names_nobody_can_read_are_found_by_their_pixels(tmp_path):
    """Scenes that pass into one another, each with a half of the one before, their moments called by letters."""
    scenes = ndimage.gaussian_filter(np.random.default_rng(1).standard_normal((10, 96, 96)), (0, 3, 3)) * 300 + 120
    for number in range(9):
        passing = (scenes[number] + scenes[number + 1]) / 2
        save(tmp_path / "images" / f"wt_{'abcdefghi'[number]}x.tif", passing.clip(0, 255).astype(np.uint8))
        save(tmp_path / "masks" / f"wt_{'abcdefghi'[number]}x.tif", outline(10 + number, 96))
    [warning] = [each for each in look(tmp_path).warnings if "follow one another" in each.problem]
    assert "--names" in warning.advice
    assert (warning.remedy, warning.suggestion) == ("names", "{what}_{ignored}")
    suggested = look(tmp_path, names=warning.suggestion)
    assert {pair.group for pair in suggested.pairing.pairs} == {"wt"}
    told = look(tmp_path, names="{embryo}_{ignored}")
    assert {pair.group for pair in told.pairing.pairs} == {"wt"}
    assert "follow one another" not in said(told.findings)
    assert "follow one another" not in said(look(tmp_path, groups="wt").findings)


def test_neighbours_are_found_whose_number_stands_before_what_they_are_of(tmp_path):
    """Scenes that pass into one another, in two movies, each moment called by its day and then by the movie."""
    noise = np.random.default_rng(1).standard_normal((2, 7, 96, 96))
    for movie, scenes in zip(("mut", "wt"), ndimage.gaussian_filter(noise, (0, 0, 3, 3)) * 300 + 120, strict=True):
        for day in range(6):
            passing = (scenes[day] + scenes[day + 1]) / 2
            save(tmp_path / "images" / f"2021080{1 + day}_{movie}.tif", passing.clip(0, 255).astype(np.uint8))
            save(tmp_path / "masks" / f"2021080{1 + day}_{movie}.tif", outline(10 * len(movie) + day, 96))
    [warning] = [each for each in look(tmp_path).warnings if "follow one another" in each.problem]
    first, second = re.findall(r"2021080\d_(\w+)", warning.problem)
    assert first == second
    told = look(tmp_path, names=warning.suggestion)
    assert {pair.group for pair in told.pairing.pairs} == {"mut", "wt"}
    assert "follow one another" not in said(told.findings)


def test_what_can_be_mended_says_by_what(good):
    """An empty mask, a copy, a photograph in place of a mask: each with its remedy, and the frame where it is one."""
    save(good / "masks" / "cell_0x.png", outline(0))
    save(good / "images" / "copy.png", photograph(1))
    save(good / "masks" / "copy.png", outline(9))
    save(good / "masks" / "cell_2x.png", photograph(12))
    found = {(each.remedy, Path(each.file).name, each.frame) for each in look(good).all_findings if each.remedy}
    assert found == {("annotate", "cell_0x.png", 0), ("copy", "copy.png", None), ("redraw", "cell_2x.png", None)}


@pytest.mark.parametrize(("advice", "left"), [
    ("Say with --names what they tell, or with --groups what belongs together.", ""),
    ("Save all with the same channels, or name them alike with --channels.", "Save all with the same channels."),
    ("Keep one of them.", "Keep one of them."), ("", ""),
    ("Put the mask in its place. If values number objects, use --read-masks-as objects.", "Put the mask in its place."),
])
def test_advice_without_options_is_what_is_left(advice, left):
    assert Finding("note", "", "", advice).advice_without_options == left


@pytest.mark.parametrize("pixels", [200, 1500])
@pytest.mark.parametrize("kind", ["numbers", "classes", "colours", "volumes"])
def test_in_bands_everything_is_found_as_at_once(tmp_path, monkeypatch, kind, pixels):
    rng = np.random.default_rng(1)
    for number in range(7):
        shape = (9, SIZE, SIZE) if kind == "volumes" else (SIZE, SIZE)
        image = rng.normal(200, 30, shape).clip(0, 400).astype(np.uint16)
        mask = ndimage.label(ndimage.gaussian_filter(rng.random(shape), 3) > 0.5 + 0.002 * number)[0].astype(np.uint16)
        if kind in ("classes", "colours"):
            mask = np.minimum(mask, 5).astype(np.uint8) * 40
        if kind == "colours":
            mask = np.stack([mask, mask.T, 0 * mask], axis=-1)
        if number == 5:
            mask[:] = 0
        if number == 6:
            image = tifffile.imread(tmp_path / "images" / "cell_0x.tif")  # the same once more
        for folder, pixels_of in (("images", image), ("masks", mask)):
            (tmp_path / folder).mkdir(exist_ok=True)
            tifffile.imwrite(tmp_path / folder / f"cell_{number}x.tif", pixels_of, rowsperstrip=5, compression="zlib",
                             photometric="rgb" if pixels_of.shape[-1] == 3 else "minisblack")
    axes = {"axes": "ZYX"} if kind == "volumes" else {}
    at_once = look(tmp_path, **axes)
    assert {finding.severity for finding in at_once.all_findings} >= {"error", "warning"}
    monkeypatch.setattr(room, "BAND", pixels)
    monkeypatch.setattr(room, "IN_MEMORY", 0)
    in_bands = look(tmp_path, **axes)
    assert (in_bands.rows, in_bands.all_findings) == (at_once.rows, at_once.all_findings)
    assert (in_bands.reading, in_bands.shown) == (at_once.reading, at_once.shown)
