"""An `.onnx` file: the network in one file, with what one must know to use it."""

from __future__ import annotations

from pathlib import Path

from morula.exports.export_request import ExportRequest
from morula.exports.onnx_graph import onnx_model


def write_onnx(path: Path, request: ExportRequest) -> None:
    """Write the network of a model as ONNX.

    Raises:
        ModelError: it has a layer that ONNX has no equal for.
    """
    import onnx
    from onnx import helper

    usage = request.usage
    model = onnx_model(request.network, len(usage.channels), len(usage.maps), usage.space or usage.axes)
    helper.set_model_props(model, usage.properties())
    onnx.save_model(model, path)
