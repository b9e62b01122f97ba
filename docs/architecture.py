"""Who imports whom: `.venv/bin/python docs/architecture.py` draws the chapters and writes the list of modules anew.

The order of the chapters is that of the contract in pyproject.toml, their subjects are the first lines of their
docstrings, and the imports are read from the code, so that none of it can go stale.
"""

from __future__ import annotations

import ast
import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from html import escape
from pathlib import Path

import grimp

HOUSE = Path(__file__).parents[1]
SOURCE = HOUSE / "src" / "morula"
PAGE = HOUSE / "docs" / "architecture.md"
PICTURE = HOUSE / "docs" / "images" / "chapters.svg"
MODULES = HOUSE / "docs" / "modules.md"
PLACE = re.compile(r"(<!-- chapters -->\n).*?(<!-- end of chapters -->)", re.DOTALL)
CELL, MARGIN, LABELS, DOT = 24, 12, 108, 9.5
STYLE = """
text { font: 13px system-ui, sans-serif; fill: #24292f }
.many { font-size: 11px; fill: #fff; text-anchor: middle }
.name { text-anchor: end }
.box { fill: #2a6f97 } .dot { fill: #2a6f97 } .line { stroke: #d0d7de }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 } .many { fill: #0d1117 } .box, .dot { fill: #74b3d8 } .line { stroke: #30363d }
}
"""


def chapters() -> list[str]:
    """The chapters and the modules beside them from the roof to the ground."""
    contract = tomllib.loads((HOUSE / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    [layers] = [each["layers"] for each in contract["contracts"] if each["id"] == "ladder"]
    named = [name.strip() for layer in layers for name in layer.split("|")]
    return [name for name in named if not name.startswith("(")]


def modules(chapter: str) -> list[Path]:
    """The files of a chapter, or the module that stands beside the chapters, alone."""
    folder = SOURCE / chapter
    if not folder.is_dir():
        return [folder.with_suffix(".py")]
    return [path for path in sorted(folder.glob("*.py")) if path.stem != "__init__"]


def subject(path: Path) -> str:
    """The first line of a module's docstring, or of a chapter's."""
    file = path / "__init__.py" if path.is_dir() else path
    docstring = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
    return " ".join(docstring.split("\n\n")[0].split())


def imports() -> Counter[tuple[str, str]]:
    """How many imports lead from one chapter to another."""
    graph = grimp.build_graph("morula", cache_dir=None)
    found: Counter[tuple[str, str]] = Counter()
    for importer in graph.modules:
        for imported in graph.find_modules_directly_imported_by(importer):
            here, there = ((*name.split("."), "")[1] for name in (importer, imported))
            if here != there and here and there:
                found[here, there] += 1
    return found


def picture() -> str:
    """The chapters as a staircase: a dot in a row and a column says that the one imports the other."""
    names, edges = chapters(), imports()
    side = LABELS + CELL * len(names) + MARGIN
    at = {name: LABELS + CELL * (place + 0.5) for place, name in enumerate(names)}
    drawn = list(_drawn(names, edges, at))
    size = f'width="{side}" height="{side - LABELS + 2 * MARGIN}"'
    view = f'viewBox="0 {LABELS - MARGIN} {side} {side - LABELS + 2 * MARGIN}"'
    title = "<title>Which chapter imports which: all dots lie right of the stairs, for imports lead downwards</title>"
    return "\n".join([f'<svg xmlns="http://www.w3.org/2000/svg" {size} {view} role="img">', title,
                      f"<style>{STYLE}</style>", *drawn, "</svg>", ""])


def _drawn(names: list[str], edges: Counter[tuple[str, str]], at: dict[str, float]) -> Iterator[str]:
    most = max(edges.values())
    for name in names:
        place = at[name]
        reached = [at[there] for here, there in edges if here == name] or [place]
        reaching = [at[here] for here, there in edges if there == name] or [place]
        yield f'<line class="line" x1="{place:g}" y1="{place:g}" x2="{max(reached):g}" y2="{place:g}"/>'
        yield f'<line class="line" x1="{place:g}" y1="{min(reaching):g}" x2="{place:g}" y2="{place:g}"/>'
    for (here, there), count in sorted(edges.items()):
        words = f"{here} imports {there}: {count} {'time' if count == 1 else 'times'}"
        radius = max(2.5, DOT * (count / most) ** 0.5)
        yield (f'<circle class="dot" cx="{at[there]:g}" cy="{at[here]:g}" r="{radius:.1f}">'
               f"<title>{escape(words)}</title></circle>")
    for name in names:
        place, corner = at[name], at[name] - CELL / 2 + 1
        yield f'<rect class="box" x="{corner:g}" y="{corner:g}" width="{CELL - 2}" height="{CELL - 2}" rx="4"/>'
        if (SOURCE / name).is_dir():
            yield f'<text class="many" x="{place:g}" y="{place:g}" dy=".35em">{len(modules(name))}</text>'
        yield f'<text class="name" x="{corner - 7:g}" y="{place:g}" dy=".35em">{escape(name)}</text>'


def with_chapters(text: str) -> str:
    """The page with a row for each chapter as the code has them now."""
    rows = "".join(f"| [`{name}`](modules.md#{name}) | {subject(SOURCE / name)} |\n" for name in chapters()
                   if (SOURCE / name).is_dir())
    return PLACE.sub(lambda place: f"{place[1]}| chapter | subject |\n| --- | --- |\n{rows}{place[2]}", text)


def list_of_modules() -> str:
    """The page of modules: of each what its first line says."""
    parts = ["# Modules\n\nWhat each says of itself in its first line, from the roof to the ground. This page is "
             "written by\n`docs/architecture.py`; [architecture](architecture.md) says how they stand on each other.\n"]
    beside = "| module | subject |\n| --- | --- |\n"
    for name in chapters():
        rows = "".join(f"| `{path.name}` | {_cell(subject(path))} |\n" for path in modules(name))
        if (SOURCE / name).is_dir():
            parts.append(f"## {name}\n\n{subject(SOURCE / name)}\n\n| module | subject |\n| --- | --- |\n{rows}")
        else:
            beside += rows
    return "\n".join([*parts, f"## Beside the chapters\n\n{beside}"])


def _cell(words: str) -> str:
    return words.replace("|", "\\|").rstrip(".")


if __name__ == "__main__":
    PICTURE.write_text(picture(), encoding="utf-8")
    PAGE.write_text(with_chapters(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    MODULES.write_text(list_of_modules(), encoding="utf-8")
