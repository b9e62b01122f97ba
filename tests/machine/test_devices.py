"""Where to compute is chosen, or asked for, and what is not there is refused with what is."""

from __future__ import annotations

import pytest
import torch

from morula.errors import RequestError
from morula.machine.devices import chosen_device, memory_format, on_device


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU here")
def test_the_processor_computes_where_there_is_no_gpu(monkeypatch):
    monkeypatch.delenv("MORULA_DEVICE", raising=False)
    assert chosen_device() == torch.device("cpu")


def test_the_processor_can_be_asked_for(monkeypatch):
    monkeypatch.setenv("MORULA_DEVICE", "cpu")
    assert chosen_device() == torch.device("cpu")


@pytest.mark.parametrize("asked", ["tpu", "cpu:0; rm", *(["mps"] if not torch.backends.mps.is_available() else [])])
def test_a_device_that_is_not_here_is_refused_with_those_that_are(monkeypatch, asked):
    monkeypatch.setenv("MORULA_DEVICE", asked)
    with pytest.raises(RequestError, match=r"MORULA_DEVICE asks for .*, which is not here.*among: cpu"):
        chosen_device()


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_images_lie_with_their_channels_last_and_are_the_same(axes):
    images = torch.randn(2, 3, *[4] * axes)
    moved = on_device(images).cpu()
    assert torch.equal(moved, images)
    assert moved.is_contiguous(memory_format=memory_format(axes))
    assert (moved.stride(1) == 1) == (axes > 1)
