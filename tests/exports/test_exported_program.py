"""A program of PyTorch for any size of its rule, or for one."""

from __future__ import annotations

import json

import pytest
import torch

from morula.exports.exported_program import write_program
from morula.exports.torchscript import ABOUT

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("kind", [{"stem": 2, "outputs": 3}, {"block": "nested", "axes": 3}, {"binning": (2, 2)}],
                         ids=str)
def test_it_computes_the_same_at_any_size(made, requested, kind, tmp_path):
    request = requested(made(**kind))
    write_program(tmp_path / "network.pt2", request)
    about = {ABOUT: ""}
    network = torch.export.load(tmp_path / "network.pt2", extra_files=about).module()
    assert json.loads(json.loads(about[ABOUT])["halo"]) == list(request.usage.halo)
    for more in (0, 2):
        space = [least + more * step for least, step in zip(request.usage.least, request.usage.step, strict=True)]
        image = torch.randn(1, 1, *space)
        assert torch.allclose(network(image), request.network(image), atol=1e-4)


def test_of_a_fixed_size_it_takes_no_other(made, requested, tmp_path):
    request = requested(made(), size=64)
    write_program(tmp_path / "network.pt2", request)
    network = torch.export.load(tmp_path / "network.pt2").module()
    assert network(torch.zeros(1, 1, 64, 64)).shape == (1, 1, 64, 64)
    with pytest.raises((AssertionError, RuntimeError)):
        network(torch.zeros(1, 1, 128, 64))
