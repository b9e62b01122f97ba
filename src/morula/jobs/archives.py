"""What is taken along: a figure of what was measured, all masks, or everything in one file."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from typing import Any, Literal

from morula.errors import RequestError
from morula.files import whole_file
from morula.jobs.tasks import MEASURED, OUTLINES, command_line
from morula.projects.frame_states import noted_files
from morula.projects.project import SETTINGS, Project
from morula.projects.reviewed_masks import gather_reviewed

PACKED = {".csv", ".json", ".jsonl", ".html", ".svg"}
"""Endings of files that grow much smaller; images, masks and models are packed already."""

FIGURES = "figures"
"""The folder for pictures of what was measured."""

_DRAWING = Lock()
"""Figures are drawn one at a time: how they look is set for the whole process."""


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
        with suppress(RequestError):  # nothing measured, or nothing that can be drawn
            _draw(project, project.results / FIGURES, {"names": project.settings.names, "format": "svg"})
        files = list(_all(project))
    if not files:
        raise RequestError("There is nothing to take along yet. Measure first: that makes tables, and outlines of flat "
                           "images; volumes have none.")
    with whole_file(path) as temporary, zipfile.ZipFile(temporary, "w") as zipped:
        for file, name in files:
            kind = zipfile.ZIP_DEFLATED if file.suffix in PACKED else zipfile.ZIP_STORED
            zipped.write(file, name, kind)
    return path


def figure(project: Project, settings: dict[str, Any]) -> bytes:
    """Draw a figure of what was measured, as `morula plot` does: a column over time, of samples, or against another.

    Args:
        project: which has a table of measures.
        settings: as `figure_settings` gives them.

    Returns:
        the content of its file.

    Raises:
        RequestError: nothing is measured yet, or the table has no such columns.
        OutputError: it cannot be written.
    """
    with TemporaryDirectory(dir=project.hidden) as aside:
        pictures = _draw(project, Path(aside), settings)
        return next(path for path in pictures if path.stem == "against" or "against" not in settings).read_bytes()


def figure_settings(
    project: Project, kind: Literal["svg", "png"], y: str, x: str = "", by: str = ""
) -> dict[str, Any]:
    """What a figure shows, as settings of a plot.

    Args:
        project: whose settings may say what names tell.
        kind: of file.
        y: the column upwards.
        x: the one to the right; time, or samples where there is none, if left out.
        by: what tells conditions apart: a column, or words in the names of files, as `wt|mutant`.

    Raises:
        RequestError: conditions are to be read from another file.
    """
    if by.lower().endswith(".csv"):
        raise RequestError("Compare by a column, or by words in the names of files, such as wt|mutant.")
    told = {"measures": (y,), "against": x, "conditions": by, "names": project.settings.names, "format": kind}
    return {name: value for name, value in told.items() if value}


def figure_command(project: Project, settings: dict[str, Any]) -> str:
    """What draws the same on the command line, in the project's folder."""
    out = project.results / FIGURES
    return command_line(project, "plot", [project.results / MEASURED], {"out": out, **settings})


def _draw(project: Project, out: Path, settings: dict[str, Any]) -> tuple[Path, ...]:
    from morula.workflows import plot

    table = project.results / MEASURED
    if not table.is_file():
        raise RequestError("Nothing is measured yet. Measure first, and then take a figure along.")
    try:
        with _DRAWING:
            return plot(table, out, **settings).pictures
    except RequestError as error:
        raise RequestError(str(error).replace("--conditions", "Comparing by")) from error


def _all(project: Project) -> Iterator[tuple[Path, str]]:
    folders = [project.masks, project.models, project.results]
    files = [project.folder / SETTINGS, *(file for folder in folders for file in sorted(folder.rglob("*"))),
             *noted_files(project)]
    for file in files:
        if file.is_file() and not file.is_symlink() and not file.name.startswith("."):
            yield file, file.relative_to(project.folder).as_posix()
