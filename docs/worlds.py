"""The page of drawn fields: `.venv/bin/python docs/worlds.py` writes its table anew, and draws its pictures."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
from PIL import Image
from scipy import ndimage

from morula.plots import palette
from morula.worlds import ranges
from morula.worlds.fields import STYLES, draw_field

PICTURES = Path(__file__).with_name("images")
PAGE = Path(__file__).with_name("worlds.md")
PLACE = re.compile(r"(<!-- ranges -->\n).*?(<!-- end of ranges -->)", re.DOTALL)
EACH, SIDE = 6, 128
"""Fields on the sheet of a style, and their sides in pixels."""
GAP = 4
GREYS = 32
OUTLINES = palette.CLASSES[:2]
"""Colours of bodies and of what was shed. Greys and these are all that a sheet has, which keeps it small and exact."""
WHITE = GREYS + len(OUTLINES)


def table() -> str:
    """All ranges of the world, in the order of the module that has them."""
    rows = "".join(f"| `{name}` | {_in_words(getattr(ranges, name))} | {words} |\n" for name, words in _told())
    return f"| name | range | of what |\n| --- | --- | --- |\n{rows}"


def _told() -> Iterator[tuple[str, str]]:
    """The name of each range, and what is said of it."""
    body = ast.parse(Path(ranges.__file__).read_text(encoding="utf-8")).body
    for node, after in pairwise(body):
        if isinstance(node, ast.Assign) and isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant):
            yield ast.unparse(node.targets[0]), " ".join(str(after.value.value).split())


def _in_words(value: object) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{name}: {_in_words(each)}" for name, each in value.items())
    if isinstance(value, ranges.Range):
        return f"{value.low:g} to {value.high:g}" + (", octaves alike" if value.logarithmic else "")
    return " to ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def with_table(text: str) -> str:
    """The page with its table as the code has it now."""
    return PLACE.sub(lambda place: f"{place[1]}{table()}{place[2]}", text)


def sheet(style: str) -> Image.Image:
    """Fields of a style, and beneath each its truth: bodies and what was shed, outlined."""
    columns = []
    for number in range(EACH):
        field = draw_field(style, 0, number, SIDE)
        grey = np.minimum(field.image // (256 // GREYS), GREYS - 1)
        truth = grey.copy()
        for label in range(1, len(OUTLINES) + 1):
            inside = field.mask == label
            truth[inside & ~ndimage.binary_erosion(inside)] = GREYS + label - 1
        columns.append(np.pad(np.concatenate([grey, truth]), [(0, 0), (0, GAP)], constant_values=WHITE))
    picture = Image.fromarray(np.concatenate(columns, axis=1)[:, :-GAP], "P")
    steps = [round(255 * step / (GREYS - 1)) for step in range(GREYS) for _ in range(3)]
    colours = [int(colour[at : at + 2], 16) for colour in (*OUTLINES, "#ffffff") for at in (1, 3, 5)]
    picture.putpalette(steps + colours)
    return picture


if __name__ == "__main__":
    PAGE.write_text(with_table(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    for style in STYLES:
        sheet(style).save(PICTURES / f"fields_{style.replace(' ', '_')}.png", optimize=True)
