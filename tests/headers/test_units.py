import math

import pytest

from morula.headers.units import is_strange, micrometres


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
        (4, "A\u030a", 4e-4),  # two code points, as macOS likes it
        (0.65, "\u212b", 0.65e-4),  # the sign of the ångström
        *((1, unit, 1) for unit in ("microns", "micrometer", "micrometers", "micrometre", "Micrometres", "µ", "mu")),
        *((1, unit, 1e-3) for unit in ("nanometer", "nanometers", "nanometre", "nanometres")),
        *((1, unit, 1e3) for unit in ("millimeters", "millimetre", "millimetres")),
        *((1e-3, unit, 10) for unit in ("centimeters", "centimetre", "centimetres")),
        *((1, unit, 1e6) for unit in ("meters", "metre", "metres")),
        *((1e-4, unit, 2.54) for unit in ("inches", "Inch", "in")),
        (1, "angstroms", 1e-4),
    ],
)
def test_lengths_in_micrometres(length, unit, expected):
    assert micrometres(length, unit) == pytest.approx(expected)


@pytest.mark.parametrize("dots", [72, 96, 300, 600])
def test_the_resolution_of_a_page_is_no_pixel_size(dots):
    assert micrometres(1 / dots, "inch") is None
    assert micrometres(2.54 / dots, "cm") is None
    assert micrometres(1 / dots, "inches") is None
    assert micrometres(2.54 / dots, "centimetres") is None


@pytest.mark.parametrize(
    ("length", "unit"), [(1, "pixel"), (1, ""), (0, "µm"), (-1, "µm"), (math.inf, "µm"), (math.nan, "µm")]
)
def test_no_length(length, unit):
    assert micrometres(length, unit) is None


@pytest.mark.parametrize("unit", ["furlong", "parsecs", "kelvin", "s"])
def test_what_means_a_length_not_known_here_is_strange(unit):
    assert is_strange(unit)
    assert micrometres(1, unit) is None


@pytest.mark.parametrize("unit", ["", " ", "pixel", "Pixels", "px", "voxels", "none", "reference frame", "inches", "m"])
def test_what_means_no_length_is_not_strange(unit):
    assert not is_strange(unit)
