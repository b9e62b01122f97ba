"""`morula report`: a page, and what could not be on it."""

from __future__ import annotations

import shutil

import pytest


@pytest.fixture
def model(run, drawn, tmp_path):
    done = run("train", drawn, "--out", tmp_path / "m.safetensors", "--steps", 2, "--quick")
    assert done.exit_code == 0, done.output
    return tmp_path / "m.safetensors"


def test_a_mask_that_cannot_be_read_is_named_and_the_page_written(run, drawn, model, tmp_path):
    shutil.copytree(drawn / "masks", tmp_path / "predicted")
    damaged = min((tmp_path / "predicted").iterdir())
    line = ("report", model, "--out", tmp_path / "page.html", "--masks", drawn / "masks", "--predicted",
            tmp_path / "predicted")
    assert run(*line).exit_code == 0
    damaged.write_bytes(damaged.read_bytes()[:200])
    done = run(*line)
    assert done.exit_code == 1
    assert f"error: {damaged}" in done.stdout.replace("\n", "")
    assert (tmp_path / "page.html").is_file()
