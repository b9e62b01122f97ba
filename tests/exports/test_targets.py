"""Each target has its form, and says what it lacks."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import get_args

import pytest

from morula.errors import RequestError
from morula.exports.export_settings import Target
from morula.exports.targets import FORMS, require_libraries, target_of


def test_every_target_has_a_form_and_an_ending_of_its_own():
    assert set(FORMS) == set(get_args(Target))
    assert len({form.ending for form in FORMS.values()}) == len(FORMS)


def test_each_ending_means_its_form():
    for target, form in FORMS.items():
        assert target_of(Path(f"a{form.ending}"), None) == target_of(Path(f"a{form.ending.upper()}"), target) == target


@pytest.mark.parametrize(("target", "gone"), [("onnx", "onnx"), ("bioimageio", "bioimageio.spec"),
                                              ("bioimageio", "onnx")])
def test_a_missing_library_is_said_with_what_installs_it(monkeypatch, target, gone):
    require_libraries(target)
    monkeypatch.setitem(sys.modules, gone, None)
    with pytest.raises(RequestError, match=rf"--to {target} needs more .*pip install {gone}\n"):
        require_libraries(target)


def test_what_torch_writes_by_itself_needs_nothing_else(monkeypatch):
    monkeypatch.setitem(sys.modules, "onnx", None)
    require_libraries("torchscript")
    require_libraries("pt2")
