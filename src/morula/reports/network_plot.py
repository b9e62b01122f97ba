"""A network as a picture: its stages, what connects them, and what each costs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import nn

from morula.networks.architecture import Architecture, Down, Join, Up
from morula.networks.cost import cost
from morula.networks.skips import Node, nodes
from morula.networks.unet import UNet
from morula.plots import palette
from morula.plots.figures import check_file_kind, figure_in_style, save_figure
from morula.reports.terms import TERMS, large_number, network_in_words

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ACROSS, DOWN, ARC = 0.74, 0.84, 0.12
"""Inches from a stage to the next, and what an arc over one block adds to the way down."""
LABELS = 2.1
"""Inches to the left of the network, where each stage is described."""
HEADER, FOOTER, RIGHT = 0.95, 0.95, 1.15
"""Inches above, beneath and to the right of the network."""
INDENT, NARROWEST = 0.15, 7.4
"""Inches from the left border to all words, and what the longest of them need."""
TALLEST, WIDEST = 0.52, 0.62
"""Inches of the largest box: the higher, the more pixels; the wider, the more features."""

DOWNS: dict[Down, str] = {"pool": "pooling", "convolution": "convolution"}
UPS: dict[Up, str] = {"transposed": "transposed convolution", "resize": "interpolation"}
JOINS: dict[Join, str] = {"concatenate": "concatenation", "sum": "sum"}


@dataclass(frozen=True)
class Box:
    """One block of the network where it is drawn; sizes in inches, the first block's middle at 0."""

    x: float
    y: float
    width: float
    height: float

    @property
    def left(self) -> tuple[float, float]:
        """The middle of the left side."""
        return self.x - self.width / 2, self.y

    @property
    def right(self) -> tuple[float, float]:
        """The middle of the right side."""
        return self.x + self.width / 2, self.y

    @property
    def top(self) -> tuple[float, float]:
        """The middle of the upper side."""
        return self.x, self.y + self.height / 2

    @property
    def bottom(self) -> tuple[float, float]:
        """The middle of the lower side."""
        return self.x, self.y - self.height / 2


def draw_network(architecture: Architecture, space: Sequence[int], path: Path) -> None:
    """Draw a network for an input of a size, into a file of the kind that its name says.

    The contracting path goes down on the left, the expanding path comes up on the right. The higher a box, the more
    pixels; the wider, the more features.

    Args:
        architecture: which network it is.
        space: the size of the input in pixels, whose sides are multiples of `architecture.multiple`.
        path: an .svg, .png or .pdf file.

    Raises:
        RequestError: the name says no kind of picture.
        OutputError: it cannot be written.
    """
    check_file_kind(path)
    heights = _heights(architecture)
    places = _places(architecture, space, heights)
    right, lowest = max(2 * (architecture.depth - 1) * ACROSS + RIGHT, NARROWEST - LABELS), heights[-1] - FOOTER
    with figure_in_style("network", LABELS + right, HEADER - lowest) as figure:
        figure.set_layout_engine("none")
        axes = figure.add_axes((0, 0, 1, 1), xlim=(-LABELS, right), ylim=(lowest, HEADER))
        axes.set_axis_off()
        _draw_stages(axes, architecture, space, heights)
        _draw_connections(axes, architecture, places)
        _draw_boxes(axes, architecture, places)
        _draw_ends(axes, architecture, places)
        _draw_words(axes, architecture, space, lowest)
        save_figure(figure, path)


def stage_parameters(network: UNet) -> list[int]:
    """Weights of each stage, from the first down: its blocks, the ways that lead to them, its stem and head."""
    counts = [_count(block) for block in network.encoder]
    counts[0] += _count(network.stem)
    for stage, head in enumerate([network.head, *network.side_heads]):
        counts[stage] += _count(head)
    for stage, down in enumerate(network.down):
        counts[stage + 1] += _count(down)
    architecture = network.architecture
    for index, node in enumerate(nodes(architecture.skips, architecture.depth)):
        counts[node.stage] += _count(network.up[index]) + _count(network.decoder[index])
        counts[node.stage] += _count(network.gates[index]) if architecture.attention else 0
    return counts


def _count(module: nn.Module) -> int:
    return sum(weights.numel() for weights in module.parameters())


def _sizes(architecture: Architecture, space: Sequence[int]) -> list[tuple[int, ...]]:
    """The size of each stage in pixels."""
    sizes = [tuple(length // architecture.stem for length in space)]
    for stride in architecture.every_stride:
        sizes.append(tuple(length // by for length, by in zip(sizes[-1], stride, strict=True)))
    return sizes


def _every_node(architecture: Architecture) -> list[Node]:
    contracting = [Node(stage, column=0, skips=0) for stage in range(architecture.depth)]
    return contracting + nodes(architecture.skips, architecture.depth)


def _heights(architecture: Architecture) -> list[float]:
    """Where the middle of each row lies: lower than the row above, and lower still where arcs need room."""
    heights = [-_room_for_arcs(architecture, 0)]
    for stage in range(1, architecture.depth):
        heights.append(heights[-1] - DOWN - _room_for_arcs(architecture, stage))
    return heights


def _room_for_arcs(architecture: Architecture, stage: int) -> float:
    return ARC * max((node.skips - 1 for node in nodes(architecture.skips, architecture.depth) if node.stage == stage),
                     default=0)


def _places(
    architecture: Architecture, space: Sequence[int], heights: Sequence[float]
) -> dict[tuple[int, int], Box]:
    """Where each block lies, by its stage and column."""
    features, sizes = architecture.features, _sizes(architecture, space)
    places = {}
    for node in _every_node(architecture):
        pixels = (math.prod(sizes[node.stage]) / math.prod(sizes[0])) ** (1 / architecture.axes)
        share = features[node.stage] / max(features)
        places[node.stage, node.column] = Box(
            (node.stage + 2 * node.column) * ACROSS, heights[node.stage],
            WIDEST * (0.6 + 0.4 * share**0.5), TALLEST * (0.35 + 0.65 * pixels**0.5),
        )
    return places


def _draw_stages(axes: Axes, architecture: Architecture, space: Sequence[int], heights: Sequence[float]) -> None:
    """What is the same along a row: its size, and how many weights it has."""
    with torch.device("meta"):
        weights = stage_parameters(UNet(architecture))
    for y, size, count in zip(heights, _sizes(architecture, space), weights, strict=True):
        axes.text(-LABELS + INDENT, y + 0.09, " × ".join(map(str, size)), va="center", fontsize=9)
        axes.text(-LABELS + INDENT, y - 0.09, f"{count:,} parameters", va="center", fontsize=7.5, color=palette.MUTED)


def _draw_connections(axes: Axes, architecture: Architecture, places: dict[tuple[int, int], Box]) -> None:
    for stage in range(architecture.depth - 1):
        _arrow(axes, places[stage, 0].bottom, places[stage + 1, 0].top, palette.ACCENT)
    for node in nodes(architecture.skips, architecture.depth):
        here, below = places[node.stage, node.column], _feeding(places, node)
        _arrow(axes, below.top, here.bottom, palette.BOTH)
        seen = sorted(column for stage, column in places if stage == node.stage and column < node.column)
        for column in seen[-node.skips :]:
            _skip(axes, places[node.stage, column], here, node.column - column if column != seen[-1] else 1,
                  gate=architecture.attention)


def _feeding(places: dict[tuple[int, int], Box], node: Node) -> Box:
    """The block of the stage below whose features come up to a node."""
    return places[node.stage + 1, node.column - 1]


def _skip(axes: Axes, source: Box, target: Box, columns: int, *, gate: bool) -> None:
    """A line within a stage: straight to the next block, in an arc over those that it passes."""
    start, end, bend = source.right, target.left, 0.0
    if columns > 1:
        start, end = (source.right[0], source.top[1] - 0.05), (target.left[0], target.top[1] - 0.05)
        bend = -2 * (0.05 + ARC * (columns - 1)) / (end[0] - start[0])
    _arrow(axes, start, end, palette.MUTED, bend=bend)
    if gate:
        # The top of an arc that matplotlib draws lies half as high as its bend says.
        middle = (start[0] + end[0]) / 2, (start[1] + end[1]) / 2 - bend / 2 * (end[0] - start[0])
        axes.plot(*middle, "D", color=palette.OTHER_CLASS, markersize=5, markeredgecolor=palette.PAPER, zorder=4)


def _arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float], colour: str, bend: float = 0) -> None:
    from matplotlib.patches import FancyArrowPatch

    axes.add_patch(FancyArrowPatch(
        start, end, arrowstyle="-|>", mutation_scale=7, color=colour, linewidth=1, shrinkA=1.5, shrinkB=1.5,
        connectionstyle=f"arc3,rad={bend}", zorder=2,
    ))


def _draw_boxes(axes: Axes, architecture: Architecture, places: dict[tuple[int, int], Box]) -> None:
    from matplotlib.patches import FancyBboxPatch

    for (stage, column), box in places.items():
        axes.add_patch(FancyBboxPatch(
            (box.left[0], box.bottom[1]), box.width, box.height, boxstyle="round,pad=0,rounding_size=0.04",
            facecolor=palette.BOTH if column else palette.ACCENT, linewidth=0, zorder=3,
        ))
        axes.text(box.x, box.y, str(architecture.features[stage]), ha="center", va="center_baseline", fontsize=7.5,
                  color=palette.PAPER, fontweight="bold", zorder=4)


def _draw_ends(axes: Axes, architecture: Architecture, places: dict[tuple[int, int], Box]) -> None:
    """What goes in and what comes out."""
    x, y = places[0, 0].left
    _arrow(axes, (x - 0.34, y), (x, y), palette.INK)
    axes.text(x - 0.05, y + 0.07, _plural(architecture.inputs, "channel"), ha="right", fontsize=6.5)
    for stage in range(max(1, architecture.depth - 1) if architecture.deep_supervision else 1):
        x, y = places[stage, max(column for row, column in places if row == stage)].right
        while_learning, colour = ("", palette.INK) if stage == 0 else ("\nwhile learning", palette.MUTED)
        _arrow(axes, (x, y), (x + 0.34, y), colour)
        axes.text(x + 0.38, y, _plural(architecture.maps, "map") + while_learning, va="center", fontsize=6.5,
                  color=colour)


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _draw_words(axes: Axes, architecture: Architecture, space: Sequence[int], lowest: float) -> None:
    """What is said above and beneath the network."""
    left, small = INDENT - LABELS, {"fontsize": 7.5, "va": "center", "color": palette.MUTED}
    axes.text(left, HEADER - 0.25, network_in_words(architecture), fontsize=12, va="center", fontweight="bold")
    axes.text(left, HEADER - 0.48, _cost_in_words(architecture, space), **small)
    axes.text(left, lowest + 0.38, _choices_in_words(architecture), **small)
    legend = [("s", palette.ACCENT, "contracting path"), ("s", palette.BOTH, "expanding path")]
    if architecture.attention:
        legend.append(("D", palette.OTHER_CLASS, "attention gate"))
    for number, (marker, colour, words) in enumerate(legend):
        axes.plot(left + 0.05 + 1.3 * number, lowest + 0.18, marker, color=colour, markersize=5)
        axes.text(left + 0.17 + 1.3 * number, lowest + 0.18, words, **small)
    axes.text(left + 0.17 + 1.3 * len(legend), lowest + 0.18, "in each box: its features", **small)


def _cost_in_words(architecture: Architecture, space: Sequence[int]) -> str:
    costs, pixels = cost(architecture, space), f"{TERMS[architecture.axes].pixel}s"
    sees = " × ".join(map(str, costs.receptive_field))
    return (f"{costs.parameters:,} parameters   ·   {large_number(costs.multiply_adds)} multiply-adds for "
            f"{' × '.join(map(str, space))} {pixels}   ·   each output sees {sees} {pixels}")


def _choices_in_words(architecture: Architecture) -> str:
    """Everything that cannot be seen."""
    units = {"conv": "convolution", "norm": f"{architecture.normalisation} normalisation",
             "act": architecture.activation.replace("_", " ")}
    parts = architecture.order.split("-")
    if architecture.normalisation == "none":
        parts.remove("norm")
    choices = [
        " → ".join(units[part] for part in parts),
        f"down by {DOWNS[architecture.down]}",
        f"up by {UPS[architecture.up]}",
        f"joined by {JOINS[architecture.join]}",
        *([f"dropout {architecture.dropout:g}"] if architecture.dropout else []),
    ]
    return "   ·   ".join(choices)
