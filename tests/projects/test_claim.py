"""A project is open once."""

from __future__ import annotations

import os
import socket
import time

import pytest

from morula.errors import RequestError
from morula.projects.claim import SILENCE, Claim

HOST = "127.0.0.1"


@pytest.fixture
def port():
    """One that something listens at."""
    with socket.socket() as listening:
        listening.bind((HOST, 0))
        listening.listen()
        yield listening.getsockname()[1]


def test_a_second_server_is_refused_until_the_first_lets_go(project, port):
    first = Claim(project, HOST, port)
    with pytest.raises(RequestError, match=rf"is open already, at http://127\.0\.0\.1:{port}\."):
        Claim(project, HOST, 2)
    first.let_go()
    Claim(project, HOST, 2).let_go()


def test_a_server_that_was_killed_is_in_nobodys_way(project, port):
    """It left its claim, but listens no more; or what listens there is something else by now."""
    (project.hidden / "open").write_text(f"{HOST}:1")
    Claim(project, HOST, port).let_go()
    (project.hidden / "open").write_text(f"{HOST}:{port}")
    os.utime(project.hidden / "open", (time.time() - SILENCE - 1,) * 2)
    Claim(project, HOST, 2).let_go()


def test_one_that_was_killed_can_be_started_again_at_its_port(project, port):
    """Whoever listens there now is the new one itself."""
    (project.hidden / "open").write_text(f"{HOST}:{port}")
    Claim(project, HOST, port).let_go()


def test_a_living_one_gives_signs_of_life(project, port, monkeypatch):
    monkeypatch.setattr("morula.projects.claim.BEAT", 0.05)
    claim = Claim(project, HOST, port)
    os.utime(project.hidden / "open", (time.time() - SILENCE - 1,) * 2)
    for _ in range(100):
        if time.time() - (project.hidden / "open").stat().st_mtime < 1:
            break
        time.sleep(0.05)
    with pytest.raises(RequestError, match="is open already"):
        Claim(project, HOST, 2)
    claim.let_go()
