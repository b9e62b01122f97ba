"""`morula check`: every problem by name, and nothing written."""

from __future__ import annotations

import numpy as np
import tifffile


def test_says_what_it_found(run, drawn):
    done = run("check", drawn / "images", drawn / "masks")
    assert done.exit_code == 0, done.output
    assert "6" in done.stdout
    assert "64 × 64" in done.stdout


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
