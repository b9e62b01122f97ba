"""A model file holds what was written, and nothing else is taken for one."""

from __future__ import annotations

import pickle
import resource
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tifffile
import torch
from safetensors.torch import save_file

from morula.errors import ModelError
from morula.models.builtin import model_file
from morula.models.file import read_model, write_model
from morula.models.model import Model
from morula.models.plan import Plan
from morula.networks.architecture import Architecture
from morula.networks.unet import UNet
from morula.trust.layout import Layout
from morula.trust.memory import Memory
from morula.trust.usual import Usual

RECORD = {"made": "today", "history": [{"step": 1, "loss": 0.5}], "name": "Größe 细胞 µm"}


@pytest.fixture
def model() -> Model:
    torch.manual_seed(0)
    architecture = Architecture(width=4, depth=2)
    plan = Plan(channels=("grey",), classes=("body",), binning=(1, 2), architecture=architecture,
                patch=(32, 32), batch=2, learning_rate=0.01, pixel_size=(0.5, 0.25))
    return Model(UNet(architecture).eval(), plan, RECORD)


@pytest.fixture
def path(model, tmp_path) -> Path:
    model.save(tmp_path / "Größe 细胞.safetensors")
    return tmp_path / "Größe 细胞.safetensors"


def test_what_is_loaded_is_what_was_saved(model, path):
    loaded = Model.load(path)
    assert (loaded.plan, loaded.record, loaded.fingerprint) == (model.plan, RECORD, model.fingerprint)
    image = np.random.default_rng(0).integers(0, 255, (50, 70)).astype(np.uint8)
    np.testing.assert_array_equal(loaded.segment(image), model.segment(image))
    before, after = model.network.state_dict(), loaded.network.state_dict()
    assert list(before) == list(after)
    assert all(torch.equal(before[name], after[name]) for name in before)


def test_what_is_usual_and_what_is_remembered_come_back(model, tmp_path):
    rng = np.random.default_rng(0)
    memory = Memory(rng.standard_normal((3, 10)).astype(np.float32), rng.integers(0, 256, (5, 16)).astype(np.uint8))
    usual = Usual(frames=5, groups=2, empty=1, cut=2, least=12.5, objects=(0.0, 4.5), density=(0.0, 9.0), certainty=0.8,
                  layout=Layout(weights=(0.6, -0.8), limit=7.5))
    for path, known in ((tmp_path / "a.safetensors", model), (tmp_path / "b.safetensors",
                        replace(model, usual=usual, memory=memory))):
        known.save(path)
        loaded = Model.load(path)
        assert loaded.usual == known.usual
        assert (loaded.memory is None) == (known.memory is None)
        if loaded.memory:
            np.testing.assert_array_equal(loaded.memory.appearances, memory.appearances)
            np.testing.assert_array_equal(loaded.memory.digests, memory.digests)


def test_other_plans_and_other_weights_have_other_fingerprints(model):
    other = replace(model, plan=model.plan.model_copy(update={"binning": (1, 1)}))
    assert other.fingerprint != model.fingerprint
    changed = UNet(model.plan.architecture).eval()
    assert replace(model, network=changed).fingerprint != model.fingerprint


def test_not_one_changed_byte_goes_unnoticed(path):
    whole = path.read_bytes()
    rng = np.random.default_rng(0)
    header = int.from_bytes(whole[:8], "little") + 8
    places = [*range(8), *rng.integers(8, header, 40), *rng.integers(header, len(whole), 40)]
    for place in places:
        changed = bytearray(whole)
        changed[place] ^= 1 << int(rng.integers(8))
        path.write_bytes(changed)
        with pytest.raises(ModelError, match=r"damaged|no model of Morula"):
            Model.load(path)


@pytest.mark.parametrize("length", [0, 5, 8, 100, -1])
def test_a_file_cut_short_is_damaged(path, length):
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(ModelError, match=r"Größe 细胞.safetensors: the model file is damaged .* Copy it again"):
        Model.load(path)


def test_what_is_no_model_is_said_to_be_none(tmp_path):
    foreign = tmp_path / "foreign.safetensors"
    save_file({"layer": torch.zeros(3)}, foreign, metadata={"format": "pt"})
    with pytest.raises(ModelError, match=r"no model of Morula \(its format is 'pt', expected 'morula 5'\)"):
        Model.load(foreign)
    save_file({"layer": torch.zeros(3)}, foreign, metadata={"format": "morula 1"})
    with pytest.raises(ModelError, match=r"of another version of Morula .* train again"):
        Model.load(foreign)
    with pytest.raises(ModelError, match="no such model file"):
        Model.load(tmp_path / "nowhere.safetensors")


class _Trap:
    def __reduce__(self):
        return (Path.touch, (Path("sprung"),))


def test_a_pickle_is_never_opened(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for write in (lambda file: file.write(pickle.dumps(_Trap())), lambda file: torch.save(_Trap(), file)):
        with Path("model.safetensors").open("wb") as file:
            write(file)
        with pytest.raises(ModelError):
            Model.load("model.safetensors")
        assert not Path("sprung").exists()


@pytest.mark.parametrize("wrong", [lambda head: head.bias[:1].add_(1), lambda head: head.weight.mul_(1.02)])
def test_a_network_that_computes_something_else_is_refused(tmp_path, wrong):
    contents = read_model(model_file("gastruloid"))
    wrong(contents.network.head)
    write_model(tmp_path / "a.safetensors", contents)
    with pytest.raises(ModelError, match="computes something else than when it was saved"):
        Model.load(tmp_path / "a.safetensors")


def test_tensors_must_be_those_of_the_plan(model, path):
    contents = read_model(path)
    wider = contents.plan.architecture.model_copy(update={"width": 5})
    write_model(path, replace(contents, plan=contents.plan.model_copy(update={"architecture": wider})))
    with pytest.raises(ModelError, match="damaged"):
        Model.load(path)


def test_a_small_file_cannot_ask_for_a_huge_network(path):
    contents = read_model(path)
    huge = Architecture(width=1024, widest=4096, depth=6)  # 4 GB
    write_model(path, replace(contents, plan=contents.plan.model_copy(update={"architecture": huge})))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(ModelError, match="damaged"):
        Model.load(path)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000  # kB


@pytest.mark.parametrize(("name", "wrong"), [
    ("folder", "is a folder"), ("a.tif", "but an image"), ("t.csv", "but a file"),
])
def test_what_is_no_model_is_called_by_what_it_is(tmp_path, name, wrong):
    (tmp_path / "folder").mkdir()
    tifffile.imwrite(tmp_path / "a.tif", np.zeros((8, 8), np.uint8))
    (tmp_path / "t.csv").write_text("file,frame,object\n")
    with pytest.raises(ModelError, match=rf"{name} .*{wrong}.* Give the file that `morula train --out` wrote"):
        Model.load(tmp_path / name)
