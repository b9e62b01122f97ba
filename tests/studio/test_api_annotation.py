"""Drawing through the server."""

from __future__ import annotations

import io
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest
import tifffile

from microscopes import write_lif
from morula.projects.project import Source
from morula.segmenting.frames import TABLE, SegmentedFrame, write_frames


def identity(page, stem: str) -> str:
    return next(image["id"] for image in page.get("/api/project").json()["images"] if image["name"] == f"{stem}.tif")


def numbers(answer, dtype=np.uint8) -> np.ndarray:
    assert answer.status_code == 200, answer.text
    return np.frombuffer(answer.content, np.dtype(dtype).newbyteorder("<")).reshape(
        int(answer.headers["X-Height"]), int(answer.headers["X-Width"]))


def written(path: Path) -> np.ndarray:
    """What is in a mask file, as soon as there is one."""
    for _ in range(100):
        if path.exists():
            break
        time.sleep(0.05)
    return tifffile.imread(path)


def state(page, stem: str, frame: int = 0) -> dict:
    images = page.get("/api/project").json()["images"]
    return next(image for image in images if image["name"] == f"{stem}.tif")["states"][frame]


def test_a_stroke_is_seen_and_written(page, project, stroke, disc):
    here = f"/api/images/{identity(page, 'disc 1')}"
    assert page.get(f"{here}/labels/annotation").status_code == 204
    assert page.post(f"{here}/strokes", json=stroke()).json() == {"revision": 1}
    assert np.array_equal(numbers(page.get(f"{here}/labels/annotation")), np.where(disc(), 1, 255))
    assert np.array_equal(numbers(page.get(f"{here}/labels/annotation", params={"level": 2})),
                          np.where(disc(), 1, 255)[::4, ::4])
    assert np.array_equal(numbers(page.get(f"{here}/labels/annotation", params={"level": 2, "fine": True})),
                          np.where(disc(), 1, 255))
    assert page.get(f"{here}/labels/annotation", params={"level": 4, "fine": True}).status_code == 422
    assert state(page, "disc 1")["annotated"] == "partly"
    assert np.array_equal(written(project.masks / "disc 1.tif"), np.where(disc(), 1, 255))


def test_a_stroke_on_a_scene_goes_into_a_mask_of_its_own(page, project, stroke, disc):
    picture = np.full((60, 80), 40, np.uint8)
    write_lif(project.images / "embryos.lif", dict.fromkeys(("first", "second"), (picture, "YX")))
    images = {image["name"]: image["id"] for image in page.get("/api/project").json()["images"]}
    assert page.post(f"/api/images/{images['embryos.lif:2']}/strokes", json=stroke()).json() == {"revision": 1}
    assert np.array_equal(written(project.masks / "embryos_scene2.tif"), np.where(disc(), 1, 255))
    assert page.get(f"/api/images/{images['embryos.lif:1']}/labels/annotation").status_code == 204


@pytest.mark.parametrize(("change", "words"), [
    ({"runs": [1, 5]}, "The runs must fill the box"),
    ({"runs": [9, 4800]}, "There is no class"),
    ({"t": 1}, "outside the image"),
    ({"more": 1}, "Extra inputs"),
])
def test_strokes_that_cannot_be_are_refused_in_words(page, stroke, change, words):
    here = f"/api/images/{identity(page, 'disc 1')}"
    answer = page.post(f"{here}/strokes", json=stroke() | change)
    assert answer.status_code == 422
    assert words in answer.json()["detail"]
    assert state(page, "disc 1")["annotated"] == "no"


def test_two_pages_draw_on_one_image(page, stroke, disc):
    here = f"/api/images/{identity(page, 'disc 1')}"
    page.post(f"{here}/strokes", json=stroke(radius=6, centre=(20, 20)) | {"tab": "a"})
    page.post(f"{here}/strokes", json=stroke(0, radius=6, centre=(40, 60)) | {"tab": "b"})
    seen = numbers(page.get(f"{here}/labels/annotation"))
    assert (seen[disc(radius=6, centre=(20, 20))] == 1).all()
    assert (seen[disc(radius=6, centre=(40, 60))] == 0).all()


def test_the_frame_before_is_a_beginning_and_there_is_a_way_back(page, stroke, disc):
    here = f"/api/images/{identity(page, 'movie')}"
    page.post(f"{here}/strokes", json=stroke(t=0))
    page.post(f"{here}/strokes", json=stroke(0, t=1, radius=3))
    page.post(f"{here}/start", json={"t": 1, "from": "before"})
    seen = numbers(page.get(f"{here}/labels/annotation", params={"t": 1}))
    assert (seen[disc(radius=3)] == 0).all()
    assert (seen[disc() & ~disc(radius=3)] == 1).all()
    [version] = page.get(f"{here}/history", params={"t": 1}).json()
    page.post(f"{here}/restore", json={"t": 1, "version": version["version"]})
    assert np.array_equal(numbers(page.get(f"{here}/labels/annotation", params={"t": 1})),
                          np.where(disc(radius=3), 0, 255))
    assert len(page.get(f"{here}/history", params={"t": 1}).json()) == 2
    assert page.post(f"{here}/start", json={"t": 0, "from": "before"}).status_code == 200  # the last disc
    assert page.post(f"{here}/restore", json={"t": 1, "version": "../../x"}).status_code == 404


def test_the_frame_before_may_lie_in_another_file(page, stroke, disc):
    page.post(f"/api/images/{identity(page, 'disc 0')}/strokes", json=stroke())
    here = f"/api/images/{identity(page, 'disc 1')}"
    page.post(f"{here}/start", json={"t": 0, "from": "before"})
    assert np.array_equal(numbers(page.get(f"{here}/labels/annotation")), np.where(disc(), 1, 255))
    first, volume = (f"/api/images/{identity(page, stem)}/start" for stem in ("disc 0", "volume"))
    for path, words in ((first, "no frame before the first"), (volume, "of another size")):
        refused = page.post(path, json={"t": 0, "from": "before"})
        assert refused.status_code == 409
        assert words in refused.json()["detail"]


def test_a_slice_alone_takes_the_mask_of_a_model(page, project):
    here = f"/api/images/{identity(page, 'volume')}"
    project.predicted.mkdir(parents=True)
    tifffile.imwrite(project.predicted / "volume.tif", np.ones((4, 30, 40), np.uint8), imagej=True,
                     metadata={"axes": "ZYX"})
    assert page.post(f"{here}/start", json={"z": 2, "from": "prediction"}).status_code == 200
    seen = [numbers(page.get(f"{here}/labels/annotation", params={"z": z})) for z in range(4)]
    assert [int(each.min()) for each in seen] == [255, 255, 1, 255]
    assert page.post(f"{here}/start", json={"z": 4, "from": "prediction"}).status_code == 404


def test_a_finished_frame(page, project, stroke, disc):
    here = f"/api/images/{identity(page, 'disc 2')}"
    page.post(f"{here}/strokes", json=stroke())
    assert page.post(f"{here}/state", json={"t": 0, "finished": True}).json()["annotated"] == "finished"
    page.get("/api/export/everything.zip")
    assert np.array_equal(tifffile.imread(project.masks / "disc 2.tif"), disc())
    assert page.post(f"{here}/state", json={"t": 0, "finished": False}).json()["annotated"] == "partly"


def test_an_accepted_mask_becomes_the_annotation(page, project, disc):
    here = f"/api/images/{identity(page, 'disc 3')}"
    assert page.post(f"{here}/state", json={"t": 0, "review": "accepted"}).status_code == 409
    project.predicted.mkdir(parents=True)
    tifffile.imwrite(project.predicted / "disc 3.tif", disc().astype(np.uint8))
    assert np.array_equal(numbers(page.get(f"{here}/labels/prediction")), disc())
    said = page.post(f"{here}/state", json={"t": 0, "review": "accepted"}).json()
    assert (said["review"], said["annotated"]) == ("accepted", "finished")
    assert (numbers(page.get(f"{here}/labels/annotation"))[disc()] == 1).all()
    assert page.post(f"{here}/state", json={"t": 0, "review": None}).json()["review"] is None


def test_a_frame_that_is_annotated_again_can_be_had_back(page, project, stroke, disc):
    here = f"/api/images/{identity(page, 'movie')}"
    for frame in (0, 1):
        page.post(f"{here}/strokes", json=stroke(t=frame))
    page.post(f"{here}/state", json={"t": 1, "finished": True, "review": "corrected"})
    assert page.post(f"{here}/clear", json={"t": 1}).json()["revision"] == 3
    assert page.get(f"{here}/labels/annotation", params={"t": 1}).status_code == 204
    cleared = state(page, "movie", 1)
    assert (cleared["annotated"], cleared["review"]) == ("no", None)
    assert state(page, "movie", 0)["annotated"] == "partly"
    [version] = page.get(f"{here}/history", params={"t": 1}).json()
    page.post(f"{here}/restore", json={"t": 1, "version": version["version"]})
    assert (numbers(page.get(f"{here}/labels/annotation", params={"t": 1}))[disc()] == 1).all()
    assert page.post(f"{here}/clear", json={"t": 3}).status_code == 404


def test_without_its_only_annotation_an_image_has_no_mask_file(page, project, stroke):
    here = f"/api/images/{identity(page, 'disc 2')}"
    page.post(f"{here}/strokes", json=stroke())
    page.get("/api/export/everything.zip")
    assert (project.masks / "disc 2.tif").is_file()
    page.post(f"{here}/clear", json={"t": 0})
    page.get("/api/export/everything.zip")
    assert not (project.masks / "disc 2.tif").exists()


@pytest.mark.parametrize("path", ["/api/images/0123456789ab/labels/annotation", "/api/images/x/labels/annotation",
                                  "/api/images/../project/labels/annotation"])
def test_there_is_no_other_image(page, path):
    assert page.get(path).status_code in (404, 422)


def test_what_changed_at_once_is_taken_back(page, project, stroke, disc):
    """The frame before, an earlier annotation, and a mask that was accepted, each with what was said of the frame."""
    here = f"/api/images/{identity(page, 'disc 3')}"
    project.predicted.mkdir(parents=True)
    tifffile.imwrite(project.predicted / "disc 3.tif", disc().astype(np.uint8))
    page.post(f"/api/images/{identity(page, 'disc 2')}/strokes", json=stroke(radius=9))
    page.post(f"{here}/strokes", json=stroke(0, radius=3))
    seen = [numbers(page.get(f"{here}/labels/annotation"))]
    said = [state(page, "disc 3")]
    changes = []
    for path, body in (("start", {"from": "before"}), ("restore", {}), ("state", {"review": "accepted"})):
        if path == "restore":
            body = {"version": page.get(f"{here}/history").json()[0]["version"]}
        changes.append(page.post(f"{here}/{path}", json=body).json()["change"])
        seen.append(numbers(page.get(f"{here}/labels/annotation")))
        said.append(state(page, "disc 3"))
    assert len({each.tobytes() for each in seen}) == 3
    for number in (2, 1, 0):
        told = page.post(f"{here}/changes", json={"change": changes[number]}).json()
        assert told["state"] == state(page, "disc 3") == said[number]
        assert np.array_equal(numbers(page.get(f"{here}/labels/annotation")), seen[number])
    for number in range(3):
        page.post(f"{here}/changes", json={"change": changes[number], "back": False})
        assert np.array_equal(numbers(page.get(f"{here}/labels/annotation")), seen[number + 1])
        assert state(page, "disc 3") == said[number + 1]
    assert page.post(f"{here}/changes", json={"change": "../../x"}).status_code == 404


def test_a_stroke_that_is_taken_back_leaves_what_others_drew_over_it(page, stroke, disc):
    """As a page takes it back: its numbers, and what it expects to be there."""
    here = f"/api/images/{identity(page, 'disc 3')}"
    mine = stroke(radius=9)
    page.post(f"{here}/strokes", json=mine)
    page.post(f"{here}/strokes", json=stroke(0, radius=4) | {"tab": "another"})
    back = mine | {"over": mine["runs"], "runs": [255 if number == 1 else number for number in mine["runs"][::2]]}
    back["runs"] = [each for pair in zip(back["runs"], mine["runs"][1::2], strict=True) for each in pair]
    assert page.post(f"{here}/strokes", json=back).status_code == 200
    assert np.array_equal(numbers(page.get(f"{here}/labels/annotation")), np.where(disc(radius=4), 0, 255))


def test_a_finished_frame_is_closed(page, project, stroke, disc):
    here = f"/api/images/{identity(page, 'disc 1')}"
    project.predicted.mkdir(parents=True)
    tifffile.imwrite(project.predicted / "disc 1.tif", disc().astype(np.uint8))
    page.post(f"{here}/strokes", json=stroke(radius=3))
    change = page.post(f"{here}/state", json={"finished": True}).json()["change"]
    before = numbers(page.get(f"{here}/labels/annotation"))
    for path, body in (("strokes", stroke(0)), ("start", {"from": "prediction"}), ("state", {"review": "accepted"})):
        refused = page.post(f"{here}/{path}", json=body)
        assert refused.status_code == 409
        assert "Press F" in refused.json()["detail"]
    assert np.array_equal(numbers(page.get(f"{here}/labels/annotation")), before)
    assert state(page, "disc 1")["review"] is None
    assert page.get(f"{here}/history").json() == []
    assert page.post(f"{here}/changes", json={"change": change}).json()["state"]["annotated"] == "partly"
    assert page.post(f"{here}/strokes", json=stroke(0)).status_code == 200


def test_objects_are_locked_and_numbered(page, project, stroke, disc):
    here = f"/api/images/{identity(page, 'disc 1')}"
    refused = page.post(f"/api/images/{identity(page, 'disc 2')}/state", json={"locked": [1]})
    assert refused.status_code == 422
    assert "Only objects" in refused.json()["detail"]
    project.change_settings(project.settings.model_copy(update={"objects": True}))
    page.post(f"{here}/strokes", json=stroke(3))
    assert page.post(f"{here}/numbers", json={"count": 2}).json() == {"numbers": [4, 5]}
    assert page.post(f"{here}/numbers", json={}).json() == {"numbers": [6]}
    change = page.post(f"{here}/state", json={"locked": [3]}).json()["change"]
    assert state(page, "disc 1")["locked"] == [3]
    page.post(f"{here}/strokes", json=stroke(65535, radius=20))
    assert np.array_equal(numbers(page.get(f"{here}/labels/annotation"), np.uint16) == 3, disc())
    page.post(f"{here}/changes", json={"change": change})
    page.post(f"{here}/strokes", json=stroke(65535, radius=20))
    assert state(page, "disc 1")["annotated"] == "no"
    assert page.post(f"{here}/numbers", json={"t": 5}).status_code == 404


def test_masks_of_a_model_do_not_take_the_numbers_of_drawn_objects(page, project, stroke, disc):
    project.change_settings(project.settings.model_copy(update={"objects": True}))
    here = f"/api/images/{identity(page, 'disc 1')}"
    project.predicted.mkdir(parents=True)
    tifffile.imwrite(project.predicted / "disc 1.tif", (1 * disc(radius=6, centre=(40, 60))).astype(np.uint16))
    page.post(f"{here}/strokes", json=stroke(1, radius=6, centre=(15, 15)))
    page.post(f"{here}/start", json={"from": "prediction"})
    seen = numbers(page.get(f"{here}/labels/annotation"), np.uint16)
    assert np.array_equal(seen == 1, disc(radius=6, centre=(15, 15)))
    assert np.array_equal(seen == 2, disc(radius=6, centre=(40, 60)))


def segmented_movie(project, masks: np.ndarray, flags: dict[int, str]) -> None:
    """Masks of a model for all frames of the movie, some of them flagged."""
    project.predicted.mkdir(parents=True)
    tifffile.imwrite(project.predicted / "movie.tif", masks.astype(np.uint8), imagej=True, metadata={"axes": "TYX"})
    write_frames(project.predicted / TABLE,
                 [SegmentedFrame("movie.tif", frame, "movie.tif", "model", 1, int(mask.sum()),
                                 flags=(flags[frame],) if frame in flags else ())
                  for frame, mask in enumerate(masks)])


def test_a_frame_that_jumps_is_drawn_between_those_beside_it(page, project, disc):
    """Between discs of radius 10 and 20 lies one of 15; it says that it is interpolated, and can be taken back."""
    segmented_movie(project, np.stack([disc(radius=10), disc(radius=4), disc(radius=20)]), {1: "area jumps"})
    here = f"/api/images/{identity(page, 'movie')}"
    change = page.post(f"{here}/mend", json={"t": 1}).json()["change"]
    mended = state(page, "movie", 1)
    page.post(f"{here}/changes", json={"change": change})
    taken_back = state(page, "movie", 1)
    assert (taken_back["review"], taken_back["annotated"], taken_back["interpolated"]) == (None, "no", False)
    page.post(f"{here}/changes", json={"change": change, "back": False})
    assert state(page, "movie", 1) == mended
    found = numbers(page.get(f"{here}/labels/annotation", params={"t": 1}))
    wanted = disc(radius=15)
    assert ((found == 1) & wanted).sum() / ((found == 1) | wanted).sum() > 0.97
    now = state(page, "movie", 1)
    assert (now["review"], now["annotated"], now["interpolated"]) == ("corrected", "finished", True)
    assert page.get("/api/queue").json()[0]["t"] != 1
    packed = zipfile.ZipFile(io.BytesIO(page.get("/api/export/masks.zip").content))
    taken = tifffile.imread(io.BytesIO(packed.read("movie.tif")))
    assert np.array_equal(taken[1], found)
    assert np.array_equal(taken[0], disc(radius=10))
    told = packed.read(TABLE).decode().splitlines()
    assert ["interpolated between the frames beside it" in row for row in told] == [False, False, True, False]
    assert told[0] == (project.predicted / TABLE).read_text().splitlines()[0]
    assert not project.mask(Source.of(project.images / "movie.tif")).exists()  # no model learns what nobody saw

    page.post(f"{here}/clear", json={"t": 1})
    now = state(page, "movie", 1)
    assert (now["review"], now["annotated"], now["interpolated"]) == (None, "no", False)
    [version] = page.get(f"{here}/history", params={"t": 1}).json()  # the interpolated one
    page.post(f"{here}/restore", json={"t": 1, "version": version["version"]})
    assert np.array_equal(numbers(page.get(f"{here}/labels/annotation", params={"t": 1})), found)


def test_what_a_person_drew_beside_it_counts(page, project, disc, stroke):
    segmented_movie(project, np.stack([disc(radius=3), disc(radius=4), disc(radius=20)]), {1: "area jumps"})
    here = f"/api/images/{identity(page, 'movie')}"
    page.post(f"{here}/strokes", json=stroke(t=0, radius=10))
    page.post(f"{here}/state", json={"t": 0, "finished": True})
    page.post(f"{here}/strokes", json=stroke(t=1, radius=6))
    page.post(f"{here}/mend", json={"t": 1})
    found = numbers(page.get(f"{here}/labels/annotation", params={"t": 1}))
    assert (found == 1).sum() == pytest.approx(np.pi * 15**2, rel=0.05)
    assert len(page.get(f"{here}/history", params={"t": 1}).json()) == 1  # what was drawn on it before
    page.get("/api/export/masks.zip")  # which writes all that is drawn
    seen = tifffile.imread(project.mask(Source.of(project.images / "movie.tif")))
    assert np.array_equal(seen[0], disc(radius=10))
    assert (seen[1] == 255).all()  # no model learns what nobody saw


def test_why_a_frame_cannot_be_mended_is_said(page, project, disc):
    here = f"/api/images/{identity(page, 'movie')}"

    def refused(frame: int, of: str = here) -> str:
        answer = page.post(f"{of}/mend", json={"t": frame})
        assert answer.status_code == 409
        return answer.json()["detail"]

    assert "has no mask" in refused(1)
    segmented_movie(project, np.stack([disc()] * 3), {1: "area jumps", 2: "position jumps"})
    assert "on both sides" in refused(0)
    assert "jumps as well" in refused(1)
    assert "on both sides" in refused(0, f"/api/images/{identity(page, 'volume')}")
    assert page.post(f"{here}/mend", json={"t": 3}).status_code == 404


def test_a_movie_may_be_many_files(page, project, disc):
    """Files whose names count moments are beside each other."""
    project.predicted.mkdir(parents=True)
    for moment, radius in enumerate((10, 4, 20)):
        grey = np.full((60, 80), 100, np.uint8)
        tifffile.imwrite(project.images / f"embryo_t0{moment}.tif", grey)
        tifffile.imwrite(project.predicted / f"embryo_t0{moment}.tif", disc(radius=radius).astype(np.uint8))
    here = f"/api/images/{identity(page, 'embryo_t01')}"
    assert page.post(f"{here}/mend", json={"t": 0}).status_code == 200
    found = numbers(page.get(f"{here}/labels/annotation"))
    assert (found == 1).sum() == pytest.approx(np.pi * 15**2, rel=0.05)
    packed = zipfile.ZipFile(io.BytesIO(page.get("/api/export/masks.zip").content))
    assert np.array_equal(tifffile.imread(io.BytesIO(packed.read("embryo_t01.tif"))), found)


def test_an_area_is_filled_at_once(page, stroke, disc):
    here = f"/api/images/{identity(page, 'disc 1')}"
    page.post(f"{here}/strokes", json=stroke(0, radius=5))
    spans = [number for row in range(10, 50) for number in (row, 20, 90)]
    change = page.post(f"{here}/area", json={"number": 1, "kept": True, "spans": spans}).json()["change"]
    expected = np.full((60, 80), 255)
    expected[10:50, 20:] = 1
    expected[disc(radius=5)] = 0
    assert np.array_equal(numbers(page.get(f"{here}/labels/annotation")), expected)
    page.post(f"{here}/changes", json={"change": change})
    assert np.array_equal(numbers(page.get(f"{here}/labels/annotation")), np.where(disc(radius=5), 0, 255))
    for wrong, words in (({"number": 2}, "There is no class"), ({"spans": [1, 2]}, "3"),
                         ({"spans": [5, 1, 2, 4, 1, 2]}, "by rows")):
        refused = page.post(f"{here}/area", json={"number": 1, "spans": spans} | wrong)
        assert refused.status_code == 422
        assert words in refused.json()["detail"]
    assert page.post(f"{here}/area", json={"number": 1, "z": 1, "spans": spans}).status_code == 404


def test_an_earlier_annotation_must_fit_the_image_and_its_classes(page, project, stroke):
    """Of an image that was replaced by one of another size, and of a class that went."""
    settings = page.get("/api/project").json()["settings"]
    both = [*settings["classes"], {"name": "halo", "colour": "#f2a93b"}]
    page.put("/api/settings", json=settings | {"classes": both})
    image = next(image for image in page.get("/api/project").json()["images"] if image["name"] == "disc 0.tif")
    address = f"/api/images/{image['id']}"
    page.post(f"{address}/strokes", json=stroke(2))
    page.post(f"{address}/clear", json={"t": 0})
    [version] = page.get(f"{address}/history", params={"t": 0}).json()
    wanted = {"t": 0, "version": version["version"]}
    project.change_settings(project.settings.model_copy(update={"classes": project.settings.classes[:1]}))
    answer = page.post(f"{address}/restore", json=wanted)
    assert answer.status_code == 409
    assert answer.json()["detail"] == "There is no class 2: the last one is 1. Add a class first."
    tifffile.imwrite(project.images / "disc 0.tif", np.zeros((20, 30), np.uint8))
    answer = page.post(f"{address}/restore", json=wanted)
    assert answer.status_code == 409
    assert "another size" in answer.json()["detail"]
