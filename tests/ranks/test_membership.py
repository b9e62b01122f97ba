"""Which rank a process is follows from what was asked for and from what torchrun says."""

from __future__ import annotations

import pytest
import torch

from morula.errors import RequestError
from morula.ranks.membership import Membership, membership


@pytest.fixture(autouse=True)
def nothing_said(monkeypatch):
    for name in ("RANK", "WORLD_SIZE", "LOCAL_RANK", "MORULA_DEVICE"):
        monkeypatch.delenv(name, raising=False)


def say(monkeypatch, **said: str) -> None:
    for name, value in said.items():
        monkeypatch.setenv(name, value)


def test_without_torchrun_it_is_the_first_of_as_many_as_were_asked_for():
    assert membership(1) == Membership()
    assert membership(4) == Membership(0, 4, 0, launched=False)


@pytest.mark.parametrize("devices", [1, 4])
def test_torchrun_says_which(monkeypatch, devices):
    say(monkeypatch, RANK="3", WORLD_SIZE="4", LOCAL_RANK="1")
    assert membership(devices) == Membership(3, 4, 1, launched=True)


def test_two_numbers_of_processes_are_refused(monkeypatch):
    say(monkeypatch, RANK="0", WORLD_SIZE="4")
    with pytest.raises(RequestError, match="asks for 2 processes, and torchrun has started 4"):
        membership(2)


@pytest.mark.parametrize("said", [("4", "4"), ("-1", "4"), ("first", "4"), ("0", "")])
def test_what_torchrun_would_never_say_is_refused(monkeypatch, said):
    say(monkeypatch, RANK=said[0], WORLD_SIZE=said[1])
    with pytest.raises(RequestError, match="as torchrun sets them"):
        membership(1)


def test_no_more_gpus_than_there_are(monkeypatch):
    monkeypatch.setattr("morula.machine.devices.chosen_device", lambda: torch.device("cuda"))
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    assert membership(2).ranks == 2
    with pytest.raises(RequestError, match="3 devices were asked for, and this machine has 2 GPUs"):
        membership(3)
    say(monkeypatch, RANK="7", WORLD_SIZE="8", LOCAL_RANK="1")  # two on each of four machines
    assert membership(1).rank == 7


def test_what_nobody_has_tried_together_is_refused(monkeypatch):
    monkeypatch.setattr("morula.machine.devices.chosen_device", lambda: torch.device("mps"))
    assert membership(1).ranks == 1
    with pytest.raises(RequestError, match="MORULA_DEVICE=cpu"):
        membership(2)
