"""What all commands have in common: their list, how they fail, and what they show on a poor terminal."""

from __future__ import annotations

import os
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from morula import cli, commands


def test_every_command_is_in_the_list(run):
    done = run("--help")
    assert done.exit_code == 0
    modules = {module.name for module in pkgutil.iter_modules(commands.__path__)}
    for command in modules - {"arguments", "status"}:
        assert re.search(rf"^\W*{command} ", done.output, re.MULTILINE), command


def test_version_is_that_of_the_package(run):
    from importlib.metadata import version

    assert run("--version").output == f"morula {version('morula')}\n"


def test_python_runs_it_as_well_and_tells_the_same():
    """For whoever has Python at hand and `morula` not on the path."""
    from importlib.metadata import version

    def told(*line: str) -> subprocess.CompletedProcess:
        return subprocess.run([sys.executable, "-m", "morula", *line], capture_output=True, text=True, check=False)

    assert (told("--version").returncode, told("--version").stdout) == (0, f"morula {version('morula')}\n")
    wrong = told("check", "a", "b")
    assert wrong.returncode == 2
    assert wrong.stderr.startswith("Error: ")


@pytest.mark.parametrize("line", ["chekc a b", "check a", "synth x", "synth gastruloids --moive 1"])
def test_a_wrong_line_is_status_2(run, line):
    done = run(*line.split())
    assert done.exit_code == 2
    assert "Error" in done.output


def test_a_misspelt_command_is_recognised(run):
    assert "check" in run("chekc", "a", "b").stderr


def test_a_mistake_is_a_sentence_and_not_a_traceback(run, tmp_path):
    done = run("check", tmp_path / "nowhere", tmp_path)
    assert done.exit_code == 2
    assert done.stderr.startswith("Error: ")
    assert "nowhere" in done.stderr
    assert "Traceback" not in done.output


def test_a_value_out_of_range_names_its_flag(run, tmp_path):
    done = run("synth", "gastruloids", "--out", tmp_path / "new", "--count", 0)
    assert done.exit_code == 2
    assert "--count should be greater than 0" in done.stderr
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(("line", "workflow", "how"), [
    ("synth gastruloids --out x", "draw", "Run the same command to start again."),
    ("train a b --out x", "train", "Run the same command with --resume to go on."),
    ("segment m a --out x", "segment", "Run the same command to go on."),
])
def test_ctrl_c_says_how_to_go_on(run, monkeypatch, line, workflow, how):
    def stop(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(f"morula.workflows.{workflow}", stop)
    done = run(*line.split())
    assert done.exit_code == 130
    assert done.stderr == f"Stopped. Nothing half-written was left behind. {how}\n"


def test_a_fault_of_ours_is_shown_in_full_with_what_to_do(monkeypatch, capsys):
    def fail(*_, **__):
        raise ZeroDivisionError("a fault")

    monkeypatch.setattr("morula.workflows.draw", fail)
    monkeypatch.setattr(sys, "argv", ["morula", "synth", "gastruloids", "--out", "x"])
    with pytest.raises(SystemExit) as caught:
        cli.main()
    assert caught.value.code == 70
    shown = capsys.readouterr().err
    assert "ZeroDivisionError: a fault" in shown
    assert "Please report it" in shown


def test_a_poor_terminal_is_enough(tmp_path):
    """As a program of its own, into a pipe, in ASCII, 30 columns wide, without colour."""
    place = tmp_path / "µm"
    for folder, value in (("images", 90), ("masks", 0)):
        (place / folder).mkdir(parents=True)
        Image.fromarray(np.eye(40, 50, dtype=np.uint8) * np.uint8(value)).save(place / folder / "ä.png")
    environment = {**os.environ, "PYTHONIOENCODING": "ascii:strict", "COLUMNS": "30", "NO_COLOR": "1"}
    for arguments in (["--help"], ["evaluate", "--help"], ["check", place / "images", place / "masks"]):
        line = [Path(sys.executable).with_name("morula"), *arguments]
        done = subprocess.run(line, env=environment, capture_output=True, check=False)
        assert done.returncode == (2 if arguments[0] == "check" else 0), done.stderr.decode()
        assert b"Traceback" not in done.stderr
        assert (done.stdout + done.stderr).isascii()
