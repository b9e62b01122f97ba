"""What tests of commands start from."""

from __future__ import annotations

import pytest


@pytest.fixture
def drawn(run, tmp_path):
    """A folder with `images` and `masks`, drawn by the command."""
    done = run("synth", "gastruloids", "--out", tmp_path / "drawn", "--count", 6, "--movies", 3, "--size", 64)
    assert done.exit_code == 0, done.output
    return tmp_path / "drawn"
