"""A package for bioimage.io: a zip that ilastik, deepImageJ, QuPath and others open, and that the zoo takes."""

from __future__ import annotations

import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch

from morula.errors import RequestError
from morula.exports.bioimageio_description import description, known_license, makers, require_dois
from morula.exports.bioimageio_tensors import EPSILON, Described, normalising_steps
from morula.exports.export_request import ExportRequest
from morula.exports.onnx_file import write_onnx
from morula.exports.torchscript import write_torchscript
from morula.exports.usage_page import usage_page
from morula.models.preprocessing import measure_levels
from morula.reports.network_plot import draw_network

DESCRIPTION = "rdf.yaml"
COVER_SHAPE = 2
"""Width by height of covers."""


def write_package(path: Path, request: ExportRequest) -> None:
    """Write a model as a package, with ONNX and TorchScript weights, an example from its self-test, a cover, a page.

    Raises:
        RequestError: it is not said who made the model or under which licence; what is said cannot be; or the
            normalisation cannot be said in its steps.
        ModelError: it has a layer that ONNX has no equal for.
    """
    from bioimageio.spec.utils import write_yaml

    makers(request.settings)
    known_license(request.settings)
    require_dois(request.settings)
    normalising_steps(request.usage)  # all of this before anything takes long
    with TemporaryDirectory() as place:
        folder = Path(place)
        write_onnx(folder / "weights.onnx", request)
        write_torchscript(folder / "weights.pt", request)
        _write_example(folder, request)
        _draw_cover(folder / "cover.png", request)
        page = usage_page(request.model, request.usage, "bioimageio", request.name)
        (folder / "README.md").write_text(page, encoding="utf-8")
        described = description(folder, request)
        _require_valid(described, folder)
        write_yaml(described, folder / DESCRIPTION)
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
            for file in sorted(folder.iterdir()):
                package.write(file, file.name)


def _write_example(folder: Path, request: ExportRequest) -> None:
    """The picture of the self-test, mirrored at its ends to the smallest size, and what the network makes of it."""
    sides = request.usage.smallest
    beyond = [(0, max(0, side - length)) for side, length in zip(sides, request.picture.shape[1:], strict=True)]
    picture = np.pad(request.picture, [(0, 0), *beyond], mode="symmetric")[(slice(None), *map(slice, sides))]
    ends = measure_levels(picture, request.usage.intensity)
    scaled = (np.clip(picture, ends.low, ends.high) - ends.low) / (ends.high - ends.low + EPSILON)
    np.save(folder / "test_input.npy", picture[None])
    np.save(folder / "test_output.npy", request.network(torch.from_numpy(scaled[None])).numpy())


def _draw_cover(path: Path, request: ExportRequest) -> None:
    """The network, on white of the shape that covers have."""
    from PIL import Image

    plan = request.model.plan
    draw_network(plan.architecture, plan.patch, path)
    with Image.open(path) as drawn:
        height = max(drawn.height, -(-drawn.width // COVER_SHAPE))
        cover = Image.new("RGB", (COVER_SHAPE * height, height), "white")
        cover.paste(drawn.convert("RGB"), ((cover.width - drawn.width) // 2, (height - drawn.height) // 2))
    cover.save(path)


def _require_valid(described: Described, folder: Path) -> None:
    """Refuse whatever else the specification refuses, such as too long a name; nothing is asked over the network.

    Raises:
        RequestError: with the first that is wrong.
    """
    from bioimageio.spec import InvalidDescr, ValidationContext, build_description

    offline = ValidationContext(root=folder, perform_io_checks=False, log_warnings=False)
    built = build_description(described, context=offline)
    if isinstance(built, InvalidDescr):
        [wrong, *_] = built.validation_summary.details[0].errors
        where = ".".join(map(str, wrong.loc))
        raise RequestError(f"What was said of the model cannot stand in a package: {where}: {wrong.msg}.")
