"""The head of a network that knows features already is read first; nothing beneath it changes."""

from __future__ import annotations

import copy
import time

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression

from morula.examples.example import ArrayExample, class_shares
from morula.examples.patches import Patches
from morula.learning import loop, probe
from morula.learning.probe import fit_head
from morula.learning.run import Run
from morula.models.plan import Augmentation, Plan
from morula.networks.architecture import Architecture
from morula.networks.unet import UNet
from morula.planning.training_settings import TrainSettings

STILL = Augmentation(warp=0)  # so that each pixel is of one class


def examples(classes: int) -> list[ArrayExample]:
    """Noisy pictures whose level says the class, most of the time."""
    rng = np.random.default_rng(3)
    found = []
    for number in range(4):
        mask = rng.integers(0, classes + 1, (4, 4)).repeat(8, 0).repeat(8, 1).astype(np.uint8)
        image = (mask + rng.normal(0, 0.6, mask.shape)).astype(np.float32)[None]
        found.append(ArrayExample(f"{number}", image, class_shares(mask, classes, (1, 1))))
    return found


def plan(classes: int, loss: str = "cross_entropy", **architecture) -> Plan:
    outputs = 1 if classes == 1 else classes + 1
    return Plan(channels=("grey",), classes=tuple("abc"[:classes]), binning=(1, 1), patch=(32, 32), batch=4,
                architecture=Architecture(width=4, depth=2, outputs=outputs, **architecture), learning_rate=0.01,
                loss=loss, augmentation=STILL)


def patches(of: Plan, classes: int) -> Patches:
    return Patches(examples(classes), of.patch, of.batch_sizes, of.augmentation, 0)


def features(network: UNet, of: Plan, classes: int) -> tuple[np.ndarray, np.ndarray]:
    """What the head is given of each pixel, and the class that covers most of it."""
    drawn = patches(of, classes)
    batches = [drawn.batch(step) for step in range(probe.BATCHES)]
    with torch.no_grad():
        seen = torch.cat([network.train().expanded(batch.images)[0] for batch in batches])
    shares = torch.cat([batch.shares for batch in batches])
    return seen.movedim(1, -1).reshape(-1, seen.shape[1]).numpy(), shares.argmax(1).reshape(-1).numpy()


@pytest.mark.parametrize("classes", [1, 2])
def test_the_head_reads_as_logistic_regression_does(classes):
    """Of the same features, with the same penalty, by scikit-learn."""
    of = plan(classes)
    run = Run.start(of, 0, "float32")
    seen, truth = features(copy.deepcopy(run.network), of, classes)
    fit_head(run, patches(of, classes))
    fitted = LogisticRegression(C=1 / (2 * probe.DECAY * len(seen)), max_iter=1000, tol=1e-8).fit(seen, truth)
    maps = seen @ run.network.head.weight.detach().flatten(1).numpy().T + run.network.head.bias.detach().numpy()
    logits = torch.from_numpy(maps)
    found = logits.sigmoid().numpy()[:, 0] if classes == 1 else logits.softmax(1).numpy()[:, 1]
    assert np.abs(found - fitted.predict_proba(seen)[:, 1]).max() < 0.05
    assert found.std() > 0.05  # no pixel is read as all others are


@pytest.mark.parametrize("stem", [1, 2])
def test_nothing_beneath_it_changes_and_the_average_knows_it(stem):
    of = plan(1, stem=stem)
    run = Run.start(of, 0, "float32")
    before = {name: parameter.clone() for name, parameter in run.network.named_parameters()}
    fit_head(run, patches(of, 1))
    for name, parameter in run.network.named_parameters():
        assert torch.equal(parameter, before[name]) == (not name.startswith("head"))
        assert torch.equal(parameter, run.average.state_dict()[name])
        assert parameter.grad is None or not parameter.grad.any()


def test_a_training_reads_first_where_features_are_known_and_the_head_is_not(monkeypatch):
    """And where both are known, or nothing is, it does not."""
    of, fitted = plan(1), []
    monkeypatch.setattr(loop, "fit_head", lambda run, patches: fitted.append(run))
    known = Run.start(of, 1, "float32").network.state_dict()
    beneath = {name: tensor for name, tensor in known.items() if not name.startswith("head")}
    for initial, times in (({}, 0), (known, 0), (beneath, 1)):
        fitted.clear()
        loop.fit(loop.Course(of, TrainSettings(steps=1), examples(1), (), initial=initial))
        assert len(fitted) == times


def test_reading_first_counts_as_time_of_the_training(monkeypatch):
    """Else minutes would be longer than they are."""
    of = plan(1)
    beneath = {name: tensor for name, tensor in Run.start(of, 1, "float32").network.state_dict().items()
               if not name.startswith("head")}
    monkeypatch.setattr(loop, "fit_head", lambda run, patches: time.sleep(2))
    trained = loop.fit(loop.Course(of, TrainSettings(steps=1), examples(1), (), initial=beneath))
    assert trained.seconds > 2
