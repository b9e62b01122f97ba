"""The folder that masks are written to: with each, its rows in the table and its doubt, whatever stops the work."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Protocol

from morula.errors import FileError
from morula.images.room import Room
from morula.images.write import write_mask_of
from morula.measures.intervals import write_calibration
from morula.models.model import Model
from morula.segmenting.doubt import DOUBT, doubt_path, write_with_doubt
from morula.segmenting.earlier import Earlier
from morula.segmenting.flags import with_jumps
from morula.segmenting.frames import TABLE, SegmentedFrame, add_frames, table_columns, write_frames
from morula.segmenting.incoming import Incoming, Refused
from morula.segmenting.unlike_sets import with_unlike_set


class MadeMask(Protocol):
    """What was made of a frame, see `JudgedMask`."""

    @property
    def row(self) -> SegmentedFrame: ...

    @property
    def mask(self) -> Room: ...

    @property
    def mask_and_doubt(self) -> tuple[Room, Room]: ...


class MaskFolder:
    """Masks and their table, file by file, beside what earlier runs have left.

    Attributes:
        rows: those of each file that has its mask.
        failed: what went wrong, by file.
    """

    def __init__(self, out: Path, earlier: Earlier, model: Model, *, doubted: bool):
        """Write the table of what is there already.

        Args:
            out: the folder.
            earlier: what was found in it.
            model: that makes the masks.
            doubted: whether the doubt of each mask lies beside it.

        Raises:
            OutputError: the folder cannot be written to.
        """
        self.rows = dict(earlier.done)
        self.failed: dict[Path, str] = {}
        self._out, self._earlier, self._doubted = out, earlier, doubted
        self._columns = table_columns(earlier.others, model.plan.classes)
        self._write_table(chain.from_iterable(self.rows.values()))
        if doubted:
            write_calibration(out / DOUBT, model.calibration)

    def write(self, first: Incoming, made: Iterable[MadeMask | Refused]) -> None:
        """Write the mask of a file, or note why it has none.

        Args:
            first: the first of its frames.
            made: of all of them.
        """
        path, rows = first.path, []
        mask, listed = self._earlier.masks[path], self._listed(made, rows, first.image.frames)
        try:
            mask.unlink(missing_ok=True)
            doubt_path(mask).unlink(missing_ok=True)
            if self._doubted:
                write_with_doubt(first.image, mask, (each.mask_and_doubt for each in listed))
            else:
                write_mask_of(first.image, mask, (each.mask for each in listed))
            self.rows[path] = rows
        except FileError as error:
            self.failed[path] = str(error)

    def finish(self) -> tuple[SegmentedFrame, ...]:
        """Write the table of all masks, in the order of their files, and return its rows of this run's files."""
        rows = with_unlike_set(with_jumps([row for path in self._earlier.masks for row in self.rows.get(path, [])]))
        self._write_table(rows)
        return tuple(rows)

    def _write_table(self, rows: Iterable[SegmentedFrame]) -> None:
        write_frames(self._out / TABLE, [*self._earlier.others, *rows], self._columns)

    def _listed(
        self, made: Iterable[MadeMask | Refused], rows: list[SegmentedFrame], frames: int
    ) -> Iterator[MadeMask]:
        """What was made of the frames of a file, one after the other.

        With the last one their rows are there, and stand in the table before the mask takes its name: whatever stops
        the work, a mask that lies there is in the table.

        Raises:
            FileError: nothing can be made of one.
        """
        for number, done in enumerate(made, start=1):
            if isinstance(done, Refused):
                raise FileError(done.error)
            rows.append(done.row)
            if number == frames:
                add_frames(self._out / TABLE, rows, columns=self._columns)
            yield done
