from __future__ import annotations

import pytest

from morula.errors import RequestError
from morula.images.overrides import Axes, PixelSize
from morula.settings import Settings, read_settings


class Told(Settings):
    axes: Axes = None
    pixel_size: PixelSize = None


@pytest.mark.parametrize(("given", "size"), [
    (None, None), (0.65, 0.65), (2, 2.0), ("0.5", 0.5), ("0.5um", 0.5), ("0.5 µm", 0.5), ("500nm", 0.5),
    ("6.5e-1", 0.65), (["0", "5"], 0.5), (["0", "65"], 0.65), (["2", "0.5", "0.5"], (2.0, 0.5, 0.5)),
    (["1", "5"], (1.0, 5.0)), (["1um", "500nm"], (1.0, 0.5)), ((2, 0.5), (2.0, 0.5)),
])
def test_a_pixel_size_is_read_as_people_write_it(given, size):
    assert Told(pixel_size=given).pixel_size == size


@pytest.mark.parametrize("given", [
    "-1", "0", "x", "0.5 parsec", "nan", float("inf"), ["0", "5", "5"], (0, 5), "", "1.2.3",
])
def test_what_is_no_pixel_size_is_refused_in_one_sentence(given):
    with pytest.raises(RequestError, match=r"^--pixel-size should be one number above 0, or one") as caught:
        read_settings(Told, {"pixel_size": given})
    assert len(str(caught.value).splitlines()) == 1


def test_axes_are_letters_in_any_case():
    assert (Told(axes="tyx").axes, Told().axes) == ("TYX", None)
    for wrong in ("QQ", "TYYX", "Y", ""):
        with pytest.raises(RequestError, match="--axes should be letters of TCZYX"):
            read_settings(Told, {"axes": wrong})


def test_a_backslash_is_shown_once():
    with pytest.raises(RequestError, match=r"'C:\\data' was given"):
        read_settings(Told, {"axes": r"C:\data"})
