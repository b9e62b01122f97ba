"""A project through the server: its images, its classes."""

from __future__ import annotations

import os
import shutil
import sys

import numpy as np
import pytest
import tifffile

from morula.projects.project import Project


def test_it_is_told_whole(page, folder):
    told = page.get("/api/project").json()
    assert (told["name"], told["folder"]) == ("discs", str(folder))
    assert [image["name"] for image in told["images"]][-2:] == ["movie.tif", "volume.tif"]
    movie, volume = told["images"][-2:]
    assert (movie["frames"], movie["height"], movie["width"], len(movie["states"])) == (3, 60, 80, 3)
    assert (volume["slices"], volume["type"]) == (4, "uint8")
    assert movie["states"][0] == {"annotated": "no", "predicted": False, "review": None, "expected": None, "low": None,
                                  "high": None, "classes": {}, "flags": [], "locked": [], "interpolated": False}


def test_an_image_is_dropped_in(page, project, tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", np.zeros((8, 9), np.uint8))
    content = (tmp_path / "a.tif").read_bytes()
    told = page.post("/api/images", params={"name": "new.tif"}, content=content)
    assert told.json()["width"] == 9
    assert (project.images / "new.tif").read_bytes() == content
    again = page.post("/api/images", params={"name": "new.tif"}, content=content)
    assert again.status_code == 422
    assert "already" in again.json()["detail"]
    assert page.post("/api/images", params={"name": "../new.tif"}, content=content).status_code == 422


def test_classes_get_names(page, folder, stroke):
    told = page.get("/api/project").json()
    classes = [{"name": "body", "colour": "#112233"}, {"name": "tip", "colour": "#445566"}]
    settings = told["settings"] | {"classes": classes}
    assert page.put("/api/settings", json=settings).status_code == 200
    assert [each.name for each in Project(folder).settings.classes] == ["body", "tip"]
    here = f"/api/images/{told['images'][0]['id']}/strokes"
    assert page.post(here, json=stroke(2)).status_code == 200
    fewer = page.put("/api/settings", json=settings | {"classes": settings["classes"][:1]})
    assert fewer.status_code == 409
    assert "Class 2 is drawn" in fewer.json()["detail"]
    assert page.post(here, json=stroke(1)).status_code == 200  # over all of it
    assert page.put("/api/settings", json=settings | {"classes": settings["classes"][:1]}).status_code == 200
    twice = page.put("/api/settings", json=settings | {"classes": [settings["classes"][0]] * 2})
    assert twice.status_code == 422
    assert "a name of its own" in twice.json()["detail"]
    assert page.put("/api/settings", json=settings | {"objects": True}).status_code in (409, 422)


def test_drawn_images_come_only_into_an_empty_project(page, project):
    assert page.post("/api/images/drawn").status_code == 409
    for _ in range(2):
        for path in list(project.images.iterdir()):
            path.unlink()
        told = page.post("/api/images/drawn").json()
        assert len(told["images"]) == 12
    assert all(image["problem"] is None for image in told["images"])


def test_too_much_is_said_to_be_too_much(page, project, monkeypatch):
    monkeypatch.setattr("morula.projects.uploads.LARGEST", 1000)
    answer = page.post("/api/images", params={"name": "new.tif"}, content=bytes(2000))
    assert answer.status_code == 413
    assert "larger than 4 GB" in answer.json()["detail"]


def test_masks_that_cannot_be_written_are_said(page, project, stroke):
    project.masks.write_text("a file where the folder of masks should be")
    image = page.get("/api/project").json()["images"][0]
    assert page.post(f"/api/images/{image['id']}/strokes", json=stroke()).status_code == 200  # kept all the same
    answer = page.post("/api/jobs", json={"kind": "train"})
    assert answer.status_code == 507
    assert "cannot be written" in answer.json()["detail"]


def test_what_was_drawn_is_in_the_mask_files_before_a_job_begins(page, project, stroke, monkeypatch):
    monkeypatch.setattr("morula.projects.open_annotations.PAUSE", 3600)
    monkeypatch.setattr("morula.jobs.job_queue.subprocess.Popen", lambda *_, **__: None)
    image = page.get("/api/project").json()["images"][0]
    page.post(f"/api/images/{image['id']}/strokes", json=stroke())
    page.post("/api/jobs", json={"kind": "check"})
    assert (project.masks / image["name"]).is_file()


def test_what_names_tell_must_fit_them(page, project):
    settings = page.get("/api/project").json()["settings"]
    for told, words in (("{kind} {time}", "'{kind} {time}' does not fit 2 of 7 names, such as movie.tif"),
                        ("disc", "'disc' names no fields")):
        answer = page.put("/api/settings", json=settings | {"names": told})
        assert answer.status_code == 422
        assert answer.json()["detail"].startswith(words)
    assert page.put("/api/settings", json=settings | {"names": "{what}"}).json()["names"] == "{what}"
    assert project.settings.names == "{what}"
    assert page.put("/api/settings", json=settings).json()["names"] is None


def test_a_class_that_was_drawn_keeps_its_place(page, project, stroke):
    told = page.get("/api/project").json()
    one, two, three = ({"name": name, "colour": "#19b37d"} for name in ("body", "halo", "dust"))
    assert page.put("/api/settings", json=told["settings"] | {"classes": [one, two]}).status_code == 200
    page.post(f"/api/images/{told['images'][0]['id']}/strokes", json=stroke(1))
    for classes in ([two], [two, one]):
        answer = page.put("/api/settings", json=told["settings"] | {"classes": classes})
        assert answer.status_code == 409
        assert answer.json()["detail"].startswith("body was drawn")
    renamed = one | {"name": "gastruloid"}
    for classes in ([one], [renamed, three], [renamed, two, one]):
        assert page.put("/api/settings", json=told["settings"] | {"classes": classes}).status_code == 200


@pytest.mark.parametrize("name", ["a, b", "-c"])
def test_names_of_classes_can_be_typed_in_a_command(page, name):
    settings = page.get("/api/project").json()["settings"]
    answer = page.put("/api/settings", json=settings | {"classes": [{"name": name, "colour": "#19b37d"}]})
    assert answer.status_code == 422
    assert "no comma" in answer.json()["detail"]


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names")
def test_a_name_of_other_times_is_said_to_be(page, project):
    shutil.copyfile(project.images / "disc 0.tif", project.images / os.fsdecode(b"caf\xe9.tif"))
    answer = page.get("/api/project")
    assert answer.status_code == 200
    [problem] = [image["problem"] for image in answer.json()["images"] if image["problem"]]
    assert problem.startswith("The name of caf?.tif is not written")
    assert page.get("/api/queue").status_code == 200
