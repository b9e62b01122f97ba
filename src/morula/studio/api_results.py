"""What came of it: what to look at, what was measured, and what can be taken along."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import quote

from fastapi import APIRouter, HTTPException, Query, Response
from fastapi import Path as InPath
from fastapi.responses import FileResponse

from morula.errors import FileError
from morula.jobs.archives import archive, figure, figure_command, figure_settings
from morula.jobs.tasks import MEASURED, REPORT
from morula.measures.numbering import number_at, outlines_in
from morula.names.endings import plain_stem
from morula.objects.selection import Objects
from morula.plots.quantities import quantity, unit_of
from morula.projects.frame_states import queue
from morula.projects.project import Source
from morula.projects.reviewed_masks import is_outdated, measured_objects
from morula.studio.api_shared import Bench, Chosen, Number
from morula.studio.pyramid import Place
from morula.studio.workbench import Workbench

router = APIRouter(prefix="/api", tags=["results"])

Kind = Literal["svg", "png"]
Words = Annotated[str, Query(max_length=200)]
Export = Literal["masks.zip", "rois.zip", "measurements.csv", "report.html", "everything.zip"]


@router.get("/queue")
def waiting(bench: Bench) -> list[dict[str, Any]]:
    """What nobody has reviewed, least certain first."""
    sources = bench.project.sources()
    return queue({source: states for source, (_, states) in zip(sources, bench.states(sources), strict=True)})


@router.get("/measurements")
def measurements(bench: Bench) -> dict[str, Any]:
    """The table of objects; without columns before anything was measured."""
    path = bench.project.results / MEASURED
    if not path.is_file():
        return {"columns": [], "rows": [], "frames": [], "file": None, "outdated": False}
    images = {plain_stem(source.path): source.id for source in bench.project.sources()}
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:  # as spreadsheets write it
            columns, *rows = csv.reader(file)
        at = {name: place for place, name in enumerate(columns)}
        file_at, frame_at = at["file"], at["frame"]
        frames = [(images.get(plain_stem(Path(row[file_at]))), int(row[frame_at])) for row in rows]
    except (ValueError, KeyError, IndexError, csv.Error) as error:
        raise FileError(f"{path.name} was changed by another program and cannot be understood any more. Measure "
                        "again, or put it back as it was.") from error
    return {"columns": list(map(_column, columns)),
            "rows": [list(map(_value, row)) for row in rows], "frames": frames,
            "file": path.relative_to(bench.project.folder).as_posix(),
            "outdated": is_outdated(bench.project, path)}


@router.get("/images/{id}/objects/at")
def object_at(source: Chosen, bench: Bench, x: Number, y: Number, t: Number = 0, z: Number = 0) -> dict[str, Any]:
    """The measured object at a pixel, and where it lies; its number is null where there is none."""
    objects = _objects(bench, source, t, z)
    if objects is None or not (y < objects.labels.shape[-2] and x < objects.labels.shape[-1]):
        return _record(None, None, z)
    return _record(objects, number_at(objects, (z, y, x)[-objects.labels.ndim :]), z)


@router.get("/images/{id}/objects/{number}")
def measured_object(
    source: Chosen, bench: Bench, number: Annotated[int, InPath(ge=0, le=2**53)], t: Number = 0, z: Number = 0
) -> dict[str, Any]:
    """Where the measured object of a number lies; in its middle slice if not in the one that is asked for."""
    return _record(_objects(bench, source, t, z), number, z)


@router.get("/findings")
def findings(bench: Bench) -> list[dict[str, Any]]:
    """What the last check found."""
    checked = next((job for job in bench.jobs.all() if job.kind == "check" and job.state == "done"), None)
    return list(checked.result["findings"]) if checked else []


@router.get("/export/figure.{kind}", response_class=Response)
def drawn(kind: Kind, bench: Bench, y: Words, x: Words = "", by: Words = "") -> Response:
    """A figure of what was measured."""
    name = quote(f"{bench.project.folder.name}-{y}{f'-{x}' if x else ''}.{kind}", safe="")
    return Response(figure(bench.project, figure_settings(bench.project, kind, y, x, by)),
                    media_type={"svg": "image/svg+xml", "png": "image/png"}[kind],
                    headers={"Content-Disposition": f"attachment; filename*=UTF-8''{name}"})


@router.get("/figure/command")
def drawn_by(bench: Bench, y: Words, x: Words = "", by: Words = "") -> dict[str, str]:
    """What draws the same figure on the command line."""
    return {"command": figure_command(bench.project, figure_settings(bench.project, "svg", y, x, by))}


@router.get("/export/{what}", response_class=Response)
def export(what: Export, bench: Bench) -> Response:
    """Something to take along."""
    bench.annotations.write_all()
    results = bench.project.results
    if what.endswith(".zip"):
        return _download(archive(bench.project, what), f"{bench.project.folder.name}-{what}")
    path = results / {"measurements.csv": MEASURED, "report.html": REPORT}[what]
    if not path.is_file():
        raise HTTPException(404, "This has not been made yet.")
    return _download(path, f"{bench.project.folder.name}-{what}")


def _objects(bench: Workbench, source: Source, t: int, z: int) -> Objects | None:
    Place(t, z, 0, 0, 0).box(bench.project.image(source))  # whether there is such a frame and slice
    return measured_objects(bench.project, source, t)


def _record(objects: Objects | None, number: int | None, z: int) -> dict[str, Any]:
    """An object as a page wants it: outlines as lists of x and y in pixels from the corner of the image."""
    found = outlines_in(objects, number, z) if objects and number is not None else None
    if found is None:
        return {"number": None, "z": z, "outlines": []}
    shown, outlines = found
    return {"number": number, "z": shown,
            "outlines": [line[:, ::-1].round(2).tolist() for line in (*outlines.pieces, *outlines.holes)]}


def _download(path: Path, name: str) -> FileResponse:
    return FileResponse(path, filename=name, media_type="application/octet-stream")


def _column(name: str) -> dict[str, str]:
    """What a column is called, and its unit."""
    unit = unit_of(name)
    return {"name": name, "label": quantity(name).removesuffix(f" ({unit})"), "unit": unit}


def _value(text: str) -> float | str | None:
    if not text:
        return None
    try:
        return float(text)
    except ValueError:
        return text
