"""Settings become flags, and flags become settings, without loss; what is wrong is said in their words."""

from __future__ import annotations

import sys
import types
from pathlib import Path
from typing import Annotated, Literal

import pytest
import typer
from pydantic import Field, model_validator
from typer.testing import CliRunner

from morula.options import LazyFlags, with_settings
from morula.settings import Settings, flag


class KitchenSettings(Settings):
    """What is cooked."""

    minutes: float | None = Field(default=None, gt=0)
    """How long it may take."""
    steps: int = Field(default=7, ge=1)
    """How many steps."""
    gentle: bool = True
    """Whether to stir."""
    heat: Literal["low", "high"] = "low"
    """How hot."""
    course: Literal["breakfast", "elevenses", "luncheon", "dinner"] = "dinner"
    """When it is eaten."""
    book: Path | None = None
    """Where it is written."""
    spices: tuple[str, ...] | None = None
    """What goes in."""
    amount: float | tuple[float, ...] | Literal["auto"] = "auto"
    """How much of each."""

    @model_validator(mode="after")
    def _gentle_at_low_heat(self) -> KitchenSettings:
        if self.heat == "high" and self.gentle:
            raise ValueError("--heat high burns what is stirred: add --no-gentle.")
        return self


class TableSettings(Settings):
    """Where it is eaten."""

    guests: int
    """How many come."""


@pytest.fixture
def served(monkeypatch):
    """A runner of `menu` and `cook`, and what `cook` received."""
    room = types.ModuleType("kitchen")
    room.KitchenSettings, room.TableSettings = KitchenSettings, TableSettings
    monkeypatch.setitem(sys.modules, "kitchen", room)
    app = typer.Typer(cls=LazyFlags, add_completion=False)
    received = []

    @app.command()
    def menu() -> None:
        """A command without settings."""

    @app.command()
    @with_settings(settings="kitchen:KitchenSettings", table="kitchen:TableSettings")
    def cook(
        dish: str,
        settings: KitchenSettings,
        table: TableSettings,
        out: Annotated[Path | None, typer.Option(help="Where it is put.")] = None,
    ) -> None:
        """Cook a dish."""
        received.append((dish, out, settings, table))

    def run(*arguments: str):
        received.clear()
        result = CliRunner().invoke(app, list(arguments), env={"COLUMNS": "200"})
        return result, received

    return run


def test_defaults_are_those_of_the_class(served):
    result, received = served("cook", "soup", "--guests", "2")
    assert result.exit_code == 0, result.output
    assert received == [("soup", None, KitchenSettings(), TableSettings(guests=2))]


def test_every_kind_of_field_arrives(served):
    line = (
        "cook soup --guests 3 --minutes 2.5 --steps 9 --no-gentle --heat high --book a/b --spices salt,pepper"
        " --amount 1,2.5 --out pot"
    )
    result, received = served(*line.split())
    assert result.exit_code == 0, result.output
    expected = KitchenSettings(
        minutes=2.5, steps=9, gentle=False, heat="high", book=Path("a/b"), spices=("salt", "pepper"),
        amount=(1.0, 2.5),
    )
    assert received == [("soup", Path("pot"), expected, TableSettings(guests=3))]


@pytest.mark.parametrize(("text", "amount"), [("3", 3.0), ("auto", "auto"), ("1,2", (1.0, 2.0))])
def test_a_field_of_several_forms_takes_each(served, text, amount):
    _, [(_, _, settings, _)] = served("cook", "soup", "--guests", "1", "--amount", text)
    assert settings.amount == amount


def test_one_of_several_is_still_several(served):
    _, [(_, _, settings, _)] = served("cook", "soup", "--guests", "1", "--spices", "salt")
    assert settings.spices == ("salt",)


def test_help_says_name_sentence_default_and_choices_of_every_field(served):
    result, _ = served("cook", "--help")
    for field, described in {**KitchenSettings.model_fields, **TableSettings.model_fields}.items():
        assert flag(field) in result.output
        assert described.description in result.output
    for shown in ("--no-gentle", "<low|high>", "default: 7", "<float|float,float,…|auto>", "Where it is"):
        assert shown in result.output
    assert "When it is eaten. One of breakfast, elevenses, luncheon, dinner." in result.output
    for panel in ("What is cooked", "Where it is eaten"):
        assert panel in result.output


def test_a_required_field_is_a_required_flag(served):
    result, received = served("cook", "soup")
    assert result.exit_code == 2
    assert "--guests" in result.output
    assert not received


def test_the_list_of_commands_loads_no_settings(served, monkeypatch):
    monkeypatch.delitem(sys.modules, "kitchen")
    result, _ = served("--help")
    assert result.exit_code == 0
    assert "Cook a dish." in result.output
    assert isinstance(served("cook", "--help")[0].exception, ModuleNotFoundError)
