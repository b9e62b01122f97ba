"""The code on the page is run, and its maps are those of Morula; what cannot be run here is at least filled in."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
import tifffile

from morula.exports.exported_program import write_program
from morula.exports.onnx_file import write_onnx
from morula.exports.snippets import SNIPPETS
from morula.exports.torchscript import write_torchscript

WRITERS = {"onnx": write_onnx, "torchscript": write_torchscript, "pt2": write_program}
KINDS = [{}, {"stem": 2, "inputs": 3, "outputs": 4, "intensity": "together"}, {"distance": True, "binning": (2, 2)},
         {"inputs": 2, "outputs": 3, "distance": True}, {"axes": 3, "outputs": 3}]


def images(model, usage) -> list[np.ndarray]:
    """Of three sizes, one of which the network takes only once it was mirrored."""
    rng, channels = np.random.default_rng(0), len(model.channels)
    spaces = [usage.least, [least + step for least, step in zip(usage.least, usage.step, strict=True)],
              [least + 2 * step - 1 for least, step in zip(usage.least, usage.step, strict=True)]]
    drawn = [rng.gamma(2, 300, (*space, channels)).astype(np.uint16) for space in spaces]
    return drawn if channels > 1 else [image[..., 0] for image in drawn]


def compare(request, model, target: str) -> None:
    axes = "ZYX"[-len(request.usage.axes) :] + "C" * (len(model.channels) > 1)
    for image in images(model, request.usage):
        tifffile.imwrite("image.tif", image)
        names: dict = {}
        exec(SNIPPETS[target]["Python"](request.usage, "network"), names)
        expected = np.concatenate([band.maps for band in model.bands(image, axes=axes)], axis=1)
        expected = expected if model.plan.architecture.outputs > 1 else expected[1:]
        assert np.abs(names["maps"] - expected).max() < 1e-4
        differing = (tifffile.imread("mask.tif") != model.mask(image, axes=axes)).mean()
        assert differing < 1e-4


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_with_onnx_it_makes_the_masks_of_morula(made, requested, kind, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    model = made(**kind)
    request = requested(model)
    write_onnx(tmp_path / "network", request)
    compare(request, model, "onnx")


@pytest.mark.slow
@pytest.mark.parametrize("target", ["torchscript", "pt2"])
@pytest.mark.parametrize("kind", [KINDS[1], KINDS[-1]], ids=str)
def test_with_torch_it_does_so_too(made, requested, kind, target, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    model = made(**kind)
    request = requested(model)
    WRITERS[target](tmp_path / "network", request)
    compare(request, model, target)


@pytest.mark.parametrize("kind", KINDS, ids=str)
@pytest.mark.parametrize("size", ["dynamic", 192])
def test_every_language_is_filled_in_with_the_numbers_of_the_model(made, requested, kind, size):
    usage = requested(made(**kind), size=size).usage
    for snippets in SNIPPETS.values():
        for language, snippet in snippets.items():
            code = snippet(usage, "cells.onnx")
            assert "cells.onnx" in code, language
            assert not re.search(r"\$[a-z{]|None\b.*size", code), language
            if language != "Java":
                assert re.search(r"1,? 99\.5", code), language
            for opening, closing in ("()", "[]", "{}"):
                assert code.count(opening) == code.count(closing), language


HOSTILE = "a\nimport os; os.abort()\r*) */ \\u000a \u2028b (* /*"


@pytest.mark.parametrize("kind", [{}, {"inputs": 2, "outputs": 3}], ids=str)
def test_names_stay_within_their_comments(made, requested, kind):
    usage = requested(made(**kind)).usage
    hostile = replace(usage, channels=(HOSTILE, *usage.channels[1:]), maps=(HOSTILE, *usage.maps[1:]))
    for snippets in SNIPPETS.values():
        for language, snippet in snippets.items():
            plain, found = snippet(usage, "cells.onnx"), snippet(hostile, "cells.onnx")
            assert len(found.splitlines()) == len(plain.splitlines()), language
            for sign in ("(*", "*)", "/*", "*/", "\\u"):
                assert found.count(sign) == plain.count(sign), language


def test_files_with_quotes_and_backslashes_in_their_names_are_opened(made, requested, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    file = """it's "mine" \\n.onnx"""
    request = requested(model := made())
    write_onnx(tmp_path / file, request)
    tifffile.imwrite("image.tif", image := images(model, request.usage)[0])
    exec(SNIPPETS["onnx"]["Python"](request.usage, file), {})
    assert (tifffile.imread("mask.tif") != model.mask(image)).mean() < 1e-4
    quoted = {language: snippet(request.usage, file) for language, snippet in SNIPPETS["onnx"].items()}
    for language in ("OpenCV", "Wolfram Language", "Java"):
        assert r'''"it's \"mine\" \\n.onnx"''' in quoted[language]
    assert r'''"it's ""mine"" \n.onnx"''' in quoted["MATLAB"]


def test_an_image_larger_than_the_only_size_is_refused_in_words(made, requested, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    tifffile.imwrite("image.tif", np.zeros((64, 193), np.uint8))
    usage = requested(made(), size=192).usage
    with pytest.raises(SystemExit, match="images up to 192 × 192 pixels: cut larger ones into pieces"):
        exec(SNIPPETS["onnx"]["Python"](usage, "network"), {})
