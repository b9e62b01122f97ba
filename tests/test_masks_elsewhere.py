"""Masks put into a bucket: the same as here, whole or absent, and never in the place of others unasked."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tifffile
import torch
from PIL import Image as Picture

from elsewhere import SECRET, gated, in_bucket, served
from morula import as_path, measure, segment
from morula.errors import FileError, OutputError
from morula.images.read import find_files
from morula.models.model import Model
from morula.models.plan import Plan
from morula.networks.architecture import Architecture
from morula.networks.unet import UNet
from morula.segmenting.frames import TABLE, read_frames

NAMES = ("a", "b", "c")


def make(seed: int = 0) -> Model:
    """A network that has learned nothing, and finds something all the same."""
    torch.manual_seed(seed)
    architecture = Architecture(axes=2, inputs=1, width=4, depth=2)
    plan = Plan(channels=("grey",), classes=("body",), binning=(1, 1), architecture=architecture, patch=(32, 32),
                batch=2, learning_rate=0.01)
    return Model(UNet(architecture).eval(), plan, flips=False)


@pytest.fixture
def images(tmp_path) -> Path:
    (tmp_path / "images").mkdir()
    for place, name in enumerate(NAMES):
        grey = np.random.default_rng(place).integers(0, 255, (40 + place, 50)).astype(np.uint8)
        Picture.fromarray(grey).save(tmp_path / f"images/{name}.png")
    return tmp_path / "images"


@pytest.fixture(params=["s3", "memory"])
def out(request, tmp_path) -> Path:
    """A folder elsewhere that nothing is in."""
    if request.param == "memory":
        return as_path(f"memory://{tmp_path.name}/masks")
    s3 = request.getfixturevalue("s3")
    return as_path(bucket_for(tmp_path, s3) + "/masks", **s3)


def bucket_for(tmp_path: Path, s3: dict) -> str:
    (tmp_path / "nothing").mkdir(exist_ok=True)
    (tmp_path / "nothing" / "at all").touch()
    return in_bucket(tmp_path / "nothing", tmp_path.name.replace("_", "-").lower()[:60].strip("-"), s3)


def files_in(folder: Path) -> list[str]:
    return sorted(str(file.relative_to(folder)) for file in folder.files_below())


def same_masks(here: Path, there: Path) -> bool:
    pairs = ((here / f"{name}.tif", (there / f"{name}.tif").open("rb")) for name in NAMES)
    return all(np.array_equal(tifffile.imread(mine), tifffile.imread(its)) for mine, its in pairs)


def test_masks_are_those_that_are_made_here(images, out, tmp_path):
    here = segment(make(), images, tmp_path / "here", doubt=True, review=1)
    there = segment(make(), images, out, doubt=True, review=1)
    assert (there.written, there.failed, there.out) == (3, {}, out)
    assert files_in(out) == sorted(str(file.relative_to(tmp_path / "here"))
                                   for file in (tmp_path / "here").rglob("*") if file.is_file())
    assert same_masks(tmp_path / "here", out)
    assert same_masks(tmp_path / "here/doubt", out / "doubt")
    for mine, its in zip(here.frames, read_frames(out / TABLE).values(), strict=True):
        assert its[0].source == str(images / mine.file)
        assert (its[0].file, its[0].area, its[0].flags) == (mine.file, mine.area, mine.flags)
    again = segment(make(), images, as_path(str(out), **options(out)), doubt=True)
    assert (again.skipped, again.written) == (3, 0)
    measured = measure(out, tmp_path / "m.csv", images=images, measures=("area",))
    assert measured.objects == measure(tmp_path / "here", tmp_path / "h.csv", images=images, measures=("area",)).objects


def test_several_processes_make_the_same(images, tmp_path, s3):
    segment(make(), images, tmp_path / "here")
    there = as_path(bucket_for(tmp_path, s3) + "/masks", **s3)
    assert segment(make(), images, there, workers=2).written == 3
    assert same_masks(tmp_path / "here", there)


def options(path: Path) -> dict:
    return {name: value for name, value in path.site.system.storage_options.items()
            if name in ("endpoint_url", "key", "secret")}


def test_what_was_there_stays_unless_asked(images, out):
    segment(make(), images, out)
    before = (out / "a.tif").read_bytes()
    with pytest.raises(OutputError, match=rf"{out}/a.tif exists already, from another model .*\(3 such\).*--overwrite"):
        segment(make(1), images, out)
    assert (out / "a.tif").read_bytes() == before
    assert segment(make(1), images, out, overwrite=True).written == 3
    (images / "a.png").rename(images / "d.png")
    assert segment(make(1), images, out).written == 1
    assert [*read_frames(out / TABLE)] == ["a.png", "b.png", "c.png", "d.png"]


def test_a_run_that_was_stopped_goes_on(images, tmp_path, s3):
    segment(make(), images, tmp_path / "here")
    url = f"{bucket_for(tmp_path, s3)}/masks"
    with gated(s3) as (gate, told):
        gate.stops = r"PUT \S+/masks/b\.tif"
        with pytest.raises(OutputError, match=rf"^{url}/b.tif cannot be reached .*begin again") as raised:
            segment(make(), images, as_path(url, **told))
        assert SECRET not in str(raised.value)
    there = as_path(url, **s3)
    assert files_in(there) == ["a.tif", "frames.csv", "frames.csv.parts/a.tif.csv", "frames.csv.parts/b.tif.csv"]
    again = segment(make(), images, there)
    assert (again.skipped, again.written, again.failed) == (1, 2, {})
    assert files_in(there) == ["a.tif", "b.tif", "c.tif", "frames.csv"]
    assert [*read_frames(there / TABLE)] == ["a.png", "b.png", "c.png"]
    assert same_masks(tmp_path / "here", there)


def test_what_was_made_is_listed_and_not_asked_for_one_by_one(images, tmp_path, s3):
    url = f"{bucket_for(tmp_path, s3)}/masks"
    segment(make(), images, as_path(url, **s3))
    with gated(s3) as (gate, told):
        assert segment(make(), images, as_path(url, **told)).skipped == 3
        assert not [each for each in gate.asked if ".tif" in each]


def test_where_nothing_may_be_written_nothing_is_begun(images, tmp_path, s3):
    url = f"{bucket_for(tmp_path, s3)}/masks"
    with gated(s3) as (gate, told):
        gate.refused = "PUT "
        with pytest.raises(OutputError, match=rf"^{url}/frames.csv may not be written .*--storage-option"):
            segment(make(), images, as_path(url, **told))
    with pytest.raises(FileError, match=r"^s3://no-such-bucket/m/frames.csv cannot be used: there is no such bucket"):
        segment(make(), images, as_path("s3://no-such-bucket/m", **s3))
    with served(images) as pages, pytest.raises(OutputError, match=rf"^{pages.url}/masks.* nothing can be put there"):
        segment(make(), images, f"{pages.url}/masks")


def test_one_command_from_bucket_to_bucket(run, images, tmp_path, s3):
    make().save(tmp_path / "model.safetensors")
    url = in_bucket(images, tmp_path.name.replace("_", "-").lower()[:60].strip("-"), s3)
    typed = [word for name, value in s3.items() for word in ("--storage-option", f"{name}={value}")]
    done = run("segment", tmp_path / "model.safetensors", url, "--out", f"{url}/masks", *typed)
    assert done.exit_code == 0, done.output
    assert f"3 masks written to {url}/masks" in done.output
    there = as_path(f"{url}/masks", **s3)
    assert {row.source for rows in read_frames(there / TABLE).values() for row in rows} == {
        f"{url}/{name}.png" for name in NAMES}
    seen = [done.output, *(file.read_bytes().decode("latin-1") for file in there.files_below())]
    assert not [each for each in seen if SECRET in each or s3["key"] in each]
    assert find_files(there) == [there / f"{name}.tif" for name in NAMES]
