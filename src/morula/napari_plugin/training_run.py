"""A training in a process of its own, as whoever waits for it sees it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

from morula.errors import MorulaError, TrainingError
from morula.progress import Progress

PATIENCE = 10.0
"""Seconds in which a process that shall stop has to."""
LOSS = re.compile(r"\bloss ([\d.]+)")
"""In the words of progress, also in those of the trials that come before the model itself."""


@dataclass(frozen=True)
class TrainedHere:
    """What came of a training.

    Attributes:
        model: its file.
        summary: what the model is and how good it was, by label.
        sentences: what was found out on the way.
    """

    model: Path
    summary: Mapping[str, str]
    sentences: tuple[str, ...]


def run_training(asked: Mapping[str, Any], progress: Progress, on_loss: Callable[[int, float], None]) -> TrainedHere:
    """Train in a process of its own.

    Args:
        asked: arguments of `morula.train`, with `images`, `masks` and `out`, as JSON knows them.
        progress: called several times a second; what it raises ends the process.
        on_loss: called with steps and the loss.

    Raises:
        MorulaError: it went wrong; in words.
        TrainingError: its process ended by itself.
    """
    sentences: list[str] = []
    done, total, words = 0, 0, "starting"
    with TemporaryFile("w+", encoding="utf-8", errors="replace") as errors, subprocess.Popen(
            [sys.executable, "-m", "morula.napari_plugin.training_process"], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=errors, text=True, encoding="utf-8") as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            with suppress(BrokenPipeError):  # it is dead already: what it said last is told below
                process.stdin.write(json.dumps(asked) + "\n")
                process.stdin.flush()
            for line in process.stdout:
                told = json.loads(line)
                if "progress" in told:
                    done, total, words = told["progress"]
                    if found := LOSS.search(words):
                        on_loss(done, float(found[1]))
                if "sentence" in told:
                    sentences.append(told["sentence"])
                if "failed" in told:
                    raise MorulaError(told["failed"])
                if "model" in told:
                    return TrainedHere(Path(told["model"]), told["summary"], tuple(sentences))
                progress(done, total, words)
        finally:
            _end(process)
        errors.seek(0)
        said = errors.read().strip().splitlines()
    raise TrainingError("The training ended before it was done" + (f": {said[-1]}" if said else ", and said nothing."))


def _end(process: subprocess.Popen[str]) -> None:
    """Let the process end: by itself, or else by force."""
    with suppress(OSError):
        if process.stdin:
            process.stdin.close()
    try:
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
