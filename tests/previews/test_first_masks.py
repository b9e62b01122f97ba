"""A first mask is there at once: by a few strokes, and by the newest network once it does better."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import numpy as np
import pytest
import tifffile
import torch

from morula.errors import RequestError
from morula.models.model import Model
from morula.models.plan import Plan
from morula.networks.architecture import Architecture
from morula.networks.unet import UNet
from morula.objects.separation import Separation
from morula.previews import sketching
from morula.previews.contest import Contest
from morula.previews.first_masks import Previews
from morula.previews.sketching import Sketching
from morula.projects.models_made import models_made
from morula.projects.strokes import Stroke
from morula.workflows import segment, train


def identity(page, stem: str) -> str:
    return next(image["id"] for image in page.get("/api/project").json()["images"] if image["name"] == f"{stem}.tif")


@pytest.fixture
def told(bench, monkeypatch):
    """What pages are told of first masks."""
    heard: list[dict] = []
    tell = bench.announcements.tell
    monkeypatch.setattr(bench.announcements, "tell", lambda event, data: (
        heard.append(data) if event == "preview" else None, tell(event, data)))

    def wait(count: int) -> dict:
        for _ in range(400):
            if len(heard) >= count:
                return heard[-1]
            time.sleep(0.05)
        raise AssertionError(heard)

    return wait


def previewed(page, here: str, kind: type = np.uint8) -> np.ndarray | None:
    answer = page.get(f"{here}/labels/preview")
    if answer.status_code == 204:
        return None
    return np.frombuffer(answer.content, kind).reshape(int(answer.headers["X-Height"]), -1)


def test_two_strokes_are_enough_where_brightness_tells(page, told, stroke, disc):
    here = f"/api/images/{identity(page, 'disc 0')}"
    page.post(f"{here}/strokes", json=stroke(radius=4, centre=(25, 30)))
    assert "background" in told(1)["words"]
    assert previewed(page, here) is None
    page.post(f"{here}/strokes", json=stroke(0, radius=5, centre=(50, 70)))
    assert "from your strokes" in told(2)["words"]
    found, truth = previewed(page, here) == 1, disc(centre=(25, 30))
    assert (found & truth).sum() / (found | truth).sum() > 0.8
    other = f"/api/images/{identity(page, 'disc 4')}"
    page.post(f"{other}/strokes", json=stroke(0, radius=2, centre=(5, 5)))
    assert told(3)["there"]  # what was drawn on the first teaches, too
    found, truth = previewed(page, other) == 1, disc(centre=(33, 50))
    assert (found & truth).sum() / (found | truth).sum() > 0.7


def test_a_first_mask_is_a_beginning_that_leaves_what_a_person_drew(page, told, stroke, disc):
    here = f"/api/images/{identity(page, 'disc 0')}"
    assert page.post(f"{here}/start", json={"from": "preview"}).status_code == 409
    page.post(f"{here}/strokes", json=stroke(radius=4, centre=(25, 30)))
    told(1)
    page.post(f"{here}/strokes", json=stroke(0, radius=5, centre=(50, 70)))
    told(2)
    proposed = previewed(page, here)
    assert page.post(f"{here}/start", json={"from": "preview"}).status_code == 200
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


def test_what_was_drawn_in_another_sitting_is_sketched_when_it_is_looked_at(page, bench, told, stroke, disc):
    here = f"/api/images/{identity(page, 'disc 0')}"
    page.post(f"{here}/strokes", json=stroke(radius=4, centre=(25, 30)))
    page.post(f"{here}/strokes", json=stroke(0, radius=5, centre=(50, 70)))
    told(1)
    other = f"/api/images/{identity(page, 'disc 1')}"
    assert page.post(f"{other}/preview").json() == {"id": identity(page, "disc 1"), "t": 0, "revision": 0,
                                                    "there": False, "words": ""}  # nothing was drawn on it
    again = Previews(bench.project, bench.annotations, lambda told: bench.announcements.tell("preview", told))
    source = bench.project.source(identity(page, "disc 0"))
    try:
        assert again.of(source, 0).mask is None
        found = wait_until(lambda: again.mask(source, 0)) == 1
    finally:
        again.close()
    assert overlap(found, disc(centre=(25, 30))) > 0.8


def wait_until(found):
    """What is there after a while."""
    for _ in range(1200):
        if (there := found()) is not None:
            return there
        time.sleep(0.05)
    raise AssertionError("it never came")


def overlap(one: np.ndarray, other: np.ndarray) -> float:
    return float((one & other).sum() / (one | other).sum())


@pytest.mark.slow
def test_a_trained_network_draws_what_segmenting_draws(page, project, told, tmp_path, named, disc):
    images, masks = tmp_path / "images", tmp_path / "masks"
    for each in (images, masks):
        each.mkdir()
    shutil.copy(project.images / "disc 2.tif", images)
    tifffile.imwrite(masks / "disc 2.tif", disc(centre=(29, 40)).astype(np.uint8))
    model = train(images, masks, project.models / "model-1.safetensors", minutes=0.1).path
    source = named(project, "disc 0")
    here = f"/api/images/{source.id}"
    page.post(f"{here}/preview")
    assert told(1)["words"] == "Dashed: mask by model-1."  # no frame validated it
    found = previewed(page, here) == 1
    assert overlap(found, disc(centre=(25, 30))) > 0.8
    segment(model, source.path, tmp_path / "segmented")
    assert overlap(found, tifffile.imread(tmp_path / "segmented" / "disc 0.tif") == 1) > 0.99


def unlearned(folder: Path, iou: float = 0.5, *, objects: bool = False) -> Path:
    """A network that has learned nothing and finds a half of everything; its record says how good it was."""
    plan = Plan(channels=("grey",), classes=("foreground",), binning=(1, 1), patch=(16, 16), batch=2,
                architecture=Architecture(width=4, depth=2, distance=objects), learning_rate=0.01,
                separation=Separation() if objects else None)
    known = Model.load("gastruloid").record
    record = {**known, "made": "2026-01-01T00:00:00+00:00",
              "validation": {**known["validation"], "foreground_iou": iou}}
    torch.manual_seed(0)
    network = UNet(plan.architecture)
    for _ in range(5):
        network(torch.randn(2, 1, 32, 32))
    with torch.no_grad():
        noise = torch.randn(1, 1, 32, 32)
        network.head.weight *= 2 / network.eval()(noise).std()
        network.head.bias -= network(noise)[0].flatten(1).median(1).values
    Model(network, plan, record).save(folder / "model-1.safetensors")
    return folder / "model-1.safetensors"


@pytest.mark.parametrize("iou", [0.1, 1.0])
def test_the_network_draws_unless_strokes_are_known_to_do_better(page, project, told, stroke, iou):
    unlearned(project.models, iou)
    for number in range(3):
        here = f"/api/images/{identity(page, f'disc {number}')}"
        page.post(f"{here}/strokes", json=stroke(radius=12, centre=(25 + 2 * number, 30 + 5 * number)))
        page.post(f"{here}/state", json={"finished": True})
    there = f"/api/images/{identity(page, 'disc 4')}"
    page.post(f"{there}/strokes", json=stroke(radius=4, centre=(33, 50)))
    page.post(f"{there}/strokes", json=stroke(0, radius=5, centre=(5, 5)))
    strokes, network = "Dashed: a first mask from your strokes, so far better than model-1.", (
        f"Dashed: mask by model-1 (validation IoU {iou:.2f}).")
    assert wait_until(lambda: drawn(page, there, strokes if iou < 0.5 else network))
    untouched = f"/api/images/{identity(page, 'disc 3')}"
    page.post(f"{untouched}/preview")
    assert wait_until(lambda: drawn(page, untouched, network))  # where nobody drew, only a network can
    said = wait_until(lambda: settled(page, there))
    page.post(f"{there}/strokes", json=stroke(0, radius=2, centre=(5, 30)))
    if iou < 0.5:
        assert wait_until(lambda: drawn(page, there, strokes, after=said["revision"]))
    else:
        assert wait_until(lambda: settled(page, there)) == said  # a stroke changes nothing


def test_strokes_are_not_tried_on_what_nobody_saw(page, bench, project, named, stroke):
    unlearned(project.models, 0.1)
    [made] = models_made(project)
    for number in range(3):
        page.post(f"/api/images/{identity(page, f'disc {number}')}/strokes",
                  json=stroke(radius=12, centre=(25 + 2 * number, 30 + 5 * number)))
        annotation = bench.annotations.of(named(project, f"disc {number}"))
        annotation.set_finished(0, True)
        annotation.set_interpolated(0, True)
    contest = Contest(project, bench.annotations, Sketching(project, bench.annotations))
    assert not contest.strokes_win(made)  # nobody can know
    for number in range(3):
        bench.annotations.of(named(project, f"disc {number}")).set_interpolated(0, False)
    assert contest.strokes_win(made)


def test_frames_drawn_on_lately_teach_unless_nobody_saw_them(bench, project, named, stroke):
    sketching = Sketching(project, bench.annotations)
    drawn_on, looked_at = named(project, "disc 0"), named(project, "disc 4")
    other = bench.annotations.of(drawn_on)
    other.draw(Stroke(**stroke(radius=4, centre=(25, 30))))
    bench.annotations.of(looked_at).draw(Stroke(**stroke(0, radius=5, centre=(5, 5))))
    sketching.drew((drawn_on, 0))
    assert sketching.mask((looked_at, 0))[33, 50] == 1
    other.set_interpolated(0, True)
    with pytest.raises(RequestError, match="Draw a stroke on what you study"):
        sketching.mask((looked_at, 0))


def drawn(page, here: str, words: str, after: int = 0) -> dict | None:
    """What is said of a first mask, once it is said."""
    news = page.post(f"{here}/preview").json()
    return news if news["words"] == words and news["revision"] > after else None


def settled(page, here: str) -> dict | None:
    """What is said of a first mask, once nothing new is said of it."""
    news = page.post(f"{here}/preview").json()
    time.sleep(0.5)
    return news if page.post(f"{here}/preview").json() == news else None


def test_objects_have_their_numbers(page, project, told, named):
    project.change_settings(project.settings.model_copy(update={"objects": True}))
    path = unlearned(project.models, objects=True)
    source = named(project, "disc 3")
    here = f"/api/images/{source.id}"
    page.post(f"{here}/preview")
    assert "mask by model-1" in told(1)["words"]
    found = previewed(page, here, np.uint16)
    assert np.array_equal(found, Model.load(path).segmented(project.image(source)))
    assert len(np.unique(found)) > 2
    assert page.post(f"{here}/start", json={"from": "preview"}).status_code == 200
    assert np.array_equal(np.frombuffer(page.get(f"{here}/labels/annotation").content, np.uint16), found.ravel())


def test_a_newer_model_takes_over(page, project, told, named):
    source = named(project, "disc 3")
    here = f"/api/images/{source.id}"
    shutil.copy(unlearned(project.models), project.models / "model-2.safetensors")
    page.post(f"{here}/preview")
    first = told(1)
    assert first["words"] == "Dashed: mask by model-2 (validation IoU 0.50)."
    assert page.post(f"{here}/preview").json() == first  # it is kept
    shutil.copy(unlearned(project.models), project.models / "model-3.safetensors")
    assert page.post(f"{here}/preview").json() == first  # until the newer one has drawn
    assert told(2)["words"].startswith("Dashed: mask by model-3")
    volume = f"/api/images/{named(project, 'volume').id}"
    page.post(f"{volume}/preview")
    assert told(3)["words"] == "No first mask yet. model-3 was made for images of another kind."
    assert previewed(page, volume) is None


def test_what_is_too_large_is_said_and_teaches_nothing(page, project, told, stroke, monkeypatch):
    monkeypatch.setattr(sketching, "LARGEST", 60 * 80 - 1)
    here = f"/api/images/{identity(page, 'disc 0')}"
    page.post(f"{here}/strokes", json=stroke(radius=4, centre=(25, 30)))
    assert "too large for a mask at once" in told(1)["words"]
    assert previewed(page, here) is None
    monkeypatch.setattr(sketching, "LARGEST", 60 * 80)
    other = f"/api/images/{identity(page, 'disc 1')}"
    page.post(f"{other}/strokes", json=stroke(0, radius=5, centre=(5, 5)))
    assert "Draw a stroke on what you study" in told(2)["words"]  # none of those on the first was remembered


def test_an_image_that_was_replaced_is_seen_anew(bench, project, named, stroke):
    """The bright disc has moved in the file: the mask follows it."""
    source = named(project, "disc 0")  # a disc at row 25 and column 30
    sketching = Sketching(project, bench.annotations)
    annotation = bench.annotations.of(source)
    for number, column in ((1, 30), (0, 70)):
        annotation.draw(Stroke(**stroke(number, radius=3, centre=(25, column))))
    before = sketching.mask((source, 0))
    tifffile.imwrite(source.path, np.roll(tifffile.imread(source.path), 18, axis=0))
    bench.annotations.of(source).draw(Stroke(**stroke(255, radius=3, centre=(25, 30))))
    bench.annotations.of(source).draw(Stroke(**stroke(1, radius=3, centre=(43, 30))))
    after = sketching.mask((source, 0))
    assert np.argwhere(before == 1)[:, 0].mean() == pytest.approx(25, abs=3)
    assert np.argwhere(after == 1)[:, 0].mean() == pytest.approx(43, abs=3)
