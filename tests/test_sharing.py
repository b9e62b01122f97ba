"""Who shares the work is said in one way, and a scheduler that anybody reaches is warned of."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from morula.cli import app
from morula.errors import RequestError
from morula.settings import read_settings
from morula.sharing import Sharing


@pytest.mark.parametrize(("asked", "alone"), [
    ({}, True), ({"workers": 2}, False), ({"scheduler": "tcp://node7:8786"}, False), ({"slurm": "plate.yaml"}, False)])
def test_this_process_does_all_where_nothing_else_is_asked_for(asked, alone):
    assert read_settings(Sharing, asked).alone is alone


@pytest.mark.parametrize("address", ["node7:8786", "tcp://node7", "http://node7:8786", "tcp://node7:88888", "8786",
                                     "tcp://:8786", "tcp://node7:8786/a"])
def test_what_is_no_address_of_a_scheduler_is_refused(address):
    with pytest.raises(RequestError, match=r"--scheduler should be the address .*, such as tcp://node7:8786"):
        read_settings(Sharing, {"scheduler": address})


@pytest.mark.parametrize("asked", [{"workers": 2, "scheduler": "tcp://node7:8786"}, {"workers": 2, "slurm": "a.yaml"},
                                   {"scheduler": "tcp://node7:8786", "slurm": "a.yaml"}])
def test_two_ways_at_once_are_refused(asked):
    with pytest.raises(RequestError, match=" and ".join(f"--{name}" for name in asked)):
        read_settings(Sharing, asked)


@pytest.mark.parametrize(("address", "warned"), [
    ("tcp://node7:8786", True), ("tcp://10.1.2.3:8786", True), ("tcp://0.0.0.0:8786", True),
    ("tcp://[fe80::1]:1", True), ("tcp://localhost.example.org:1", True),
    ("tls://node7:8786", False), ("tcp://127.0.0.1:8786", False), ("tcp://localhost:8786", False),
    ("tcp://[::1]:8786", False)])
def test_a_scheduler_that_others_reach_is_warned_of(address, warned):
    words = Sharing(scheduler=address).exposed
    assert (words is not None) is warned
    assert not warned or (words.startswith(f"{address} is open") and "tls://" in words)


@pytest.mark.parametrize("command", ["segment", "measure"])
def test_the_warning_comes_before_the_work(command, tmp_path):
    words = [command, *(["gastruloid"] if command == "segment" else []), str(tmp_path / "none"), "--out",
             str(tmp_path / "out.csv"), "--scheduler", "tcp://192.0.2.1:8786"]
    done = CliRunner().invoke(app, words)
    assert "192.0.2.1:8786 is open to its whole network" in " ".join(done.output.split())
    assert not Path(tmp_path / "out.csv").exists()
