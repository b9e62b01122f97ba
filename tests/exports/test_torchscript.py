"""TorchScript that knows how it is used, and can go to another device."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

from morula.exports.torchscript import ABOUT, write_torchscript


@pytest.mark.parametrize("kind", [{"stem": 2, "outputs": 3}, {"block": "nested", "distance": True}, {"axes": 3}],
                         ids=str)
def test_it_computes_the_same_at_any_size_and_says_how_it_is_used(made, requested, kind, tmp_path):
    request = requested(made(**kind))
    write_torchscript(tmp_path / "network.pt", request)
    about = {ABOUT: ""}
    network = torch.jit.load(tmp_path / "network.pt", _extra_files=about)
    assert json.loads(json.loads(about[ABOUT])["size.step"]) == list(request.usage.step)
    for more in (0, 1, 3):
        space = [least + more * step for least, step in zip(request.usage.least, request.usage.step, strict=True)]
        image = torch.randn(2, 1, *space)
        assert np.abs(network(image).numpy() - request.network(image).numpy()).max() < 1e-4


def test_all_of_its_numbers_can_be_moved(made, requested, tmp_path):
    """To another device, or to another type: what were left behind would not fit any more."""
    request = requested(made(block="nested", binning=(2, 2)))
    write_torchscript(tmp_path / "network.pt", request)
    network = torch.jit.load(tmp_path / "network.pt").double()
    assert network(torch.zeros(1, 1, 64, 64, dtype=torch.float64)).dtype == torch.float64
