"""What all commands have in common: their list, how they fail, and what they show on a poor terminal."""

from __future__ import annotations

import os
import pkgutil
import re
import subprocess
import sys
import time
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
    ("synth gastruloids --out x", "draw", "To start again, delete what it wrote, or give another --out."),
    ("track m --out x", "track", "Run the same command with --overwrite to start again."),
    ("measure m --out x.csv", "measure", "Run the same command to start again."),
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


def typed(*line: str | Path, **how) -> subprocess.CompletedProcess:
    """The command as a program of its own."""
    return subprocess.run([sys.executable, "-m", "morula", *line], stderr=subprocess.PIPE, text=True, check=False,
                          **how)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a disk that is always full")
def test_results_that_nobody_takes_are_said_to_be_so():
    with Path("/dev/full").open("w") as full:
        done = typed("measure", "--list", stdout=full)
    assert done.returncode == 1
    assert done.stderr.startswith("Error: The results cannot be shown, for standard output takes no more (No space")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("command", ["check {} {}", "segment gastruloid {} --out x", "measure {} --out x.csv",
                                     "evaluate {} {}", "train {} {} --out x", "report {} --out x.html", "info {}"])
@pytest.mark.parametrize("kind", ["too long", "a circle"])
def test_a_path_that_the_system_refuses_is_no_fault(run, tmp_path, monkeypatch, command, kind):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "round").symlink_to(tmp_path / "again")
    (tmp_path / "again").symlink_to(tmp_path / "round")
    name = "a" * 300 if kind == "too long" else tmp_path / "round"
    done = run(*[str(name) if word == "{}" else word for word in command.split()])
    assert done.exit_code == 2, done.output
    assert str(name)[:200] in done.stderr.replace("\n", "")


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="Windows ends programs without a word")
def test_whoever_ends_a_command_is_told_how_it_goes_on(tmp_path):
    place = tmp_path / "images"
    place.mkdir()
    for number in range(400):
        Image.fromarray(np.eye(200, dtype=np.uint8) * 99).save(place / f"{number}.png")
    line = [sys.executable, "-m", "morula", "segment", "gastruloid", str(place), "--out", str(tmp_path / "out")]
    with subprocess.Popen(line, stderr=subprocess.PIPE, text=True) as running:
        while not (tmp_path / "out" / "frames.csv").exists() and running.poll() is None:
            time.sleep(0.05)
        running.terminate()
        said = running.communicate()[1]
    assert running.returncode == 143
    assert said.endswith("Stopped. Nothing half-written was left behind. Run the same command to go on.\n")


EARLY = """
import os, sys
from signal import Signals, default_int_handler, signal
signal(Signals.SIGINT, default_int_handler)  # whoever runs the tests beside other work may have it ignored
module, name_of_signal = sys.argv[1:]
class Stopping:
    def find_spec(self, name, *_):
        if name == module:
            os.kill(os.getpid(), Signals[name_of_signal])
sys.meta_path.insert(0, Stopping())
from morula.__main__ import main
sys.argv = ["morula", "measure", "--list"]
main()
"""


@pytest.mark.skipif(os.name != "posix", reason="Windows ends programs without a word")
@pytest.mark.parametrize(("module", "signal", "said", "status"), [
    ("morula.cli", "SIGINT", "Stopped before it began.", 130), ("typer", "SIGINT", "Stopped before it began.", 130),
    ("morula.options", "SIGTERM", "Stopped before it began.", 143),
])
def test_whoever_stops_a_command_before_it_began_sees_no_traceback(module, signal, said, status):
    done = subprocess.run([sys.executable, "-c", EARLY, module, signal], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr, done.stdout) == (status, f"{said}\n", "")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux holds a program to a limit of its memory")
@pytest.mark.parametrize("megabytes", [500, 1000])
def test_a_limit_of_memory_is_said_and_no_fault(tmp_path, megabytes):
    """With half a gigabyte PyTorch is not loaded, and with a little more a library ends the program."""
    limit = f"ulimit -v {megabytes * 1000}; exec \"$@\""
    line = [sys.executable, "-m", "morula", "segment", "gastruloid", tmp_path, "--out", tmp_path / "out"]
    done = subprocess.run(["sh", "-c", limit, "sh", *line], capture_output=True, text=True, check=False)
    assert done.returncode == 2, done
    assert done.stderr.startswith(f"Error: Programs may take {megabytes * 1024 / 1e6:.1f} GB of memory each")
    assert len(done.stderr) < 300


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
