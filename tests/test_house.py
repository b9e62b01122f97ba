"""The house itself: its style, its types, who imports whom, and how little is loaded before it is needed."""

from __future__ import annotations

import ast
import json
import re
import statistics
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

HOUSE = Path(__file__).parents[1]
SOURCES = sorted((HOUSE / "src" / "morula").rglob("*.py"))
CHAPTERS = sorted(path.parent for path in (HOUSE / "src" / "morula").glob("*/__init__.py"))
HEAVY = {"torch", "numpy", "scipy", "skimage", "pandas", "matplotlib", "tifffile", "zarr", "PIL", "pydantic", "nibabel",
         "pyarrow"}


def run(*command: str) -> subprocess.CompletedProcess:
    return subprocess.run([*command], cwd=HOUSE, capture_output=True, text=True, check=False)


def tool(name: str) -> str:
    return str(Path(sys.executable).with_name(name))


@pytest.mark.parametrize("command", [("ruff", "check"), ("lint-imports", "--no-cache"),
                                     pytest.param(("pyright",), marks=pytest.mark.slow)])
def test_tools_find_nothing(command):
    done = run(tool(command[0]), *command[1:])
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    "statement",
    [
        "import morula",
        "import morula.cli",
        "import typer.testing, morula.cli\n"
        "assert 'synth' in typer.testing.CliRunner().invoke(morula.cli.app, '--help').output",
    ],
)
def test_nothing_heavy_is_loaded_before_it_is_needed(statement):
    done = run(sys.executable, "-c", f"{statement}\nimport sys, json; print(json.dumps(list(sys.modules)))")
    assert done.returncode == 0, done.stderr
    assert HEAVY.isdisjoint(json.loads(done.stdout))


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: str(path.relative_to(HOUSE / "src")))
def test_every_module_says_what_it_is_about(source):
    assert source.read_text(encoding="utf-8").startswith('"""')


def test_every_module_is_named_for_its_subject():
    nouns = {path.stem for path in SOURCES}
    assert nouns.isdisjoint({"utils", "util", "helpers", "common", "misc", "core", "base"})


def test_a_name_stands_once():
    """Two modules of one name make every conversation begin with 'which?'. Commands are named for their verb."""
    names = Counter(path.stem for path in SOURCES if path.parent.name != "commands" and path.stem != "__init__")
    assert [name for name, times in names.items() if times > 1] == []


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda path: path.name)
def test_a_chapter_can_be_overlooked(chapter):
    modules = [path.read_text(encoding="utf-8") for path in chapter.glob("*.py") if path.stem != "__init__"]
    assert len(modules) <= 20
    assert sum(text.count("\n") for text in modules) <= 2700


def test_tests_follow_the_tree():
    """Each folder of tests is a chapter, and each of its files the tests of one of its modules."""
    for file in sorted((HOUSE / "tests").glob("*/test_*.py")):
        module = HOUSE / "src" / "morula" / file.parent.name / f"{file.stem.removeprefix('test_')}.py"
        assert module.is_file(), file


def test_functions_are_short():
    lengths = [node.end_lineno - node.lineno + 1
               for path in SOURCES for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
               if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno]
    median, long = statistics.quantiles(lengths, n=10)[4::4]
    assert median < 10
    assert long < 35


def test_nothing_is_left_undone_and_no_machine_is_named():
    unfit = re.compile(r"\b(TO-?DO|FIX-?ME|XX-?X|HACK)\b|/(home|Users|root|work|opt)/\w")
    this = Path(__file__).resolve()
    listed = run("git", "ls-files", "--cached", "--others", "--exclude-standard").stdout.splitlines()
    if not listed:
        pytest.skip("not a git checkout")
    for path in map(HOUSE.joinpath, listed):
        if path != this and path.suffix in {".py", ".md", ".toml", ".txt", ".css", ""} and path.is_file():
            found = unfit.search(path.read_text(encoding="utf-8"))
            assert not found, f"{path.relative_to(HOUSE)}: {found.group()}"


def test_every_requirement_is_held_to_one_version():
    import tomllib

    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name

    project = tomllib.loads((HOUSE / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    wanted = [*project["dependencies"], *extras["export"], *extras["site"], *extras["test"]]
    lines = (HOUSE / "constraints.txt").read_text().splitlines()
    held = {canonicalize_name(r.name): r for r in map(Requirement, (x for x in lines if x and x[0] != "#"))}
    for requirement in map(Requirement, wanted):
        pin = held[canonicalize_name(requirement.name)]
        [version] = [specifier.version for specifier in pin.specifier if specifier.operator == "=="]
        assert requirement.specifier.contains(version), f"{requirement} does not allow {pin}"


def test_every_public_name_is_there():
    import morula

    for name in morula.HOMES:
        assert getattr(morula, name).__module__.startswith("morula"), name
        assert name in dir(morula)
    with pytest.raises(AttributeError, match="morula"):
        _ = morula.no_such_name


@pytest.mark.parametrize("loaded", ["", "import morula.images.read, morula.cli; morula.Image, morula.measure; "])
def test_only_public_names_are_offered(loaded):
    """What a person who types `morula.` and a tab is shown."""
    done = run(sys.executable, "-c", f"import morula; {loaded}print(*(n for n in dir(morula) if n[:2] != '__'))")
    assert done.returncode == 0, done.stderr
    import morula

    assert done.stdout.split() == sorted(morula.HOMES)


def test_what_python_asks_a_module_for_is_there():
    import morula

    assert {"__name__", "__doc__", "__path__"} <= set(dir(morula))
