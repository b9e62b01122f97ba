"""What the tools of bioimage.io make of a whole image is the mask that Morula makes of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import morula
from morula.exports.bioimageio_package import write_package
from morula.exports.export_request import ExportRequest
from morula.exports.export_settings import ExportSettings
from morula.models.file import read_model
from morula.models.fitting import as_image
from morula.models.model import Model

LIKE_MORULA = 0.0001
"""The share of pixels that may differ. With a halo declared it is 0.0013 in the first image."""


@pytest.mark.slow
def test_masks_of_whole_real_images_are_those_of_morula(real_data, tmp_path):
    core = pytest.importorskip("bioimageio.core", reason="bioimageio.core is not here; `make` installs it")
    images = sorted((real_data / "nuclei" / "images").iterdir())[:6]
    for kind in ("images", "masks"):
        (tmp_path / kind).mkdir()
        for path in images:
            (tmp_path / kind / path.name).symlink_to(real_data / "nuclei" / kind / path.name)
    file = tmp_path / "model.safetensors"
    morula.train(tmp_path / "images", tmp_path / "masks", file, steps=60, quick=True, patch=64, batch=4)
    model = replace(Model.load(file, "float32"), flips=False)
    settings = ExportSettings(to="bioimageio", authors=("Ada Lovelace (ada)",), license="MIT")
    picture = read_model(file).self_test["input"][0].numpy()
    write_package(tmp_path / "cells.zip", ExportRequest(model, picture, settings, "cells.zip"))
    described = core.load_model_description(tmp_path / "cells.zip", perform_io_checks=False)
    pipeline = core.create_prediction_pipeline(described)
    for path in images[:3]:
        image = as_image(path, None, model.plan)
        pixels = image.frame()[None].astype(np.float32)
        given = core.Tensor(pixels, dims=("batch", "channel", "y", "x"))
        sample = core.Sample(members={pipeline.input_ids[0]: given}, stat={}, id=path.name)
        [maps] = pipeline.predict_sample_without_blocking(sample).members.values()
        expected = model.mask(image)
        assert 0.02 < expected.mean() < 0.98
        assert ((np.asarray(maps.data)[0, 0] >= 0.5) != expected).mean() < LIKE_MORULA
