"""Processes that work beside each other, a task at a time each; one that dies is replaced, and its task done again."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from queue import LifoQueue
from threading import Lock
from typing import IO, Any, Protocol, Self, cast

from morula.errors import RequestError
from morula.pipeline import Unwanted
from morula.progress import Part, untold

LIVES = 3
"""A task that so many processes died of is given up."""
STARTS = 8
"""Where so many in a row die before they are ready, that is no accident."""
FEWER = "Ask for fewer --workers."
PROGRAM = ("-P", "-m", "morula.workers.crew_process")
"""What Python runs; whatever lies in the folder where it is started is not taken for one of its modules."""


class Duty(Protocol):
    """What the processes of a crew are there for, as plain data, which goes to each of them when it begins."""

    def begin(self) -> Callable[[Any, Part], Any]:
        """Make ready, in the process, what every task needs; returns what does a task, and may tell how much of it is
        done."""
        ...


class TaskGivenUp(Exception):
    """So many processes died of a task that no other is tried; `how` says how the last one ended."""

    def __init__(self, how: str, lives: int = LIVES):
        super().__init__(how, lives)
        self.how, self.lives = how, lives

    def told(self, doing: str) -> str:
        """What happened, in a sentence, while they were doing something."""
        return f"{self.lives} processes ended while they {doing} ({self.how}), as where memory runs out."


class Sharers(Protocol):
    """Who shares work: a crew of this machine, or workers of others."""

    @property
    def size(self) -> int:
        """How many tasks they do at once."""
        ...

    @property
    def relief(self) -> str:
        """What to do where processes die, as a sentence."""
        ...

    def do(self, task: Any, on_part: Part = untold) -> Any:
        """What the duty makes of a task. Called in threads, as many as tasks are done at once.

        Args:
            task: as the duty knows it.
            on_part: told how much of it is done, by those who are near enough to tell. What it raises ends it.

        Raises:
            TaskGivenUp: processes died of it.
            RequestError: there is nobody who could do it.
        """
        ...


class Crew:
    """Up to so many processes, which begin when there is something to do and end with the `with` block, at once.

    Tasks and what is made of them are pickled, and go through pipes that nobody but the two processes can open. What
    a task raises is raised where it was asked for.
    """

    def __init__(
        self, size: int, duty: Duty, *, threads: int = 1, folder: str | None = None, relief: str = FEWER
    ):
        """
        Args:
            size: processes at most.
            duty: what they are there for.
            threads: with how many each computes.
            folder: from which they see paths; where this process is, if left out.
            relief: what to do where they die, as a sentence.
        """
        self.size, self.relief, self._duty, self._threads, self._folder = size, relief, duty, threads, folder
        self._seats: LifoQueue[_Member | None] = LifoQueue()  # who was last at work is the next again
        for _ in range(size):
            self._seats.put(None)
        self._members: list[_Member] = []
        self._lock, self._over, self._stillborn = Lock(), False, 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def end(self) -> None:
        """End all processes, whatever they do."""
        with self._lock:
            self._over = True
        for member in self._members:
            member.kill()
        for member in self._members:
            member.bury()

    def do(self, task: Any, on_part: Part = untold) -> Any:
        """What the duty makes of a task, in the next process that is free. Called in threads, as many as processes.

        Raises:
            TaskGivenUp: the processes died of it.
            RequestError: they die before they are ready.
        """
        member = None
        for _ in range(LIVES):
            member = self._free_member()
            try:
                return member.ask(task, on_part)
            except _Died:
                continue
            finally:
                self._seats.put(member)
        raise TaskGivenUp(member.how_it_ended if member else "")

    def _free_member(self) -> _Member:
        member = self._seats.get()
        try:
            while member is None or not member.lives:
                member = self._begun()
        except BaseException:
            self._seats.put(None)
            raise
        return member

    def _begun(self) -> _Member | None:
        """A new process that is ready; None if it died first."""
        with self._lock:
            if self._over:
                raise _Died
            self._members = [each for each in self._members if each.lives]
            member = _Member(self._threads, self._folder)
            self._members.append(member)
        try:
            member.ask(self._duty)
        except _Died:
            self._stillborn += 1
            if self._stillborn == STARTS:
                raise RequestError(f"{STARTS} processes in a row ended before they were ready ({member.how_it_ended}). "
                                   f"{self.relief} Or see whether it works without.") from None
            return None
        self._stillborn = 0
        return member


class _Died(Exception):
    """A process ended before it answered."""


class _Member:
    """A process, and the pipes that lead to it."""

    def __init__(self, threads: int, folder: str | None):
        self._process = subprocess.Popen(
            [sys.executable, *PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=folder,
            env={**os.environ, "OMP_NUM_THREADS": str(threads)},
            # Ctrl-C in a terminal goes to all processes of a session, and is for the first one alone to answer.
            start_new_session=True, creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0))
        self._to, self._back = cast(IO[bytes], self._process.stdin), cast(IO[bytes], self._process.stdout)

    @property
    def lives(self) -> bool:
        return self._process.poll() is None

    @property
    def how_it_ended(self) -> str:
        """Its exit status, in words."""
        status = self._process.wait()
        return f"signal {-status}" if status < 0 else f"status {status}"

    def ask(self, task: Any, on_part: Part = untold) -> Any:
        """What comes back for a task, of which it may be told before how much is done.

        Raises:
            _Died: nothing does.
        """
        try:
            pickle.dump(task, self._to)
            self._to.flush()
            while isinstance(answer := pickle.load(self._back), float):
                on_part(answer)
            made, error = answer
        except (OSError, EOFError, ValueError, pickle.UnpicklingError):
            self.kill()
            self.bury()
            raise _Died from None
        except Unwanted:
            self.kill()  # what it would answer would be taken for that of the next task
            self.bury()
            raise
        if error is not None:
            raise error
        return made

    def kill(self) -> None:
        """End the process, whatever it does; it has nothing that could be left half-done."""
        self._process.kill()

    def bury(self) -> None:
        """Wait until it has ended, and close its pipes."""
        self._process.wait()
        for pipe in (self._to, self._back):
            with suppress(OSError):  # what it did not take any more
                pipe.close()
