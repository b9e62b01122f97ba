"""Files through a model: whatever stops it, no mask is wrong, missing in silence, or made twice."""

from __future__ import annotations

import csv
import gc
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import nibabel
import numpy as np
import pytest
import tifffile
import torch
from PIL import Image as Picture

from morula.drawings.synthetic import draw_gastruloids
from morula.errors import OutputError, RequestError
from morula.images.image import Image
from morula.images.read import find_files, open_image
from morula.images.write import write_stack
from morula.models.model import Model
from morula.models.plan import Plan
from morula.models.segment_settings import SegmentSettings
from morula.networks.architecture import Architecture
from morula.networks.unet import UNet
from morula.objects.cleaning import Cleaning
from morula.segmenting.earlier import mask_paths
from morula.segmenting.incoming import shots_for
from morula.segmenting.stream import segment_files
from morula.trust.expectation import UNLIKE, expected_columns
from morula.trust.layout import Layout


def make(seed: int = 0, channels: tuple[str, ...] = ("grey",), axes: int = 2) -> Model:
    torch.manual_seed(seed)
    architecture = Architecture(axes=axes, inputs=len(channels), width=4, depth=2)
    plan = Plan(channels=channels, classes=("body",), binning=(1,) * axes, architecture=architecture,
                patch=(32,) * axes, batch=2, learning_rate=0.01)
    network = UNet(architecture).eval()
    with torch.no_grad():  # half of all pixels are the body
        logits = network(torch.randn(1, len(channels), *[32] * axes))
        network.head.weight *= 2 / logits.std()
        network.head.bias -= network(torch.randn(1, len(channels), *[32] * axes)).median()
    return Model(network, plan, flips=False)


def noise(*shape: int) -> np.ndarray:
    return np.random.default_rng(sum(shape)).integers(0, 255, shape).astype(np.uint8)


def pictures(folder: Path, *names: str) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    for place, name in enumerate(names):
        Picture.fromarray(noise(40 + place, 50)).save(folder / name)
    return find_files(folder)


def rows(out: Path) -> list[dict[str, str]]:
    with (out / "frames.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def segment(model: Model, files: list[Path], out: Path, **settings):
    return segment_files(model, files, out, SegmentSettings(**settings))


def test_every_picture_gets_its_mask_and_its_row(tmp_path):
    model, files = make(), pictures(tmp_path / "Bilder 细胞", "a 10.png", "a 9.png", "ö.png")
    done = segment(model, files, tmp_path / "out")
    assert (done.written, done.skipped, done.failed) == (3, 0, {})
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"a 9.tif", "a 10.tif", "ö.tif", "frames.csv"}
    expected = [{"file": path.name, "frame": "0", "mask": f"{path.stem}.tif", "model": model.fingerprint,
                 **dict.fromkeys(expected_columns(), "")} for path in files]
    assert [{name: row[name] for name in expected[0]} for row in rows(tmp_path / "out")] == expected
    assert repr(done).splitlines()[0] == "Segmented"
    assert "3 written, 0 were there" in repr(done)
    for path in files:
        mask = tifffile.imread(tmp_path / "out" / f"{path.stem}.tif")
        assert mask.dtype == np.uint8
        assert 0.1 < mask.mean() < 0.9
        np.testing.assert_array_equal(mask, model.segment(np.asarray(Picture.open(path))))


def test_a_movie_comes_out_as_a_movie_with_its_pixel_size(tmp_path):
    movie = noise(3, 40, 50)
    write_stack(tmp_path / "movie.tif", Image.from_array(movie, "TYX", pixel_size=(0.5, 0.25)))
    model = make()
    done = segment(model, [tmp_path / "movie.tif"], tmp_path / "out")
    mask = open_image(tmp_path / "out" / "movie.tif")
    assert (mask.frames, mask.space, mask.pixel_size) == (3, (40, 50), (0.5, 0.25))
    np.testing.assert_array_equal(mask.array()[:, 0], model.segment(movie, "TYX"))
    assert [(row.file, row.frame) for row in done.frames] == [("movie.tif", frame) for frame in range(3)]


def test_a_volume_comes_out_as_a_volume(tmp_path):
    write_stack(tmp_path / "body.tif", Image.from_array(noise(5, 12, 14), "ZYX", pixel_size=(2, 0.5, 0.5)))
    segment(make(axes=3), [tmp_path / "body.tif"], tmp_path / "out")
    mask = open_image(tmp_path / "out" / "body.tif")
    assert (mask.frames, mask.space, mask.pixel_size) == (1, (5, 12, 14), (2, 0.5, 0.5))


@pytest.mark.parametrize("ending", ["nii", "nii.gz"])
def test_the_mask_of_a_volume_in_nifti_lies_on_it(tmp_path, ending):
    """However a body is stored, its mask is the same in the body, and lies on its file voxel by voxel."""
    straight = nibabel.Nifti1Image(noise(14, 12, 9), np.diag([0.5, 0.7, 3, 1]))
    turn = nibabel.orientations.axcodes2ornt(("P", "I", "R"))
    (tmp_path / "in").mkdir()
    for name, image in (("a", straight), ("b.1", straight.as_reoriented(turn))):
        nibabel.save(image, tmp_path / "in" / f"{name}.{ending}")
    model, out = make(axes=3), tmp_path / "out"
    done = segment(model, find_files(tmp_path / "in"), out)
    assert done.failed == {}
    assert {path.name for path in out.iterdir()} == {"a.nii.gz", "b.1.nii.gz", "frames.csv"}
    assert [row["mask"] for row in rows(out)] == ["a.nii.gz", "b.1.nii.gz"]
    expected = model.segment(np.asarray(straight.dataobj).T)
    assert 0.1 < expected.mean() < 0.9
    for name in ("a", "b.1"):
        image, mask = nibabel.load(tmp_path / "in" / f"{name}.{ending}"), nibabel.load(out / f"{name}.nii.gz")
        assert np.array_equal(mask.affine, image.affine)
        assert np.array_equal(nibabel.as_closest_canonical(mask).get_fdata().T, expected)
    assert segment(model, find_files(tmp_path / "in"), out).skipped == 2


def test_a_very_wide_picture(tmp_path):
    wide = noise(700, 10_000)
    tifffile.imwrite(tmp_path / "wide.tif", wide)
    model = make()
    segment(model, [tmp_path / "wide.tif"], tmp_path / "out")
    mask = tifffile.imread(tmp_path / "out" / "wide.tif")
    assert mask.shape == wide.shape
    assert 0.1 < mask.mean() < 0.9
    np.testing.assert_array_equal(mask, model.segment(wide))


def test_types_and_settings_at_the_door(tmp_path):
    """16 bits, floats, and transparency that says nothing are segmented as the plain picture is."""
    plain = noise(40, 50)
    tifffile.imwrite(tmp_path / "short.tif", plain.astype(np.uint16))
    tifffile.imwrite(tmp_path / "float.tif", plain.astype(np.float32))
    Picture.fromarray(np.dstack([plain, np.full_like(plain, 255)]), "LA").save(tmp_path / "alpha.png")
    model = make()
    done = segment(model, find_files(tmp_path), tmp_path / "out", pixel_size=0.7)
    assert not done.failed
    for mask in find_files(tmp_path / "out"):
        np.testing.assert_array_equal(tifffile.imread(mask), model.segment(plain))
        assert open_image(mask).pixel_size == pytest.approx((0.7, 0.7))


def test_bad_files_are_named_and_the_others_done(tmp_path):
    files = pictures(tmp_path, "1.png", "2.png", "3.png", "4.png", "5.png")
    files[1].write_bytes(files[1].read_bytes()[:200])
    files[2].unlink()
    files[2] = files[2].with_suffix(".tif")
    tifffile.imwrite(files[2], np.stack([noise(40, 50)] * 2), imagej=True, metadata={"axes": "CYX"})
    tifffile.imwrite(tmp_path / "6.tif", np.full((40, 50), np.nan, np.float32))
    np.save(tmp_path / "7.npy", noise(40, 50))
    header = (tmp_path / "7.npy").read_bytes()
    (tmp_path / "7.npy").write_bytes(header.replace(b"(40, 50), }", b"(-4, 50), }"))
    links = {"8.tif": "gone.tif", "9.tif": "9.tif"}
    for name, target in links.items():
        (tmp_path / name).symlink_to(target)
    done = segment(make(), find_files(tmp_path), tmp_path / "out")
    assert done.written == 3
    others = map(tmp_path.joinpath, ("6.tif", "7.npy", *links))
    assert list(done.failed) == [files[1], files[2], *others]
    said = ("2.png", "expects the channels grey", "NaN", "(-4, 50)", "does not exist", "Too many levels")
    for path, words in zip(done.failed, said, strict=True):
        assert str(path) in done.failed[path]
        assert words in done.failed[path]
    assert [row["file"] for row in rows(tmp_path / "out")] == ["1.png", "4.png", "5.png"]
    assert {path.stem for path in (tmp_path / "out").glob("*.tif")} == {"1", "4", "5"}


def test_names_that_are_no_text_go_out_and_come_back(tmp_path):
    name = os.fsdecode(b"gr\xfcn.png")
    try:
        files = pictures(tmp_path, name, "ok.png")
    except OSError:
        pytest.skip("this disk takes names that are texts only")
    first = segment(make(), files, tmp_path / "out")
    assert (first.written, first.failed) == (2, {})
    assert [row["file"] for row in rows(tmp_path / "out")] == ["gr\\udcfcn.png", "ok.png"]
    again = segment(make(), files, tmp_path / "out")
    assert (again.written, again.skipped) == (0, 2)
    assert segment(make(), files[1:], tmp_path / "out").skipped == 1
    assert [row["mask"] for row in rows(tmp_path / "out")] == ["gr\\udcfcn.tif", "ok.tif"]


@pytest.mark.parametrize(("encoding", "separator", "decimals"), [
    ("utf-8-sig", ";", ","), ("cp1252", ";", ","), ("utf-8-sig", ",", "."), ("utf-16", "\t", ",")])
def test_a_table_that_a_spreadsheet_saved_is_still_ours(tmp_path, encoding, separator, decimals):
    files = pictures(tmp_path, "grün.png", "ok.png")
    segment(make(), files, tmp_path / "out")
    before, table = rows(tmp_path / "out"), tmp_path / "out" / "frames.csv"
    with table.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file, delimiter=separator)
        writer.writerow(before[0])
        numbers = {"centre", "certainty"}
        writer.writerows([value.replace(".", decimals) if name in numbers else value for name, value in row.items()]
                         for row in before)
    again = segment(make(), files, tmp_path / "out")
    assert (again.written, again.skipped) == (0, 2)
    assert rows(tmp_path / "out") == before


def test_a_mask_whose_name_would_be_too_long_is_named_and_the_others_done(tmp_path):
    nibabel.save(nibabel.Nifti1Image(noise(40, 50, 1), np.eye(4)), tmp_path / f"{'a' * 251}.nii")
    done = segment(make(), [*pictures(tmp_path, "b.png")], tmp_path / "out")
    assert done.written == 1
    assert "more than 255 bytes" in next(iter(done.failed.values()))


def test_colours_are_taken_together_by_a_model_that_knows_none_and_it_is_said(tmp_path):
    picture = Picture.fromarray(noise(40, 50, 3))
    picture.save(tmp_path / "colours.png")
    done = segment(make(), [tmp_path / "colours.png"], tmp_path / "out")
    assert "red, green, blue taken together as grey" in done.notes[0]
    mask = tifffile.imread(tmp_path / "out" / "colours.tif")
    assert (mask == make().segment(np.asarray(picture.convert("L")))).mean() > 0.98


def test_a_picture_whose_colours_tell_something_is_unlike_what_a_model_of_grey_ones_knows(tmp_path):
    """The same aggregate as grey in three channels, and with a red that lies elsewhere."""
    grey = next(draw_gastruloids(1, movies=1)).image
    Picture.fromarray(np.stack([grey] * 3, axis=-1)).save(tmp_path / "grey.png")
    Picture.fromarray(np.stack([np.roll(grey, 30, axis=1), grey, grey], axis=-1)).save(tmp_path / "red.png")
    done = segment(Model.load("gastruloid"), find_files(tmp_path), tmp_path / "out")
    assert {row.file: UNLIKE in row.flags for row in done.frames} == {"grey.png": False, "red.png": True}


def test_frames_in_which_bodies_lie_strangely_are_unlike_what_a_model_knows(tmp_path):
    """A gastruloid does not, unless a model holds a single body for strange."""
    Picture.fromarray(next(draw_gastruloids(1, movies=1)).image).save(tmp_path / "gastruloid.png")
    alone = Layout(weights=(1.0, 0.0), limit=0.5)
    model = replace(Model.load("gastruloid"), cleaning=Cleaning(min_size=10**6))
    for layout, unlike in ((model.usual.layout, False), (None, False), (alone, True)):
        told = replace(model, usual=model.usual.model_copy(update={"layout": layout}))
        done = segment(told, find_files(tmp_path), tmp_path / "out")
        assert [UNLIKE in row.flags for row in done.frames] == [unlike], "said of the mask before it is cleaned"
        shutil.rmtree(tmp_path / "out")


def test_of_a_stack_that_failed_no_more_frames_are_looked_at(tmp_path, monkeypatch):
    movie = np.stack([noise(40, 50).astype(np.float32)] * 40)
    movie[3] = np.nan
    tifffile.imwrite(tmp_path / "movie.tif", movie, metadata={"axes": "TYX"})
    pictures(tmp_path, "picture.png")
    seen, mask = [], Model.mask
    monkeypatch.setattr(Model, "mask", lambda *asked, **named: seen.append(asked) or mask(*asked, **named))
    done = segment(make(), find_files(tmp_path), tmp_path / "out")
    assert list(done.failed) == [tmp_path / "movie.tif"]
    assert done.written == 1
    assert len(seen) < 12


def test_a_second_run_makes_only_what_is_missing_or_old(tmp_path):
    model, out = make(), tmp_path / "out"
    files = pictures(tmp_path / "in", "a.png", "b.png", "c.png")
    segment(model, files, out)
    made = {mask: mask.stat().st_mtime_ns for mask in out.glob("*.tif")}
    assert segment(model, files, out).skipped == 3
    (out / "b.tif").unlink()
    later = pictures(tmp_path / "in", "a.png", "b.png", "c.png", "d.png")[3]
    for file in files:  # drawn again with the same pixels, but not lately
        os.utime(file, (0, 0))
    done = segment(model, [*files, later], out)
    assert (done.written, done.skipped) == (2, 2)
    assert made[out / "a.tif"] == (out / "a.tif").stat().st_mtime_ns
    assert [row["file"] for row in rows(out)] == ["a.png", "b.png", "c.png", "d.png"]


def test_a_run_on_other_images_leaves_those_before_in_the_table(tmp_path):
    model, out = make(), tmp_path / "out"
    monday, tuesday = pictures(tmp_path / "monday", "a.png", "b.png"), pictures(tmp_path / "tuesday", "c.png")
    segment(model, monday, out)
    (out / "b.tif").unlink()
    done = segment(model, tuesday, out)
    assert [row.file for row in done.frames] == ["c.png"]
    assert [row["file"] for row in rows(out)] == ["a.png", "c.png"]
    assert segment(model, [*monday, *tuesday], out).skipped == 2
    assert [row["file"] for row in rows(out)] == ["a.png", "b.png", "c.png"]


def test_masks_of_others_are_not_replaced_unasked(tmp_path):
    out, files = tmp_path / "out", pictures(tmp_path / "in", "a.png", "b.png")
    segment(make(0), files[:1], out)
    before = (out / "a.tif").read_bytes(), (out / "frames.csv").read_bytes()
    with pytest.raises(OutputError, match=r"a\.tif exists already, from another model.*--overwrite"):
        segment(make(1), files, out)
    assert before == ((out / "a.tif").read_bytes(), (out / "frames.csv").read_bytes())
    assert not (out / "b.tif").exists()
    segment(make(1), files, out, overwrite=True)
    np.testing.assert_array_equal(tifffile.imread(out / "a.tif"), make(1).segment(np.asarray(Picture.open(files[0]))))
    assert {row["model"] for row in rows(out)} == {make(1).fingerprint}


def test_masks_of_images_of_the_same_names_elsewhere_are_not_taken_for_done(tmp_path):
    ours, theirs = (pictures(tmp_path / folder, "a.png", "b.png") for folder in ("ours", "theirs"))
    for path in theirs:
        Picture.fromarray(255 - np.asarray(Picture.open(path))).save(path)
        os.utime(path, (0, 0))
    segment(make(), ours, tmp_path / "out")
    before = tifffile.imread(tmp_path / "out" / "a.tif")
    with pytest.raises(OutputError, match=r"a.tif exists already, and is that of .*ours.*not of .*theirs.*--overwrite"):
        segment(make(), theirs, tmp_path / "out")
    assert segment(make(), theirs, tmp_path / "out", overwrite=True).written == 2
    assert (tifffile.imread(tmp_path / "out" / "a.tif") != before).any()
    assert {row["source"] for row in rows(tmp_path / "out")} == {"../theirs/a.png", "../theirs/b.png"}


def test_masks_that_were_moved_with_their_images_are_still_theirs(tmp_path):
    files = pictures(tmp_path / "here" / "in", "a.png")
    segment(make(), files, tmp_path / "here" / "out")
    (tmp_path / "here").rename(tmp_path / "there")
    assert segment(make(), find_files(tmp_path / "there" / "in"), tmp_path / "there" / "out").skipped == 1


def test_an_image_changed_since_is_not_passed_over(tmp_path):
    files = pictures(tmp_path / "in", "a.png")
    segment(make(), files, tmp_path / "out")
    ahead = time.time() + 100
    os.utime(files[0], (ahead, ahead))
    with pytest.raises(OutputError, match="an older image"):
        segment(make(), files, tmp_path / "out")


def test_masks_never_meet(tmp_path):
    same = pictures(tmp_path / "in", "a.png", "a.bmp")
    with pytest.raises(RequestError, match=r"a\.bmp and .*a\.png would both get the mask a\.tif"):
        segment(make(), same, tmp_path / "out")
    tifffile.imwrite(tmp_path / "in" / "b.tif", noise(30, 30))
    with pytest.raises(RequestError, match=r"b\.tif is one of the images"):
        segment(make(), [tmp_path / "in" / "b.tif"], tmp_path / "in")
    assert not (tmp_path / "out").exists()


def test_masks_never_take_the_place_of_an_image_behind_a_link(tmp_path):
    (tmp_path / "store").mkdir()
    tifffile.imwrite(tmp_path / "store" / "a.tif", noise(30, 30))
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.tif").symlink_to(tmp_path / "store" / "a.tif")
    (tmp_path / "out").symlink_to(tmp_path / "store")
    with pytest.raises(RequestError, match=r"a\.tif is one of the images"):
        segment(make(), [tmp_path / "in" / "a.tif"], tmp_path / "out")


def test_each_of_many_images_gets_its_mask_in_work_that_grows_with_their_number(tmp_path, monkeypatch):
    """Names are looked up a few times for each file, not once for each pair of files."""
    calls, resolve = [], Path.resolve

    def counted(path: Path, *, strict: bool = False) -> Path:
        calls.append(path)
        return resolve(path, strict=strict)

    monkeypatch.setattr(Path, "resolve", counted)
    files = [tmp_path / "in" / f"t{number:05d}.png" for number in range(20_000)]
    masks = mask_paths(files[:200], tmp_path / "out")
    assert len(calls) <= 3 * 200
    assert mask_paths(files, tmp_path / "out") == {path: tmp_path / "out" / f"{path.stem}.tif" for path in files}
    assert list(masks) == files[:200]


def test_of_many_images_few_are_held(tmp_path):
    """What a file says of itself takes kilobytes."""
    files, held = pictures(tmp_path / "in", *(f"{number}.png" for number in range(24))), []

    def count(done: int, total: int, words: str) -> None:
        held.append(sum(isinstance(each, Image) for each in gc.get_objects()))

    segment_files(make(), files, tmp_path / "out", SegmentSettings(), count)
    assert max(held[12:]) <= max(held[:12])


def test_a_folder_that_cannot_be_written_to(tmp_path):
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(OutputError, match="cannot be written"):
        segment(make(), pictures(tmp_path / "in", "a.png"), tmp_path / "file")


KILLED = """
import sys
from pathlib import Path
from morula.models.segment_settings import SegmentSettings
from morula.workflows import segment
segment(sys.argv[1], sys.argv[2], sys.argv[3], SegmentSettings(flips=False))
"""


@pytest.mark.slow
def test_a_killed_run_goes_on_where_it_stopped(tmp_path):
    model, out = make(), tmp_path / "out"
    model.save(tmp_path / "model.safetensors")
    (tmp_path / "in").mkdir()
    for number in range(8):
        tifffile.imwrite(tmp_path / "in" / f"{number}.tif", noise(700 + number, 1000))
    run = subprocess.Popen(
        [sys.executable, "-c", KILLED, tmp_path / "model.safetensors", tmp_path / "in", out], stderr=subprocess.PIPE
    )
    while run.poll() is None and len(list(out.glob("[0-9].tif"))) < 2:
        time.sleep(0.005)
    run.send_signal(signal.SIGKILL)
    assert run.wait() == -signal.SIGKILL, run.stderr.read().decode()
    made = {mask: mask.stat().st_mtime_ns for mask in out.glob("[0-9].tif")}
    assert 2 <= len(made) < 8
    done = segment(model, find_files(tmp_path / "in"), out)
    assert (done.written, done.skipped) == (8 - len(made), len(made))
    assert all(mask.stat().st_mtime_ns == then for mask, then in made.items())
    for path in find_files(tmp_path / "in"):
        np.testing.assert_array_equal(tifffile.imread(out / path.name), model.segment(tifffile.imread(path)))
    assert [row["file"] for row in rows(out)] == [f"{number}.tif" for number in range(8)]


def test_numbered_channels_are_found_by_the_model_that_learned_from_such(tmp_path):
    files = pictures(tmp_path / "in", "a_0000.png", "a_0001.png", "b_0000.png", "b_0001.png")
    leads, shots = shots_for(make(channels=("0000", "0001")).plan, files)
    assert leads == [files[0], files[2]]
    assert list(shots[files[2]].values()) == files[2:]
    assert shots_for(make(channels=("DAPI", "GFP")).plan, files) == (files, {})


def test_channels_in_files_of_their_own_are_found_again(tmp_path):
    """A mask is that of the same channels in one file, and is called like the first of the files."""
    model, together, apart = make(channels=("DAPI", "GFP")), tmp_path / "together", tmp_path / "apart"
    for folder in (together, apart):
        folder.mkdir()
    for number in range(2):
        image = noise(2, 40, 50)
        tifffile.imwrite(together / f"t{number}_DAPI.ome.tif", image, photometric="minisblack",
                         metadata={"axes": "CYX", "Channel": {"Name": ["DAPI", "GFP"]}})
        for channel, plane in zip(("DAPI", "GFP"), image, strict=True):
            tifffile.imwrite(apart / f"t{number}_{channel}.tif", plane)
    for folder in (together, apart):
        files, shots = shots_for(model.plan, find_files(folder))
        done = segment_files(model, files, tmp_path / "out" / folder.name, SegmentSettings(), shots=shots)
        assert (done.written, done.failed) == (2, {})
    again = segment_files(model, files, done.out, SegmentSettings(), shots=shots)
    assert (again.written, again.skipped) == (0, 2)
    ahead = time.time() + 100
    os.utime(apart / "t1_GFP.tif", (ahead, ahead))
    with pytest.raises(OutputError, match=r"an older image \(1 such"):
        segment_files(model, files, done.out, SegmentSettings(), shots=shots)
    for mask in (tmp_path / "out" / "together").glob("*.tif"):
        np.testing.assert_array_equal(tifffile.imread(mask), tifffile.imread(tmp_path / "out" / "apart" / mask.name))
