"""How every figure of matplotlib looks, and how it is kept: as SVG in a page, or as a file of its own."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from morula.errors import RequestError
from morula.files import whole_file
from morula.plots import palette

if TYPE_CHECKING:
    from matplotlib.figure import Figure

STYLE: dict[Any, Any] = {
    "font.family": "sans-serif",
    "font.size": 9,
    "text.color": palette.INK,
    "axes.labelcolor": palette.MUTED,
    "axes.edgecolor": palette.LINE,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 9,
    "axes.titlelocation": "left",
    "axes.axisbelow": True,
    "axes.grid": True,
    "grid.color": palette.LINE,
    "grid.linewidth": 0.6,
    "xtick.color": palette.LINE,
    "ytick.color": palette.LINE,
    "xtick.labelcolor": palette.MUTED,
    "ytick.labelcolor": palette.MUTED,
    "lines.solid_capstyle": "round",
    "text.parse_math": False,
    "svg.fonttype": "none",  # text stays text: it can be selected, and takes the font of the page
}

FILE_KINDS = (".svg", ".png", ".pdf")
"""How the name of a figure's file may end."""


@contextmanager
def figure_in_style(name: str, width: float, height: float) -> Iterator[Figure]:
    """A figure in our style, in inches; whatever is drawn and kept inside looks alike.

    Args:
        name: what keeps the identifiers of two charts in a page apart, and makes the same chart the same text.
        width: in inches.
        height: likewise.
    """
    import matplotlib
    from matplotlib.figure import Figure

    with matplotlib.rc_context({**STYLE, "svg.hashsalt": name}), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing")  # the reader's browser has the font
        yield Figure(figsize=(width, height), layout="constrained")


@contextmanager
def chart(name: str, width: float, height: float) -> Iterator[tuple[Figure, Callable[[], str]]]:
    """A figure in our style, and a function that gives it as SVG to stand in a page."""
    with figure_in_style(name, width, height) as figure:

        def save() -> str:
            text = io.StringIO()
            nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
            figure.savefig(text, format="svg", transparent=True, metadata=nothing)
            svg = text.getvalue()
            return re.sub(r'<g id="[^"]*"', "<g", svg[svg.index("<svg"):])

        yield figure, save


def check_file_kind(path: Path) -> None:
    """Refuse a name that says no kind of figure, before anything is drawn.

    Raises:
        RequestError: the name ends in another way than `FILE_KINDS`.
    """
    if path.suffix.lower() not in FILE_KINDS:
        raise RequestError(f"{path} does not say what kind of picture to write. "
                           f"Let its name end with {', '.join(FILE_KINDS[:-1])} or {FILE_KINDS[-1]}.")


def save_figure(figure: Figure, path: Path) -> None:
    """Write a figure as the kind that its name says, whole or not at all.

    Raises:
        OutputError: it cannot be written.
    """
    with whole_file(path) as temporary:
        figure.savefig(temporary, format=path.suffix[1:].lower(), dpi=150, facecolor=palette.PAPER)
