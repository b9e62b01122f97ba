"""A job's process does what was asked for, and says in its file what became of it."""

from __future__ import annotations

import numpy as np
import pytest

from morula.projects.annotation import Annotation
from morula.projects.jobs import Job, stop_file
from morula.projects.strokes import Stroke
from morula.projects.worker import Desk, carry_out


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
    Job("1", kind, asked).write(jobs)
    carry_out(project, jobs, "1")
    return Job.read(jobs / "1.json")


def test_the_mistakes_in_the_data_are_found(annotated, jobs):
    job = done(annotated, jobs, "check")
    assert (job.state, job.error) == ("done", None)
    assert job.command == "morula check images masks --read-masks-as classes --not-annotated 255"
    assert any("no mask" in finding["words"] or "without" in finding["words"] for finding in job.result["findings"])


def test_what_was_finished_by_hand_is_measured(annotated, jobs):
    job = done(annotated, jobs, "measure")
    assert job.state == "done", job.error
    assert job.result["objects"] == 5
    table = (annotated.results / "measurements.csv").read_text().splitlines()
    assert len(table) == 6


@pytest.mark.parametrize(("kind", "words"), [
    ("train", "Nothing is annotated yet"), ("segment", "There is no model yet"), ("measure", "There is no mask"),
    ("check", "Nothing is annotated yet"), ("report", "There is no model yet"),
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
    monkeypatch.setattr("morula.projects.worker.time.perf_counter", lambda: now[0])
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


@pytest.mark.slow
def test_from_drawings_to_masks(annotated, jobs, named):
    """Trained for some seconds on five discs, a model finds them again and the one of the movie."""
    trained = done(annotated, jobs, "train", minutes=0.1)
    assert trained.state == "done", trained.error
    assert trained.result["model"] == "model-1.safetensors"
    segmented = done(annotated, jobs, "segment")
    assert segmented.state == "done", segmented.error
    for number in range(5):
        source = named(annotated, f"disc {number}")
        mask = annotated.image(source)  # of its size
        from morula.images.read import open_image

        found = open_image(annotated.prediction(source)).frame()[0] == 1
        y, x = np.mgrid[: mask.space[0], : mask.space[1]]
        truth = (y - 25 - 2 * number) ** 2 + (x - 30 - 5 * number) ** 2 <= 144
        assert (found & truth).sum() / (found | truth).sum() > 0.8
