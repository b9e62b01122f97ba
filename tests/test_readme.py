"""What README, guide and gallery tell people to type is typed here, and what they show is what comes."""

from __future__ import annotations

import math
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from morula import cli, console

pytestmark = pytest.mark.slow

HOUSE = Path(__file__).parents[1]
BLOCK = re.compile(r"^```(console|python)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PROMPT = "$ "

SHORT = 24
"""Steps of every training here, in place of the budget that the page gives. Nothing else is changed."""


def shortened(typed: str) -> str:
    typed = re.sub(r"--(minutes|steps) [\d.]+", f"--steps {SHORT}", typed)
    return re.sub(r"\b(minutes|steps)=[\d.]+", f"steps={SHORT}", typed)


def transcripts(block: str) -> Iterator[tuple[str, list[str]]]:
    """Each command of a block with the lines shown beneath it."""
    lines = block.splitlines()
    starts = [number for number, line in enumerate(lines) if line.startswith(PROMPT)]
    assert starts[:1] == [0], f"a console block must begin with a command:\n{block}"
    for start, stop in zip(starts, [*starts[1:], len(lines)], strict=True):
        yield lines[start].removeprefix(PROMPT), lines[start + 1 : stop]


def pattern(shown: list[str]) -> re.Pattern[str]:
    """What must come where `shown` is shown: the same words, any numbers and fingerprints; `…` is anything."""
    pieces = []
    for line in shown:
        if line.strip() == "…":
            pieces.append(r"(.*\n)*?")
            continue
        words = re.escape(" ".join(line.split())).replace("…", ".*")
        words = re.sub(r"\b[0-9a-f]{12}\b", "FINGERPRINT", words)
        words = re.sub(r"(\d+\\ h\\ )?(\d+\\ min\\ )?\d+\\ s\b", "DURATION", words)
        words = re.sub(r"\d+(\\?[.,]\d+)*", r"[\\d.,]+", words)
        words = words.replace("FINGERPRINT", "[0-9a-f]{12}").replace("DURATION", r"(\d+ h )?(\d+ min )?[\d.]+ s")
        pieces.append(words + r"\n")
    return re.compile("".join(pieces))


def type_in(line: str, shown: list[str]) -> None:
    program, *arguments = shlex.split(shortened(line))
    assert program == "morula", f"only morula is typed here, not {line}"
    done = CliRunner().invoke(cli.app, arguments)
    assert done.exit_code == 0, f"{line}\n{done.output}\n{done.exception!r}"
    came = "".join(" ".join(each.split()) + "\n" for each in done.output.splitlines())
    if shown:
        expected = "\n".join(shown)
        assert pattern(shown).fullmatch(came), f"{line}\n\nshown:\n{expected}\n\ncame:\n{came}"


def evaluate(code: str, names: dict) -> None:
    """Run a block of Python; a line `expression  # → value` must have that value."""
    exec(compile(shortened(code), "README", "exec"), names)
    for expression, value in re.findall(r"^(.+?)  # → (.+)$", code, re.MULTILINE):
        assert repr(eval(expression, names)) == value, expression


PAGES = ["README.md", "docs/guide.md", "docs/gallery.md", "docs/specimens.md", "docs/worlds.md", "docs/export.md",
         "docs/notebooks.md"]


@pytest.mark.parametrize("page", PAGES)
def test_what_a_page_tells_to_type_works_and_shows_what_it_shows(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(console, "SECONDS_BETWEEN_LINES", math.inf)
    terminal = Console(force_terminal=True, color_system=None, width=200, markup=False, highlight=False, emoji=False)
    monkeypatch.setattr(console, "results", terminal)
    names: dict = {}
    for language, block in BLOCK.findall((HOUSE / page).read_text(encoding="utf-8")):
        if language == "python":
            evaluate(block, names)
            continue
        for line, shown in transcripts(block):
            type_in(line, shown)


def test_the_commands_of_the_set_up_are_there():
    """They install and train for minutes, so they are only looked up."""
    makefile = (HOUSE / "Makefile").read_text(encoding="utf-8")
    readme = (HOUSE / "README.md").read_text(encoding="utf-8")
    targets = re.findall(r"^make (\w+)", readme, re.MULTILINE)
    assert targets == ["demo", "test"]
    for target in targets:
        assert re.search(rf"^{target}:", makefile, re.MULTILINE)


@pytest.mark.skipif(shutil.which("make") is None, reason="the Makefile is read by make")
def test_without_make_the_same_is_typed():
    """On every system what the Makefile runs, so that what runs here is what is typed there."""
    readme = (HOUSE / "README.md").read_text(encoding="utf-8")
    [windows] = re.findall(r"^```powershell\n(.*?)^```$", readme, re.MULTILINE | re.DOTALL)
    [elsewhere] = re.findall(r"^```sh\n(python3 .*?)^```$", readme, re.MULTILINE | re.DOTALL)
    assert windows.replace("py -m", "python3 -m").replace("\\Scripts\\", "/bin/") == elsewhere
    done = subprocess.run(["make", "--dry-run", "--always-make", "demo", "test"], cwd=HOUSE, capture_output=True,
                          text=True, check=True)
    made = done.stdout.replace("$found", "python3").replace(" --quiet", "").replace("'", '"')
    for line in elsewhere.splitlines():
        assert line in made, line
