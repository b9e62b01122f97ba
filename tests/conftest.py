"""What all tests share."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings
from typer.testing import CliRunner

from morula import cli

# How long an example takes says more about the machine than about the subject.
settings.register_profile("morula", deadline=None)
settings.load_profile("morula")


REAL_DATA = Path(__file__).parents[2] / "shared" / "data"


@pytest.fixture
def real_data() -> Path:
    """The folder of real images; a test that asks for it is skipped in a clone that stands alone."""
    if not REAL_DATA.is_dir():
        pytest.skip("the real images are not here")
    return REAL_DATA


@pytest.fixture
def run():
    """The command line, in this process: `run("check", images, masks)`."""

    def typed(*words: str | Path | int | float):
        return CliRunner().invoke(cli.app, [str(word) for word in words])

    return typed
