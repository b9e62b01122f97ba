"""The documentation keeps up: links lead somewhere, and what there is to document is documented."""

from __future__ import annotations

import importlib.util
import re
import tomllib
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from importlib.metadata import version
from itertools import groupby
from pathlib import Path
from types import ModuleType
from urllib.parse import urldefrag

import pytest
from packaging.requirements import Requirement
from PIL import Image

HOUSE = Path(__file__).parents[1]
PAGES = [HOUSE / "README.md", HOUSE / "CHANGELOG.md", *sorted((HOUSE / "docs").rglob("*.md"))]
OF_THE_SITE = {HOUSE / "docs" / name for name in ("index.md", "start.md", "changes.md")}
"""Pages that take in what stands elsewhere; see `tests/test_site.py`."""
PICTURES = sorted((HOUSE / "docs" / "images").glob("*.png"))
EXTRAS = ("export", "notebook", "napari", "vendors", "urls", "cluster", "site")
"""What is asked of a user who wants more."""
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
IMPORTED_AS = {"axe-playwright-python": "axe_playwright_python", "bioio-ome-tiff": "bioio_ome_tiff",
               "dask-jobqueue": "dask_jobqueue", "ome-zarr-models": "ome_zarr_models", "pillow": "PIL",
               "scikit-image": "skimage", "scikit-learn": "sklearn"}
TOOLS = {"aiohttp", "cryptography", "furo", "import-linter", "myst-parser", "pyright", "pyside6-essentials",
         "pytest-benchmark", "pytest-xdist", "ruff", "s3fs", "setuptools", "sphinx-gallery"}


def text(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def links(page: Path) -> list[str]:
    return LINK.findall(re.sub(r"```.*?```|`[^`]*`", "", text(page), flags=re.DOTALL))


def anchors(page: Path) -> set[str]:
    """What the headings of a page can be reached by: lower case, without signs, with hyphens for spaces."""
    headings = re.findall(r"^#+ (.+)$", text(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, HOUSE / "docs" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def tables(page: Path) -> Iterator[list[list[str]]]:
    """The cells of each row of each table of a page, as a browser would part them."""
    lines = re.sub(r"```.*?```", "", text(page), flags=re.DOTALL).splitlines()
    for inside, rows in groupby(lines, key=lambda line: line.startswith("|")):
        if inside:
            yield [re.split(r"(?<!\\)\|", row.strip().strip("|")) for row in rows]


@pytest.fixture(scope="module")
def options() -> ModuleType:
    return script("options")


@pytest.fixture(scope="module")
def worlds() -> ModuleType:
    return script("worlds")


@pytest.fixture(scope="module")
def measures() -> ModuleType:
    return script("measures")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(HOUSE)))
def test_every_link_leads_somewhere(page):
    for link in links(page):
        if link.startswith(("https://", "mailto:")):
            continue
        path, fragment = urldefrag(link)
        target = page.parent / path if path else page
        assert target.exists(), link
        assert not fragment or fragment in anchors(target), link


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(HOUSE)))
def test_every_table_has_a_head_and_full_rows(page):
    """Rows that a paragraph parts from their head are shown as plain lines."""
    for _, rule, *rows in tables(page):
        assert all(re.fullmatch(r" :?-+:? ", cell) for cell in rule), rule
        assert all(len(row) == len(rule) for row in rows), rows


def test_every_page_is_reached_from_the_readme():
    reached, waiting = set(), [HOUSE / "README.md"]
    while waiting:
        page = waiting.pop()
        if page not in reached:
            reached.add(page)
            targets = ((page.parent / urldefrag(link).url).resolve() for link in links(page) if "://" not in link)
            waiting += [target for target in targets if target.suffix == ".md"]
    assert reached >= set(PAGES) - OF_THE_SITE


def test_every_picture_is_shown_and_small():
    assert PICTURES
    shown = {(page.parent / link).resolve() for page in PAGES for link in links(page)}
    for picture in PICTURES:
        assert picture in shown, picture.name
        assert picture.stat().st_size < 150_000, picture.name
        Image.open(picture).verify()


def test_the_guide_has_the_options_of_every_command_as_they_are(options):
    guide = text(options.GUIDE)
    assert {name for _, name, _ in options.PLACE.findall(guide)} == set(options.commands())
    assert guide == options.with_tables(guide), "run docs/options.py"


def test_the_page_of_measures_is_that_of_the_table(measures):
    page = text(measures.PAGE)
    assert page == measures.with_tables(page), "run docs/measures.py"
    for source in {measure.source for topic in measures.TOPICS.values() for measure in topic} - {"", "Morula"}:
        for each in source.removeprefix("after ").split("; "):
            author, year = each.split()[0], each.split()[-1]
            assert re.search(rf"^- {author}\b.* {year}:", page, re.MULTILINE), each


@pytest.mark.parametrize("name", ["worlds.md", "specimens.md"])
def test_the_pages_of_what_is_drawn_have_every_range(worlds, name):
    [(page, module)] = [(text(page), module) for page, module in worlds.PAGES.items() if page.name == name]
    assert page == worlds.with_table(page, module), "run docs/worlds.py"
    for each in dir(module):
        if each.isupper():
            assert f"| `{each}` |" in page, f"{each} has no sentence"


def test_each_kind_of_specimen_has_its_sheet(worlds):
    page = text(HOUSE / "docs" / "specimens.md")
    for kind in (*worlds.KINDS, *worlds.SOLIDS):
        assert f"images/specimens_{kind.replace(' ', '_')}.png" in page, kind


def test_a_table_says_what_the_help_of_the_command_says(options):
    table = options.table(options.commands()["synth"])
    assert "| `--out` | The new folder, with the folders images and masks in it. | must be given |" in table
    assert "| `--classes` | 1 marks all alike; " in table
    assert "| `--seed` | Everything follows from it: the same seed draws the same images. | `0` |" in table
    assert "| `--resume` | Go on with a training that was stopped. | no |" in options.table(options.commands()["train"])


def test_the_changelog_begins_with_this_version():
    newest = re.findall(r"^## (\d+\.\d+\.\d+)", text(HOUSE / "CHANGELOG.md"), re.MULTILINE)[0]
    project = tomllib.loads(text(HOUSE / "pyproject.toml"))["project"]
    assert newest == project["version"] == version("morula")


def test_the_architecture_is_as_the_code_has_it():
    drawn = script("architecture")
    assert text(drawn.PICTURE) == drawn.picture(), "run docs/architecture.py"
    assert text(drawn.MODULES) == drawn.list_of_modules(), "run docs/architecture.py"
    assert text(drawn.PAGE) == drawn.with_chapters(text(drawn.PAGE)), "run docs/architecture.py"


def test_the_picture_of_the_chapters_shows_every_import_right_of_the_stairs():
    """Read back from the picture: what imports stands above, so that no dot lies left of its row's stair."""
    picture = ET.parse(HOUSE / "docs" / "images" / "chapters.svg").getroot()
    svg = "{http://www.w3.org/2000/svg}"
    stairs = {float(box.attrib["y"]): float(box.attrib["x"]) for box in picture.iter(f"{svg}rect")}
    width = float(next(picture.iter(f"{svg}rect")).attrib["width"])
    dots = [(float(dot.attrib["cx"]), float(dot.attrib["cy"])) for dot in picture.iter(f"{svg}circle")]
    assert len(dots) > 100
    for across, down in dots:
        assert across - width / 2 > stairs[down - width / 2]


def test_every_requirement_has_its_reason_and_is_used():
    project = tomllib.loads(text(HOUSE / "pyproject.toml"))["project"]
    reasons = text(HOUSE / "docs" / "dependencies.md")
    rows = re.findall(r"^\| ([a-z][A-Za-z0-9., -]+) \|", reasons, re.MULTILINE)
    listed = {name for row in rows for name in row.split(", ")}
    wanted = {
        folder: {Requirement(line).name for line in lines}
        for folder, lines in (("src", sum((project["optional-dependencies"][extra] for extra in EXTRAS),
                                          project["dependencies"])),
                              ("tests", project["optional-dependencies"]["test"]),
                              ("benchmarks", project["optional-dependencies"]["bench"]))
    }
    assert listed - {"library", "---"} == wanted["src"] | wanted["tests"] | wanted["benchmarks"]
    for folder, names in wanted.items():
        code = "\n".join(text(path) for place in (folder, "docs") for path in (HOUSE / place).rglob("*.py"))
        for name in names - TOOLS:
            module = IMPORTED_AS.get(name, name)
            assert re.search(rf"^\s*(import|from) {module}\b", code, re.MULTILINE), f"{name} is imported nowhere"


def test_the_readme_says_each_exit_status():
    from morula.commands.status import ENDED, FAULT, SOME_FAILED, STOPPED, WRONG_REQUEST

    readme = text(HOUSE / "README.md")
    for status in (0, SOME_FAILED, WRONG_REQUEST, FAULT, STOPPED, ENDED):
        assert re.search(rf"^\| {status} \|", readme, re.MULTILINE), status


def test_every_promise_names_tests_that_are_there():
    promises = [line for line in text(HOUSE / "docs" / "promises.md").splitlines() if re.match(r"\| [^-p]", line)]
    assert len(promises) > 15
    for promise in promises:
        held = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", promise)
        assert held, promise
        for file, name in held:
            assert f"def {name}(" in text(HOUSE / file), name


def test_every_read_format_is_named():
    from morula.names.endings import FILE_ENDINGS

    names = {".tif": "TIFF", ".tiff": "TIFF", ".jpg": "JPEG", ".jpeg": "JPEG", ".nii": "NIfTI", ".nii.gz": "NIfTI",
             **dict.fromkeys((".pbm", ".pgm", ".ppm", ".pnm"), "PNM")}
    table = re.findall(r"^\| (\w+) \|", text(HOUSE / "docs" / "formats.md"), re.MULTILINE)
    for ending in FILE_ENDINGS:
        assert names.get(ending, ending[1:].upper()) in table


def test_every_way_to_read_masks_is_explained():
    from typing import get_args

    from morula.pairs.masks import ReadAs

    explained = set(re.findall(r"^\| `(\w+)` \|", text(HOUSE / "docs" / "formats.md"), re.MULTILINE))
    assert explained == set(get_args(ReadAs)) - {"auto"}


def test_every_column_of_frames_csv_is_explained():
    from morula.segmenting.frames import table_columns

    explained = re.findall(r"^\| `(\w+)` \|", text(HOUSE / "docs" / "guide.md"), re.MULTILINE)
    assert set(table_columns()) <= set(explained)


def test_every_flag_is_explained():
    from morula.segmenting.flags import FLAGS

    explained = re.findall(r"^\| ([A-Za-z ]+) \|", text(HOUSE / "docs" / "guide.md"), re.MULTILINE)
    assert set(FLAGS) <= set(explained)
