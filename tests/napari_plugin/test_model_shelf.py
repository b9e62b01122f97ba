"""Models are called by their files, told apart by folders, and read anew when their files change."""

from __future__ import annotations

import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

import in_napari  # noqa: F401
from morula.errors import ModelError
from morula.models.builtin import model_file
from morula.models.model import Model
from morula.napari_plugin.model_shelf import ModelShelf


def test_what_they_are_called(tmp_path):
    shelf, told = ModelShelf(), []
    shelf.changed.connect(told.append)
    assert shelf.names == ("gastruloid",)
    names = [shelf.add(tmp_path / folder / "model.safetensors") for folder in ("one", "two", "one")]
    assert names == ["model.safetensors", "two/model.safetensors", "model.safetensors"]
    assert shelf.names[1:] == ("model.safetensors", "two/model.safetensors")
    assert told == names


def test_each_is_read_once_until_its_file_changes(tmp_path):
    shelf, file = ModelShelf(), tmp_path / "a.safetensors"
    shutil.copy(model_file("gastruloid"), file)
    name = shelf.add(file)
    first = shelf.model(name)
    assert shelf.model(name) is first
    os.utime(file, (1, 1))
    assert shelf.model(name) is not first
    file.unlink()
    with pytest.raises(ModelError, match=r"a\.safetensors"):
        shelf.model(name)


def test_widgets_that_ask_at_once_have_it_read_once(monkeypatch):
    shelf, together, read = ModelShelf(), Barrier(2), []
    load = Model.load
    monkeypatch.setattr(Model, "load", lambda file: read.append(file) or load(file))

    def ask(name: str) -> Model:
        together.wait()
        return shelf.model(name)

    with ThreadPoolExecutor() as threads:
        first, second = threads.map(ask, ["gastruloid"] * 2)
    assert first is second
    assert len(read) == 1
