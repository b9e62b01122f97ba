"""What came of it: what to look at, what was measured, and what can be taken along."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any, Literal

from fastapi import APIRouter, HTTPException, Response
from fastapi.responses import FileResponse

from morula.plots.quantities import quantity, unit_of
from morula.projects.archives import archive
from morula.projects.frame_states import queue
from morula.projects.tasks import MEASURED, REPORT
from morula.studio.api_shared import Bench

router = APIRouter(prefix="/api", tags=["results"])

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
        return {"columns": [], "rows": [], "frames": [], "file": None}
    with path.open(newline="", encoding="utf-8") as file:
        columns, *rows = csv.reader(file)
    images = {Path(source.path).stem: source.id for source in bench.project.sources()}
    at = {name: place for place, name in enumerate(columns)}
    frames = [(images.get(Path(row[at["file"]]).stem), int(row[at["frame"]])) for row in rows]
    return {"columns": list(map(_column, columns)),
            "rows": [list(map(_value, row)) for row in rows], "frames": frames,
            "file": path.relative_to(bench.project.folder).as_posix()}


@router.get("/findings")
def findings(bench: Bench) -> list[dict[str, Any]]:
    """What the last check found."""
    checked = next((job for job in bench.jobs.all() if job.kind == "check" and job.state == "done"), None)
    return list(checked.result["findings"]) if checked else []


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
