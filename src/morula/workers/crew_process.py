"""A process that works for another: a task comes in, and what was made of it goes out, until nothing more comes."""

from __future__ import annotations

import os
import pickle
import signal
import sys
import traceback
from queue import SimpleQueue
from threading import Thread
from typing import IO, Any

from morula.errors import MorulaError


def carry_out(tasks: IO[bytes], answers: IO[bytes]) -> None:
    """Take up a duty, which comes first, and do one task after the other.

    Each is answered with what was made of it, or with what went wrong; the duty itself with None. Before it, there may
    be told how much of it is done, as a bare number.
    """
    def answer(what: object) -> None:
        pickle.dump(what, answers)
        answers.flush()

    work = None
    waiting = _listened(tasks)
    while True:
        task, made, error = waiting.get(), None, None
        try:
            if work is None:
                work = task.begin()
            else:
                made = work(task, answer)
        except Exception as raised:
            error = portable(raised)
        answer((made, error))


def _listened(tasks: IO[bytes]) -> SimpleQueue[Any]:
    """What comes in. When no more can come, because the other process is gone, this one ends, whatever it does."""
    waiting: SimpleQueue[Any] = SimpleQueue()

    def listen() -> None:
        try:
            while True:
                waiting.put(pickle.load(tasks))
        finally:
            os._exit(0)

    Thread(target=listen, daemon=True).start()
    return waiting


def portable(error: Exception) -> Exception:
    """The same error for another process; of a fault of ours, with where it was."""
    if not isinstance(error, MorulaError):
        error.add_note("In one of the workers:\n" + "".join(traceback.format_exception(error)))
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:
        return RuntimeError("".join(traceback.format_exception(error)))
    return error


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever libraries print is no answer of ours
    carry_out(sys.stdin.buffer, answers)
