"""The process of a job: what was asked for becomes a call of a workflow, and how far it is goes to the job's file."""

from __future__ import annotations

import os
import sys
import time
import traceback
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread
from typing import Any

import numpy as np

from morula.errors import MorulaError
from morula.files import whole_file
from morula.jobs.job_queue import SILENCE, Job, State, seen_file, stop_file
from morula.jobs.tasks import TASKS
from morula.progress import Pace
from morula.projects.project import Project

BETWEEN = 0.25
"""Seconds between two notes of how far a job is."""
NICE = 15
"""How far it stands back, so that the page answers at once; Windows is told when the process begins."""


class Desk:
    """Where a job's file is kept up to date while it is worked on."""

    def __init__(self, folder: Path, job: Job):
        self._folder, self.job = folder, replace(job, state="running")
        self._before, self._began, self._noted = job.seconds, time.perf_counter(), 0.0
        self._pace, self._whole = Pace(), 0.0
        self._over = Event()
        self._beat = Thread(target=self._keep_alive, daemon=True)
        self._beat.start()

    def expect(self, seconds: float) -> None:
        """All of it, parts of which the pace of none tells, takes so long."""
        self._whole = seconds

    def progress(self, done: float, total: int, words: str) -> None:
        """Note how far it is, seldom enough.

        Raises:
            KeyboardInterrupt: somebody asked it to stop.
        """
        if stop_file(self._folder, self.job.id).exists():
            raise KeyboardInterrupt
        now = time.perf_counter()
        self.job = replace(self.job, done=done, total=total, words=words, seconds=self._seconds(),
                           left=self._left(self._pace.left(done, total)))
        if now - self._noted > BETWEEN:
            self._note()

    def tell(self, sentence: str) -> None:
        """Note something that a person would want to read."""
        self.job = replace(self.job, sentences=(*self.job.sentences, sentence))
        self._note()

    def show(self, image: np.ndarray, mask: np.ndarray, name: str, frame: int, step: int) -> None:
        """Leave what is made of a frame by now; it is noted with the next progress.

        Raises:
            OutputError: it cannot be written.
        """
        with whole_file(seen_file(self._folder, self.job.id)) as temporary:
            np.savez(temporary, image=image, mask=mask)
        self.job = replace(self.job, result={**self.job.result, "seen": {"name": name, "t": frame, "step": step}})

    def end(self, state: State, **known: Any) -> None:
        """Note how it ended."""
        self._over.set()
        self._beat.join()
        self.job = replace(self.job, state=state, seconds=self._seconds(), left=None, **known)
        self._note()

    def _left(self, by_pace: float | None) -> float | None:
        left = self._whole - self._seconds()
        return left if left > 1 else by_pace

    def _seconds(self) -> float:
        return self._before + time.perf_counter() - self._began

    def _note(self) -> None:
        self._noted = time.perf_counter()
        self.job.write(self._folder)

    def _keep_alive(self) -> None:
        path = self._folder / f"{self.job.id}.json"
        while not self._over.wait(SILENCE / 5):
            with suppress(OSError):
                path.touch()


def carry_out(project: Project, folder: Path, identity: str) -> None:
    """Do what a job asks for, and note what became of it."""
    job = Job.read(folder / f"{identity}.json")
    desk = Desk(folder, job)
    try:
        result: Mapping[str, Any] = TASKS[job.kind](project, job.asked, desk)
    except KeyboardInterrupt:
        desk.end("stopped", words="stopped")
    except MorulaError as error:
        desk.end("failed", error=str(error))
    except MemoryError:
        desk.end("failed", error="There is not enough memory for this. Close other programs, or use smaller images.")
    except Exception as error:
        traceback.print_exc()
        log = folder / f"{identity}.log"
        desk.end("failed", error=f"A fault in Morula, not in your data ({type(error).__name__}: {error}). Please "
                                 f"report it with the file {log}.")
    else:
        desk.end("done", result=dict(result), words="done")
    stop_file(folder, identity).unlink(missing_ok=True)


if __name__ == "__main__":
    with suppress(AttributeError, OSError):
        os.nice(NICE)
    opened = Project(Path(sys.argv[1]))
    carry_out(opened, opened.hidden / "jobs", sys.argv[2])
