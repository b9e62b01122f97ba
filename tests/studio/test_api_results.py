"""What came of it, through the server."""

from __future__ import annotations

from dataclasses import asdict

import numpy as np
import pytest
import tifffile

from morula.jobs.job_queue import Job
from morula.jobs.tasks import MEASURED
from morula.jobs.worker import carry_out
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


def test_of_several_classes_each_is_judged(page, segmented):
    body, shed = Estimate(0.94, 0.83, 1.0), Estimate(0.36, 0.08, 0.61)
    expected = Expected(Estimate(0.65, 0.42, 0.77), {"body": body, "shed cells": shed})
    rows = [SegmentedFrame("disc 0.tif", 0, "disc 0.tif", "model", 1, 400, expected=expected), row("disc 1.tif", 0.6)]
    write_frames(segmented.predicted / TABLE, rows)
    told = {image["name"]: image["states"][0] for image in page.get("/api/project").json()["images"]}
    assert told["disc 0.tif"]["classes"] == {"body": asdict(body), "shed cells": asdict(shed)}
    assert told["disc 1.tif"]["classes"] == {}


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


@pytest.fixture
def measured(segmented, disc):
    """Masks of three images, one with two objects, and of a movie; and the table of them all."""
    two = (disc(centre=(15, 20), radius=8) | disc(centre=(45, 60), radius=6)).astype(np.uint8)
    tifffile.imwrite(segmented.predicted / "disc 1.tif", two)
    movie = np.stack([disc(centre=(30, 30 + 5 * t)) for t in range(3)]).astype(np.uint8)
    tifffile.imwrite(segmented.predicted / "movie.tif", movie, imagej=True, metadata={"axes": "TYX"})
    jobs = segmented.hidden / "jobs"
    jobs.mkdir(exist_ok=True)
    Job("1", "measure").write(jobs)
    carry_out(segmented, jobs, "1")
    assert Job.read(jobs / "1.json").state == "done"
    return segmented


def test_an_object_is_found_at_a_pixel_and_by_its_number(page, measured, named):
    image = f"/api/images/{named(measured, 'disc 1').id}/objects"
    told = page.get("/api/measurements").json()
    names = [column["name"] for column in told["columns"]]
    for row, frame in zip(told["rows"], told["frames"], strict=True):
        values = dict(zip(names, row, strict=True))
        place = {"x": round(values["centroid_x_px"]), "y": round(values["centroid_y_px"]), "t": frame[1]}
        found = page.get(f"/api/images/{frame[0]}/objects/at", params=place).json()
        assert found["number"] == values["object"]
        assert found == page.get(f"/api/images/{frame[0]}/objects/{found['number']}", params={"t": frame[1]}).json()
    corners = np.array(page.get(f"{image}/1").json()["outlines"][0])
    assert corners.min(0).tolist() == [20 - 8, 15 - 8]
    assert corners.max(0).tolist() == [20 + 9, 15 + 9]
    nothing = {"number": None, "z": 0, "outlines": []}
    assert page.get(f"{image}/at", params={"x": 79, "y": 0}).json() == nothing
    assert page.get(f"{image}/at", params={"x": 0, "y": 60}).json() == nothing  # below the last row
    assert page.get(f"{image}/3").json() == nothing
    assert page.get(f"{image}/1", params={"t": 1}).status_code == 404
    unmeasured = named(measured, "disc 4").id
    assert page.get(f"/api/images/{unmeasured}/objects/at", params={"x": 3, "y": 3}).json() == nothing


def test_a_table_that_masks_have_left_behind_says_so(page, measured, named, stroke):
    assert not page.get("/api/measurements").json()["outdated"]
    page.post(f"/api/images/{named(measured, 'disc 0').id}/strokes", json=stroke())
    page.get("/api/export/masks.zip")  # writes what was drawn
    assert page.get("/api/measurements").json()["outdated"]


@pytest.mark.parametrize(("kind", "begins"), [("svg", b"<?xml"), ("png", b"\x89PNG")])
def test_a_figure_shows_the_columns_that_were_asked_for(page, measured, kind, begins):
    asked = {"y": "area_px2", "x": "perimeter_px", "by": "disc|movie"}
    answer = page.get(f"/api/export/figure.{kind}", params=asked)
    assert answer.status_code == 200
    assert answer.content.startswith(begins)
    assert f"discs-area_px2-perimeter_px.{kind}" in answer.headers["content-disposition"]
    if kind == "svg":
        for words in ("area (px²)", "perimeter (px)", "disc: 3 movies", "movie: 1 movie"):
            assert words in answer.text
    assert not (measured.results / "figures").exists()
    command = page.get("/api/figure/command", params=asked).json()["command"]
    assert command == ("morula plot results/measurements.csv --out results/figures --measures area_px2 "
                       "--against perimeter_px --conditions 'disc|movie' --format svg")


@pytest.mark.parametrize(("asked", "words"), [
    ({"y": "no_such"}, "no column"), ({"y": "area_px2", "x": "file"}, "numbers alone"),
    ({"y": "area_px2", "by": "wt"}, "fits none"), ({"y": "area_px2", "by": "/etc/some.csv"}, "by a column"),
    ({"y": "area_px2", "by": "disc"}, "Every file needs a condition"), ({"y": "area_px2", "by": "("}, "regular"),
])
def test_a_figure_that_cannot_be_drawn_is_said(page, measured, asked, words):
    answer = page.get("/api/export/figure.svg", params=asked)
    assert answer.status_code == 422
    assert words in answer.json()["detail"]
    assert "--" not in answer.json()["detail"]


def test_a_figure_needs_a_table(page):
    answer = page.get("/api/export/figure.svg", params={"y": "area"})
    assert (answer.status_code, answer.json()["detail"][:28]) == (422, "Nothing is measured yet. Mea")
