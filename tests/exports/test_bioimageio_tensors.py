"""Names as bioimage.io allows them, sizes and steps that programs share."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from morula.errors import RequestError
from morula.exports.bioimageio_tensors import described_input, described_output, identifiers, normalising_steps
from morula.exports.usage import usage_of
from morula.models.plan import Intensity


@given(st.lists(st.text(min_size=0, max_size=6), min_size=1, max_size=5))
def test_any_names_become_identifiers_of_their_own(names):
    found = identifiers(tuple(names))
    assert len(found) == len(names) == len(set(found))
    assert all(name.isidentifier() for name in found)


def test_sizes_are_those_of_the_rule_or_the_one_asked_for(made):
    model = made(axes=3)
    free, fixed = (described_input(usage_of(model, size), {}) for size in ("dynamic", (24, 64, 32)))
    assert [axis["id"] for axis in free["axes"]] == ["batch", "channel", "z", "y", "x"]
    assert free["axes"][2] == {"type": "space", "id": "z", "unit": "micrometer", "scale": 2.0,
                               "size": {"min": 20, "step": 4}}
    assert [axis["size"] for axis in fixed["axes"][2:]] == [24, 64, 32]
    [*_, last] = described_output(usage_of(model), {})["axes"]
    assert last["size"] == {"tensor_id": "image", "axis_id": "x"}
    assert "halo" not in last  # whole images would be mirrored by it, see test_exported_masks


def test_percentiles_that_no_step_knows_are_refused(made):
    usage = replace(usage_of(made()), intensity=Intensity(low=0, high=1))
    with pytest.raises(RequestError, match=r"percentiles 0 and 1.*--to onnx"):
        normalising_steps(usage)
