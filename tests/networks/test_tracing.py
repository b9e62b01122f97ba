"""Networks are followed while other threads compute, train, and follow networks of their own."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
import torch
from torch import nn

from morula.networks.architecture import Architecture
from morula.networks.tracing import traced
from morula.networks.unet import UNet


@pytest.fixture
def network() -> UNet:
    return UNet(Architecture(depth=3, width=4)).eval()


def again(work: Callable[[], object], enough: Event, rounds: int = 0) -> int:
    """Work until it is enough, or so many rounds; returns how many there were."""
    done = 0
    while not enough.is_set() and (not rounds or done < rounds):
        work()
        done += 1
    return done


def test_a_graph_computes_what_its_network_does(network):
    image = torch.rand(1, 1, 16, 16)
    with torch.inference_mode():
        assert torch.equal(torch.fx.Interpreter(network, graph=traced(network)).run(image), network(image))


def test_other_threads_compute_meanwhile(network):
    """With the same weights, and another network's."""
    image, other = torch.rand(1, 1, 16, 16), nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2)).eval()
    with torch.inference_mode():
        maps, features = network(image), other(image)

    def compute() -> None:
        with torch.inference_mode():
            torch.testing.assert_close(network(image), maps)
            torch.testing.assert_close(other(image), features)

    enough, nodes = Event(), [str(node) for node in traced(network).nodes]
    with ThreadPoolExecutor() as threads:
        computed = threads.submit(again, compute, enough)
        try:
            for _ in range(40):
                assert [str(node) for node in traced(network).nodes] == nodes
        finally:
            enough.set()
        assert computed.result()


def test_threads_follow_networks_at_once():
    """And leave the modules of the process as they were."""
    networks = [UNet(Architecture(depth=2, width=width)).eval() for width in (4, 8)]
    before, never = (nn.Module.__call__, nn.Module.__getattr__), Event()
    nodes = [[str(node) for node in traced(network).nodes] for network in networks]

    def follow(place: int) -> None:
        assert [str(node) for node in traced(networks[place]).nodes] == nodes[place]

    with ThreadPoolExecutor() as threads:
        assert all(threads.map(lambda place: again(lambda: follow(place), never, rounds=30), (0, 1)))
    assert (nn.Module.__call__, nn.Module.__getattr__) == before
