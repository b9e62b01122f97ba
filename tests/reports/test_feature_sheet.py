"""The sheet shows the maps that a layer is known to have."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from base64 import b64decode
from io import BytesIO

import numpy as np
import pytest
from PIL import Image as Picture

from morula.errors import RequestError
from morula.images.image import Image
from morula.models.model import Model
from morula.models.plan import Plan
from morula.networks.architecture import Architecture
from morula.networks.unet import UNet
from morula.plots.planes import MARGIN
from morula.reports.feature_sheet import draw_features

SVG = "{http://www.w3.org/2000/svg}"
HREF = "{http://www.w3.org/1999/xlink}href"


def model(axes: int = 2, **changes) -> Model:
    architecture = Architecture(**{"axes": axes, "width": 2, "depth": 2, "normalisation": "none", **changes})
    plan = Plan(channels=tuple("abc"[: architecture.inputs]), classes=("body",), binning=(1,) * axes, batch=1,
                patch=(16,) * axes, architecture=architecture, learning_rate=0.1)
    return Model(UNet(architecture).eval(), plan)


def pictures(path) -> list[np.ndarray]:
    """The pictures of a sheet in SVG, row by row."""
    found = [element.get(HREF, "").split(",")[1] for element in ET.parse(path).getroot().iter(f"{SVG}image")]
    return [np.asarray(Picture.open(BytesIO(b64decode(one))).convert("RGB")) for one in found]


def words(path) -> list[str]:
    return ["".join(element.itertext()) for element in ET.parse(path).getroot().iter(f"{SVG}text")]


def test_the_map_of_an_edge_filter_is_bright_at_the_edge(tmp_path):
    edges = model()
    weight = edges.network.encoder[0].first[0].weight.data.zero_()
    weight[1, 0, 1, 0], weight[1, 0, 1, 2] = -1, 1
    pixels = np.zeros((32, 48), np.float32)
    pixels[:, 20:] = 1
    draw_features(edges, Image.from_array(pixels, "YX"), tmp_path / "sheet.svg", ["encoder.0.first.0"])
    said = words(tmp_path / "sheet.svg")
    assert "encoder.0.first.0" in said
    assert {"1 of 2 maps", "100 % of the variance", "32 × 48 pixels"} <= set(said)
    image, found, result = pictures(tmp_path / "sheet.svg")
    across = found.mean((0, 2)) - np.median(found)
    left, right = (across > 0.5 * across.max()).nonzero()[0][[0, -1]] / len(across)
    assert left == pytest.approx(19 / 48, abs=0.02)  # the two pixels at either side of the edge
    assert right == pytest.approx(21 / 48, abs=0.02)
    assert image.shape == found.shape == result.shape


def test_each_stage_has_its_row(tmp_path):
    pixels = np.random.default_rng(0).random((2, 24, 24))
    draw_features(model(depth=3, width=3, inputs=2), Image.from_array(pixels, "CYX"), tmp_path / "sheet.svg")
    said = words(tmp_path / "sheet.svg")
    rows = ["image", "encoder.0", "encoder.1", "encoder.2", "decoder.1", "decoder.0", "result"]
    assert [word for word in said if word in rows] == rows
    assert {"a, b", "body"} <= set(said)


def test_a_volume_is_shown_by_its_planes(tmp_path):
    volume = np.random.default_rng(0).random((6, 16, 24))
    draw_features(model(axes=3), Image.from_array(volume, "ZYX"), tmp_path / "sheet.svg", ["encoder.1"])
    assert {"6 × 16 × 24 voxels", "3 × 8 × 12 voxels"} <= set(words(tmp_path / "sheet.svg"))
    margins = 4 * MARGIN
    for picture in pictures(tmp_path / "sheet.svg"):
        height, width, _ = picture.shape  # 7 times as large as the voxels of xy, xz and yz
        assert height / width == pytest.approx((7 * (16 + 6) + margins) / (7 * (24 + 6) + margins), abs=0.02)


def test_a_name_that_says_no_kind_of_picture_is_refused(tmp_path):
    with pytest.raises(RequestError, match=r"\.svg, \.png or \.pdf"):
        draw_features(model(), Image.from_array(np.zeros((8, 8)), "YX"), tmp_path / "sheet.txt")
