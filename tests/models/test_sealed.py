"""Altered models with a right digest, as a careless or hostile writer makes them: each is refused, or harmless."""

from __future__ import annotations

import copy
import json
import random
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save

from campaign.altered import altered_tensor, altered_text
from morula.errors import ModelError, MorulaError
from morula.models import engines
from morula.models import start as starts
from morula.models.builtin import model_file
from morula.models.file import FORMAT, TEXTS
from morula.models.model import Model
from morula.models.sealed import Sealed, plain_data, read_sealed, write_sealed
from morula.models.start import STARTS, Start
from morula.reports.contents import describe_model

IMAGE = np.random.default_rng(0).integers(0, 255, (40, 50)).astype(np.uint8)
@pytest.fixture(scope="module")
def whole() -> Sealed:
    return read_sealed(model_file("gastruloid"), TEXTS)


def used(path: Path) -> None:
    """What is done with a model: it is loaded, described, and makes a mask of which it says how good it is."""
    model = Model.load(path)
    describe_model(model)
    _, expected = model.judged(IMAGE)
    assert expected is None or expected.mean is None or 0 <= expected.mean.low <= expected.mean.iou <= 1
    assert model.calibration


@pytest.mark.parametrize("alter", [altered_text, altered_tensor])
def test_altered_models_with_a_right_digest_are_refused_or_harmless(tmp_path, whole, alter, monkeypatch):
    monkeypatch.setattr(engines, "can_compile", lambda: False)  # which takes a second each time
    rng = random.Random(alter.__name__)
    refused, tries = 0, 50
    for _ in range(tries):
        sealed = copy.deepcopy(whole)
        how = alter(rng, sealed)
        write_sealed(tmp_path / "a.safetensors", FORMAT, sealed)
        try:
            used(tmp_path / "a.safetensors")
        except MorulaError:
            refused += 1
        except Exception as error:
            raise AssertionError(f"{how}: {error!r}") from error
    assert refused > tries / 3


def changed(sealed: Sealed, name: str, **fields: Any) -> Sealed:
    return Sealed({**sealed.texts, name: json.dumps({**json.loads(sealed.texts[name]), **fields})}, sealed.tensors)


@pytest.mark.parametrize(("fields", "wrong"), [
    ({"binning": [0, 1]}, "binning.0"), ({"binning": [-1, 1]}, "binning.0"), ({"binning": [1000, 1000]}, "binning.0"),
    ({"binning": [1]}, "binning has 1 axes"), ({"classes": ["body"]}, "1 classes do not fit"),
    ({"classes": ["body", "body"]}, "a class is named twice"),
    ({"channels": ["red", "green"]}, "2 channels do not fit"),
    ({"pixel_size": [0, 1]}, "pixel_size.0"), ({"augmentation": {"flips": [0] * 40}}, "augmentation.flips"),
    ({"augmentation": {"flips": [0, 0]}}, "a flip is named twice"), ({"patch": [0, 0]}, "patch.0"),
    ({"separation": {}}, "without a map of distances"), ({"loss": "luck"}, "a sum such as"),
])
def test_a_plan_means_what_it_says_or_is_refused(tmp_path, whole, fields, wrong):
    write_sealed(tmp_path / "a.safetensors", FORMAT, changed(whole, "plan", **fields))
    with pytest.raises(ModelError, match=wrong):
        Model.load(tmp_path / "a.safetensors")


def test_a_record_holds_all_that_its_description_tells_or_is_refused(tmp_path, whole):
    """The first three are what the campaign found, as small as can be."""
    record = json.loads(whole.texts["record"])
    scores, second = record["validation"], {"listed": [], "sentences": ["None is doubtful."]}
    described = {"validation_objects": {"true": 1, "predicted": 1, "mean_average_precision": None,
                                        "panoptic_quality": None, "thresholds": {"0.50": {"f1": None}}},
                 "second_look": second, "quality": {"reason": "there is nothing to be found"}}
    write_sealed(tmp_path / "a.safetensors", FORMAT, changed(whole, "record", **{**record, **described}))
    assert ("second look", "None is doubtful.") in describe_model(Model.load(tmp_path / "a.safetensors"))
    for part, value in (("validation", {**scores, "names": scores["names"][1:]}),
                        ("quality", {**record["quality"], "covered": {"a": 1}}),
                        ("validation", {**scores, "classes": {**scores["classes"], "0": {"dice": 0.5}}}),
                        ("quality", {"frames": 3}), ("second_look", {**second, "sentences": []}),
                        ("validation_objects", {"true": 1}), ("begun_with", ["plane"]),
                        ("earlier", {"model": "a", "sentence": "b"})):
        write_sealed(tmp_path / "a.safetensors", FORMAT, changed(whole, "record", **{part: value}))
        with pytest.raises(ModelError, match=rf"its record, {part}"):
            Model.load(tmp_path / "a.safetensors")


def test_a_self_test_has_one_size(tmp_path, whole):
    large = torch.zeros(1, 1, 4096, 4096)
    write_sealed(tmp_path / "a.safetensors", FORMAT, Sealed(whole.texts, {
        **whole.tensors, "self_test.input": large, "self_test.output": large.expand(1, 3, -1, -1)[..., :1, :1]}))
    with pytest.raises(ModelError, match=r"input is 1 × 1 × 4096 × 4096 .* should be 1 × 1 × 32 × 32"):
        Model.load(tmp_path / "a.safetensors")


@pytest.mark.parametrize("text", [b'{"a": 1, "a": 2}', b'{"a": NaN}', b"[" * 100_000, b'{"a": ', b"\xff"])
def test_json_that_says_anything_but_one_thing_is_refused(text):
    with pytest.raises(ValueError, match=r"."):
        plain_data(text)


def test_a_header_is_bounded_before_it_is_read(tmp_path):
    with (tmp_path / "a.safetensors").open("wb") as file:
        file.write((2**40).to_bytes(8, "little") + b"{")
        file.truncate(2**30)
    tracemalloc.start()
    with pytest.raises(ModelError, match="its header would have 1,099,511,627,776 bytes"):
        Model.load(tmp_path / "a.safetensors")
    assert tracemalloc.get_traced_memory()[1] < 2**24
    tracemalloc.stop()


def test_what_trainings_begin_with_is_read_as_strictly(tmp_path, monkeypatch):
    path = tmp_path / "plane.safetensors"
    Start.load(STARTS / path.name).save(path)
    one = Start.load(path)
    sealed = read_sealed(path, ("architecture", "record"))
    name = min(sealed.tensors)
    monkeypatch.setattr(starts, "STARTS", tmp_path)
    for tensors in ({**sealed.tensors, "stray": sealed.tensors[name].clone()},
                    {key: tensor for key, tensor in sealed.tensors.items() if key != name},
                    {**sealed.tensors, name: sealed.tensors[name] * float("nan")},
                    {**sealed.tensors, name: sealed.tensors[name].float()}):
        path.write_bytes(save(tensors, metadata={key: sealed.texts[key] for key in sealed.texts}))
        with pytest.raises(ModelError, match=r"plane.safetensors: what trainings begin with is .*--from-nothing"):
            Start.load(path)
    one.save(path)
    data = bytearray(path.read_bytes())
    data[-1000] ^= 1
    path.write_bytes(data)
    with pytest.raises(ModelError, match="changed after it was written"):
        Start.load(path)
