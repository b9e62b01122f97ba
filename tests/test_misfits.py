"""What does not fit is refused in words that say what was expected and how to say it; and the advice works."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
import tifffile
import torch

from morula import workflows
from morula.commands.status import SOME_FAILED
from morula.errors import DataError, ModelError
from morula.images.image import Image
from morula.images.read import open_image
from morula.images.write import write_stack
from morula.models.model import Model
from morula.models.plan import Plan
from morula.networks.architecture import Architecture
from morula.networks.unet import UNet

RNG = np.random.default_rng(7)


def make(axes: int = 2, channels: tuple[str, ...] = ("grey",)) -> Model:
    """A model of random weights that finds the body in half of all pixels."""
    torch.manual_seed(0)
    architecture = Architecture(axes=axes, inputs=len(channels), width=4, depth=2)
    network = UNet(architecture).eval()
    with torch.no_grad():
        network.head.weight *= 2 / network(torch.randn(1, len(channels), *[32] * axes)).std()
        network.head.bias -= network(torch.randn(1, len(channels), *[32] * axes)).median()
    plan = Plan(channels=channels, classes=("body",), binning=(1,) * axes, architecture=architecture,
                patch=(32,) * axes, batch=2, learning_rate=0.01)
    return Model(network, plan, flips=False)


def noise(*shape: int) -> np.ndarray:
    return RNG.integers(0, 255, shape).astype(np.uint8)


def refused(model: Model, path: Path, **settings) -> str:
    """The words in which the only image is refused; nothing is written for it."""
    done = workflows.segment(model, path, path.parent / "out", flips=False, **settings)
    assert not done.frames
    assert not (path.parent / "out" / path.name).exists()
    return done.failed[path]


def segmented(model: Model, path: Path, **settings) -> np.ndarray:
    done = workflows.segment(model, path, path.parent / "out", flips=False, **settings)
    assert not done.failed
    mask = path.parent / "out" / path.name
    pixels = tifffile.imread(mask)
    mask.unlink()
    return pixels


def advised_axes(words: str) -> str:
    return re.search(r"--axes ([TCZYX]+)", words)[1]


class TestDimensions:
    @pytest.mark.parametrize(("shape", "channels", "advice"), [
        ((6, 20, 30), ("grey",), "ZYX"), ((6, 2, 20, 30), ("A", "B"), "ZCYX"),
    ])
    def test_slices_taken_for_time_by_a_model_of_volumes(self, tmp_path, shape, channels, advice):
        array, path = noise(*shape), tmp_path / "stack.tif"
        write_stack(path, Image.from_array(array, advice.replace("Z", "T"), channels=channels))
        model = make(3, channels)
        words = refused(model, path)
        assert str(path) in words
        assert "trained on 3-D images, this one is 2-D" in words
        assert "6 planes were taken for moments in time" in words
        assert advised_axes(words) == advice
        mask = segmented(model, path, axes=advice)
        np.testing.assert_array_equal(mask, model.segment(array, advice))

    def test_a_volume_for_a_model_of_pictures(self, tmp_path):
        array, path = noise(6, 20, 30), tmp_path / "volume.tif"
        write_stack(path, Image.from_array(array, "ZYX"))
        words = refused(make(), path)
        assert "trained on 2-D images, this one is 3-D" in words
        assert advised_axes(words) == "TYX"
        np.testing.assert_array_equal(segmented(make(), path, axes="TYX"), make().segment(array, "TYX"))

    def test_a_picture_for_a_model_of_volumes(self, tmp_path):
        tifffile.imwrite(tmp_path / "picture.tif", noise(20, 30))
        assert "trained on 3-D images, this one is 2-D" in refused(make(3), tmp_path / "picture.tif")

    def test_a_plane_in_python(self):
        with pytest.raises(ModelError, match="trained on 3-D images"):
            make(3).segment(noise(6, 20, 30), axes="TYX")

    def test_pictures_among_volumes_cannot_train_and_each_is_named(self, tmp_path):
        for number in range(6):
            shape, axes = ((20, 30), "YX") if number in (1, 4) else ((5, 20, 30), "ZYX")
            for kind, array in (("images", noise(*shape)), ("masks", (noise(*shape) > 99).astype(np.uint8))):
                write_stack(tmp_path / kind / f"a{number}.tif", Image.from_array(array, axes))
        with pytest.raises(DataError) as caught:
            workflows.train(tmp_path / "images", tmp_path / "masks", tmp_path / "m.safetensors", steps=1)
        odd = [problem for problem in caught.value.problems if "is a picture (20 × 30 px)" in problem]
        assert [Path(problem.split(":")[0]).name for problem in odd] == ["a1.tif", "a4.tif"]
        assert len(caught.value.problems) == 2
        assert all("--axes" in problem for problem in odd)

    @pytest.mark.parametrize("image_axes", ["TYX", "ZYX"])
    def test_images_and_masks_that_call_their_planes_differently_pair(self, tmp_path, image_axes):
        mask_axes = {"TYX": "ZYX", "ZYX": "TYX"}[image_axes]
        write_stack(tmp_path / "image.tif", Image.from_array(noise(6, 20, 30), image_axes))
        write_stack(tmp_path / "image_mask.tif", Image.from_array((noise(6, 20, 30) > 99).astype(np.uint8), mask_axes))
        inspection = workflows.check(tmp_path / "image.tif", tmp_path / "image_mask.tif")
        assert not inspection.errors
        moments = "6 moments in time" if image_axes == "TYX" else "1"
        assert dict(inspection.rows)["frames"] == moments


    def test_a_page_shows_the_same_whatever_planes_are_called(self, tmp_path):
        truth = np.kron(RNG.integers(0, 3, (3, 4, 6)), np.ones((2, 5, 5), int)).astype(np.uint8)
        pixels = noise(6, 20, 30)
        pages = []
        for axes in ("ZYX", "TYX"):
            for kind, array in (("images", pixels), ("truth", truth), ("predicted", truth[::-1])):
                named = "ZYX" if kind == "predicted" else axes
                write_stack(tmp_path / axes / kind / "a.tif", Image.from_array(array, named))
            folder = tmp_path / axes
            page = folder / "page.html"
            workflows.evaluate(folder / "predicted", folder / "truth", images=folder / "images", report=page)
            pages.append(page.read_text(encoding="utf-8"))
        assert "<img" in pages[0]
        assert pages[0] == pages[1]


class TestChannels:
    def write(self, path: Path, array: np.ndarray, names: tuple[str, ...] | None) -> Path:
        write_stack(path, Image.from_array(array, "CYX", channels=names))
        return path

    def test_order_and_company_do_not_matter_and_are_said_once(self, tmp_path):
        model, array = make(channels=("DAPI", "GFP")), noise(2, 20, 30)
        for name in ("a", "b"):
            self.write(tmp_path / "turned" / f"{name}.tif", array[::-1], ("GFP", "DAPI"))
        self.write(tmp_path / "turned" / "c.tif", np.stack([array[1], noise(20, 30), array[0]]), ("GFP", "BF", "DAPI"))
        done = workflows.segment(model, tmp_path / "turned", tmp_path / "out", flips=False)
        assert not done.failed
        for name in ("a", "b", "c"):
            mask = tifffile.imread(tmp_path / "out" / f"{name}.tif")
            np.testing.assert_array_equal(mask, model.segment(array, "CYX"))
        assert done.notes == (
            "a.tif: channels GFP, DAPI taken by name, as DAPI, GFP",
            "c.tif: channels GFP, BF, DAPI taken by name, as DAPI, GFP",
        )

    @pytest.mark.parametrize(("count", "names"), [
        (2, ("GFP", "RFP")), (1, ("DAPI",)), (3, None), (3, ("red", "green", "blue")),
    ])
    def test_a_missing_channel(self, tmp_path, count, names):
        path = self.write(tmp_path / "a.tif", noise(count, 20, 30), names)
        words = refused(make(channels=("DAPI", "GFP")), path)
        assert str(path) in words
        assert "expects the channels DAPI, GFP" in words
        assert f"this image has {', '.join(open_image(path).channels)}" in words
        assert ("--channels" in words) == ("--use-channels" in words) == (count > 1)
        assert ("give an image with all of them" in words.lower()) == (count == 1)

    def test_naming_is_no_advice_for_a_model_of_one_unnamed_channel(self, tmp_path):
        path = self.write(tmp_path / "a.tif", noise(3, 20, 30), ("DAPI", "GFP", "RFP"))
        words = refused(make(channels=("grey",)), path)
        assert "--use-channels" in words
        assert "--channels" not in words

    def test_the_advice_works(self, tmp_path):
        model, array = make(channels=("DAPI", "GFP")), noise(3, 20, 30)
        expected = model.segment(array[[2, 0]], "CYX")
        path = self.write(tmp_path / "a.tif", array, None)
        np.testing.assert_array_equal(segmented(model, path, use_channels=("3", "1")), expected)
        np.testing.assert_array_equal(segmented(model, path, channels=("GFP", "BF", "DAPI")), expected)
        path = self.write(tmp_path / "b.tif", array, ("blue", "x", "dna"))
        np.testing.assert_array_equal(segmented(model, path, use_channels=("dna", "1")), expected)
        words = refused(model, path, use_channels=("1", "2", "3"))
        assert "picks blue, x, dna, and the model expects DAPI, GFP" in words
        assert "4 is none of them" in refused(model, path, use_channels=("1", "4"))

    def test_a_model_learns_from_those_that_were_chosen_and_finds_them_again(self, tmp_path):
        for number in range(4):
            body = (np.hypot(*(np.indices((32, 32)) - 16)) < 5 + number).astype(np.uint8)
            array = np.stack([noise(32, 32), 100 * body + noise(32, 32) // 4, noise(32, 32)])
            self.write(tmp_path / "images" / f"a{number}x.tif", array, ("BF", "DAPI", "3"))
            tifffile.imwrite(tmp_path / f"a{number}x_mask.tif", body)
        masks = str(tmp_path / "*_mask.tif")
        checked = dict(workflows.check(tmp_path / "images", masks, use_channels=("3", "2")).rows)
        assert checked["channels"] == "3, DAPI, chosen from BF, DAPI, 3"
        made = workflows.train(tmp_path / "images", masks, tmp_path / "m.safetensors", use_channels=("3", "2"), steps=3,
                               patch=32, batch=2, width=4, depth=2)
        assert made.model.plan.channels == ("3", "DAPI")
        assert made.model.plan.architecture.inputs == 2
        assert made.model.record["data_settings"]["use_channels"] == ["3", "2"]
        done = workflows.segment(made.path, tmp_path / "images", tmp_path / "out", flips=False)
        assert (done.failed, done.written) == ({}, 4)
        image = open_image(tmp_path / "images" / "a1x.tif")
        expected = workflows.segment(made.path, image.path, tmp_path / "one", flips=False, use_channels=("3", "DAPI"))
        assert expected.notes == ()
        assert done.notes == ("a0x.tif: channels BF, DAPI, 3 taken by name, as 3, DAPI",)
        masks = [tifffile.imread(tmp_path / folder / "a1x.tif") for folder in ("out", "one")]
        np.testing.assert_array_equal(*masks)

    def test_images_of_one_training_agree_by_name_or_not_at_all(self, tmp_path):
        array = noise(6, 2, 20, 30)
        names = [("A", "B"), ("A", "B"), ("B", "A"), ("A", "B"), None, ("A", "B", "C")]
        for number, (pixels, named) in enumerate(zip(array, names, strict=True)):
            pixels = pixels if named != ("A", "B", "C") else np.concatenate([pixels, noise(1, 20, 30)])
            self.write(tmp_path / "images" / f"a{number}.tif", pixels, named)
            tifffile.imwrite(tmp_path / f"a{number}_mask.tif", (noise(20, 30) > 99).astype(np.uint8))
        inspection = workflows.check(tmp_path / "images", str(tmp_path / "*_mask.tif"))
        assert not inspection.errors
        frames = [frame.pair.image.frame() for frame in inspection.frames]
        for place, (frame, pixels) in enumerate(zip(frames, array, strict=True)):
            np.testing.assert_array_equal(frame, pixels[::-1] if place == 2 else pixels)
        said = {Path(finding.file).name: finding.severity for finding in inspection.findings}
        assert said == {"a2.tif": "note", "a4.tif": "warning", "a5.tif": "note"}
        self.write(tmp_path / "images" / "a3.tif", array[3], ("B", "X"))
        inspection = workflows.check(tmp_path / "images", str(tmp_path / "*_mask.tif"))
        [error] = inspection.errors
        assert "a3.tif: the image has the channels B, X, and most others A, B" in str(error)
        assert "--channels" in error.advice


def test_the_command_line_says_and_takes_the_same(run, tmp_path):
    make(channels=("DAPI", "GFP")).save(tmp_path / "m.safetensors")
    write_stack(tmp_path / "a.tif", Image.from_array(noise(3, 20, 30), "CYX"))
    write_stack(tmp_path / "b.tif", Image.from_array(noise(2, 20, 30), "CYX", channels=("GFP", "DAPI")))

    def segment(name: str, *options: str):
        model, image = tmp_path / "m.safetensors", tmp_path / name
        return run("segment", model, image, "--out", tmp_path / "out", "--no-flips", *options)

    refusal = segment("a.tif")
    assert refusal.exit_code == SOME_FAILED
    assert "expects the channels DAPI, GFP" in " ".join(refusal.stderr.split())
    assert segment("a.tif", "--use-channels", "3,1").exit_code == 0
    reordered = segment("b.tif")
    assert reordered.exit_code == 0
    assert "channels GFP, DAPI taken by name, as DAPI, GFP" in " ".join(reordered.stderr.split())


def test_a_class_that_only_one_side_has(tmp_path):
    truth = np.kron(RNG.integers(0, 4, (6, 8)), np.ones((5, 5), int)).astype(np.uint8)
    for kind, mask in (("truth", truth), ("predicted", np.where(truth == 3, 0, truth)), ("same", truth)):
        (tmp_path / kind).mkdir()
        for name in ("a", "b"):
            tifffile.imwrite(tmp_path / kind / f"{name}.tif", mask)
    evaluation = workflows.evaluate(tmp_path / "predicted", tmp_path / "truth")
    [finding] = evaluation.findings
    assert "no predicted mask holds class 3, and the true masks do" in str(finding)
    assert evaluation.scores.classes[3].iou == 0
    [finding] = workflows.evaluate(tmp_path / "truth", tmp_path / "predicted").findings
    assert "no true mask holds class 3, and the predicted masks do" in str(finding)
    assert not workflows.evaluate(tmp_path / "same", tmp_path / "truth").findings
