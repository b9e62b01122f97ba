"""What is settled before networks compute."""

from __future__ import annotations

import platform

import pytest
import torch

from morula.machine.preparation import prepare


@pytest.mark.parametrize(("system", "machine", "used"), [
    ("Darwin", "arm64", False), ("Darwin", "x86_64", True), ("Linux", "aarch64", True)])
def test_apples_processors_convolve_without_nnpack(monkeypatch, system, machine, used):
    monkeypatch.setattr(platform, "system", lambda: system)
    monkeypatch.setattr(platform, "machine", lambda: machine)
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    before = torch.backends.nnpack.set_flags(True)
    try:
        prepare.__wrapped__()
        assert torch.backends.nnpack.set_flags(True) == (used,)
    finally:
        torch.backends.nnpack.set_flags(*before)
