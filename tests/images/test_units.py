import math

import pytest

from morula.images.units import micrometres


@pytest.mark.parametrize(
    ("length", "unit", "expected"),
    [
        (0.65, "micron", 0.65),
        (0.65, "\\u00B5m", 0.65),  # as ImageJ writes it
        (0.65, "µm", 0.65),  # micro sign
        (0.65, "μm", 0.65),  # Greek mu
        (0.65, " um ", 0.65),
        (650, "nm", 0.65),
        (1, "mm", 1000),
        (1e-4, "cm", 1),
        (1 / 2400, "inch", 25400 / 2400),
        (4, "Å", 4e-4),
    ],
)
def test_lengths_in_micrometres(length, unit, expected):
    assert micrometres(length, unit) == pytest.approx(expected)


@pytest.mark.parametrize("dots", [72, 96, 300, 600])
def test_the_resolution_of_a_page_is_no_pixel_size(dots):
    assert micrometres(1 / dots, "inch") is None
    assert micrometres(2.54 / dots, "cm") is None


@pytest.mark.parametrize(
    ("length", "unit"), [(1, "pixel"), (1, ""), (0, "µm"), (-1, "µm"), (math.inf, "µm"), (math.nan, "µm")]
)
def test_no_length(length, unit):
    assert micrometres(length, unit) is None
