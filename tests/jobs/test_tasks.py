"""The command of a job does what the job did."""

from __future__ import annotations

import shlex

from morula.jobs.tasks import command_line


def test_numbers_are_told_to_the_last_digit(project):
    words = shlex.split(command_line(project, "measure", [project.results / "reviewed masks"],
                                     {"pixel_size": 0.108333333, "minutes": 1.0, "objects": True, "names": None}))
    assert words == ["morula", "measure", "results/reviewed masks", "--pixel-size", "0.108333333", "--minutes", "1",
                     "--objects"]
