"""Whether what takes its name was on the disk before, and whether the name reached the disk: proved from a trace.

A plugged cable cannot be pulled here, but a trace shows what it could do: whatever was written and not yet brought to
the disk may be gone, and whatever was renamed may still have its old name.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from campaign.attempts import Disturbance, attempt
from campaign.outcomes import Outcome
from campaign.traces import Call, calls_on
from campaign.works import WORKS, prepare
from morula.files import PART

WRITING = {"write", "pwrite64", "writev", "ftruncate", "truncate", "sendfile", "copy_file_range"}
MAY_BE_LOST = (".jsonl", ".busy")
"""Logs, of which a few lines may be lost, and marks of who is at work, who is gone after a cut."""


def order(tries: int, seed: int) -> Iterator[Outcome]:
    """Look at the trace of so many works, once each."""
    for name, work in list(WORKS.items())[:tries]:
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place)
            prepare(folder)
            ended = attempt(work.begin, folder, Disturbance(traced=True))
            calls = [call for call in calls_on(ended.trace, folder / "out") if not call.failed]
            named = sum(call.name.startswith("rename") for call in calls)
            yield Outcome(f"`{name}`: the order of writing of what takes a name", named,
                          "written beside its name, brought to the disk, named, and the name brought to the disk",
                          tuple(f"{name}: {wrong}" for wrong in out_of_order(calls)))


def out_of_order(calls: list[Call]) -> Iterator[str]:
    """What a cut of the power could break, in words."""
    unsafe: dict[str, None] = {}
    unnamed: dict[str, str] = {}
    for call in calls:
        target = call.paths[-1]
        if call.name in WRITING and not target.endswith(MAY_BE_LOST):
            unsafe[target] = None
        elif call.name in ("fsync", "fdatasync"):
            unsafe.pop(target, None)
            unnamed.pop(target, None)
        elif call.name.startswith("rename"):
            before = call.paths[-2]
            if _is_nameless(target):  # it only moved within a folder that has no name yet
                unsafe = {target if path == before else path: None for path in unsafe}
                continue
            if Path(before).parent != Path(target).parent:
                yield f"{target} was written in another folder, {before}"
            for path in unsafe:
                inside = Path(path).is_relative_to(before)
                if _is_nameless(path) and not inside:
                    continue  # nobody reads it under this name
                what = "what it holds was" if inside else f"{Path(path).name} was written before, and"
                yield f"{Path(target).name} took its name, and {what} not on the disk"
            unsafe = {path: None for path in unsafe if _is_nameless(path) and not Path(path).is_relative_to(before)}
            unnamed[str(Path(target).parent)] = target
    yield from (f"{Path(target).name} took its name, and its folder was not brought to the disk"
                for target in unnamed.values())


def _is_nameless(path: str) -> bool:
    """Whether it is made beside its name, or lies in a folder that is."""
    return any(part.startswith(PART) for part in Path(path).parts)
