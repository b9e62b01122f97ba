"""The page of measures: `.venv/bin/python docs/measures.py` writes its tables anew, and draws its picture."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.patches import Circle

from morula.measures.bodies import Body, cut_out
from morula.measures.catalogue import TOPICS, UNITS, Measure
from morula.measures.morphometry import principal_lengths
from morula.objects.labels import connected_objects
from morula.objects.selection import ObjectSettings, choose_objects
from morula.plots import palette
from morula.plots.figures import STYLE

PICTURE = Path(__file__).with_name("images") / "measures.png"
PAGE = Path(__file__).with_name("measures.md")
PLACE = re.compile(r"(<!-- measures -->\n).*?(<!-- end of measures -->)", re.DOTALL)


def tables() -> str:
    """A table in Markdown for each topic."""
    heading = "| column | unit | exists in | what it tells | how it is computed | source |\n" + "| --- " * 6 + "|\n"
    return "\n".join(
        f"## {topic.capitalize()}\n\n{heading}" + "".join(map(row, measures)) for topic, measures in TOPICS.items()
    )


def row(measure: Measure) -> str:
    """A measure as a row of its table."""
    cells = (f"`{measure.column}`", UNITS[measure.unit], measure.dimensions, measure.meaning, measure.formula,
             measure.source)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


def with_tables(text: str) -> str:
    """The page with its tables as the code has them now."""
    return PLACE.sub(lambda place: f"{place[1]}{tables()}{place[2]}", text)


def bent_drop() -> Body:
    """An elongated body that bends and thins, with a bulge."""
    y, x = np.mgrid[:170, :190].astype(float)
    mask = np.hypot(y - 47, x - 53) <= 11
    for step in np.linspace(0, 1, 200):
        angle = np.pi * (1 - 0.85 * step)
        centre = 120 - 62 * np.sin(angle), 105 + 62 * np.cos(angle)
        mask |= np.hypot(y - centre[0], x - centre[1]) <= 31 - 20 * step
    labels, classes = connected_objects(mask.astype(np.uint8))
    objects = choose_objects(labels, np.arange(len(classes)), classes, ObjectSettings(), pixel_volume=1, most_classes=1)
    [body] = cut_out(objects, np.ones(2))
    return body


def picture() -> Figure:
    """What is measured of one object, in four views."""
    body = bent_drop()
    with rc_context(STYLE):
        figure = Figure(figsize=(8.4, 2.3), layout="constrained")
        views = {"axes and hull": hull, "circles": circles, "curvature": curvature, "midline": midline}
        for axes, (title, draw) in zip(figure.subplots(1, len(views)), views.items(), strict=True):
            axes.fill(*closed(body.outlines.outer), color=palette.LINE, linewidth=0)
            draw(body, axes)
            axes.set(title=title, aspect="equal", xlim=(-6, 190), ylim=(196, 6))
            axes.axis("off")
    return figure


def hull(body: Body, axes: Axes) -> None:
    axes.plot(*closed(body.outlines.outer), color=palette.INK, linewidth=1)
    axes.plot(*closed(body.corners), color=palette.ACCENT, linewidth=1)
    for length, direction, colour in zip(principal_lengths(body), body.spread[1], ("INK", "MUTED"), strict=True):
        ends = body.centroid + np.outer([-0.5, 0.5], length * direction)
        axes.plot(*ends.T[::-1], color=getattr(palette, colour), linewidth=1.5)


def circles(body: Body, axes: Axes) -> None:
    axes.plot(*closed(body.outlines.outer), color=palette.INK, linewidth=1)
    for (centre, radius), colour in ((body.ball_around, palette.ACCENT), (body.ball_inside, palette.TRUTH_ONLY)):
        axes.add_patch(Circle(centre[::-1], radius, fill=False, color=colour, linewidth=1.5))


def curvature(body: Body, axes: Axes) -> None:
    points = body.even_outline[:, ::-1]
    lines = LineCollection(np.stack([points, np.roll(points, -1, axis=0)], axis=1), cmap="RdBu_r", linewidth=3,
                           capstyle="round")
    strongest = np.abs(body.curvature).max()
    lines.set(array=body.curvature, clim=(-strongest, strongest))
    axes.add_collection(lines)
    axes.plot(*points[body.protrusions].T, "o", color=palette.INK, markersize=4)


def midline(body: Body, axes: Axes) -> None:
    parts = np.full(body.inside.shape, np.nan)
    parts[body.inside] = body.midline.bins(10) % 2
    (top, left), (height, width) = body.corner, body.inside.shape
    sides = (left - 0.5, left + width - 0.5, top + height - 0.5, top - 0.5)
    axes.imshow(parts, cmap="Greys", vmin=-0.5, vmax=3, extent=sides, zorder=1.5)
    axes.plot(*closed(body.outlines.outer), color=palette.INK, linewidth=1)
    axes.plot(*body.midline.points.T[::-1], color=palette.BOTH, linewidth=2)
    axes.plot(*body.midline.points[0, ::-1], "o", color=palette.BOTH, markersize=5)


def closed(polygon: np.ndarray) -> np.ndarray:
    """The corners of a polygon as x and y, `(2, points)`, the first again at the end."""
    return np.concatenate([polygon, polygon[:1]]).T[::-1]


if __name__ == "__main__":
    picture().savefig(PICTURE, dpi=130)
    PAGE.write_text(with_tables(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
