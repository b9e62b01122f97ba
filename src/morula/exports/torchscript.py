"""TorchScript: a network that PyTorch runs without Python, as QuPath, Fiji and C++ do."""

from __future__ import annotations

import json
import warnings
from pathlib import Path

import torch

from morula.exports.export_request import ExportRequest

ABOUT = "morula.json"
"""The text within the file that says how the model is used."""


def write_torchscript(path: Path, request: ExportRequest) -> None:
    """Write the network of a model as TorchScript; it takes all sizes of its rule, whichever was asked for."""
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that tracing is no longer being developed
        # Not frozen: what is frozen cannot be moved to another device.
        traced = torch.jit.trace(request.network, request.example, check_trace=False)
        torch.jit.save(traced, path, _extra_files={ABOUT: json.dumps(request.usage.properties())})
