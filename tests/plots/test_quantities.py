"""What columns are called on an axis: each column that measures have."""

from __future__ import annotations

import pytest

from morula.measures.columns import Layout
from morula.plots.quantities import columns_of, is_angle, quantity, unit_of

UNITS = {"length": "µm", "area": "µm²", "volume": "µm³", "curvature": "1/µm", "angle": "°", "pixel": "px"}


@pytest.mark.parametrize("axes", [2, 3])
def test_every_measure_has_its_unit(axes):
    for measure, names in Layout(axes, True, ("GFP", "per_um"), classes=2).measures:
        for name in names:
            assert unit_of(name) == UNITS.get(measure.unit, "") or "per_um" in name, name
            assert is_angle(name) == (measure.unit == "angle")
            assert columns_of([name], names) == [name]


def test_rates_have_units_of_their_own():
    assert quantity("volume_um3_per_frame") == "volume (µm³/frame)"
    assert quantity("aspect_ratio_per_h") == "aspect ratio (1/h)"
    assert columns_of(["volume"], ["volume_um3", "volume_um3_per_h"]) == ["volume_um3"]
    assert columns_of(["volume_per_h"], ["volume_um3", "volume_um3_per_h"]) == ["volume_um3_per_h"]


def test_any_name_that_people_give_a_column_is_its_own_quantity():
    for name in ("", "notes\nof Eva", "_", "größe"):
        assert unit_of(name) == ""
