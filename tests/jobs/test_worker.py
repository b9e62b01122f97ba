"""A job's process does what was asked for, and says in its file what became of it."""

from __future__ import annotations

import csv
import shlex
import shutil

import numpy as np
import pytest
import tifffile

from morula.images.read import open_image
from morula.jobs.job_queue import Job, seen_file, stop_file
from morula.jobs.on_screen import note_on_screen
from morula.jobs.worker import Desk, carry_out
from morula.objects.cleaning import Cleaning
from morula.projects.annotation import Annotation
from morula.projects.project import Project
from morula.projects.project_settings import ProjectSettings
from morula.projects.strokes import Stroke


@pytest.fixture
def jobs(project):
    """The folder of a project's jobs."""
    folder = project.hidden / "jobs"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def annotated(project, named, stroke):
    """A project with the five discs drawn and finished."""
    for number in range(5):
        annotation = Annotation(project, named(project, f"disc {number}"))
        annotation.draw(Stroke(**stroke(centre=(25 + 2 * number, 30 + 5 * number))))
        annotation.set_finished(0, True)
        annotation.write()
    return project


def done(project, jobs, kind: str, **asked) -> Job:
    """A job, carried out."""
    jobs.mkdir(exist_ok=True)
    Job("1", kind, asked).write(jobs)
    carry_out(project, jobs, "1")
    return Job.read(jobs / "1.json")


def test_the_mistakes_in_the_data_are_found(annotated, jobs):
    job = done(annotated, jobs, "check")
    assert (job.state, job.error) == ("done", None)
    assert job.command == "morula check images masks --read-masks-as classes --not-annotated 255"
    assert any("no mask" in finding["words"] or "without" in finding["words"] for finding in job.result["findings"])


def test_findings_speak_of_images_and_of_what_can_be_done_in_the_page(annotated, jobs, named):
    """A copy, an empty mask, and no pixel size: each by the name of the image, with its remedy, without options."""
    shutil.copy(annotated.images / "disc 0.tif", annotated.images / "twin.tif")
    shutil.copy(annotated.masks / "disc 0.tif", annotated.masks / "twin.tif")
    Annotation(annotated, named(annotated, "movie")).set_finished(1, True)
    empty = Annotation(annotated, named(annotated, "movie"))
    empty.write()
    job = done(annotated, jobs, "check")
    found = {finding["remedy"]: finding for finding in job.result["findings"]}
    assert found["copy"]["image"] == named(annotated, "twin").id
    assert found["copy"]["words"].startswith("twin.tif: the same picture as")
    assert (found["annotate"]["image"], found["annotate"]["frame"]) == (named(annotated, "movie").id, 1)
    assert found["annotate"]["words"] == ("movie.tif, frame 2: the mask is empty. Check that nothing is to be found "
                                          "there.")
    assert found["pixel size"]["words"].startswith("no image says how large a pixel is")
    assert not any("nothing is annotated" in each["words"] for each in job.result["findings"])  # that lies ahead
    assert not any("--" in each["words"] for each in job.result["findings"])
    annotated.change_settings(annotated.settings.model_copy(update={"pixel_size": 0.5}))
    again = done(annotated, jobs, "check")
    assert "pixel size" not in {finding["remedy"] for finding in again.result["findings"]}


def test_what_names_tell_is_told_to_trainings_and_checks(annotated, jobs):
    settings = annotated.settings.model_dump()
    for path in annotated.images.glob("[mv]*.tif"):  # of other names
        path.unlink()
    annotated.change_settings(ProjectSettings.model_validate({**settings, "names": "{kind} {time}"}))
    job = done(annotated, jobs, "check")
    assert (job.state, job.error) == ("done", None)
    assert shlex.split(job.command)[-2:] == ["--names", "{kind} {time}"]
    annotated.change_settings(ProjectSettings.model_validate({**settings, "names": "{kind}-{time}"}))
    job = done(annotated, jobs, "check")
    assert job.state == "failed"
    assert job.error.startswith("'{kind}-{time}' does not fit 5 of 5 names, such as disc 0.tif.")
    assert "--" not in job.error


def test_strokes_without_background_are_told_what_they_lack(project, jobs, named, stroke):
    annotation = Annotation(project, named(project, "disc 0"))
    annotation.draw(Stroke(**stroke()))
    annotation.write()
    job = done(project, jobs, "train", minutes=0.05)
    assert job.state == "failed"
    assert job.error.endswith("255 is not annotated). Annotate background, too.")
    annotation.draw(Stroke(**stroke(0)))
    annotation.write()
    assert done(project, jobs, "train", minutes=0.05).error.endswith("). Outline what is to be found.")


def test_frames_that_are_rejected_or_not_finished_are_not_measured(project, jobs, named, stroke, disc):
    """Of a movie that a model drew, and of one that is drawn by hand alone."""
    project.predicted.mkdir(parents=True)
    tifffile.imwrite(project.predicted / "movie.tif", np.stack([disc(radius=5)] * 3).astype(np.uint8), imagej=True,
                     metadata={"axes": "TYX"})
    movie = Annotation(project, named(project, "movie"))
    movie.set_review(1, "rejected")
    for model in (True, False):
        if not model:
            (project.predicted / "movie.tif").unlink()
            for t in (0, 1):
                movie.draw(Stroke(**stroke(t=t)))
            movie.set_finished(0, True)
            movie.write()
        job = done(project, jobs, "measure")
        assert job.state == "done", job.error
        with (project.results / "measurements.csv").open(newline="", encoding="utf-8") as file:
            rows = [(row["file"], row["frame"]) for row in csv.DictReader(file)]
        assert rows == [("movie.tif", frame) for frame in ("02" if model else "0")]


def test_what_was_finished_by_hand_is_measured(annotated, jobs):
    job = done(annotated, jobs, "measure")
    assert job.state == "done", job.error
    assert job.result["objects"] == 5
    table = (annotated.results / "measurements.csv").read_text().splitlines()
    assert len(table) == 6


@pytest.mark.parametrize(("kind", "words"), [
    ("train", "Nothing is annotated yet"), ("segment", "There is no model yet"), ("measure", "There is no mask"),
    ("check", "Nothing is annotated yet"), ("report", "There is no model yet"), ("suggest", "There is no model yet"),
])
def test_what_cannot_be_done_is_said(project, jobs, kind, words):
    job = done(project, jobs, kind)
    assert job.state == "failed"
    assert words in job.error


def test_a_model_of_another_folder_is_none(annotated, jobs, tmp_path):
    (tmp_path / "model.safetensors").write_bytes(b"")
    assert done(annotated, jobs, "segment", model="../../model.safetensors").state == "failed"


def test_whoever_is_asked_stops(annotated, jobs):
    Job("1", "check", {}).write(jobs)
    stop_file(jobs, "1").touch()
    carry_out(annotated, jobs, "1")
    assert Job.read(jobs / "1.json").state == "stopped"
    assert not stop_file(jobs, "1").exists()


def test_time_left_follows_the_pace(jobs, monkeypatch):
    now = [100.0]
    monkeypatch.setattr("morula.jobs.worker.time.perf_counter", lambda: now[0])
    desk = Desk(jobs, Job("1", "segment"))
    for step in range(5):
        now[0] = 100 + 2.0 * step
        desk.progress(step, 10, "masks")
    assert desk.job.left == pytest.approx(12)
    assert desk.job.seconds == pytest.approx(8)
    now[0] += 1
    desk.progress(0, 3, "another part")
    assert desk.job.left is None
    desk.end("done")
    assert Job.read(jobs / "1.json").state == "done"


def test_parts_of_a_single_frame_tell_how_far_it_is(jobs, monkeypatch):
    now = [100.0]
    monkeypatch.setattr("morula.jobs.worker.time.perf_counter", lambda: now[0])
    desk = Desk(jobs, Job("1", "segment"))
    for part in range(4):
        now[0] = 100 + 10.0 * part
        desk.progress(part / 8, 1, "large.tif")
    job = Job.read(jobs / "1.json")
    assert (job.done, job.total, job.words) == (0.375, 1, "large.tif")
    assert job.left == pytest.approx(50)
    desk.end("done")


def test_time_left_of_a_training_is_that_of_all_its_parts(jobs, monkeypatch):
    now = [100.0]
    monkeypatch.setattr("morula.jobs.worker.time.perf_counter", lambda: now[0])
    desk = Desk(jobs, Job("1", "train", seconds=5))  # it goes on
    desk.expect(60)
    for step in range(5):
        now[0] = 100 + 2.0 * step
        desk.progress(step, 10, "fold 1 of 5")
    assert desk.job.left == pytest.approx(60 - 5 - 8)
    now[0] = 160  # longer than was thought: what is at hand tells
    desk.progress(5, 10, "fold 5 of 5")
    assert desk.job.left == pytest.approx(60)
    desk.end("done")


def test_what_is_seen_while_it_works_is_left_for_others(jobs):
    desk = Desk(jobs, Job("1", "train", result={"model": "model-1"}))
    image, mask = np.zeros((1, 4, 5), np.uint16), np.eye(4, 5, dtype=np.uint8)
    desk.show(image, mask, "a.tif", 2, 40)
    desk.progress(40, 100, "loss 0.2")
    assert Job.read(jobs / "1.json").result == {"model": "model-1", "seen": {"name": "a.tif", "t": 2, "step": 40}}
    with np.load(seen_file(jobs, "1")) as seen:
        assert np.array_equal(seen["image"], image)
        assert np.array_equal(seen["mask"], mask)
    desk.end("done")


@pytest.mark.slow
def test_from_drawings_to_masks(annotated, jobs, named):
    """Trained for some seconds on five discs, a model finds them again and the one of the movie."""
    note_on_screen(annotated, named(annotated, "movie"), 1)
    trained = done(annotated, jobs, "train", minutes=0.1)
    assert trained.state == "done", trained.error
    assert trained.result["model"] == "model-1.safetensors"
    assert "IoU between" in trained.result["outlook"]
    with np.load(seen_file(jobs, "1")) as seen:
        assert np.array_equal(seen["image"], annotated.image(named(annotated, "movie")).frame(1))
        assert seen["mask"].shape == (60, 80)
    suggested = done(annotated, jobs, "suggest")
    assert suggested.state == "done", suggested.error
    assert suggested.command == "morula suggest models/model-1.safetensors images --count 8"
    assert suggested.result["outlook"] == trained.result["outlook"]
    movie = named(annotated, "movie").id  # the volume is of another kind, and everything else is annotated
    assert sorted((each["id"], each["t"]) for each in suggested.result["frames"]) == [(movie, t) for t in range(3)]
    annotation = Annotation(annotated, named(annotated, "movie"))
    annotation.set_finished(2, True)
    annotation.draw(Stroke(t=1, box=[0, 0, 1, 1], runs=[1, 1]))
    annotation.write()
    again = done(annotated, jobs, "suggest").result
    assert [(each["id"], each["t"]) for each in again["frames"]] == [(movie, 0)]
    segmented = done(annotated, jobs, "segment")
    assert segmented.state == "done", segmented.error
    for number in range(5):
        source = named(annotated, f"disc {number}")
        mask = annotated.image(source)  # of its size
        found = open_image(annotated.prediction(source)).frame()[0] == 1
        y, x = np.mgrid[: mask.space[0], : mask.space[1]]
        truth = (y - 25 - 2 * number) ** 2 + (x - 30 - 5 * number) ** 2 <= 144
        assert (found & truth).sum() / (found | truth).sum() > 0.8
    tidied = Cleaning(min_size=2000)  # pixels; a disc has some 440
    annotated.change_settings(annotated.settings.model_copy(update={"cleaning": tidied}))
    segmented = done(annotated, jobs, "segment")
    assert "--min-size 2000" in segmented.command
    for number in range(5):
        assert not open_image(annotated.prediction(named(annotated, f"disc {number}"))).frame().any()


def balls(shape: tuple[int, ...], centres: list[tuple[int, ...]], radius: float) -> np.ndarray:
    """Numbered balls of any number of axes."""
    numbers = np.zeros(shape, np.uint16)
    for number, centre in enumerate(centres, start=1):
        away = sum((along - middle) ** 2 for along, middle in zip(np.indices(shape), centre, strict=True))
        numbers[away <= radius**2] = number
    return numbers


def touching(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, str]:
    """Eight discs, some of which touch."""
    centres = [(20 + 40 * row + int(rng.integers(-3, 4)), 16 + 32 * column) for row in range(2) for column in range(4)]
    numbers = balls((96, 144), centres, 15)
    return rng.normal(80, 10, numbers.shape) + 70 * (numbers > 0), numbers, "YX"


def two_channels(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, str]:
    """A disc that is bright in the second channel, and another that is bright in both and counts as nothing."""
    centres = [(30 + int(rng.integers(-6, 7)), 28), (30 + int(rng.integers(-6, 7)), 84)]
    wanted, other = (balls((64, 112), [centre], 14) > 0 for centre in centres)
    channels = np.stack([100 * other, 100 * (other | wanted)])
    return rng.normal(60, 10, channels.shape) + channels, wanted.astype(np.uint16), "CYX"


def volume(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, str]:
    """A ball."""
    numbers = balls((16, 48, 48), [(8, *rng.integers(18, 31, 2))], 7)
    return rng.normal(80, 10, numbers.shape) + 60 * numbers, numbers, "ZYX"


@pytest.mark.slow
@pytest.mark.parametrize("draw", [touching, two_channels, volume])
def test_objects_channels_and_volumes(tmp_path, draw):
    """The same way for each: drawn, learned, segmented, measured."""
    rng = np.random.default_rng(0)
    images = tmp_path / draw.__name__ / "images"
    images.mkdir(parents=True)
    truth = {}
    for number in range(6):
        pixels, truth[f"{number}.tif"], axes = draw(rng)
        tifffile.imwrite(images / f"{number}.tif", pixels.clip(0, 255).astype(np.uint8), imagej=True,
                         metadata={"axes": axes})
    project = Project(images.parent)
    project.change_settings(project.settings.model_copy(update={"objects": draw is touching}))
    for source in project.sources()[:4]:
        annotation = Annotation(project, source)
        annotation.replace(0, truth[source.path.name])
        annotation.set_finished(0, True)
        annotation.write()
    folder = project.hidden / "jobs"
    for kind, asked in (("train", {"minutes": 0.25}), ("segment", {}), ("measure", {}), ("check", {})):
        job = done(project, folder, kind, **asked)
        assert job.state == "done", job.error
    for source in project.sources()[4:]:
        found, wanted = open_image(project.prediction(source)).frame()[0], truth[source.path.name]
        assert ((found > 0) & (wanted > 0)).sum() / ((found > 0) | (wanted > 0)).sum() > 0.75
        if draw is touching:
            assert abs(int(found.max()) - 8) <= 1
