"""What is installed elsewhere: what the wheel holds, and for whom it says that it is."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from email import message_from_bytes
from pathlib import Path
from zipfile import ZipFile

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

HOUSE = Path(__file__).parents[1]
LANGUAGE = "Programming Language :: Python :: 3."

with (HOUSE / "pyproject.toml").open("rb") as file:
    PYPROJECT = tomllib.load(file)
PROJECT = PYPROJECT["project"]
MINORS = [int(each.removeprefix(LANGUAGE)) for each in PROJECT["classifiers"] if each.startswith(LANGUAGE)]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """Built from a copy, so that nothing of an earlier build is in it."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    shutil.copytree(HOUSE / "src", source / "src", ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    (source / "tests").mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE", "tests/test_packaging.py"):
        shutil.copy(HOUSE / name, source / name)
    build = "import sys, setuptools.build_meta as backend; backend.build_wheel(sys.argv[1])"
    done = subprocess.run([sys.executable, "-c", build, str(folder)], cwd=source, capture_output=True, text=True,
                          check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    [built] = folder.glob("*.whl")
    return built


@pytest.mark.slow
def test_the_wheel_holds_the_package_and_nothing_else(wheel):
    """Code, style sheets and whatever else is there are all of it; tests, pages and benchmarks are not."""
    package = HOUSE / "src" / "morula"
    there = {path.relative_to(HOUSE / "src").as_posix() for path in package.rglob("*")
             if path.is_file() and "__pycache__" not in path.parts}
    assert "morula/reports/page.css" in there
    with ZipFile(wheel) as archive:
        held = set(archive.namelist())
    about = f"morula-{PROJECT['version']}.dist-info"
    assert {name for name in held if not name.startswith(about)} == there
    assert {f"{about}/licenses/LICENSE", f"{about}/entry_points.txt", f"{about}/METADATA"} <= held


@pytest.mark.slow
def test_the_wheel_says_what_it_is_and_for_whom(wheel):
    with ZipFile(wheel) as archive:
        about = message_from_bytes(archive.read(f"morula-{PROJECT['version']}.dist-info/METADATA"))
    assert about["License-Expression"] == "BSD-3-Clause"
    assert about["Requires-Python"] == PROJECT["requires-python"]
    assert about["Author"] == "The Morula authors"
    assert about["Summary"]
    assert about["Keywords"]
    assert about["Description-Content-Type"] == "text/markdown"
    assert about.get_payload().startswith("# Morula\n")


def test_the_classifiers_name_every_python_that_may_be_used():
    """From the oldest that is allowed on, without a gap; and the tools look for what the oldest does not have."""
    allowed = SpecifierSet(PROJECT["requires-python"])
    assert list(range(MINORS[0], MINORS[-1] + 1)) == MINORS
    assert [minor for minor in range(MINORS[-1] + 1) if allowed.contains(f"3.{minor}.0")] == MINORS
    assert PYPROJECT["tool"]["ruff"]["target-version"] == f"py3{MINORS[0]}"
    assert PYPROJECT["tool"]["pyright"]["pythonVersion"] == f"3.{MINORS[0]}"


@pytest.mark.parametrize("requirement", [*map(Requirement, PROJECT["dependencies"])], ids=lambda each: each.name)
def test_every_python_that_is_named_gets_every_requirement(requirement):
    for minor in MINORS:
        assert requirement.marker is None or requirement.marker.evaluate({"python_version": f"3.{minor}"}), minor
