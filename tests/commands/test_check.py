"""`morula check`: every problem by name, and nothing written."""

from __future__ import annotations

import re

import numpy as np
import tifffile


def test_says_what_it_found(run, drawn):
    done = run("check", drawn / "images", drawn / "masks")
    assert done.exit_code == 0, done.output
    rows = dict(line.split(": ", 1) for line in done.stdout.splitlines() if ": " in line)
    assert (rows["images"], rows["masks"], rows["size"]) == ("6 files", "6 files", "64 × 64 px")
    assert rows["groups"] == "3: movie00, movie01, movie02"
    assert "split at random" not in rows


def test_what_a_split_at_random_would_have_let_through_is_said_if_asked_for(run, drawn):
    done = run("check", drawn / "images", drawn / "masks", "--leakage")
    assert done.exit_code == 0, done.output
    assert re.search(r"^split at random: [012] of 2 validation frames would have one of their group in the training$",
                     done.stdout, re.MULTILINE)


def test_names_every_problem_and_what_to_do(run, drawn):
    first, second, *_ = sorted((drawn / "masks").iterdir())
    tifffile.imwrite(first, np.zeros((10, 10), np.uint8))
    second.write_bytes(second.read_bytes()[:100])
    done = run("check", drawn / "images", drawn / "masks")
    assert done.exit_code == 2
    lines = [line for line in done.stdout.splitlines() if line.startswith("error: ")]
    for path in (first, second):
        assert any(path.name in line for line in lines), done.stdout
    assert "Traceback" not in done.output


def test_writes_nothing(run, drawn):
    before = sorted(drawn.rglob("*"))
    run("check", drawn / "images", drawn / "masks")
    assert sorted(drawn.rglob("*")) == before
