"""A scheduler of dask and its workers, each a process as people begin them, on this machine alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def scheduler(folder: Path, *options: str, **environment: str) -> Iterator[tuple[str, Path]]:
    """A scheduler: its address, and the file by which workers find it."""
    found = folder / "scheduler.json"
    with _running("dask_scheduler", folder, "--host", "127.0.0.1", "--port", "0", "--no-dashboard",
                  "--dashboard-address", "127.0.0.1:0", "--scheduler-file", str(found), *options,
                  **environment):
        wait(lambda: found.exists() and found.read_text().rstrip().endswith("}"))
        yield _address(found), found


@contextmanager
def worker(folder: Path, found: Path, *options: str, **environment: str) -> Iterator[subprocess.Popen]:
    """A worker, which has a nanny as `dask worker` gives it one: whoever kills it finds another in its place."""
    with _running("dask_worker", folder, "--scheduler-file", str(found), "--nthreads", "1", "--host", "127.0.0.1",
                  "--no-dashboard", "--dashboard-address", "127.0.0.1:0", "--local-directory", str(folder), *options,
                  **environment) as process:
        yield process


def _address(found: Path) -> str:
    return json.loads(found.read_text())["address"]


def wait_for_workers(address: str, count: int) -> None:
    """Wait until so many workers are there."""
    from distributed import Client

    with Client(address, set_as_default=False) as client:
        client.wait_for_workers(count, timeout=60)


def wait(condition: Callable[[], object]) -> None:
    """Wait until something is so, for a minute at most."""
    until = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.05)


@contextmanager
def _running(program: str, folder: Path, *options: str, **environment: str) -> Iterator[subprocess.Popen]:
    with (folder / f"{program}.log").open("ab") as log, subprocess.Popen(
        [sys.executable, "-m", f"distributed.cli.{program}", *options], cwd=folder, stdout=log, stderr=log,
        env={**os.environ, **environment}, start_new_session=True,
    ) as process:
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
