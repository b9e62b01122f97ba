"""What the command line shows: progress while it works, tables when it is done, errors in red.

Results go to standard output, everything else to standard error. Where no person is watching (a pipe, a log)
there are plain lines instead of tables and bars. Names of files are shown as they are, never as markup.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from io import TextIOWrapper
from typing import TYPE_CHECKING, Any

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from morula.errors import reason
from morula.names.endings import told_apart
from morula.progress import Pace, Progress, duration

if TYPE_CHECKING:
    from morula.checks.findings import Finding
    from morula.judging.suggestions import Suggestion
    from morula.measures.catalogue import Measure
    from morula.scores.compare import Scores
    from morula.scores.matching import ObjectScores
    from morula.workflows.proofreading import Proofread

STYLES = {"error": "bold red", "warning": "yellow", "note": "dim"}
SECONDS_BETWEEN_LINES = 10

results = Console(markup=False, highlight=False, emoji=False)
messages = Console(stderr=True, markup=False, highlight=False, emoji=False)


def write_anything() -> None:
    """Let a terminal that has no µ or × show an escape in its place, instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


@contextmanager
def live_progress() -> Iterator[Progress]:
    """Show the progress of the work inside: a bar with the time left, or a line now and then."""
    if not messages.is_terminal:
        yield progress_lines()
        return
    from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar
    from rich.table import Column

    described = Column(no_wrap=True, overflow="ellipsis")
    description = TextColumn("{task.description}", markup=False, table_column=described)
    with Bar(description, BarColumn(), TaskProgressColumn(), TimeRemainingColumn(compact=True),
             console=messages, transient=True) as bar:
        task = bar.add_task("", total=None)
        reached: float = 0

        def show(done: float, total: int, words: str) -> None:
            nonlocal reached
            if done < reached:  # another part of the work begins, with a pace of its own
                bar.reset(task)
            reached = done
            bar.update(task, completed=done, total=total, description=words)

        yield show


def progress_lines() -> Progress:
    """Progress as lines, seldom enough for a log."""
    last, pace = time.monotonic(), Pace()

    def show(done: float, total: int, words: str) -> None:
        nonlocal last
        left = pace.left(done, total)
        if time.monotonic() - last >= SECONDS_BETWEEN_LINES:
            last = time.monotonic()
            say(f"{words} ({_so_far(done, total, left)})")

    return show


def _so_far(done: float, total: int, left: float | None) -> str:
    """How much is done: pieces of all, or the share of all where the last one is done in part, and the time left."""
    if done == int(done):
        return f"{int(done)} of {total or 'a number not yet known'}"
    return f"{done / total:.0%}" + (f", {duration(left)} left" if left else "")


def say(words: str) -> None:
    """A message that is not a result."""
    messages.print(words, soft_wrap=True)


def say_error(words: str) -> None:
    """What went wrong, in red."""
    messages.print(Text.assemble(("Error: ", STYLES["error"]), (words, "red")), soft_wrap=True)


def print_line(words: str = "") -> None:
    """One line of the results."""
    _show(words, soft_wrap=True)


def print_rows(rows: Iterable[tuple[str, str]]) -> None:
    """Labels with their values; the labels "error", "warning" and "note" have colours of their own."""
    if not results.is_terminal:
        for label, value in rows:
            print_line(f"{label}: {value}")
        return
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for label, value in rows:
        table.add_row(Text(label, style=STYLES.get(label, "bold")), Text(value))
    _show(table)


def print_findings(findings: Iterable[Finding]) -> None:
    """Each finding with its file and what to do about it: errors in red, then warnings, then notes."""
    order = list(STYLES)
    findings = sorted(findings, key=lambda finding: order.index(finding.severity))
    print_rows([(finding.severity, str(finding)) for finding in findings])


def print_scores(scores: Scores) -> None:
    """The scores of a set of images: one line for all, then a table of the classes."""
    print_rows([
        ("images", str(len(scores.images))),
        ("pixel accuracy", _number(scores.pixel_accuracy)),
        ("mean IoU", f"{_number(scores.mean_iou)}, background included"),
        ("foreground IoU", _number(scores.foreground_iou)),
    ])
    print_line()
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("class")
    for heading in ("IoU", "Dice", f"distance ({scores.unit})", f"95 % ({scores.unit})", "images"):
        table.add_column(heading, justify="right")
    for name, of in zip(scores.names, scores.classes, strict=True):
        table.add_row(Text(name), _number(of.iou), _number(of.dice), _number(of.boundary_mean, 2),
                      _number(of.boundary_95, 2), str(of.images))
    _show(table)


def print_agreement(scores: Scores) -> None:
    """What is said beside the scores where both sides are people."""
    from morula.scores.annotators import agreement_in_words

    print_rows([("kappa", f"{_number(scores.kappa)}, the agreement beyond chance")])
    print_line()
    print_line(agreement_in_words(scores))


def print_object_scores(scores: ObjectScores) -> None:
    """How many objects were found, at three of the thresholds."""
    print_rows([
        ("objects", f"{scores.true:,} true, {scores.predicted:,} predicted"),
        ("panoptic quality", _number(scores.panoptic_quality)),
        ("average precision", f"{_number(scores.mean_average_precision)}, the mean over IoU 0.5 to 0.95"),
    ])
    print_line()
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("IoU above")
    for heading in ("matched", "precision", "recall", "F1", "average precision"):
        table.add_column(heading, justify="right")
    for threshold in (0.5, 0.75, 0.9):
        rates = (scores.precision, scores.recall, scores.f1, scores.average_precision)
        table.add_row(str(threshold), f"{scores.matched(threshold):,}", *(_number(rate(threshold)) for rate in rates))
    _show(table)


def print_suggestions(frames: Sequence[Suggestion]) -> None:
    """What to annotate next, and why: a line for each."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for heading in ("image", "frame", "IoU", "why"):
        table.add_column(heading, justify="left" if heading in ("image", "why") else "right")
    names = told_apart([each.path for each in frames])
    for each in frames:
        table.add_row(Text(names[each.path]), str(each.frame), _number(each.certainty, 2), Text(each.reason))
    _show(table)


def print_proofs(proofs: Proofread) -> None:
    """The annotations that deserve a second look, how sure that is and why; and how much the list is worth."""
    if proofs.frames:
        table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
        for heading in ("image", "sure", "what"):
            table.add_column(heading, justify="right" if heading == "sure" else "left")
        for frame, verdict in zip(proofs.frames, proofs.verdicts, strict=True):
            table.add_row(Text(frame.name), f"{verdict.wrong:.0%}", Text(verdict.words))
        results.print(table)
        print_line()
    for sentence in proofs.sentences:
        print_line(sentence)


def print_measures(topics: Mapping[str, Sequence[Measure]]) -> None:
    """All measures by topic: the column, what it tells, how it is computed and where that is from."""
    for topic, measures in topics.items():
        print_line(topic)
        for measure in measures:
            source = f" ({measure.source})" if measure.source else ""
            print_line(f"  {measure.column}, {measure.dimensions}: {measure.meaning}")
            print_line(f"      {measure.formula}{source}")


def _show(what: RenderableType, **how: Any) -> None:
    """Write to standard output; behind which there may be a disk that is full.

    Raises:
        SystemExit: it takes no more.
    """
    try:
        results.print(what, **how)
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # Python would try again when it ends
        say_error(f"The results cannot be shown, for standard output takes no more ({reason(error)}). The files that "
                  "were asked for are written.")
        raise SystemExit(1) from error


def _number(value: float | None, digits: int = 4) -> str:
    return "–" if value is None else f"{value:.{digits}f}"
