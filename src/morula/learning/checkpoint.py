"""A training put aside: everything it takes to go on as if nothing had happened, in one sealed file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from torch import Tensor

from morula.errors import FileError, reason
from morula.models.sealed import DAMAGES, Sealed, read_header, read_sealed, write_sealed

FORMAT = "morula checkpoint 4"


def write_checkpoint(path: Path, state: dict[str, Any], tensors: dict[str, Tensor]) -> None:
    """Write plain data and tensors, whole or not at all.

    Raises:
        OutputError: it cannot be written.
    """
    write_sealed(path, FORMAT, Sealed({"state": json.dumps(state)}, tensors))


@contextmanager
def read_checkpoint(path: Path) -> Iterator[tuple[dict[str, Any], dict[str, Tensor]]]:
    """What `write_checkpoint` wrote; what goes wrong while it is taken up is the checkpoint's fault.

    Raises:
        FileError: it is damaged or no checkpoint.
    """
    try:
        if read_header(path).get("format") != FORMAT:
            raise ValueError("it was not written by this version of Morula")
        sealed = read_sealed(path, ("state",))
        yield json.loads(sealed.texts["state"]), sealed.tensors
    except DAMAGES as error:
        raise FileError(f"{path}: the checkpoint cannot be used ({reason(error)}). "
                        "Start again with --overwrite.") from error
