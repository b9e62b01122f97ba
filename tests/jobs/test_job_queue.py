"""Jobs wait for each other, outlive whoever began them, and end in words."""

from __future__ import annotations

import json
import os
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from morula.jobs.job_queue import SILENCE, Job, Jobs, stop_file
from morula.projects.project import NotThere


@pytest.fixture
def jobs(tmp_path, monkeypatch):
    """Jobs whose processes are never begun."""
    jobs = Jobs(tmp_path / "jobs", tmp_path)
    monkeypatch.setattr("morula.jobs.job_queue.subprocess.Popen", lambda *_, **__: None)
    return jobs


def test_a_job_is_read_as_it_was_written(tmp_path):
    job = Job("1", "train", {"minutes": 2}, "running", 3, 10, "loss 0.2", 1.5, 7.0, ("a", "b"), None, "morula",
              {"x": 1})
    job.write(tmp_path)
    assert Job.read(tmp_path / "1.json") == job


def test_one_runs_and_others_wait(jobs):
    first, second = jobs.add("train", {}), None
    time.sleep(0.002)
    second = jobs.add("segment", {})
    assert (first.state, second.state) == ("running", "waiting")
    replace(first, state="done").write(jobs.folder)
    jobs.step()
    assert jobs.get(second.id).state == "running"
    assert jobs.current().id == second.id
    assert [job.id for job in jobs.all()] == [second.id, first.id]


def test_a_silent_job_has_died(jobs):
    job = jobs.add("train", {})
    path = jobs.folder / f"{job.id}.json"
    assert jobs.get(job.id).state == "running"
    os.utime(path, (time.time() - SILENCE - 1,) * 2)
    died = jobs.get(job.id)
    assert died.state == "stopped"
    assert "ended before it was done" in died.words
    assert jobs.resume(job.id).state == "running"
    assert jobs.get(job.id).asked == {"resume": True}


def test_stopping(jobs):
    running = jobs.add("train", {})
    time.sleep(0.002)
    waiting = jobs.add("segment", {})
    assert jobs.stop(waiting.id).state == "stopped"
    jobs.stop(running.id)
    assert stop_file(jobs.folder, running.id).exists()


@pytest.mark.parametrize("identity", ["1", "../../etc/passwd", "..", ""])
def test_there_is_no_other(jobs, identity):
    with pytest.raises(NotThere):
        jobs.get(identity)


def test_only_the_latest_are_remembered(jobs, monkeypatch):
    monkeypatch.setattr("morula.jobs.job_queue.REMEMBERED", 3)
    for _ in range(5):
        time.sleep(0.002)
        last = jobs.add("check", {})
        replace(last, state="done").write(jobs.folder)
    assert len(jobs.all()) == 3
    assert json.loads((jobs.folder / f"{last.id}.json").read_text())["kind"] == "check"


def test_jobs_that_are_asked_for_at_once_are_all_kept(jobs):
    with ThreadPoolExecutor(8) as threads:
        added = list(threads.map(lambda _: jobs.add("check", {}).id, range(24)))
    assert len(set(added)) == 24
    assert {job.id for job in jobs.all()} == set(added)
    assert [job.state for job in jobs.all()].count("running") == 1
