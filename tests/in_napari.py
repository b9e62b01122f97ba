"""napari, where it is installed; else whatever imports this is skipped, unless it must run."""

from __future__ import annotations

import os

import pytest

try:
    import napari as napari
except ModuleNotFoundError:
    assert not os.environ.get("MORULA_NEEDS_NAPARI"), "napari is not installed"
    pytest.skip("napari is not installed: python -m pip install '.[napari]'", allow_module_level=True)
