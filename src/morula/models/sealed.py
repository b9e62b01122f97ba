"""A `.safetensors` file that holds what was written and nothing else: read against bounds, sealed by a digest.

Whoever writes a file may be careless, or mean harm: a digest tells that not a byte has changed since, and the rest is
looked at by those who read it. Nothing is ever unpickled.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import torch
from pydantic import ValidationError
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from morula.files import whole_file

LONGEST_HEADER = 2**24
"""Bytes of all texts and names: a model that was trained with 100,000 frames has about half of it."""
DAMAGES = (SafetensorError, ValidationError, KeyError, ValueError, TypeError, RuntimeError, OverflowError, MemoryError,
           OSError)
"""What reading a file raises that is not what it should be."""


class Form(NamedTuple):
    """What a tensor must be like; a side of None may have any length."""

    shape: Sequence[int | None]
    dtype: torch.dtype


@dataclass(frozen=True)
class Sealed:
    """What a file holds: texts and tensors by their names."""

    texts: dict[str, str]
    tensors: dict[str, Tensor]


def write_sealed(path: Path, form: str, sealed: Sealed, *, option: str | None = "--out") -> None:
    """Write a file, whole or not at all.

    Args:
        path: the file.
        form: the name of its format.
        sealed: what it shall hold.
        option: the flag that names another place, if there is one.

    Raises:
        OutputError: it cannot be written.
    """
    tensors = {name: tensor.detach().cpu().contiguous() for name, tensor in sealed.tensors.items()}
    header = {"format": form, **sealed.texts, "digest": _digest(Sealed(sealed.texts, tensors))}
    with whole_file(path, option=option) as temporary:
        # Not by `save_file`, whose errors do not tell a full disk from a damaged file.
        temporary.write_bytes(save(tensors, metadata=header))


def read_header(path: Path) -> dict[str, str]:
    """The texts of a file, with its format and its digest, before any tensor is read.

    Raises:
        ValueError: it is damaged.
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if length > LONGEST_HEADER:
            raise ValueError(f"its header would have {length:,} bytes, and no model has more than {LONGEST_HEADER:,}")
        text = file.read(length)
    if len(text) < length:
        raise ValueError("it is cut short")
    header = plain_data(text)
    found = header.get("__metadata__", {}) if isinstance(header, dict) else None
    if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
        raise ValueError("its header holds no texts")
    return found


def read_sealed(path: Path, names: Sequence[str], *, older: bool = False) -> Sealed:
    """What a file holds, which is what was written.

    Args:
        path: the file.
        names: of the texts that it may have, in the order in which they were sealed.
        older: whether it may have been written before such files were sealed, and hold no digest.

    Raises:
        ValueError: it holds other texts, or its contents changed; as all of `DAMAGES`.
    """
    header = read_header(path)
    if unknown := header.keys() - {"format", "digest", *names}:
        raise ValueError(f"it holds a text that is none of ours, {min(unknown)!r}")
    # Not by `load_file`, which leaves the tensors in the file: who writes over it would end whoever uses them.
    sealed = Sealed({name: header[name] for name in names if name in header}, load(path.read_bytes()))
    if not (older and "digest" not in header) and header["digest"] != _digest(sealed):
        raise ValueError("its contents changed after it was written")
    return sealed


def plain_data(text: str | bytes) -> Any:
    """What JSON says, where every name stands once and every number is one.

    Raises:
        ValueError: it is no such JSON.
    """
    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            raise ValueError("it says something twice")
        return found

    def no_number(text: str) -> float:
        raise ValueError(f"it holds {text} in place of a number")

    try:
        return json.loads(text, object_pairs_hook=once, parse_constant=no_number)
    except RecursionError as error:
        raise ValueError("its texts are nested too deeply") from error


def require_forms(tensors: Mapping[str, Tensor], forms: Mapping[str, Form]) -> None:
    """Raise a ValueError unless there are exactly these tensors, and all their numbers are finite."""
    for name in sorted(forms.keys() ^ tensors.keys()):
        raise ValueError(f"it lacks {name}" if name in forms else f"it holds {name}, which is none of its tensors")
    for name, (shape, dtype) in forms.items():
        tensor = tensors[name]
        fits = len(shape) == tensor.ndim and all(
            wanted in (None, side) for wanted, side in zip(shape, tensor.shape, strict=True))
        if not fits or tensor.dtype != dtype:
            raise ValueError(f"{name} is {_in_words(tensor.shape, tensor.dtype)}, and should be "
                             f"{_in_words(shape, dtype)}")
        if dtype.is_floating_point and not tensor.isfinite().all():
            raise ValueError(f"{name} holds what is no number")


def parts_of(tensors: Mapping[str, Tensor], prefixes: Iterable[str]) -> dict[str, dict[str, Tensor]]:
    """The tensors under each prefix, without it.

    Raises:
        ValueError: one has none of them.
    """
    found: dict[str, dict[str, Tensor]] = {prefix: {} for prefix in prefixes}
    for name, tensor in tensors.items():
        prefix, _, rest = name.partition(".")
        if prefix not in found:
            raise ValueError(f"it holds {name!r}, which is none of its tensors")
        found[prefix][rest] = tensor
    return found


def _in_words(shape: Sequence[int | None], dtype: torch.dtype) -> str:
    return f"{' × '.join('any' if side is None else str(side) for side in shape) or 'one'} of {dtype}"


def _digest(sealed: Sealed) -> str:
    """The same for the same contents only, so that not one changed byte goes unnoticed."""
    digest = hashlib.sha256(json.dumps(sealed.texts).encode())
    for name, tensor in sorted(sealed.tensors.items()):
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
        digest.update(tensor.reshape(-1).view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()
