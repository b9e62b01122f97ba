"""The pages of drawn fields and specimens: `.venv/bin/python docs/worlds.py` writes their tables and their sheets."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from types import ModuleType

import numpy as np
from PIL import Image
from scipy import ndimage

from morula.plots import palette
from morula.specimens import breadths
from morula.specimens.kinds import KINDS, draw_specimen
from morula.specimens.solids import SOLIDS, draw_volume
from morula.specimens.things import rims
from morula.worlds import ranges
from morula.worlds.fields import STYLES, draw_field

PICTURES = Path(__file__).with_name("images")
PAGES = {Path(__file__).with_name("worlds.md"): ranges, Path(__file__).with_name("specimens.md"): breadths}
"""Each page, and the module whose ranges it shows."""
PLACE = re.compile(r"(<!-- ranges -->\n).*?(<!-- end of ranges -->)", re.DOTALL)
EACH, SIDE = 6, 128
"""Fields on the sheet of a style, and their sides in pixels."""
GAP = 4
GREYS = 32
OUTLINES = palette.CLASSES[:2]
"""Colours of bodies and of what was shed. Greys and these are all that a sheet has, which keeps it small and exact."""
WHITE = GREYS + len(OUTLINES)
COLOURS = 40
OUTLINE = palette.CLASSES[0]
"""How many colours a sheet of specimens has, and that of their outlines."""


def table(module: ModuleType) -> str:
    """All ranges of a module, in its order."""
    rows = "".join(f"| `{name}` | {_in_words(getattr(module, name))} | {words} |\n" for name, words in _told(module))
    return f"| name | range | of what |\n| --- | --- | --- |\n{rows}"


def _told(module: ModuleType) -> Iterator[tuple[str, str]]:
    """The name of each range, and what is said of it."""
    body = ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8")).body
    for node, after in pairwise(body):
        if isinstance(node, ast.Assign) and isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant):
            yield ast.unparse(node.targets[0]), " ".join(str(after.value.value).split())


def _in_words(value: object) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{name}: {_in_words(each)}" for name, each in value.items())
    if isinstance(value, ranges.Range):
        return f"{value.low:g} to {value.high:g}" + (", octaves alike" if value.logarithmic else "")
    return " to ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def with_table(text: str, module: ModuleType) -> str:
    """A page with its table as the module has it now."""
    return PLACE.sub(lambda place: f"{place[1]}{table(module)}{place[2]}", text)


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


def sheet_of_things(pictures: list[np.ndarray], truths: list[np.ndarray]) -> Image.Image:
    """Pictures in colours, and beneath each the same with all of its things outlined."""
    white = [(0, GAP), (0, GAP), (0, 0)]
    columns = np.concatenate([np.pad(picture, white, constant_values=255) for picture in pictures], axis=1)
    sheet = np.concatenate([columns, columns])[:-GAP, :-GAP]
    few = Image.fromarray(sheet).quantize(COLOURS, dither=Image.Dither.NONE)
    seen = np.array(few)
    outlines = [np.pad(rims(truth, (1.0, 1.0)) & (truth > 0), white[:2]) for truth in truths]
    seen[len(columns) :][np.concatenate(outlines, axis=1)[:-GAP, :-GAP]] = COLOURS
    few.putdata(seen.ravel().tolist())
    colours = (few.getpalette() or [])[: 3 * COLOURS]
    few.putpalette(colours + [0] * (3 * COLOURS - len(colours)) + [int(OUTLINE[at : at + 2], 16) for at in (1, 3, 5)])
    return few


def sheet_of_kind(kind: str) -> Image.Image:
    """Specimens of a kind."""
    drawn = [draw_specimen(kind, 0, number, SIDE) for number in range(EACH)]
    return sheet_of_things([each.image for each in drawn], [each.mask for each in drawn])


def sheet_of_solids(kind: str) -> Image.Image:
    """Volumes of a kind: the middle plane, and to the right of it the plane across, as high as there are planes."""
    pictures, truths = [], []
    for number in range(EACH // 2):
        drawn = draw_volume(kind, 0, number, (SIDE // 4, SIDE, SIDE))
        for stack, planes in ((drawn.image, pictures), (drawn.mask, truths)):
            across = np.repeat(stack[:, SIDE // 2], 4, axis=0)
            planes += [stack[SIDE // 8], across]
    return sheet_of_things([np.repeat(plane[..., None], 3, axis=2) for plane in pictures], truths)


if __name__ == "__main__":
    for page, module in PAGES.items():
        page.write_text(with_table(page.read_text(encoding="utf-8"), module), encoding="utf-8")
    for kind in KINDS:
        sheet_of_kind(kind).save(PICTURES / f"specimens_{kind.replace(' ', '_')}.png", optimize=True)
    for kind in SOLIDS:
        sheet_of_solids(kind).save(PICTURES / f"specimens_{kind.replace(' ', '_')}.png", optimize=True)
    for style in STYLES:
        sheet(style).save(PICTURES / f"fields_{style.replace(' ', '_')}.png", optimize=True)
