"""Images whose channels lie in files of their own, as their names say."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType

from morula.names.endings import ending, home, plain_stem
from morula.names.table import Name

Joined = Mapping[Path, Mapping[str, Path]]
"""The files of all channels of each image, by the names of the channels, under the first file."""
NOT_JOINED: Joined = MappingProxyType({})


def joined(names: Mapping[Path, Name]) -> dict[Path, dict[str, Path]]:
    """The images that lie in several files, a channel in each.

    Names must say so of all files, and of each image the same two or more channels: otherwise nothing is joined, for
    a channel that is missing here would be another one there.

    Args:
        names: of all images, read together.
    """
    images: dict[tuple[Path, str, str], dict[str, Path]] = defaultdict(dict)
    for file, name in names.items():
        channel = name.of("channel")
        found = images[home(file), name.without("channel"), ending(file)]
        if not channel or channel in found:
            return {}
        found[channel] = file
    if len({frozenset(found) for found in images.values()}) != 1 or len(next(iter(images.values()))) < 2:
        return {}
    return {min(found.values()): dict(sorted(found.items())) for found in images.values()}


def numbered(files: Iterable[Path]) -> dict[Path, dict[str, Path]]:
    """The images whose channels are files numbered from `_0000` on, as nnU-Net wants them: `x_0000.tif`, `x_0001.tif`.

    Such numbers count moments, too: whoever asks must know that here they do not. Nothing is joined where a file has no
    such number, or images have other numbers than the rest.
    """
    images: dict[Path, dict[str, Path]] = defaultdict(dict)
    for file in files:
        whole, channel = without_number(file), plain_stem(file)[-4:]
        if whole is None or channel in images[whole]:
            return {}
        images[whole][channel] = file
    count = max(map(len, images.values()), default=0)
    wanted = {f"{number:04d}" for number in range(count)}
    if count < 2 or any(found.keys() != wanted for found in images.values()):
        return {}
    return {found["0000"]: dict(sorted(found.items())) for found in images.values()}


def without_number(file: Path) -> Path | None:
    """What a file would be called without the number of its channel, as nnU-Net writes it; None where it has none.

    >>> without_number(Path("case_7_0001.tif")).name, without_number(Path("case_7.tif"))
    ('case_7.tif', None)
    """
    found = re.fullmatch(r"(.+)_[0-9]{4}", plain_stem(file), flags=re.DOTALL)
    return file.with_name(found[1] + ending(file)) if found else None
