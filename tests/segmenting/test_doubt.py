"""The doubt beside masks: what it holds, and that it is there whenever its mask is."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import nibabel
import numpy as np
import pytest
import tifffile
import torch

from morula.errors import OutputError
from morula.images.image import Image
from morula.images.read import find_files, open_image
from morula.images.write import write_stack
from morula.measures.intervals import Calibration, read_calibration
from morula.models.model import Model
from morula.models.plan import Plan
from morula.models.segment_settings import SegmentSettings
from morula.networks.architecture import Architecture
from morula.networks.unet import UNet
from morula.segmenting.stream import segment_files


def make(seed: int = 0, axes: int = 2, classes: tuple[str, ...] = ("body",)) -> Model:
    torch.manual_seed(seed)
    outputs = 1 if len(classes) == 1 else 1 + len(classes)
    architecture = Architecture(axes=axes, width=4, depth=2, outputs=outputs)
    plan = Plan(channels=("grey",), classes=classes, binning=(1,) * axes, architecture=architecture,
                patch=(32,) * axes, batch=2, learning_rate=0.01)
    network = UNet(architecture).eval()
    with torch.no_grad():  # half of all pixels are the body, and many of them in doubt
        logits = network(torch.randn(1, 1, *[32] * axes))
        network.head.weight *= 2 / logits.std()
        network.head.bias -= network(torch.randn(1, 1, *[32] * axes)).median()
    return Model(network, plan, flips=False)


def noise(*shape: int) -> np.ndarray:
    return np.random.default_rng(sum(shape)).integers(0, 255, shape).astype(np.uint8)


def segment(model: Model, files: list[Path], out: Path, **settings):
    return segment_files(model, files, out, SegmentSettings(**settings))


def expected(model: Model, image: np.ndarray, axes: str) -> np.ndarray:
    return 255 * (1 - model.probabilities(Image.from_array(image, axes)).max(0))


@pytest.mark.parametrize("classes", [("body",), ("body", "cell")])
def test_doubt_is_what_is_left_of_the_probability_of_the_class(tmp_path, classes):
    model = make(classes=classes)
    tifffile.imwrite(tmp_path / "a.tif", noise(40, 50))
    segment(model, [tmp_path / "a.tif"], tmp_path / "out", doubt=True, pixel_size=0.5)
    doubt = open_image(tmp_path / "out" / "doubt" / "a.tif")
    assert (doubt.dtype, doubt.pixel_size) == (np.uint8, (0.5, 0.5))
    truth = expected(model, noise(40, 50), "YX")
    assert np.ptp(truth) > 20
    assert np.abs(doubt.frame()[0] - truth).max() < 0.51
    np.testing.assert_array_equal(tifffile.imread(tmp_path / "out" / "a.tif"), model.segment(noise(40, 50)))


def test_a_movie_has_a_movie_of_doubt(tmp_path):
    write_stack(tmp_path / "movie.tif", Image.from_array(noise(3, 40, 50), "TYX"))
    segment(make(), [tmp_path / "movie.tif"], tmp_path / "out", doubt=True)
    doubt, mask = open_image(tmp_path / "out" / "doubt" / "movie.tif"), open_image(tmp_path / "out" / "movie.tif")
    for frame in range(3):
        assert np.abs(doubt.frame(frame)[0] - expected(make(), noise(3, 40, 50)[frame], "YX")).max() < 0.51
        np.testing.assert_array_equal(mask.frame(frame)[0], make().segment(noise(3, 40, 50)[frame]))


def test_the_doubt_of_a_volume_in_nifti_lies_on_it(tmp_path):
    image = nibabel.Nifti1Image(noise(14, 12, 9), np.diag([0.5, 0.7, 3, 1]))
    nibabel.save(image, tmp_path / "a.nii.gz")
    segment(make(axes=3), [tmp_path / "a.nii.gz"], tmp_path / "out", doubt=True)
    doubt = nibabel.load(tmp_path / "out" / "doubt" / "a.nii.gz")
    assert np.allclose(doubt.affine, image.affine)
    assert np.abs(doubt.get_fdata().T - expected(make(axes=3), noise(14, 12, 9).T, "ZYX")).max() < 0.51


def test_a_second_run_makes_the_doubt_that_is_missing(tmp_path):
    model, out = make(), tmp_path / "out"
    for name in "ab":
        tifffile.imwrite(tmp_path / f"{name}.tif", noise(40, 50))
        os.utime(tmp_path / f"{name}.tif", (0, 0))
    files = find_files(tmp_path)
    segment(model, files[:1], out, doubt=True)
    segment(model, files, out)
    assert {path.name for path in (out / "doubt").iterdir()} == {"a.tif", "calibration.json"}
    done = segment(model, files, out, doubt=True)
    assert (done.written, done.skipped) == (1, 1)
    assert (out / "doubt" / "b.tif").exists()
    assert segment(model, files, out, doubt=True).skipped == 2


def test_no_doubt_of_an_earlier_mask_stays(tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", noise(40, 50))
    segment(make(0), [tmp_path / "a.tif"], tmp_path / "out", doubt=True)
    with pytest.raises(OutputError, match="--overwrite"):
        segment(make(1), [tmp_path / "a.tif"], tmp_path / "out", doubt=True)
    segment(make(1), [tmp_path / "a.tif"], tmp_path / "out", overwrite=True)
    assert not (tmp_path / "out" / "doubt" / "a.tif").exists()


def test_what_a_model_has_learned_of_its_outlines_lies_beside_their_doubt(tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", noise(40, 50))
    segment(make(), [tmp_path / "a.tif"], tmp_path / "first", doubt=True)
    assert read_calibration(tmp_path / "first" / "doubt") == Calibration()
    learned = Calibration(spreads={"area": (-1.5, 2.5)}, objects=30)
    model = replace(make(), record={"outlines": learned.model_dump(mode="json")})
    model.save(tmp_path / "model.safetensors")
    segment(Model.load(tmp_path / "model.safetensors"), [tmp_path / "a.tif"], tmp_path / "second", doubt=True)
    assert read_calibration(tmp_path / "second" / "doubt") == learned
