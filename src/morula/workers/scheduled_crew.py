"""Workers of a scheduler of dask, on as many machines as it has; nothing else in Morula knows of dask's processes."""

from __future__ import annotations

import os
import pickle
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Condition
from time import monotonic
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from morula.errors import RequestError, reason
from morula.workers.crew import Duty, TaskGivenUp
from morula.workers.errands import MORE_MEMORY, Errand, carry_out, dismiss

if TYPE_CHECKING:
    from distributed import Client, Future

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
    """Workers that others began, each with a process that does a task at a time.

    What a worker is sent, and what comes back, are bytes to dask. A worker that dies has its task done by another; that
    a task brings one down again and again is counted by the scheduler.
    """

    relief = MORE_MEMORY

    def __init__(self, client: Client, duty: Duty, size: int):
        """
        Args:
            client: connected to the scheduler.
            duty: what the workers are there for.
            size: how many tasks are done at once at most; never more than there are workers.
        """
        self.size, self._client, self._duty = size, client, pickle.dumps(duty)
        self._errand = Errand(uuid4().hex, os.getcwd())
        self._turn, self._under_way, self._over = Condition(), 0, False

    def end(self) -> None:
        """End what is under way, on all workers."""
        self._over = True
        with suppress(Exception):  # of workers that go meanwhile; what is left ends by itself
            self._client.run(dismiss, self._errand.run, on_error="ignore")

    def do(self, task: Any) -> Any:
        """What the duty makes of a task, on the next worker that is free. Called in threads.

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
        """How many there are."""
        with self._words():
            return len(self._client.nthreads())

    def _answer(self, duty: bytes | None, task: bytes) -> Any:
        with self._words():
            future = self._client.submit(on_worker, self._errand, duty, task, pure=False)
        lonely = None
        while not self._over:
            with self._words(), suppress(TimeoutError):
                return future.result(timeout=LOOK)
            lonely = None if self._workers() else lonely or monotonic()
            if lonely and monotonic() - lonely > PATIENCE:
                raise RequestError(f"The scheduler {self._address} has had no workers for {PATIENCE // 60} minutes. "
                                   f"Begin some, with: dask worker {self._address} - and the same command again goes on.")
        raise RequestError("Stopped.")

    @property
    def _address(self) -> str:
        return self._client.scheduler.address if self._client.scheduler else "of dask"

    @contextmanager
    def _words(self) -> Iterator[None]:
        """What dask says, in the words of Morula."""
        from distributed import CancelledError, KilledWorker

        try:
            yield
        except (TimeoutError, RequestError):
            raise
        except KilledWorker as error:
            raise TaskGivenUp(f"the last was {error.last_worker.address}", error.allowed_failures + 1) from None
        except (CancelledError, OSError) as error:
            raise RequestError(f"The scheduler {self._address} has gone ({reason(error)}). What is done is kept: the same "
                               "command again goes on.") from None
        except Exception as error:
            raise RequestError(f"The scheduler {self._address} cannot have work done ({reason(error)}). {SAME}") from None


@contextmanager
def crew_of_scheduler(address: str, duty: Duty) -> Iterator[ScheduledCrew]:
    """The workers of a scheduler, for a duty; certificates for tls:// are those of dask's own settings.

    Raises:
        RequestError: dask is not installed, nobody answers at the address, or there are no workers.
    """
    with _client(address) as client:
        size = len(client.nthreads())
        if not size:
            raise RequestError(f"The scheduler {address} has no workers. Begin some, with: dask worker {address}")
        crew = ScheduledCrew(client, duty, size)
        try:
            yield crew
        finally:
            crew.end()


@contextmanager
def _client(address: str) -> Iterator[Client]:
    """A connection to a scheduler."""
    try:
        from distributed import Client
    except ModuleNotFoundError:
        raise RequestError(f"--scheduler needs dask's distributed, which is installed with: {INSTALL}") from None
    try:
        client = Client(address, set_as_default=False)
    except (OSError, TimeoutError) as error:
        raise RequestError(f"No scheduler answers at {address} ({reason(error)}). Begin one, with: dask scheduler") from None
    except (TypeError, ValueError, RuntimeError) as error:
        raise RequestError(f"{address} cannot be asked ({reason(error)}). For tls://, give the certificates in the settings "
                           "of dask: distributed.comm.tls.") from None
    try:
        yield client
    finally:
        client.close()
