"""The server as it is started: one line opens it, and what it does outlives it."""

from __future__ import annotations

import asyncio
import json
import re
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error

from morula.projects.project import Project
from morula.studio.server import listen_at, make_app, names_of
from morula.studio.workbench import Workbench

EACH = 30
"""Requests of each kind."""
ENDLESS = "/api/events"


@contextmanager
def started(folder):
    """`morula studio` on a free port, and a client that opened its link."""
    command = [sys.executable, "-u", "-m", "morula", "studio", str(folder), "--no-browser", "--port", "0"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, encoding="utf-8")
    assert process.stderr is not None
    said = ""
    while not (found := re.search(r"(http://127\.0\.0\.1:\d+)/\?token=\S+", said)):
        line = process.stderr.readline()
        assert line, said
        said += line
    with httpx.Client(base_url=found[1], headers={"X-Morula": "1"}, timeout=30) as client:
        for _ in range(100):
            try:
                client.get(found[0])
                break
            except httpx.ConnectError:
                time.sleep(0.1)
        try:
            yield client, process
        finally:
            process.kill()
            process.wait()


def wait_for(client, wanted, seconds: float = 180):
    for _ in range(int(seconds * 10)):
        job = client.get("/api/jobs").json()[0]
        if wanted(job):
            return job
        time.sleep(0.1)
    raise AssertionError(job)


def train(client, stroke, minutes: float) -> str:
    """Draw the five discs and begin to learn them; the id of the job."""
    for number, image in enumerate(client.get("/api/project").json()["images"][:5]):
        here = f"/api/images/{image['id']}"
        client.post(f"{here}/strokes", json=stroke(centre=(25 + 2 * number, 30 + 5 * number)))
        client.post(f"{here}/state", json={"t": 0, "finished": True})
    return client.post("/api/jobs", json={"kind": "train", "minutes": minutes}).json()["id"]


def models(client) -> list[str]:
    """The names of the finished ones."""
    return [model["name"] for model in client.get("/api/project").json()["models"]]


def test_small_answers_go_at_once():
    """Else each of them waits until what was sent before is acknowledged, 40 ms on many systems."""
    async def of_a_connection() -> int:
        told: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        def connected(_, writer) -> None:
            told.set_result(writer.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))

        listening = listen_at("127.0.0.1", 0)
        async with await asyncio.start_server(connected, sock=listening):
            _, writer = await asyncio.open_connection(*listening.getsockname())
            at_once = await told
            writer.close()
        return at_once

    assert asyncio.run(of_a_connection()) != 0


@pytest.mark.slow
def test_a_training_outlives_the_server(folder, stroke):
    with started(folder) as (client, process):
        train(client, stroke, 0.3)
        wait_for(client, lambda job: job["done"] > 3)
        process.kill()
        process.wait()
    with started(folder) as (client, _):
        job = wait_for(client, lambda job: job["state"] != "running")
        assert job["state"] == "done", job
        [model] = client.get("/api/project").json()["models"]
        assert (model["name"], model["validation_iou"]) == ("model-1", job["result"]["validation_iou"])
        assert 0.5 < model["validation_iou"] <= 1  # of frames that were left out in turn, since five are few
        course = client.get(f"/api/jobs/{job['id']}/course").json()
        assert len(course["loss"]) > 10
        assert course["validation"]


@pytest.mark.slow
def test_a_training_is_stopped_and_gone_on_with(folder, stroke):
    with started(folder) as (client, _):
        identity = train(client, stroke, 0.2)
        wait_for(client, lambda job: any(sentence.startswith("Fold 1") for sentence in job["sentences"]))
        client.post(f"/api/jobs/{identity}/stop")
        wait_for(client, lambda job: job["state"] == "stopped")
        assert models(client) == []
        client.post(f"/api/jobs/{identity}/resume")
        assert wait_for(client, lambda job: job["state"] not in ("running", "waiting"))["state"] == "done"
        assert models(client) == ["model-1"]  # gone on with, and not begun anew beside it


@pytest.mark.slow
def test_pages_are_told_what_happens(folder, stroke):
    with started(folder) as (client, process):
        image = client.get("/api/project").json()["images"][0]
        with client.stream("GET", "/api/events") as events:
            lines = events.iter_lines()
            assert next(lines).startswith("retry")
            client.post(f"/api/images/{image['id']}/strokes", json=stroke() | {"tab": "me"})
            heard = {}
            name = ""
            while "state" not in heard:
                line = next(lines)
                if line.startswith("event: "):
                    name = line.removeprefix("event: ")
                elif line.startswith("data: "):
                    heard[name] = json.loads(line.removeprefix("data: "))
            assert heard["labels"]["tab"] == "me"
            assert heard["state"]["state"]["annotated"] == "partly"
            process.send_signal(signal.SIGINT)
            assert process.wait(10) is not None


def test_a_server_in_a_network_is_called_by_its_own_names_only():
    assert names_of("127.0.0.1") == ("127.0.0.1", "localhost")
    everywhere = names_of("0.0.0.0")
    assert everywhere[0] != "0.0.0.0"
    assert {socket.gethostname(), "localhost"} <= set(everywhere)
    assert names_of("192.0.2.7")[0] == "192.0.2.7"
    assert names_of("2001:db8::7")[0] == "[2001:db8::7]"


def test_a_port_that_is_taken_is_said(run, tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = run("studio", tmp_path, "--no-browser", "--port", port)
    assert done.exit_code == 2
    assert f"Nothing can listen at 127.0.0.1:{port}" in done.output


@pytest.mark.slow
def test_no_request_breaks_it(bench, monkeypatch):
    """Not even those that nobody thought of, made from what the server says of itself."""
    monkeypatch.setattr("morula.jobs.job_queue.subprocess.Popen", lambda *_, **__: None)  # jobs never begin
    described = schemathesis.openapi.from_asgi("/openapi.json", make_app(bench))
    movie = next(source.id for source in bench.project.sources() if source.path.stem == "movie")
    asked = set()
    for found in described.exclude(path=ENDLESS).get_all_operations():
        operation = found.ok()

        @given(case=operation.as_strategy())
        @settings(max_examples=EACH, derandomize=True, suppress_health_check=list(HealthCheck))
        def ask(case):
            if case.operation.path.startswith("/api/images/{id}"):
                case.path_parameters["id"] = movie  # no guess would meet one
            case.call_and_validate(checks=[not_a_server_error])
            asked.add(case.operation.label)

        ask()
    assert len(asked) >= 20


BROKEN = [b"", b"[]", b"[" * 100_000,
          b"{}", b"null", b"\xff\xfe\x00", b'{"touched": [0]', b"file,frame\na.tif,zz\n", b'"\n\x00']
ASKED = ("/api/project", "/api/queue", "/api/jobs", "/api/findings", "/api/measurements", "/api/models")


@pytest.mark.parametrize("content", BROKEN)
@pytest.mark.parametrize("name", [
    ".morula/annotations/{id}.json", ".morula/images.json", ".morula/jobs/001700000000000.json",
    "results/masks/frames.csv", "results/measurements.csv",
])
def test_the_page_opens_whatever_is_in_them(page, project, stroke, name, content):
    first, *others = page.get("/api/project").json()["images"]
    path = project.folder / name.format(id=first["id"])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    answers = {asked: page.get(asked) for asked in ASKED}
    assert answers["/api/project"].status_code == 200
    assert all(answer.status_code < 500 for answer in answers.values())
    assert [image["name"] for image in answers["/api/project"].json()["images"][1:]] == [
        image["name"] for image in others]
    assert page.post(f"/api/images/{others[0]['id']}/strokes", json=stroke()).status_code == 200
    again = Workbench(Project(project.folder))
    again.close()


def test_notes_that_cannot_be_understood_are_said_beside_their_image(page, project):
    first = page.get("/api/project").json()["images"][0]
    notes = project.hidden / "annotations" / f"{first['id']}.json"
    notes.parent.mkdir(parents=True, exist_ok=True)
    notes.write_bytes(b"[]")
    assert "Move it away" in page.get("/api/project").json()["images"][0]["problem"]
    notes.unlink()
    assert page.get("/api/project").json()["images"][0]["problem"] is None


def test_a_table_that_another_program_changed_is_said_to_be(page, project):
    table = project.results / "measurements.csv"
    table.parent.mkdir(exist_ok=True)
    table.write_text("file;frame;area\na.tif;0;3,5\n", encoding="utf-8")
    answer = page.get("/api/measurements")
    assert answer.status_code == 422
    assert "measurements.csv was changed by another program" in answer.json()["detail"]
