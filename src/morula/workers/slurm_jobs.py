"""Jobs of Slurm: how they are asked for in a file, and that one which is over gives way to a new one."""

from __future__ import annotations

import getpass
import re
import shutil
import subprocess
from pathlib import Path
from time import monotonic
from typing import Any

from pydantic import Field, ValidationError, field_validator

from morula.errors import RequestError, reason
from morula.settings import Settings

LOOK = 30
"""Seconds from one look at the queue to the next; those who care for it ask for no more."""
FRUITLESS = 8
"""Where so many jobs in a row end without having brought a worker, that is no accident."""
EXAMPLE = "cores: 16, memory: 64GB, walltime: 02:00:00"


class SlurmJobs(Settings):
    """Jobs that share the work; all but their number is as dask-jobqueue and Slurm understand it."""

    jobs: int = Field(default=1, ge=1)
    """How many jobs there are at once; one whose time is up is replaced."""
    cores: int = Field(ge=1)
    """Cores of a job."""
    memory: str = Field(pattern=r"(?i)^\d+(\.\d+)? ?[kmgt]i?b$")
    """Memory of a job, such as 64GB."""
    walltime: str
    """How long a job may run, such as 02:00:00 or 1-12:00:00; its workers end a little earlier."""
    processes: int = Field(default=1, ge=1)
    """Workers of a job, among which its cores and its memory are divided."""
    queue: str | None = None
    """The queue, which Slurm calls partition."""
    account: str | None = None
    """Whose account is charged."""
    interface: str | None = None
    """The network, such as ib0."""
    python: str | None = None
    """The Python of workers; the one that runs this command, if left out."""
    local_directory: str | None = None
    """A folder of the machine itself, for what dask keeps for a while."""
    log_directory: str | None = None
    """A folder for what jobs say."""
    job_extra_directives: tuple[str, ...] = ()
    """Further lines of #SBATCH, such as --gres=gpu:1."""
    job_script_prologue: tuple[str, ...] = ()
    """Commands before the workers begin, such as module load python."""

    @field_validator("walltime")
    @classmethod
    def _a_time(cls, words: str) -> str:
        if not _seconds(words):
            raise ValueError("should be hours, minutes and seconds such as 02:00:00, or with days 1-12:00:00")
        return words

    @property
    def workers(self) -> int:
        """Those of all jobs together."""
        return self.jobs * self.processes

    @property
    def for_dask(self) -> dict[str, Any]:
        """What makes a cluster of dask-jobqueue of it, whose workers end by themselves before their job is ended."""
        given = {name: list(value) if isinstance(value, tuple) else value
                 for name, value in self.model_dump(exclude={"jobs"}).items() if value is not None}
        seconds = _seconds(self.walltime)
        spare = min(300, seconds // 10)
        ends = ["--lifetime", f"{seconds - spare}s", "--lifetime-stagger", f"{spare // 2}s", "--no-dashboard"]
        return {**given, "worker_extra_args": ends, "job_name": "morula"}


def read_slurm_jobs(file: Path) -> SlurmJobs:
    """What a YAML file asks of Slurm.

    Raises:
        RequestError: it cannot be read, or asks for something that is not known or not allowed.
    """
    import yaml

    try:
        asked = yaml.load(file.read_text(encoding="utf-8"), yaml.BaseLoader)  # as texts: 12:00:00 would be a number
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise RequestError(f"{file} cannot be read as YAML ({reason(error)}). It should have lines such as {EXAMPLE}."
                           ) from None
    if not isinstance(asked, dict):
        raise RequestError(f"{file} should have lines such as {EXAMPLE}.")
    known = SlurmJobs.model_fields
    if unknown := [name for name in asked if name not in known]:
        raise RequestError(f"{file}: there is no setting called {', '.join(map(repr, unknown))}. There are "
                           f"{', '.join(known)}.")
    try:
        return SlurmJobs(**asked)
    except ValidationError as error:
        raise RequestError("\n".join(_said(file, dict(problem)) for problem in error.errors())) from None


def ensure_slurm() -> None:
    """Whether jobs can be submitted from here.

    Raises:
        RequestError: Slurm's commands are not here.
    """
    missing = [name for name in ("sbatch", "squeue", "scancel") if shutil.which(name) is None]
    if missing:
        raise RequestError(f"--slurm needs Slurm's {', '.join(missing)}, and this machine has none. Run it where jobs "
                           "are submitted.")


class JobsKept:
    """As many jobs as were asked for, for as long as there is work: what dask-jobqueue does not see to by itself
    (https://github.com/dask/dask-jobqueue/issues/691)."""

    def __init__(self, cluster: Any, jobs: int):
        """
        Args:
            cluster: that of dask-jobqueue, which submits them.
            jobs: how many.
        """
        self._cluster, self._next = cluster, monotonic() + LOOK
        self._fruitless, self._worked = 0, False
        for _ in range(jobs):
            cluster.worker_spec.update(cluster.new_worker_spec())
        try:
            self._submit()
        except (RuntimeError, ValueError, OSError) as error:
            raise RequestError(f"Slurm refused a job: {_of_sbatch(error)}") from None

    def __call__(self, workers: int) -> None:
        """Look whether jobs are over, and submit others in their place; now and then, as often as it is called.

        Args:
            workers: how many there are at the moment.

        Raises:
            RequestError: one after the other ends without having brought a worker.
        """
        self._worked = self._worked or workers > 0
        if monotonic() < self._next:
            return
        self._next = monotonic() + LOOK
        queued, ours = jobs_queued(), self._cluster.workers
        over = [] if queued is None else [name for name, job in list(ours.items()) if job.job_id not in queued]
        if not over:
            return
        self._fruitless = 0 if self._worked else self._fruitless + len(over)
        self._worked = False
        if self._fruitless >= FRUITLESS:
            raise RequestError(f"{FRUITLESS} jobs of Slurm in a row ended before a worker of theirs was there. "
                               "Look at what they said (log_directory), and at the memory and the network asked for.")
        for name in over:
            del ours[name]
        try:
            self._submit()
        except (RuntimeError, ValueError, OSError):  # Slurm is busy: looked at again, and counted
            return

    def _submit(self) -> None:
        """Submit what was specified and is not there."""
        try:
            self._cluster.sync(self._cluster._correct_state)  # what `scale` calls, and does not wait for
        finally:
            for job in self._cluster.workers.values():
                if job.job_id is None:  # refused, which dask-jobqueue does not note
                    job.status = type(job.status).failed


def jobs_queued() -> set[str] | None:
    """The numbers of one's own jobs that wait or run; None where Slurm does not say."""
    try:
        done = subprocess.run(["squeue", "--user", getpass.getuser(), "--noheader", "--format", "%A"],
                              capture_output=True, text=True, check=True, timeout=LOOK)
    except (OSError, subprocess.SubprocessError):
        return None
    return set(done.stdout.split())


def _seconds(walltime: str) -> int:
    """Those of a time as Slurm has it; 0 of anything else."""
    found = re.fullmatch(r"(?:(\d+)-)?(\d{1,3}):(\d\d):(\d\d)", walltime)
    days, hours, minutes, seconds = map(int, found.groups("0")) if found else (0, 0, 0, 0)
    return ((days * 24 + hours) * 60 + minutes) * 60 + seconds


def _said(file: Path, problem: dict[str, Any]) -> str:
    """What is wrong with a setting, in words."""
    name, message = problem["loc"][0], problem["msg"].removeprefix("Value error, ").removeprefix("Input ")
    if problem["type"] == "missing":
        return f"{file} does not say {name}. It should have lines such as {EXAMPLE}."
    if problem["type"] == "string_pattern_mismatch":
        message = "should be a number with its unit, such as 64GB"
    return f"{file}: {name} {message}, but {problem['input']!r} was given."


def _of_sbatch(error: Exception) -> str:
    """What a command of Slurm said that failed."""
    return str(error).partition("stderr:")[2].strip() or reason(error)
