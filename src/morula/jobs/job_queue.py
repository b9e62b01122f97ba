"""Work that takes long: one job at a time, each in a process of its own, its state in files.

A job is a file `ID.json` in the project's hidden folder. Its process writes there how far it is; whoever wants it to
stop makes `ID.stop` beside it. So a job outlives the page and the server, and a server that starts finds it again.
A job whose process died says so by silence: a living one touches its file every few seconds.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from threading import RLock
from typing import Any, Literal, Self

from morula.errors import FileError
from morula.files import read_json, write_text
from morula.projects.project import NotThere

Kind = Literal["train", "segment", "measure", "check", "suggest", "report"]
State = Literal["waiting", "running", "stopped", "done", "failed"]

BEHIND = getattr(subprocess, "BELOW_NORMAL_PRIORITY_CLASS", 0)
"""What Windows is told of a job's process, so that the page answers at once; elsewhere it stands back by itself."""
SILENCE = 15.0
"""Seconds after which a process that says nothing is taken for dead."""
GOES_ON: tuple[Kind, ...] = ("train", "segment")
"""Jobs that go on where they were stopped; others begin again."""
REMEMBERED = 50
"""Jobs whose files are kept."""


@dataclass(frozen=True)
class Job:
    """A piece of work, and how far it is.

    Attributes:
        id: names its files; later jobs have higher ones.
        kind: what is done.
        asked: what was asked for beside that, such as minutes.
        state: where it stands.
        done: how many parts of the work are done, the last of them perhaps in part.
        total: parts in all; 0 while that is not known.
        words: what is being done.
        seconds: that it has taken.
        left: seconds that it will probably take; None while that is not known.
        sentences: what was found out on the way.
        error: what went wrong, and what to do.
        command: what does the same on the command line.
        result: what came of it, as plain data.
    """

    id: str
    kind: Kind
    asked: Mapping[str, Any] = field(default_factory=dict)
    state: State = "waiting"
    done: float = 0
    total: int = 0
    words: str = ""
    seconds: float = 0.0
    left: float | None = None
    sentences: tuple[str, ...] = ()
    error: str | None = None
    command: str = ""
    result: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_open(self) -> bool:
        """Whether it waits or runs."""
        return self.state in ("waiting", "running")

    @classmethod
    def read(cls, path: Path) -> Self:
        """From its file.

        Raises:
            FileError: that cannot be understood.
        """
        try:
            known = read_json(path)
            return cls(**{**known, "sentences": tuple(known["sentences"])})
        except (ValueError, KeyError, TypeError) as error:
            raise FileError(f"{path} is the file of a job, and cannot be understood. Delete it; the job can be begun "
                            "again.") from error

    def write(self, folder: Path) -> None:
        """To its file, whole or not at all."""
        write_text(folder / f"{self.id}.json", json.dumps(asdict(self), ensure_ascii=False))


class Jobs:
    """The jobs of a project, as their files say. Ask `step` now and then: it starts what waits."""

    def __init__(self, folder: Path, project: Path):
        """
        Args:
            folder: where their files lie.
            project: the folder that they work in.
        """
        self.folder, self._project = folder, project
        folder.mkdir(parents=True, exist_ok=True)
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = RLock()

    def all(self) -> list[Job]:
        """Every job that is remembered, the newest first; a file that cannot be understood is none."""
        found = []
        for path in sorted(self.folder.glob("[!.]*.json"), reverse=True):
            with suppress(FileError):
                found.append(self._seen(path))
        return found

    def get(self, identity: str) -> Job:
        """One of them.

        Raises:
            NotThere: there is no such job.
        """
        path = self.folder / f"{identity}.json"
        if not identity.isalnum() or not path.is_file():
            raise NotThere("There is no such job. Load the page again.")
        return self._seen(path)

    def current(self) -> Job | None:
        """The one that runs or waits, else the last one."""
        jobs = self.all()
        return next((job for job in reversed(jobs) if job.is_open), jobs[0] if jobs else None)

    def add(self, kind: Kind, asked: Mapping[str, Any]) -> Job:
        """Let a job wait for its turn."""
        with self._lock:
            last = max((path.stem for path in self.folder.glob("[!.]*.json") if path.stem.isdecimal()), default="0")
            job = Job(f"{max(time.time_ns() // 1_000_000, int(last) + 1):015d}", kind, dict(asked))
            job.write(self.folder)
        for old in self.all()[REMEMBERED:]:
            if not old.is_open:
                for path in self.folder.glob(f"{old.id}.*"):
                    path.unlink(missing_ok=True)
        self.step()
        return self.get(job.id)

    def stop(self, identity: str) -> Job:
        """Let a job end soon; what it has made so far is kept."""
        job = self.get(identity)
        if job.state == "waiting":
            replace(job, state="stopped").write(self.folder)
        elif job.state == "running":
            stop_file(self.folder, identity).touch()
        return self.get(identity)

    def resume(self, identity: str) -> Job:
        """Go on with a job that was stopped or failed, where it was, or begin it again."""
        job = self.get(identity)
        if not job.is_open:
            stop_file(self.folder, identity).unlink(missing_ok=True)
            asked = {**job.asked, "resume": job.kind in GOES_ON}
            replace(job, state="waiting", asked=asked, error=None, left=None, sentences=()).write(self.folder)
        self.step()
        return self.get(identity)

    def step(self) -> None:
        """Start the job that waits longest, if none runs."""
        with self._lock:
            jobs = self.all()
            waiting = next((job for job in reversed(jobs) if job.state == "waiting"), None)
            if waiting and not any(job.state == "running" for job in jobs):
                self._start(waiting)

    def _start(self, waiting: Job) -> None:
        replace(waiting, state="running", words="starting").write(self.folder)
        command = [sys.executable, "-m", "morula.jobs.worker", str(self._project), waiting.id]
        with (self.folder / f"{waiting.id}.log").open("ab") as log:
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                             start_new_session=True, creationflags=BEHIND)

    def _seen(self, path: Path) -> Job:
        """A job, stopped if its process is gone."""
        job = Job.read(path)
        gone = self._process is not None and self._process.poll() is not None
        silent = time.time() - path.stat().st_mtime > (1.0 if gone else SILENCE)
        if job.state == "running" and silent:
            job = replace(job, state="stopped", left=None, words="its process ended before it was done")
            job.write(self.folder)
        return job


def stop_file(folder: Path, identity: str) -> Path:
    """Its existence asks a job to stop."""
    return folder / f"{identity}.stop"


def seen_file(folder: Path, identity: str) -> Path:
    """What a job makes of a frame while it is worked on: NumPy's arrays `image` and `mask`."""
    return folder / f"{identity}.npz"
