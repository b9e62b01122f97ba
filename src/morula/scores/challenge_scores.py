"""A result against the truth of the Cell Tracking Challenge, as both come.

Its true tracks are markers, which say where an object is and not how far it reaches: they give no pixel scores, only
whether objects were found and followed. Outlines are compared where there are some, in the folder `SEG`.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from morula.checks.findings import Finding
from morula.pairs.masks import MaskReading
from morula.plurals import many
from morula.progress import Progress, silent
from morula.scores.compare import ClassScores, Scores
from morula.scores.evaluation import Evaluation
from morula.scores.track_scores import score_tracks
from morula.tracks.challenge import OUTLINES, read_outlined, read_tracked
from morula.tracks.movies import Movie


def evaluate_challenge(
    result: Path, truth: Path, axes: str | None = None, progress: Progress = silent
) -> Evaluation:
    """Score a tracked movie against the true one, on the frames that both have; `scores` has no images.

    Args:
        result: a folder with `res_track.txt`.
        truth: a folder such as `02_GT`, or the folder `TRA` in it.
        axes: of the stored arrays; volumes that say nothing are recognised.
        progress: called with frames done, frames in all, and words.

    Raises:
        RequestError: a folder is not in this layout, or the movies have no frame in common, or differ in size.
        FileError: a file cannot be read.
    """
    true, found = (read_tracked(folder, axes=axes) for folder in (truth, result))
    outlined = read_outlined(truth, axes=axes)
    tracks = score_tracks(true, found, progress, outlined=outlined)
    findings = _of_frames(true[0], found[0])
    if tracks.seg is None:
        there = "outlines no object of these frames" if outlined else f"has no folder {OUTLINES} with outlines"
        findings.append(Finding("note", str(truth), f"the truth {there}, so that SEG is not scored",
                                f"Where there is one, give the folder that holds it, such as 02_GT with {OUTLINES}."))
    nothing = Scores(np.zeros((2, 2), np.int64), (ClassScores(), ClassScores()), "px", (), ("background", "foreground"))
    return Evaluation(nothing, (), _reading("label images numbered by track"),
                      _reading("markers of objects, numbered by track"), "the number of the frame", (),
                      tuple(findings), (), tracks)


def _reading(sentence: str) -> MaskReading:
    return MaskReading("grey", (), (), others=1, sentence=sentence)


def _of_frames(true: Movie, found: Movie) -> list[Finding]:
    """Frames that only one of both movies has."""
    ours, theirs = ({frame.number for frame in movie.frames} for movie in (found, true))
    findings = []
    if lacking := sorted(theirs - ours):
        problem = f"the result lacks {_named(lacking)} of the {many(len(theirs), 'true frame')}"
        findings.append(Finding("note", "", problem, "The others are scored."))
    if more := sorted(ours - theirs):
        findings.append(Finding("note", "", f"the truth lacks {_named(more)} of the result", "They do not count."))
    return findings


def _named(numbers: list[int]) -> str:
    shown = ", ".join(map(str, numbers)) if len(numbers) < 6 else f"{numbers[0]}, {numbers[1]}, … {numbers[-1]}"
    return f"{many(len(numbers), 'frame')} ({shown})"
