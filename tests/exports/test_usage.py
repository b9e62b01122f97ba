"""What one must know to use a model: sizes that the network takes, and refusals of those that it does not."""

from __future__ import annotations

import json

import pytest

from morula.errors import RequestError
from morula.exports.usage import usage_of


@pytest.mark.parametrize(("kind", "step", "least", "halo"), [
    ({}, (4, 4), (52, 52), (24, 24)),
    ({"stem": 2}, (8, 8), (104, 104), (48, 48)),
    ({"axes": 3, "strides": ((1, 2, 2), (2, 2, 2))}, (2, 4, 4), (18, 20, 20), (8, 8, 8)),
    ({"binning": (2, 3)}, (8, 12), (104, 156), (48, 72)),
])
def test_sizes_fit_the_network_and_hold_more_than_their_halo(made, kind, step, least, halo):
    usage = usage_of(made(**kind))
    assert (usage.step, usage.least, usage.halo) == (step, least, halo)


@pytest.mark.parametrize(("size", "said"), [(251, "such as 248 or 252"), (10, "such as 52 or 56"),
                                            ((64, 65), "along x.*such as 64 or 68"), ((64,), "has 1 numbers"),
                                            (1_000_000, r"--size 1000000×1000000 .*the most .* 16,777,216")])
def test_a_size_that_the_network_does_not_take_is_refused_with_some_that_it_does(made, size, said):
    with pytest.raises(RequestError, match=said):
        usage_of(made(), size)


def test_a_fixed_size_is_of_all_axes_or_of_each(made):
    assert usage_of(made(), 64).space == (64, 64)
    assert usage_of(made(), (64, 128)).smallest == (64, 128)


def test_what_is_decided_depends_on_the_classes(made):
    one, several = usage_of(made(distance=True)), usage_of(made(outputs=4))
    assert json.loads(one.properties()["threshold"]) == 0.5
    assert one.maps == ("cell", "distance from the edge")
    assert json.loads(one.properties()["objects.core"]) == 0.5
    assert several.maps == ("background", "cell", "cell wall", "debris")
    assert "most probable" in several.decision
    assert usage_of(made(inputs=3, intensity="together")).together
    assert not usage_of(made(inputs=1, intensity="together")).together
