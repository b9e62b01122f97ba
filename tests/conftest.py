"""What all tests share."""

from __future__ import annotations

import os
from pathlib import Path

if "PYTEST_XDIST_WORKER" in os.environ:  # before numpy and torch count the cores, which the workers share
    os.environ |= dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")

import pytest
from hypothesis import settings
from typer.testing import CliRunner

from morula import cli

# How long an example takes says more about the machine than about the subject.
settings.register_profile("morula", deadline=None)
settings.load_profile("morula")



def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest comes first, so that no core waits for another at the end."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


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
