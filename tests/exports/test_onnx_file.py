"""One file of ONNX with all that one must know."""

from __future__ import annotations

import json

import onnx

from morula.exports.onnx_file import write_onnx


def test_it_is_one_file_that_knows_how_it_is_used(made, requested, tmp_path):
    request = requested(made(inputs=3, outputs=4))
    write_onnx(tmp_path / "network.onnx", request)
    assert [path.name for path in tmp_path.iterdir()] == ["network.onnx"]
    known = {each.key: each.value for each in onnx.load(tmp_path / "network.onnx").metadata_props}
    assert json.loads(known["axes"]) == ["batch", "channel", "y", "x"]
    assert json.loads(known["channels"]) == ["channel 1", "channel 2", "channel 3"]
    assert json.loads(known["maps"]) == ["background", "cell", "cell wall", "debris"]
    assert json.loads(known["size.step"]) == [4, 4]
    assert json.loads(known["pixel_size_um"]) == [0.5, 0.5]
    assert json.loads(known["normalisation.percentiles"]) == [1.0, 99.5]
    assert "P99.5" in known["normalisation"]
    assert json.loads(known["halo"]) == [24, 24]
    assert "threshold" not in known
