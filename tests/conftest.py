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


@pytest.fixture
def run():
    """The command line, in this process: `run("check", images, masks)`."""

    def typed(*words: str | Path | int | float):
        return CliRunner().invoke(cli.app, [str(word) for word in words])

    return typed
