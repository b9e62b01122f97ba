"""Images whose channels lie in files of their own, as their names say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from morula.names.endings import ending
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
        found = images[file.parent, name.without("channel"), ending(file)]
        if not channel or channel in found:
            return {}
        found[channel] = file
    if len({frozenset(found) for found in images.values()}) != 1 or len(next(iter(images.values()))) < 2:
        return {}
    return {min(found.values()): dict(sorted(found.items())) for found in images.values()}
