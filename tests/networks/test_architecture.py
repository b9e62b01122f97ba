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


def test_a_part_is_a_network_of_its_own():
    whole = Architecture(axes=2, width=4, depth=4, strides=((1, 2), (2, 2), (2, 1)))
    lower = whole.from_stage(1)
    assert (lower.features, lower.every_stride) == ((8, 16, 32), ((2, 2), (2, 1)))
    assert whole.from_stage(3).every_stride == ()
    assert whole.from_stage(0) == whole


def test_convnext_takes_the_activation_of_its_paper_unless_told():
    assert Architecture().activation == Architecture(block="dense").activation == "relu"
    chosen = Architecture(block="convnext")
    assert chosen.activation == "gelu"
    assert Architecture.model_validate_json(chosen.model_dump_json()) == chosen
    assert Architecture(block="convnext", activation="silu").activation == "silu"


def test_what_needs_more_stages_says_how_many():
    with pytest.raises(ValidationError, match="--deep-supervision needs a network of at least 3 stages"):
        Architecture(depth=2, deep_supervision=True)
    with pytest.raises(ValidationError, match="--attention needs a network of at least 2 stages"):
        Architecture(depth=1, attention=True)
    assert Architecture(depth=3, deep_supervision=True, attention=True).depth == 3


def test_detail_needs_something_that_was_folded():
    with pytest.raises(ValidationError, match="--detail corrects what is drawn of folded pixels"):
        Architecture(detail=8)
    assert Architecture(detail=8, stem=2).detail == 8
