"""Files that arrive in a project: their names are distrusted, their size is bounded, and they appear whole."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import AsyncIterator
from pathlib import Path

from morula.errors import FileError, RequestError
from morula.files import whole_file
from morula.names.endings import IMAGE_ENDINGS, ending, plain_stem
from morula.projects.image_facts import ImageFacts
from morula.projects.project import Project, Source

LARGEST = 4 * 2**30
"""Bytes of a file, at most."""
LONGEST = 200
"""Bytes of a name, at most: file systems take 255, and masks and models are named after it."""
FORBIDDEN = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*]|^\.|[. ]$')


class TooLarge(RequestError):
    """More arrives than is taken."""


def checked_name(project: Project, name: str) -> Path:
    """Where a file of this name would lie.

    Raises:
        RequestError: the name is none for an image, or there is such an image already.
    """
    name = unicodedata.normalize("NFC", name)
    if FORBIDDEN.search(name) or not 0 < len(name.encode("utf-8", "replace")) <= LONGEST:
        raise RequestError("This file's name cannot be kept. Give it a shorter one of letters, numbers and dashes.")
    path = project.images / name
    if ending(path) not in IMAGE_ENDINGS:
        raise RequestError(f"{name} ends in {ending(path) or 'nothing'}. Images end in "
                           f"{', '.join(sorted(IMAGE_ENDINGS))}; files of microscopes and OME-Zarrs are copied into "
                           f"{project.images}.")
    called = plain_stem(path).casefold()  # other systems would take both for one
    if any(plain_stem(source.path).casefold() == called for source in project.sources()):
        raise RequestError(f"There is an image called {plain_stem(path)} already. Rename the new one.")
    return path


async def take_in(project: Project, name: str, pieces: AsyncIterator[bytes]) -> Source:
    """Keep a file that arrives in pieces, if it is an image.

    Raises:
        RequestError: it cannot be called so.
        TooLarge: it is larger than is taken.
        FileError: it is no image that can be read.
        OutputError: it cannot be written.
    """
    path = checked_name(project, name)
    with whole_file(path, option=None) as temporary:
        size = 0
        with temporary.open("wb") as file:
            async for piece in pieces:
                size += len(piece)
                if size > LARGEST:
                    raise TooLarge(f"{path.name} is larger than 4 GB. Copy it into the folder "
                                   f"{project.images} instead.")
                file.write(piece)
        problem = ImageFacts.of(project, Source.of(temporary)).problem
        if problem:
            raise FileError(problem.replace(str(temporary), path.name).replace(temporary.name, path.name))
    return Source.of(path)
