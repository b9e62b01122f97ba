"""A training put aside: everything it takes to go on as if nothing had happened, in one `.safetensors` file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from morula.errors import FileError, reason
from morula.files import whole_file

FORMAT = "morula checkpoint 3"


def write_checkpoint(path: Path, state: dict[str, Any], tensors: dict[str, Tensor]) -> None:
    """Write plain data and tensors, whole or not at all."""
    contiguous = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    with whole_file(path) as temporary:
        save_file(contiguous, temporary, metadata={"format": FORMAT, "state": json.dumps(state)})


def read_checkpoint(path: Path) -> tuple[dict[str, Any], dict[str, Tensor]]:
    """What `write_checkpoint` wrote.

    Raises:
        FileError: it is damaged or no checkpoint.
    """
    try:
        with safe_open(path, framework="pt") as file:
            header = file.metadata() or {}
            if header.get("format") != FORMAT:
                raise ValueError("it was not written by this version of Morula")
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - no mapping
        return json.loads(header["state"]), tensors
    except (SafetensorError, ValueError, KeyError, OSError) as error:
        raise FileError(f"{path}: the checkpoint cannot be used ({reason(error)}). "
                        "Start again with --overwrite.") from error
