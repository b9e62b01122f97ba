"""A thread that does what was asked for last."""

from __future__ import annotations

import threading

from morula.previews import latest
from morula.previews.latest import Latest


def test_it_gets_ready_before_the_first_piece_and_not_while_a_page_opens(monkeypatch):
    monkeypatch.setattr(latest, "PAUSE", 3600)
    done, ended = [], threading.Event()
    thread = Latest(lambda wanted: (done.append(wanted), ended.set()), lambda: done.append("ready"))
    assert not ended.wait(0.2)
    assert done == []
    thread.ask("first")
    assert ended.wait(20)
    thread.close()
    assert done == ["ready", "first"]


def test_it_gets_ready_by_itself_after_a_pause(monkeypatch):
    monkeypatch.setattr(latest, "PAUSE", 0.05)
    ready = threading.Event()
    thread = Latest(lambda wanted: None, ready.set)
    assert ready.wait(20)
    thread.close()


def test_of_what_waits_only_the_last_is_done(monkeypatch):
    monkeypatch.setattr(latest, "PAUSE", 0)
    done, busy, free, ended = [], threading.Event(), threading.Event(), threading.Event()

    def work(wanted: int) -> None:
        busy.set()
        free.wait(20)
        done.append(wanted)
        if wanted == 4:
            ended.set()

    thread = Latest(work, lambda: None)
    thread.ask(1)
    assert busy.wait(20)
    for wanted in (2, 3, 4):
        thread.ask(wanted)
    free.set()
    assert ended.wait(20)
    thread.close()
    assert done == [1, 4]


def test_one_that_is_closed_before_it_was_asked_does_nothing(monkeypatch):
    monkeypatch.setattr(latest, "PAUSE", 3600)
    done = []
    Latest(done.append, lambda: done.append("ready")).close()
    assert done == []
