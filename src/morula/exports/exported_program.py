"""A `.pt2` file, a program of PyTorch. It is written here and never read: reading one may unpickle."""

from __future__ import annotations

import json
from pathlib import Path

import torch

from morula.exports.export_request import ExportRequest
from morula.exports.torchscript import ABOUT


def write_program(path: Path, request: ExportRequest) -> None:
    """Write the network of a model as an exported program, for images of its sizes or of one."""
    usage, example = request.usage, request.example
    shapes = None
    if usage.space is None:
        sides = {2 + place: step * torch.export.Dim(axis, min=least // step)
                 for place, (axis, step, least) in enumerate(zip(usage.axes, usage.step, usage.least, strict=True))}
        shapes = ({0: torch.export.Dim("batch"), **sides},)
        example = torch.cat([example, example])  # a batch of one would be taken for the only one there is
    program = torch.export.export(request.network, (example,), dynamic_shapes=shapes)
    torch.export.save(program, path, extra_files={ABOUT: json.dumps(usage.properties())})
