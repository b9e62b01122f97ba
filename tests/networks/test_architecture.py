"""What an architecture says about itself."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from morula.networks.architecture import PUBLISHED, Architecture


def test_features_double_until_the_widest():
    assert PUBLISHED.features == (64, 128, 256, 512, 1024)
    assert Architecture(width=24, depth=5, widest=100).features == (24, 48, 96, 100, 100)


def test_sides_must_be_multiples_of_what_the_stages_halve():
    assert [Architecture(depth=depth).multiple for depth in (1, 2, 5)] == [(1, 1), (2, 2), (16, 16)]
    flat = Architecture(axes=3, depth=3, strides=((1, 2, 2), (2, 2, 2)))
    assert flat.multiple == (2, 4, 4)


@pytest.mark.parametrize("wrong", [{"axes": 4}, {"width": 0}, {"depth": 0}, {"depth": 1000}, {"block": "no such"},
                                   {"strides": ((2, 2),)}, {"depth": 2, "strides": ((2, 3),)}])
def test_what_cannot_be_built_is_refused(wrong):
    with pytest.raises(ValidationError):
        Architecture(**wrong)
