"""The page of a model tells of this model."""

from __future__ import annotations

from dataclasses import replace

import pytest

from morula.exports.usage import usage_of
from morula.exports.usage_page import usage_page
from morula.models.model import Model


def test_it_has_the_numbers_of_the_model_and_code_for_each_language(made):
    model = made(inputs=3, outputs=4)
    page = usage_page(model, usage_of(model), "onnx", "cells.onnx")
    assert page.startswith("# cells.onnx\n")
    for told in (model.fingerprint, "(52 + n · 4) × (52 + n · 4) (y × x); n = 0, 1, 2 …",
                 "channel 1, channel 2, channel 3", "0.5 µm", "P99.5",
                 "background, cell, cell wall, debris", "24 × 24"):
        assert told in page, told
    assert [line[3:] for line in page.splitlines() if line.startswith("## ")] == [
        "What stays behind", "Validation", "Python", "OpenCV", "Wolfram Language", "MATLAB", "Java"]


def test_volumes_have_no_code_for_what_sees_planes_only(made):
    model = made(axes=3)
    assert "OpenCV" not in usage_page(model, usage_of(model), "onnx", "cells.onnx")


@pytest.mark.parametrize(("held_out", "said"), [(["a.tif"], "foreground IoU 0.912 on 1 frame"),
                                                ([], "No frame was held out")])
def test_it_says_how_good_the_model_was_where_that_is_known(made, held_out, said):
    scores = {"foreground_iou": 0.912, "pixel_accuracy": None, "images": ["a.tif"]}
    model = replace(made(), record={"validation": scores, "validation_frames": held_out})
    page = usage_page(model, usage_of(model), "onnx", "cells.onnx")
    assert said in page


def test_it_says_what_stays_behind_of_this_model(made):
    telling, plain = made(distance=True), made()
    assert "watershed" in usage_page(telling, usage_of(telling), "onnx", "cells.onnx")
    page = usage_page(plain, usage_of(plain), "bioimageio", "cells.zip")
    assert "watershed" not in page
    assert "within the network" in page
    assert "let images go through whole" in page


def test_names_cannot_leave_their_cells(made):
    model = made(inputs=2)
    usage = usage_of(model)
    plain = usage_page(model, usage, "onnx", "cells.onnx").splitlines()
    hostile = replace(usage, channels=("a|b\n# c", "d"), classes=("x\n\n```\ny|z",), maps=("x\n|y",))
    found = usage_page(model, hostile, "onnx", "cells.onnx").splitlines()
    assert len(found) == len(plain)
    assert any(r"channels: a\|b # c, d |" in line for line in found)


def test_a_model_speaks_for_itself_and_for_each_class():
    model = Model.load("gastruloid")
    page = usage_page(model, usage_of(model), "onnx", "gastruloid.onnx")
    for sentence in model.record["card"]:
        assert f"\n- {sentence}\n" in page
    scores = model.record["validation"]
    for name, of in zip(scores["names"], scores["classes"].values(), strict=True):
        assert f"\n- {name}: IoU {of['iou']:.4f}, Dice {of['dice']:.4f}\n" in page


def test_nothing_is_asked_for_by_a_pixel_size_that_nobody_knows(made):
    known = made()
    unknown = replace(known, plan=known.plan.model_copy(update={"pixel_size": None}))
    for model, asks in ((known, True), (unknown, False)):
        page = usage_page(model, usage_of(model), "onnx", "cells.onnx")
        assert ("bring images of others to it" in page) == ("pixels have another size" in page) == asks
        assert ("not known: things should be as large" in page) != asks


@pytest.mark.parametrize("size", ["dynamic", 64])
def test_what_takes_one_size_only_says_so_where_there_are_many(made, size):
    page = usage_page(model := made(), usage_of(model, size), "onnx", "cells.onnx")
    for language in ("OpenCV", "MATLAB"):
        _, _, section = page.partition(f"\n## {language}\n")
        assert ("`--size`" in section.partition("```")[0]) == (size == "dynamic"), language
    assert ("n = 0, 1, 2" in page) == (size == "dynamic")
