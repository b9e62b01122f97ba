"""One server a project: two would not know of each other's strokes."""

from __future__ import annotations

import socket
import time
from pathlib import Path
from threading import Event, Thread

from morula.errors import RequestError
from morula.files import write_text
from morula.projects.project import Project

BEAT, SILENCE = 2.0, 10.0
"""Seconds between two signs of life, and after which a server that gives none has died."""


class Claim:
    """Holds a project for a server, until it is let go or dies."""

    def __init__(self, project: Project, host: str, port: int):
        """
        Args:
            project: what is claimed.
            host: the address of its server.
            port: that it listens at.

        Raises:
            RequestError: another server has it.
        """
        self._file, self._over = project.hidden / "open", Event()
        if self._file.is_file() and _age(self._file) < SILENCE:
            other = self._file.read_text(encoding="utf-8")
            if other != f"{host}:{port}" and _answers(other):  # there, this server listens itself
                raise RequestError(f"{project.folder} is open already, at http://{other}. Use the page there, or stop "
                                   "it with Ctrl-C in its window.")
        write_text(self._file, f"{host}:{port}")
        self._beats = Thread(target=self._beat, daemon=True)
        self._beats.start()

    def let_go(self) -> None:
        """Let another server have the project."""
        self._over.set()
        self._beats.join()
        self._file.unlink(missing_ok=True)

    def _beat(self) -> None:
        while not self._over.wait(BEAT):
            self._file.touch()


def _answers(address: str) -> bool:
    """Whether anything listens there: a server that was killed listens no more, whenever it last gave a sign."""
    host, _, port = address.rpartition(":")
    try:
        with socket.create_connection((host, int(port)), timeout=1):
            return True
    except (OSError, ValueError):
        return False


def _age(file: Path) -> float:
    """Seconds since the last sign of life; a file from the future is as new as can be."""
    return max(0.0, time.time() - file.stat().st_mtime)
