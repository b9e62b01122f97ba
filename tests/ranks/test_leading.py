"""Real processes learn together what one learns alone, and the end of one is the end of all."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from morula.errors import RequestError
from morula.files import lives
from morula.learning import loop
from morula.learning.loop import Course, Trained, fit
from morula.models.plan import Augmentation, Plan
from morula.networks.architecture import Architecture
from morula.planning.training_settings import TrainSettings
from morula.ranks import leading
from morula.ranks.leading import Ranks, all_ranks
from morula.ranks.membership import Membership
from morula.ranks.replica import Replica
from rank_examples import scribbled, trapped, with_distances

NEAR = 1e-4
"""Sums that are made in another order round elsewhere, and 50 steps make more of it."""


@pytest.fixture(scope="module", autouse=True)
def examples_are_found() -> Iterator[None]:
    """By the other processes, too."""
    with pytest.MonkeyPatch.context() as patch:
        tests = str(Path(__file__).parents[1])
        patch.setenv("PYTHONPATH", os.pathsep.join(filter(None, (tests, os.environ.get("PYTHONPATH")))))
        patch.setenv("OMP_NUM_THREADS", "1")
        yield


def course(steps: int = 50, batch: int = 4, loss: str = "dice + cross_entropy", **architecture) -> Course:
    plan = Plan(channels=("grey",), classes=("body",), binning=(1, 1), patch=(16, 16), batch=batch, learning_rate=0.05,
                loss=loss, architecture=Architecture(**{"width": 4, "depth": 2, **architecture}),
                augmentation=Augmentation(warp=0.5, elastic=0.05, blur=0.5, noise=0.5))
    return Course(plan, TrainSettings(steps=steps, precision="float32"), scribbled(8), scribbled(2, seed=1))


def apart(one: Trained, other: Trained) -> float:
    """How far two trainings are apart: by their losses, or by any of their weights."""
    weights = zip(one.network.parameters(), other.network.parameters(), strict=True)
    assert len(one.losses) == len(other.losses) > 0
    return max(np.abs(np.subtract(one.losses, other.losses)).max(),
               *((first - second).abs().max().item() for first, second in weights))


@pytest.mark.slow
@pytest.mark.parametrize("ranks", [2, 3])
def test_fifty_steps_of_several_are_those_of_one(ranks):
    """Each process has another number of unannotated pixels; of three, one has more samples than the others."""
    alone = fit(course())
    with all_ranks(Membership(ranks=ranks)) as together:
        found = fit(replace(course(), ranks=together))
        again = fit(replace(course(), ranks=together))
    assert apart(found, alone) < NEAR
    assert found.losses != alone.losses  # or they would not have shared anything
    assert again.losses == found.losses
    assert found.validations[-1]["foreground_iou"] == pytest.approx(alone.validations[-1]["foreground_iou"], abs=0.01)


@pytest.mark.slow
def test_whatever_it_learns_with():
    """Outlines, which look at whole batches; the worst pixels of all; distances; dropout; coarser levels."""
    hardly = replace(course(12), training=scribbled(6, annotated=0.2))
    many = course(12, batch=5, loss="dice + topk + 0.5 focal", depth=3, deep_supervision=True, dropout=0.3)
    objects = replace(course(12, distance=True), training=with_distances(scribbled(6)),
                      validation=with_distances(scribbled(2, seed=1)))
    idle = course(12, batch=2, normalisation="instance")  # two samples, and three processes
    with all_ranks(Membership(ranks=3)) as together:
        for each in (hardly, many, objects, idle, course(12, batch=2)):
            assert apart(fit(replace(each, ranks=together)), fit(each)) < NEAR


@pytest.mark.slow
def test_what_several_put_aside_others_go_on_with(tmp_path, monkeypatch):
    monkeypatch.setattr(loop, "CHECKPOINT_SECONDS", 0)
    undisturbed, aside = fit(course(30)), tmp_path / "aside"

    def until(step: int):
        def interrupt(done: int, total: int, words: str) -> None:
            if done == step:
                raise KeyboardInterrupt

        return interrupt

    with pytest.raises(KeyboardInterrupt), all_ranks(Membership(ranks=2)) as together:
        fit(replace(course(30), checkpoint=aside, progress=until(10), ranks=together))
    with pytest.raises(KeyboardInterrupt), all_ranks(Membership(ranks=3)) as together:
        fit(replace(course(30), checkpoint=aside, progress=until(20), ranks=together))
    assert apart(fit(replace(course(30), checkpoint=aside)), undisturbed) < NEAR


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="processes are killed as POSIX kills them")
@pytest.mark.parametrize(("how", "said"), [("killed", "signal 9"), ("gone", "status 1")])
def test_a_rank_that_ends_ends_all_and_is_named(how, said, monkeypatch, capfd):
    began = started(monkeypatch)
    wanted = replace(course(), training=trapped(scribbled(8), how))
    with pytest.raises(RequestError, match=rf"Rank [12] of 3 has ended \({said}\).*--resume"), \
            all_ranks(Membership(ranks=3)) as together:
        fit(replace(wanted, ranks=together))
    assert len(began) == 2
    assert not any(map(lives, began))
    assert ("a.frame: it is gone. Start again." in capfd.readouterr().err) == (how == "gone")
    with all_ranks(Membership(ranks=2)) as together:  # nothing is left of it that would be in the way
        assert fit(replace(course(2), ranks=together)).step == 2


def test_processes_that_cannot_begin_are_named(monkeypatch):
    monkeypatch.setattr(leading, "PROGRAM", ("-c", "import sys; sys.exit(9)"))
    with pytest.raises(RequestError, match=r"Rank 1 of 2 has ended \(status 9\) before the training began"), \
            all_ranks(Membership(ranks=2)):
        pass


@pytest.mark.slow
def test_other_processes_end_with_the_training_and_threads_are_shared_only_while_they_learn(monkeypatch):
    began, threads = started(monkeypatch), []
    descend = Replica.descend
    monkeypatch.setattr(Replica, "descend", lambda *args: threads.append(torch.get_num_threads()) or descend(*args))
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        with all_ranks(Membership(ranks=2)) as together:
            assert isinstance(together, Ranks)
            fit(replace(course(2), ranks=together))
            assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)
    assert threads == [1, 1]
    until = time.monotonic() + 10
    while any(map(lives, began)) and time.monotonic() < until:
        time.sleep(0.01)
    assert not any(map(lives, began))


def started(monkeypatch) -> list[int]:
    """The numbers of all processes that are started from now on."""
    began, start = [], leading.subprocess.Popen

    def noting(*args, **options):
        process = start(*args, **options)
        began.append(process.pid)
        return process

    monkeypatch.setattr(leading.subprocess, "Popen", noting)
    return began
