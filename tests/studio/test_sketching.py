"""A few strokes show a first mask, of this frame and of others like it."""

from __future__ import annotations

import time

import numpy as np
import pytest
import tifffile


def identity(page, stem: str) -> str:
    return next(image["id"] for image in page.get("/api/project").json()["images"] if image["name"] == f"{stem}.tif")


@pytest.fixture
def told(bench, monkeypatch):
    """What pages are told of sketches."""
    heard: list[dict] = []
    tell = bench.announcements.tell
    monkeypatch.setattr(bench.announcements, "tell", lambda event, data: (
        heard.append(data) if event == "sketch" else None, tell(event, data)))

    def wait(count: int) -> dict:
        for _ in range(400):
            if len(heard) >= count:
                return heard[-1]
            time.sleep(0.05)
        raise AssertionError(heard)

    return wait


def sketch(page, here: str) -> np.ndarray | None:
    answer = page.get(f"{here}/labels/sketch")
    if answer.status_code == 204:
        return None
    return np.frombuffer(answer.content, np.uint8).reshape(int(answer.headers["X-Height"]), -1)


def test_two_strokes_are_enough_where_brightness_tells(page, told, stroke, disc):
    here = f"/api/images/{identity(page, 'disc 0')}"
    page.post(f"{here}/strokes", json=stroke(radius=4, centre=(25, 30)))
    assert "background" in told(1)["words"]
    assert sketch(page, here) is None
    page.post(f"{here}/strokes", json=stroke(0, radius=5, centre=(50, 70)))
    assert told(2)["words"] == ""
    found, truth = sketch(page, here) == 1, disc(centre=(25, 30))
    assert (found & truth).sum() / (found | truth).sum() > 0.8
    other = f"/api/images/{identity(page, 'disc 4')}"
    page.post(f"{other}/strokes", json=stroke(0, radius=2, centre=(5, 5)))
    assert told(3)["words"] == ""  # what was drawn on the first teaches, too
    found, truth = sketch(page, other) == 1, disc(centre=(33, 50))
    assert (found & truth).sum() / (found | truth).sum() > 0.7


def test_a_sketch_is_a_beginning_that_leaves_what_a_person_drew(page, told, stroke, disc):
    here = f"/api/images/{identity(page, 'disc 0')}"
    assert page.post(f"{here}/start", json={"from": "sketch"}).status_code == 409
    page.post(f"{here}/strokes", json=stroke(radius=4, centre=(25, 30)))
    told(1)
    page.post(f"{here}/strokes", json=stroke(0, radius=5, centre=(50, 70)))
    told(2)
    proposed = sketch(page, here)
    assert page.post(f"{here}/start", json={"from": "sketch"}).status_code == 200
    answer = page.get(f"{here}/labels/annotation")
    taken = np.frombuffer(answer.content, np.uint8).reshape(60, 80)
    drawn = disc(radius=4, centre=(25, 30)) | disc(radius=5, centre=(50, 70))
    assert np.array_equal(taken[~drawn], proposed[~drawn])
    assert (taken[disc(radius=5, centre=(50, 70))] == 0).all()


def test_where_a_model_has_drawn_nobody_needs_a_sketch(page, bench, project, told, stroke, disc):
    project.predicted.mkdir(parents=True)
    tifffile.imwrite(project.predicted / "disc 0.tif", disc().astype(np.uint8))
    here = f"/api/images/{identity(page, 'disc 0')}"
    page.post(f"{here}/strokes", json=stroke())
    other = f"/api/images/{identity(page, 'disc 1')}"
    page.post(f"{other}/strokes", json=stroke())
    assert told(1)["id"] == identity(page, "disc 1")
