"""A library that is missing is named with what installs it; other things that are missing are our fault."""

from __future__ import annotations

import pytest

from morula.errors import RequestError
from morula.libraries import asked_of


def test_what_is_missing_is_named():
    with pytest.raises(RequestError, match=r"^A dream needs morpheus, .*pip install morpheus$"), \
            asked_of("morpheus", "A dream"):
        import morpheus  # noqa: F401


def test_what_a_library_misses_itself_is_not_said_of_it():
    with pytest.raises(ModuleNotFoundError), asked_of("morpheus", "A dream"):
        import hypnos  # noqa: F401
