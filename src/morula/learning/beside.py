"""Files beside a model in training: its log, its scores, and what it would go on from."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from morula.errors import OutputError
from morula.files import ensure_writable


@dataclass(frozen=True)
class Beside:
    """What lies beside a model in training.

    Attributes:
        model: the file to write.
    """

    model: Path

    @property
    def log(self) -> Path:
        """JSON lines with every step and validation, and what a second look found."""
        return self.model.with_name(self.model.name + ".log.jsonl")

    @property
    def table(self) -> Path:
        """The scores of frames that were left out."""
        return self.model.with_name(self.model.name + ".folds.csv")

    @property
    def checkpoint(self) -> Path:
        """The training of the model itself, put aside."""
        return self.model.with_name(self.model.name + ".checkpoint")

    @property
    def trials(self) -> Path:
        """The folder of the trainings before it."""
        return self.model.with_name(self.model.name + ".trials")

    @property
    def busy(self) -> Path:
        """Says who is making it, while somebody is."""
        return self.model.with_name(self.model.name + ".busy")

    @property
    def unfinished(self) -> Iterator[Path]:
        """What a training left that was stopped."""
        return (path for path in (self.checkpoint, self.trials) if path.exists())

    def refuse_to_replace(self, *, resume: bool, overwrite: bool) -> None:
        """Refuse to write over a model or an unfinished training that nobody gave up.

        Raises:
            OutputError: there is one, or the model could not be written.
        """
        ensure_writable(self.model)
        unfinished = next(self.unfinished, None)
        if self.model.exists() and resume and not overwrite and not unfinished:
            raise OutputError(f"{self.model} exists already and is finished: --resume has nothing to go on with. Learn "
                              f"more from it with --init {self.model} and another --out, or begin again with "
                              "--overwrite.")
        if self.model.exists() and not overwrite and not (resume and unfinished):
            raise OutputError(f"{self.model} exists already. Choose another --out, or replace it with --overwrite.")
        if unfinished and not overwrite and not resume:
            raise OutputError(f"{unfinished} is an unfinished training. Go on with it with --resume, or start again "
                              "with --overwrite.")

    def begin(self, *, resume: bool) -> None:
        """Leave what a training that is gone on with left, and nothing of any other; the table is written again."""
        self.table.unlink(missing_ok=True)
        if not resume:
            self.forget_unfinished()
        if not self.checkpoint.exists():
            self.log.unlink(missing_ok=True)

    def note(self, event: str, **record: Any) -> None:
        """Add a line to the log."""
        note(self.log, event, **record)

    def forget_unfinished(self) -> None:
        """Leave nothing to go on from."""
        self.checkpoint.unlink(missing_ok=True)
        shutil.rmtree(self.trials, ignore_errors=True)


def note(log: Path, event: str, **record: Any) -> None:
    """Add a line to a log; where it has no room, the training goes on without."""
    with suppress(OSError), log.open("a", encoding="utf-8") as file:
        file.write(json.dumps({"event": event, **record}) + "\n")
