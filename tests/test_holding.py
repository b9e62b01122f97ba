"""Two processes that want the same: one has it, the other is told; the dead hold nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from morula.errors import OutputError
from morula.holding import held

HOLD = """
import sys
from pathlib import Path
from morula.holding import held
with held(Path("model"), Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def other(tmp_path):
    """Another process that holds it."""
    with subprocess.Popen([sys.executable, "-c", HOLD, tmp_path / "busy"], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_the_second_is_told_who_has_it(other, tmp_path):
    with pytest.raises(OutputError, match=rf"model is being made by process {other.pid} on \S+ since"):
        held(Path("model"), tmp_path / "busy").__enter__()


def test_who_was_killed_holds_nothing(other, tmp_path):
    other.kill()
    other.wait()
    assert (tmp_path / "busy").exists()
    with held(Path("model"), tmp_path / "busy"):
        pass
    assert not (tmp_path / "busy").exists()


def test_who_is_done_lets_go_and_leaves_nothing(tmp_path):
    for _ in range(2):
        with held(Path("model"), tmp_path / "new" / "busy"), pytest.raises(OutputError, match="being made"):
            held(Path("model"), tmp_path / "new" / "busy").__enter__()
    assert not list((tmp_path / "new").iterdir())


def test_a_training_holds_its_output(run, tmp_path, other):
    (tmp_path / "busy").rename(tmp_path / "m.safetensors.busy")
    done = run("train", tmp_path, "--out", tmp_path / "m.safetensors")
    assert done.exit_code == 2
    assert f"is being made by process {other.pid}" in done.stderr
