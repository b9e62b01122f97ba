"""What came of it, through the server."""

from __future__ import annotations

import numpy as np
import pytest
import tifffile

from morula.projects.tasks import MEASURED
from morula.segmenting.frames import TABLE, SegmentedFrame, write_frames
from morula.trust.expectation import Estimate, Expected


def row(file: str, iou: float, *flags: str) -> SegmentedFrame:
    expected = Expected(Estimate(iou, iou - 0.1, min(1, iou + 0.1)))
    return SegmentedFrame(file, 0, file, "model", 1, 400, flags=flags, expected=expected)


@pytest.fixture
def segmented(project, disc):
    """Three discs with masks of a model: one is doubtful, one is flagged."""
    project.predicted.mkdir(parents=True)
    for number in range(3):
        tifffile.imwrite(project.predicted / f"disc {number}.tif", disc().astype(np.uint8))
    write_frames(project.predicted / TABLE,
                 [row("disc 0.tif", 0.97), row("disc 1.tif", 0.6), row("disc 2.tif", 0.9, "touches the border")])
    return project


def test_what_is_least_certain_comes_first_until_it_is_reviewed(page, segmented):
    names = {image["id"]: image["name"] for image in page.get("/api/project").json()["images"]}
    queue = page.get("/api/queue").json()
    assert [names[each["id"]] for each in queue] == ["disc 2.tif", "disc 1.tif", "disc 0.tif"]
    assert queue[0]["reason"] == "touches the border"
    assert queue[1]["expected"] == pytest.approx(0.6)
    for review in ("accepted", "rejected"):
        first = page.get("/api/queue").json()[0]
        page.post(f"/api/images/{first['id']}/state", json={"t": 0, "review": review})
    assert [names[each["id"]] for each in page.get("/api/queue").json()] == ["disc 0.tif"]


def test_measures_have_names_and_units(page, project):
    assert page.get("/api/measurements").json()["file"] is None
    project.results.mkdir()
    (project.results / MEASURED).write_text("file,frame,area_um2,note\ndisc 1.tif,0,12.5,\nmovie.tif,2,,lost\n")
    told = page.get("/api/measurements").json()
    assert told["columns"][2] == {"name": "area_um2", "label": "area", "unit": "µm²"}
    assert told["rows"] == [["disc 1.tif", 0, 12.5, None], ["movie.tif", 2, None, "lost"]]
    ids = {image["name"]: image["id"] for image in page.get("/api/project").json()["images"]}
    assert told["frames"] == [[ids["disc 1.tif"], 0], [ids["movie.tif"], 2]]


@pytest.mark.parametrize(("what", "status"), [
    ("masks.zip", 422), ("rois.zip", 422), ("measurements.csv", 404), ("report.html", 404), ("other", 422),
    ("..%2F..%2Fmorula.json", 404),
])
def test_what_is_not_there_is_said(page, what, status):
    answer = page.get(f"/api/export/{what}")
    assert answer.status_code == status
    assert answer.json()["detail"]


def test_masks_are_downloaded_under_the_name_of_the_project(page, segmented):
    answer = page.get("/api/export/masks.zip")
    assert answer.content[:2] == b"PK"
    assert 'filename="discs-masks.zip"' in answer.headers["content-disposition"]
