"""The picture of a network holds what the network has."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pytest

from morula.errors import RequestError
from morula.networks.architecture import Architecture
from morula.networks.cost import cost
from morula.networks.unet import UNet
from morula.plots import palette
from morula.reports.network_plot import draw_network, stage_parameters

SVG = "{http://www.w3.org/2000/svg}"


class Drawing:
    """What can be counted in a picture."""

    def __init__(self, architecture: Architecture, space: tuple[int, ...], path):
        draw_network(architecture, space, path)
        root = ET.parse(path).getroot()
        self.words = ["".join(element.itertext()) for element in root.iter(f"{SVG}text")]
        self.paths = list(root.iter(f"{SVG}path"))

    def boxes(self, colour: str) -> int:
        """Shapes filled with a colour, without a line around them."""
        return sum(path.get("style", "") == f"fill: {colour}" for path in self.paths)

    def lines(self, colour: str) -> int:
        return sum("fill: none" in path.get("style", "") and f"stroke: {colour}" in path.get("style", "")
                   for path in self.paths)

    def numbers(self, words: str) -> list[int]:
        return [int(found[1].replace(",", "")) for word in self.words
                if (found := re.fullmatch(rf"([\d,]+) {words}", word))]


NETWORKS = [
    Architecture(width=4, depth=4, block="residual"),
    Architecture(width=4, depth=4, skips="unet+", deep_supervision=True),
    Architecture(width=4, depth=4, skips="unet++", attention=True, inputs=3, outputs=4),
    Architecture(axes=3, width=4, depth=3, strides=((1, 2, 2), (2, 2, 2)), down="convolution", join="sum",
                 deep_supervision=True, attention=True, up="resize"),
    Architecture(axes=1, width=4, depth=1),
    Architecture(width=4, depth=3, stem=2),
]


@pytest.mark.parametrize("architecture", NETWORKS, ids=lambda one: f"{one.axes}-D {one.skips}")
def test_it_holds_each_block_each_way_and_all_numbers(architecture, tmp_path):
    space = (16, 32, 64)[-architecture.axes :]
    found = Drawing(architecture, space, tmp_path / "network.svg")
    depth = architecture.depth
    blocks = depth - 1 if architecture.skips == "unet" else depth * (depth - 1) // 2
    ways = {"unet": depth - 1, "unet+": blocks, "unet++": depth * (depth - 1) * (depth + 1) // 6}[architecture.skips]
    supervised = depth - 2 if architecture.deep_supervision else 0
    assert found.boxes(palette.ACCENT) == depth
    assert found.boxes(palette.BOTH) == blocks
    assert found.lines(palette.ACCENT) == depth - 1
    assert found.lines(palette.BOTH) == blocks
    assert found.lines(palette.MUTED) == ways + supervised
    assert found.words.count("while learning") == supervised

    costs = cost(architecture, space)
    network = UNet(architecture)
    assert found.numbers("parameters") == stage_parameters(network)
    assert sum(found.numbers("parameters")) == costs.parameters
    assert any("over squares of 2 × 2 pixels" in word for word in found.words) == (architecture.stem == 2)
    headline = next(word for word in found.words if "multiply-adds" in word)
    assert f"{costs.parameters:,} parameters" in headline
    assert " × ".join(map(str, costs.receptive_field)) in headline
    for stage, features in enumerate(architecture.features):
        columns = 1 + sum(1 for node in network._nodes if node.stage == stage)
        assert found.words.count(str(features)) == columns
    size = tuple(length // architecture.stem for length in space)
    for stride in architecture.every_stride:
        assert " × ".join(map(str, size)) in found.words
        size = tuple(length // by for length, by in zip(size, stride, strict=True))
    assert " × ".join(map(str, size)) in found.words


def test_a_name_that_says_no_kind_of_picture_is_refused(tmp_path):
    with pytest.raises(RequestError, match=r"network\.jpg.*\.svg, \.png or \.pdf"):
        draw_network(NETWORKS[0], (32, 32), tmp_path / "network.jpg")
