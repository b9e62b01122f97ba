"""A duty for the tests of crews: what is done with a task stands in the task."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from morula.errors import FileError
from morula.progress import Part


@dataclass(frozen=True)
class Obeying:
    """Does what each task says.

    Attributes:
        diary: a file to which each process adds its number when it begins, and each task when it does.
        stillborn: whether processes die before they are ready.
    """

    diary: Path
    stillborn: bool = False

    def begin(self) -> Callable[[Any, Part], Any]:
        self.note(f"begun {os.getpid()}")
        print("what libraries say to standard output is no answer")
        if self.stillborn:
            die()
        return self.obey

    def note(self, words: str) -> None:
        with self.diary.open("a") as file:
            file.write(words + "\n")

    def obey(self, task: Any, on_part: Part) -> Any:
        self.note(str(task))
        match task:
            case "who":
                return os.getpid()
            case "die":
                die()
            case "refuse":
                raise FileError("a.png: this is no picture. Give one with --images.")
            case "fault":
                return 1 / 0
            case "wait", seconds:
                time.sleep(seconds)
                return os.getpid()
            case "tell", parts:
                for part in parts:
                    on_part(part)
            case "once", mark:  # dies the first time
                if not Path(mark).exists():
                    Path(mark).touch()
                    die()
        return task


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def begun(diary: Path) -> list[int]:
    """The numbers of all processes that have begun."""
    lines = diary.read_text().splitlines() if diary.exists() else []
    return [int(line.split()[1]) for line in lines if line.startswith("begun")]
