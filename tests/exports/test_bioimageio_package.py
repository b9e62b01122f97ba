"""Packages that the tools of bioimage.io take, and that hold to what programs share."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from bioimageio.spec import ValidationContext, load_description
from bioimageio.spec.utils import read_yaml
from PIL import Image

from morula.errors import RequestError
from morula.exports.bioimageio_package import write_package
from morula.exports.bioimageio_tensors import EPSILON

MAKERS = {"authors": ("Ada Lovelace (githubuser2)",), "license": "CC-BY-4.0", "to": "bioimageio"}
"""One of the names that `bioimageio test` knows; of others it asks GitHub."""
KINDS = [{}, {"stem": 2, "inputs": 3, "outputs": 4, "intensity": "together"}, {"distance": True, "binning": (2, 2)},
         {"axes": 3, "outputs": 3}]
SHARED_STEPS = {"ensure_dtype", "clip", "scale_linear", "scale_range", "zero_mean_unit_variance",
                "fixed_zero_mean_unit_variance"}
"""What the specification and JDLL, with which Fiji, deepImageJ and Icy compute, both know."""


@pytest.fixture
def package(made, requested, tmp_path):
    """Packages of models by their architecture."""

    def write(kind: dict, **settings) -> Path:
        path = tmp_path / "cells.zip"
        write_package(path, requested(made(**kind), **MAKERS | settings))
        return path

    return write


def unpacked(path: Path) -> tuple[dict, dict[str, bytes]]:
    with zipfile.ZipFile(path) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    text = path.with_name("rdf.yaml")
    text.write_bytes(files["rdf.yaml"])
    return read_yaml(text), files


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_the_specification_has_nothing_against_it(package, kind):
    with ValidationContext(perform_io_checks=False):
        described = load_description(package(kind))
    assert described.validation_summary.status == "valid-format", described.validation_summary.format()


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_the_tools_of_bioimageio_compute_what_it_says(package, kind):
    core = pytest.importorskip("bioimageio.core", reason="bioimageio.core is not here; `make` installs it")
    tested = core.test_model(core.load_model_description(package(kind), perform_io_checks=False))
    assert tested.status == "passed", tested.format()


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_it_holds_to_what_jdll_can_do(package, kind):
    described, _ = unpacked(package(kind))
    [image], [maps] = described["inputs"], described["outputs"]
    assert {step["id"] for step in image["preprocessing"]} <= SHARED_STEPS
    assert "postprocessing" not in maps  # the network does it: there is no softmax
    assert described["config"]["bioimageio"]["nickname"] == "network"
    assert {"onnx", "torchscript"} == set(described["weights"])
    for tensor in (image, maps):
        assert [axis["id"] for axis in tensor["axes"]][:2] == ["batch", "channel"]
        assert all({"type", "id"} <= set(axis) for axis in tensor["axes"])


def test_it_is_written_as_the_oldest_format_that_is_held_on_to(package):
    described, files = unpacked(package(KINDS[1]))
    assert described["format_version"] == "0.5.7"
    assert described["covers"] == ["cover.png"]  # plain names, as it was then
    assert described["documentation"] == "README.md"
    assert "&id" not in files["rdf.yaml"].decode()  # parts that refer to others
    told = described["config"]["morula"]
    assert told["maps"] == ["background", "cell", "cell wall", "debris"]
    assert told["size.step"] == [8, 8]
    assert told["normalisation.percentiles"] == [1.0, 99.5]
    assert told["normalisation.together"] is True


def test_its_network_makes_of_the_example_what_lies_beside_it(package, made):
    _, files = unpacked(package(KINDS[1]))
    given, expected = (np.load(io.BytesIO(files[f"test_{name}.npy"])) for name in ("input", "output"))
    low, high = np.percentile(given, [1, 99.5])
    scaled = (np.clip(given, low, high) - low) / (high - low + EPSILON)
    found = onnxruntime.InferenceSession(files["weights.onnx"]).run(None, {"image": scaled.astype(np.float32)})[0]
    assert np.abs(found - expected).max() < 1e-4
    assert expected.std() > 0.01


def test_it_has_a_cover_and_a_page_with_a_validation(package):
    _, files = unpacked(package({}))
    cover = Image.open(io.BytesIO(files["cover.png"]))
    assert cover.width == 2 * cover.height
    assert len(files["cover.png"]) < 500_000
    assert len(np.unique(np.asarray(cover))) > 10
    page = files["README.md"].decode()
    assert "## Validation" in page
    assert "What stays behind" in page
    for opens in ("Fiji", "deepImageJ", "ilastik", f"Morula {version('morula')}"):
        assert opens in page


def test_what_the_specification_refuses_is_said(made, requested, tmp_path):
    request = replace(requested(made(), **MAKERS), name=f"{'long' * 50}.zip")
    with pytest.raises(RequestError, match=r"cannot stand in a package: name: .*at most"):
        write_package(tmp_path / "cells.zip", request)
    assert not (tmp_path / "cells.zip").exists()
