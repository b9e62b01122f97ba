"""Nothing is written over that nobody gave up, and only a training that is gone on with keeps what it left."""

from __future__ import annotations

import pytest

from morula.errors import OutputError
from morula.learning.beside import Beside


@pytest.fixture
def beside(tmp_path) -> Beside:
    return Beside(tmp_path / "m.safetensors")


def stop(beside: Beside) -> None:
    """What a training leaves that is stopped after its trials."""
    beside.checkpoint.write_bytes(b"half learned")
    beside.log.write_text("half said")
    beside.table.write_text("scored")
    beside.trials.mkdir()
    (beside.trials / "fold 1.json").write_text("{}")


@pytest.mark.parametrize(("there", "resume", "overwrite", "allowed"), [
    ("nothing", False, False, True), ("nothing", True, False, True),
    ("model", False, False, False), ("model", True, False, False), ("model", False, True, True),
    ("unfinished", False, False, False), ("unfinished", True, False, True), ("unfinished", False, True, True),
    ("both", False, False, False), ("both", True, False, True), ("both", False, True, True),
])  # fmt: skip
def test_only_what_was_given_up_is_replaced(beside, there, resume, overwrite, allowed):
    if there in ("model", "both"):
        beside.model.write_bytes(b"precious")
    if there in ("unfinished", "both"):
        stop(beside)
    if allowed:
        beside.refuse_to_replace(resume=resume, overwrite=overwrite)
    else:
        with pytest.raises(OutputError, match="--overwrite"):
            beside.refuse_to_replace(resume=resume, overwrite=overwrite)


def test_a_finished_model_is_nothing_to_go_on_with(beside):
    beside.model.write_bytes(b"precious")
    with pytest.raises(OutputError, match=r"m\.safetensors exists already and is finished: --resume has .* --init"):
        beside.refuse_to_replace(resume=True, overwrite=False)


def test_a_training_that_is_gone_on_with_keeps_what_it_left(beside):
    stop(beside)
    beside.begin(resume=True)
    assert set(beside.unfinished) == {beside.checkpoint, beside.trials}
    assert beside.log.read_text() == "half said"


def test_any_other_begins_with_nothing(beside):
    stop(beside)
    beside.begin(resume=False)
    assert list(beside.model.parent.iterdir()) == []


def test_a_log_without_a_checkpoint_is_of_another_training(beside):
    stop(beside)
    beside.checkpoint.unlink()
    beside.begin(resume=True)
    assert not beside.log.exists()
    assert list(beside.unfinished) == [beside.trials]
