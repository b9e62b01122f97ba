"""Models that were changed, and models that were changed and sealed again: found, or harmless, and no code is run."""

from __future__ import annotations

import copy
import json
import random
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from campaign.mutants import mutant
from campaign.outcomes import Outcome
from campaign.readers import Reader
from morula.models.builtin import model_file
from morula.models.file import FORMAT, TEXTS
from morula.models.sealed import Sealed, read_sealed, write_sealed

STRANGE: list[Any] = [None, 0, -1, -7, 1, 1000, 2**40, 1e300, 0.5, "", "x", "a" * 5000, [], [0], [0, 0], [0] * 40, {},
                      True, {"a": 1}, [[]], [-1, 1], [1000, 1000], [None], "nan"]

NOTHING = "nothing was unpickled, run, started or asked"


def altered(tries: int, seed: int) -> Iterator[Outcome]:
    """Change the model that comes with Morula so often; half of the time it is sealed again."""
    rng = random.Random(seed)
    path = model_file("gastruloid")
    data, whole = path.read_bytes(), read_sealed(path, TEXTS)
    with Reader() as reader, tempfile.TemporaryDirectory() as place:
        changed = Path(place) / "m.safetensors"
        sound = reader.read("used model", path)
        assert sound == "read", sound
        yield _changed(tries - tries // 2, data, rng, changed, reader)
        yield _sealed_again(tries // 2, whole, rng, changed, reader)


def _changed(tries: int, data: bytes, rng: random.Random, path: Path, reader: Reader) -> Outcome:
    """Bytes that changed after they were written."""
    broken = []
    for number in range(tries):
        how, changed = mutant(data, "m.safetensors", rng)
        if changed == data:
            continue
        path.write_bytes(changed)
        if not (verdict := reader.read("used model", path)).startswith("refused"):
            broken.append(f"model {number}, {how}: {verdict}")
    return Outcome("Models of which bytes were changed", tries, f"all found; {NOTHING}", tuple(broken))


def _sealed_again(tries: int, whole: Sealed, rng: random.Random, path: Path, reader: Reader) -> Outcome:
    """Contents that a careless or hostile writer changed, with a right digest."""
    broken, seen = [], Counter[str]()
    for number in range(tries):
        sealed = copy.deepcopy(whole)
        how = rng.choice([altered_text, altered_tensor])(rng, sealed)
        write_sealed(path, FORMAT, sealed)
        verdict = reader.read("used model", path)
        seen[verdict.split(":")[0]] += 1
        if not verdict.startswith(("refused", "read")):
            broken.append(f"model {number}, {how}: {verdict}")
    return Outcome("Models that were changed and sealed again", tries,
                   f"{seen['refused']:,} refused by name, {seen['read']:,} harmless; {NOTHING}", tuple(broken))


def altered_text(rng: random.Random, sealed: Sealed) -> str:
    """Change, drop or add one value of one text; returns what was done."""
    name = rng.choice(TEXTS)
    data = json.loads(sealed.texts[name])
    path = rng.choice(_places(data))
    holder = data
    for key in path[:-1]:
        holder = holder[key]
    how = rng.randrange(4)
    if how == 0:
        del holder[path[-1]]
    elif how == 1 and isinstance(holder, dict):
        holder["added"] = 1
    else:
        holder[path[-1]] = rng.choice(STRANGE)
    sealed.texts[name] = json.dumps(data)
    return f"{name}.{'.'.join(map(str, path))} by {how}"


def altered_tensor(rng: random.Random, sealed: Sealed) -> str:
    """Drop, add, reshape, retype or spoil one tensor; returns what was done."""
    kind = rng.choice(["weights", "self_test", "memory", "quality", "quality", "quality"])
    name = rng.choice([name for name in sorted(sealed.tensors) if name.startswith(kind)])
    tensor = sealed.tensors[name]
    changes: dict[str, Callable[[], Tensor | None]] = {
        "dropped": lambda: None,
        "longer": lambda: torch.cat([tensor.reshape(-1), tensor.reshape(-1)[:1]]),
        "of one more axis": lambda: tensor[None],
        "of another type": lambda: tensor.to(torch.int32),
        "empty": lambda: tensor.reshape(-1)[:0],
        "not a number": lambda: torch.full_like(tensor, float("nan")) if tensor.is_floating_point() else None,
        "negative": lambda: -tensor.abs() - 1 if tensor.is_floating_point() else None,
        "huge": lambda: torch.full_like(tensor, 1e30) if tensor.is_floating_point() else None,
    }
    how = rng.choice([*changes, "stray"])
    changed = tensor if how == "stray" else changes[how]()
    if how == "stray":
        part = rng.choice(["weights.", "ranges.", "memory.", "quality.", "self_test.", ""])
        sealed.tensors[f"{part}stray"] = tensor.clone()
    elif changed is None:
        del sealed.tensors[name]
    else:
        sealed.tensors[name] = changed.contiguous()
    return f"{name} {how}"


def _places(data: Any, depth: int = 4) -> list[tuple[Any, ...]]:
    """Where a value stands in plain data; of a list, its first entries."""
    if isinstance(data, dict):
        entries: list[tuple[Any, Any]] = list(data.items())
    else:
        entries = list(enumerate(data[:2])) if isinstance(data, list) else []
    return [(key, *rest) for key, value in entries for rest in ((), *(_places(value, depth - 1) if depth else ()))]
