"""Settings refuse what is not allowed in words, and take single values over their own."""

from __future__ import annotations

from typing import Literal

import pytest
from pydantic import Field, model_validator

from morula.errors import RequestError
from morula.settings import Settings, read_settings, with_fields


class KitchenSettings(Settings):
    """What is cooked."""

    minutes: float | None = Field(default=None, gt=0)
    """How long it may take."""
    steps: int = Field(default=7, ge=1)
    """How many steps."""
    heat: Literal["low", "high"] = "low"
    """How hot."""
    stirred: bool = True
    """Whether it is stirred."""

    @model_validator(mode="after")
    def _not_stirred_at_high_heat(self) -> KitchenSettings:
        if self.heat == "high" and self.stirred:
            raise ValueError("--heat high burns what is stirred: add --no-stirred.")
        return self


class TableSettings(Settings):
    """Where it is eaten."""

    guests: int = 2
    """How many come."""


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_numbers_are_numbers(value):
    with pytest.raises(RequestError, match="--minutes should be a finite number"):
        read_settings(KitchenSettings, {"minutes": value})


def test_all_refused_values_are_said_at_once():
    with pytest.raises(RequestError) as caught:
        read_settings(KitchenSettings, {"steps": 0, "minutes": -1.5})
    assert str(caught.value).splitlines() == [
        "--minutes should be greater than 0, but -1.5 was given.",
        "--steps should be greater than or equal to 1, but 0 was given.",
    ]


def test_what_does_not_fit_together_is_said_in_the_words_of_the_class():
    with pytest.raises(RequestError) as caught:
        read_settings(KitchenSettings, {"heat": "high"})
    assert str(caught.value) == "--heat high burns what is stirred: add --no-stirred."


def test_single_values_go_where_they_belong_and_leave_the_rest():
    kitchen, table = with_fields({"steps": 3, "guests": 4}, KitchenSettings(minutes=5), TableSettings())
    assert kitchen == KitchenSettings(minutes=5, steps=3)
    assert table == TableSettings(guests=4)


def test_single_values_are_checked_together_with_those_that_were_there():
    with pytest.raises(RequestError, match="burns"):
        with_fields({"heat": "high"}, KitchenSettings())
    (kitchen,) = with_fields({"heat": "high"}, KitchenSettings(stirred=False))
    assert kitchen.heat == "high"


def test_an_unknown_name_is_refused_with_the_known_ones():
    with pytest.raises(RequestError, match=r"'stepps'\. There are minutes, steps, heat, stirred, guests\.$"):
        with_fields({"stepps": 3}, KitchenSettings(), TableSettings())
