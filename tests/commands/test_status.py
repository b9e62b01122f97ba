"""What a command says of inputs that failed."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer

from morula.commands.status import SOME_FAILED, finish


def test_what_is_wrong_with_many_in_one_way_is_said_once_and_names_them_all(capsys):
    failed = {Path(name): f"{name} has 3 channels. Name all." for name in ("a.tif", "b.tif", "c.tif")}
    with pytest.raises(typer.Exit) as caught:
        finish({**failed, Path("d.tif"): "d.tif is empty."})
    assert caught.value.exit_code == SOME_FAILED
    assert capsys.readouterr().err.splitlines() == [
        "Error: a.tif has 3 channels. Name all. The same is wrong with b.tif, c.tif.", "Error: d.tif is empty.",
    ]


def test_nothing_is_said_where_nothing_failed(capsys):
    finish({})
    assert not capsys.readouterr().err
