"""Everything, or all masks, in one file."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

from morula.errors import RequestError
from morula.files import whole_file
from morula.projects.project import SETTINGS, Project
from morula.projects.reviewed_masks import gather_reviewed
from morula.projects.tasks import OUTLINES

PACKED = {".csv", ".json", ".jsonl", ".html", ".svg"}
"""Endings of files that grow much smaller; images, masks and models are packed already."""


def archive(project: Project, what: str) -> Path:
    """Make `masks.zip` (reviewed masks), `rois.zip` (outlines for ImageJ) or `everything.zip` (all but the images).

    Raises:
        RequestError: there is nothing to put into it.
        OutputError: it cannot be written.
    """
    path = project.hidden / "exports" / what
    if what == "masks.zip":
        folder = gather_reviewed(project)
        files = [(file, file.name) for file in sorted(folder.iterdir())]
    elif what == "rois.zip":
        files = [(file, file.name) for file in sorted((project.results / OUTLINES).glob("[!.]*"))]
    else:
        files = list(_all(project))
    if not files:
        raise RequestError("There is nothing to take along yet. Measure first: that makes tables, and outlines of flat "
                           "images; volumes have none.")
    with whole_file(path) as temporary, zipfile.ZipFile(temporary, "w") as zipped:
        for file, name in files:
            kind = zipfile.ZIP_DEFLATED if file.suffix in PACKED else zipfile.ZIP_STORED
            zipped.write(file, name, kind)
    return path


def _all(project: Project) -> Iterator[tuple[Path, str]]:
    folders = [project.masks, project.models, project.results]
    files = [project.folder / SETTINGS, *(file for folder in folders for file in sorted(folder.rglob("*")))]
    for file in files:
        if file.is_file() and not file.is_symlink() and not file.name.startswith("."):
            yield file, file.relative_to(project.folder).as_posix()
