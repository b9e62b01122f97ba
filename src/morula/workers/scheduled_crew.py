"""Workers of dask on other machines, those of a scheduler or jobs of Slurm; nothing else here knows of these."""

from __future__ import annotations

import logging
import pickle
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from pkgutil import resolve_name
from tempfile import TemporaryDirectory
from threading import Condition
from time import monotonic
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from morula.errors import RequestError, reason
from morula.progress import Part, untold
from morula.workers.crew import LIVES, Duty, TaskGivenUp
from morula.workers.errands import MORE_MEMORY, Errand, carry_out, dismiss
from morula.workers.slurm_jobs import JobsKept, ensure_slurm, read_slurm_jobs

if TYPE_CHECKING:
    from distributed import Client, Security

INSTALL = "python -m pip install 'morula[cluster]'"
LOOK = 5
"""Seconds after which it is looked whether there are workers still."""
PATIENCE = 600
"""Seconds that a run waits for workers when all have gone."""
SAME = "Begin the scheduler and its workers with the Python that runs this command."


def on_worker(errand: Errand, duty: bytes | None, task: bytes) -> bytes | None:
    """What a worker does, see `carry_out`."""
    from distributed import get_worker

    worker = get_worker()
    return carry_out(errand, duty, task, threads=worker.state.nthreads, worker=f"The worker {worker.address}")


class ScheduledCrew:
    """Workers on other machines, each with a process that does a task at a time.

    What a worker is sent, and what comes back, are bytes to dask. A worker that dies has its task done by another; that
    a task brings one down again and again is counted by the scheduler.
    """

    relief = MORE_MEMORY

    def __init__(self, client: Client, duty: Duty, size: int, look_after: Callable[[int], None]):
        """
        Args:
            client: connected to the scheduler.
            duty: what the workers are there for.
            size: how many tasks are done at once at most; never more than there are workers.
            look_after: told again and again how many workers there are; raises where there will be none.
        """
        self.size, self._client, self._duty, self._look_after = size, client, pickle.dumps(duty), look_after
        self._errand = Errand(uuid4().hex, str(Path.cwd()))
        self._turn, self._under_way, self._over = Condition(), 0, False
        self._known: set[str] = set()

    def close(self) -> None:
        """End what is under way, on all workers."""
        self._over = True
        with suppress(Exception):  # of workers that go meanwhile; what is left ends by itself
            self._client.run(dismiss, self._errand.run, on_error="ignore")

    def do(self, task: Any, on_part: Part = untold) -> Any:
        """What the duty makes of a task, on the next worker that is free, which is too far to tell of parts. Called in
        threads.

        Raises:
            TaskGivenUp: workers or their processes died of it.
            RequestError: there are no workers any more, or others than were needed.
        """
        with self._turn:
            while self._under_way >= max(1, self._workers()):
                self._turn.wait(1)
            self._under_way += 1
        try:
            packed = pickle.dumps(task)
            answer = self._answer(None, packed) or self._answer(self._duty, packed)
        finally:
            with self._turn:
                self._under_way -= 1
                self._turn.notify()
        made, error = pickle.loads(answer)
        if error is not None:
            raise error
        return made

    def _workers(self) -> int:
        """How many there are, of which each that is new is asked whether Morula is there."""
        with self._turn:
            with self._words():
                there = _workers_of(self._client)
                answers = _greeted(self._client, there - self._known)
            for worker, answer in answers.items():
                if isinstance(answer, ImportError | AttributeError):  # a task would end it
                    raise RequestError(f"The worker {worker} has no Morula, or another ({reason(answer)}). {SAME}")
            self._known = there
            self._look_after(len(there))
            return len(there)

    def _answer(self, duty: bytes | None, task: bytes) -> Any:
        with self._words():
            future = self._client.submit(on_worker, self._errand, duty, task, pure=False)
        while not self._over:
            with self._words(), suppress(TimeoutError):
                return future.result(timeout=LOOK)
            self._workers()
        raise RequestError("Stopped.")

    @property
    def _address(self) -> str:
        return str(self._client.scheduler.address) if self._client.scheduler else "of dask"

    @contextmanager
    def _words(self) -> Iterator[None]:
        """What dask says, in the words of Morula."""
        from distributed import CancelledError, KilledWorker

        try:
            yield
        except KilledWorker as error:
            raise TaskGivenUp(f"the last was {error.last_worker.address}", error.allowed_failures + 1) from None
        except (CancelledError, OSError):
            raise RequestError(f"The scheduler {self._address} has gone. What is done is kept: the same command again "
                               "goes on.") from None
        except Exception as error:
            raise RequestError(f"The scheduler {self._address} cannot have work done ({reason(error)}). {SAME}"
                               ) from None


class Patience:
    """Workers that others look after: if all go, they are waited for, for a while."""

    def __init__(self, address: str):
        self._address, self._last = address, monotonic()

    def __call__(self, workers: int) -> None:
        """
        Raises:
            RequestError: there have been none for too long.
        """
        if workers:
            self._last = monotonic()
        elif monotonic() - self._last > PATIENCE:
            raise RequestError(f"The scheduler {self._address} has had no workers for {PATIENCE // 60} minutes. "
                               "What is done is kept: begin some, and the same command again goes on.")


@contextmanager
def crew_of_scheduler(address: str, duty: Duty) -> Iterator[ScheduledCrew]:
    """The workers of a scheduler, for a duty; certificates for tls:// are those of dask's own settings.

    Raises:
        RequestError: dask is not installed, nobody answers at the address, or there are no workers.
    """
    with _client(address) as client:
        workers = _workers_of(client)
        if not workers:
            raise RequestError(f"The scheduler {address} has no workers. Begin some, with: dask worker {address}")
        with closing(ScheduledCrew(client, duty, len(workers), Patience(address))) as crew:
            yield crew


@contextmanager
def crew_of_slurm(file: Path, duty: Duty) -> Iterator[ScheduledCrew]:
    """Workers in jobs of Slurm, for a duty. They and their scheduler, which is here, talk to nobody else: each run has
    certificates of its own, which lie in this folder meanwhile, where nobody else may read them.

    Raises:
        RequestError: dask-jobqueue is not installed, the file asks for what is not known, or Slurm is not here or
            refuses.
    """
    with _installed("--slurm", "dask-jobqueue"):
        from dask_jobqueue.slurm import SLURMCluster
        from distributed import Client
    asked = read_slurm_jobs(file)
    ensure_slurm()
    options = {"dashboard": False, "dashboard_address": "127.0.0.1:0", "allowed_failures": LIVES - 1}
    with TemporaryDirectory(dir=Path.cwd(), prefix=".morula-") as shared, \
         SLURMCluster(**asked.for_dask, security=_of_this_run(Path(shared)), scheduler_options=options) as cluster, \
         Client(cluster, set_as_default=False) as client:
        jobs = JobsKept(cluster, asked.jobs)
        with closing(ScheduledCrew(client, duty, asked.workers, jobs)) as crew:
            yield crew


def _workers_of(client: Any) -> set[str]:
    """The addresses of the workers that a scheduler has."""
    return set(client.nthreads())


def _greeted(client: Any, workers: set[str]) -> dict[str, Any]:
    """What each worker says that loads what a task needs."""
    return client.run(resolve_name, f"{__name__}:SAME", workers=list(workers), on_error="return") if workers else {}


def _of_this_run(folder: Path) -> Security:
    """A key and its certificate that nobody else has, in files which workers find."""
    from distributed import Security

    made, files = Security.temporary(), {}
    for name, text in made.get_tls_config_for_role("worker").items():
        if text:  # there may be a choice of ciphers
            files[name] = str(folder / name)
            (folder / name).write_text(text)
    ca, pair = files.pop("ca_file"), {f"tls_{role}_{name}": file for role in ("scheduler", "worker", "client")
                                      for name, file in files.items()}
    return Security(require_encryption=True, tls_ca_file=ca, **pair)


@contextmanager
def _installed(what: str, library: str) -> Iterator[None]:
    """Import something of dask within this."""
    try:
        yield
    except ModuleNotFoundError:
        raise RequestError(f"{what} needs {library}, which is installed with: {INSTALL}") from None


@contextmanager
def _client(address: str) -> Iterator[Client]:
    """A connection to a scheduler."""
    with _installed("--scheduler", "distributed"):
        from distributed import Client
        from distributed.utils import silence_logging_cmgr
    try:
        client = Client(address, set_as_default=False)
    except (OSError, TimeoutError) as error:
        raise RequestError(f"No scheduler answers at {address} ({reason(error)}). Begin one, with: dask scheduler"
                           ) from None
    except (TypeError, ValueError, RuntimeError) as error:
        raise RequestError(f"{address} cannot be asked ({reason(error)}). For tls://, give the certificates in the "
                           "settings of dask: distributed.comm.tls.") from None
    with silence_logging_cmgr(logging.CRITICAL), client:  # what is of use in it is said here, once
        yield client
