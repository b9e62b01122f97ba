"""Whether what lies in a folder is whole, and what it says, so that two folders can be compared."""

from __future__ import annotations

import csv
import hashlib
import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load

from morula.files import PART
from morula.images.read import open_image
from morula.models.sealed import read_sealed

CLOCK = re.compile(r"seconds|when|saved|digest|written|date|source")
"""What tells when something was made, or where, and differs from time to time."""
STAMP = re.compile(r"\d{8}T\d{12}|[0-9a-f]{16}\.npz")
"""Names that tell the same."""


def leftovers(folder: Path) -> list[str]:
    """What somebody who was killed left, and nobody removed."""
    ends = (".busy", ".checkpoint", ".trials")
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*")
                  if path.name.startswith(PART) or path.name.endswith(ends))


def contents(folder: Path) -> dict[str, Any]:
    """What each file under a final name says, by its path; of what is made at another time, nothing but this.

    Raises:
        Exception: one of them is not whole.
    """
    found: dict[str, Any] = {}
    for path in sorted(folder.rglob("*")):
        if not path.is_file() or path.name.startswith(PART) or path.suffix == ".busy":
            continue
        name = str(path.relative_to(folder))
        try:
            says = READERS.get(path.suffix, _bytes)(path)
        except Exception as error:
            raise ValueError(f"{name} is not whole: {error!r}") from error
        if not STAMP.search(name):
            found[name] = says
    return found


def _tensors(path: Path) -> Any:
    names = ("plan", "record", "state")
    if path.suffix == ".checkpoint":
        return {name: tensor.numpy().tobytes() for name, tensor in read_sealed(path, names).tensors.items()}
    from morula.models.model import Model

    Model.load(path)
    return {name: array.tobytes() for name, array in load(path.read_bytes()).items()}


def _pixels(path: Path) -> bytes:
    return open_image(path).array().tobytes()


def _rows(path: Path) -> list[list[str]]:
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    if not rows or any(len(row) != len(rows[0]) for row in rows):
        raise ValueError("a row is not as long as the others")
    return rows


def _told(path: Path) -> Any:
    return _timeless(json.loads(path.read_text(encoding="utf-8")))


def _lines(path: Path) -> list[Any]:
    return [_timeless(json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]


def _timeless(data: Any) -> Any:
    if isinstance(data, dict):
        return {name: _timeless(value) for name, value in data.items() if not CLOCK.search(name)}
    return [_timeless(each) for each in data] if isinstance(data, list) else data


def _arrays(path: Path) -> list[str]:
    with np.load(path) as kept:
        return [name for name in kept.files if kept[name] is not None]


def _packed(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def _frames(path: Path) -> bytes | None:
    """A working copy, which is changed in place; one that has just been begun is made anew."""
    try:
        return np.load(path, mmap_mode="r").tobytes()
    except (ValueError, EOFError):
        return None


def _bytes(path: Path) -> str:
    data = path.read_bytes()
    if not data:
        raise ValueError("it is empty")
    return hashlib.sha256(data).hexdigest()


READERS: dict[str, Callable[[Path], Any]] = {
    ".safetensors": _tensors, ".checkpoint": _tensors, ".tif": _pixels, ".csv": _rows, ".json": _told,
    ".geojson": _told, ".jsonl": _lines, ".npz": _arrays, ".zip": _packed, ".npy": _frames,
}
"""By the ending; all others are bytes."""
