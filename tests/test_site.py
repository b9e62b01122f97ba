"""The site: it builds without a warning, every page is reached, every link leads somewhere, and what is wrong fails."""

from __future__ import annotations

import importlib.util
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from test_docs import HOUSE, PAGES, script, text

STORIES = sorted((HOUSE / "docs" / "stories").glob("plot_*.py"))
NAMED = re.compile(r"(?:^ {4}|`)morula ([a-z]+)((?: [^`\n]*)?)(?:`|$)", re.MULTILINE)
"""A command in a line of its own or within a sentence."""


class Page(HTMLParser):
    """Where a page leads, and where it can be reached."""

    def __init__(self, file: Path):
        super().__init__()
        self.links: set[str] = set()
        self.anchors: set[str] = set()
        self.feed(text(file))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        self.anchors |= {told["id"]} if told.get("id") else set()
        for name in ("href", "src"):
            link = told.get(name) or ""
            if link and not re.match(r"[a-z]+:|//", link):
                self.links.add(link)


def target(file: Path, link: str) -> Path:
    """The file that a link of a file leads to."""
    path = unquote(urlsplit(link).path)
    return (file.parent / path).resolve() if path else file


def build(docs: Path) -> subprocess.CompletedProcess:
    """As `make site` does, but that no story runs."""
    return subprocess.run([sys.executable, "-m", "sphinx", "--fail-on-warning", "--keep-going", "--nitpicky",
                           "--define", "plot_gallery=0", docs, docs.parent / "site"],
                          capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def docs(tmp_path_factory) -> Path:
    """The pages in a place of their own, since stories become pages beside them, and the site built of them."""
    for name in ("sphinx", "myst_parser", "sphinx_gallery", "furo"):
        if importlib.util.find_spec(name) is None:
            assert not os.environ.get("MORULA_NEEDS_SITE"), f"{name} is not installed"
            pytest.skip("what the site is built with is not installed")
    place = tmp_path_factory.mktemp("house")
    shutil.copytree(HOUSE / "docs", place / "docs", ignore=shutil.ignore_patterns("told", "__pycache__"))
    for page in ("README.md", "CHANGELOG.md", "LICENSE"):
        shutil.copy(HOUSE / page, place)
    done = build(place / "docs")
    assert done.returncode == 0, done.stdout + done.stderr
    return place / "docs"


@pytest.fixture(scope="module")
def site(docs) -> dict[Path, Page]:
    """All that is reached from the first page, by file."""
    reached: dict[Path, Page] = {}
    waiting = [docs.parent / "site" / "index.html"]
    while waiting:
        file = waiting.pop()
        if file not in reached and file.suffix == ".html":
            reached[file] = Page(file)
            waiting += [target(file, link) for link in reached[file].links]
    return reached


@pytest.mark.slow
class TestSite:
    def test_every_page_and_every_story_is_reached_from_the_first(self, docs, site):
        place = docs.parent / "site"
        pages = {page.relative_to(HOUSE / "docs").with_suffix(".html") for page in PAGES if "docs" in page.parts}
        wanted = {place / page for page in pages - {Path("README.html")}}
        wanted |= {place / "told" / f"{story.stem}.html" for story in STORIES}
        assert wanted <= set(site)

    def test_every_link_leads_somewhere(self, site):
        for file, page in site.items():
            for link in page.links:
                led, anchor = target(file, link), unquote(urlsplit(link).fragment)
                assert led.exists(), f"{file.name}: {link}"
                assert not anchor or led not in site or anchor in site[led].anchors, f"{file.name}: {link}"

    def test_nothing_is_asked_of_others(self, site):
        for file in site:
            assert not re.findall(r'<(?:script|img|iframe|link)[^>]* (?:src|href)="https?:[^"]*', text(file)), file

    def test_every_public_name_is_told(self, docs, site):
        from morula import HOMES

        told = site[docs.parent / "site" / "python.html"].anchors
        for name, home in HOMES.items():
            assert {f"morula.{name}", home.replace(":", ".")} & told, name

    def test_a_link_that_leads_nowhere_fails(self, docs):
        """The last of these, for it spoils a page."""
        page = docs / "names.md"
        page.write_text(text(page) + "\nMore is [elsewhere](nowhere.md).\n", encoding="utf-8")
        done = build(docs)
        assert done.returncode != 0
        assert "names.md" in done.stderr
        assert "nowhere.md" in done.stderr


def named() -> Iterator[tuple[str, str, str]]:
    """Every command that a page or a story names, with the page and what is said behind it."""
    for page in (*PAGES, *STORIES):
        for command, behind in NAMED.findall(text(page)):
            yield str(page.relative_to(HOUSE)), command, behind


@pytest.mark.parametrize(("page", "command", "behind"), sorted(set(named())))
def test_every_command_that_is_named_is_there_with_its_options(page, command, behind):
    known = script("options").commands()
    assert command in known
    flags = {flag for parameter in known[command].params for flag in (*parameter.opts, *parameter.secondary_opts)}
    for word in shlex.split(behind):
        assert not word.startswith("--") or word.partition("=")[0] in {*flags, "--help"}, word
