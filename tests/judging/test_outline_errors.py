"""What is learned of outlines on known objects, where it is known how they err."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from morula.images.image import Image
from morula.judging.effort import FRAMES, LEARNED, OBJECTS, TRAINED
from morula.judging.outline_errors import (
    KnownBody,
    calibrate,
    interval_ends,
    known_bodies,
    learn,
    mixed_with_usual,
    optimism,
    outline_errors,
)
from morula.measures.bodies import cut_out
from morula.measures.columns import Layout
from morula.measures.intervals import USUAL, Calibration, intervals
from morula.measures.plausible import OutlineErrors, UnsureBody, signed_depth
from morula.models.model import Model
from morula.models.plan import Augmentation, Plan
from morula.networks.architecture import Architecture
from morula.networks.unet import UNet
from morula.objects.labels import connected_objects
from morula.objects.selection import ObjectSettings, choose_objects
from morula.pairs.pair import Frame, Pair
from morula.pairs.recognition import recognise
from morula.pairs.split import Split

ALL = LEARNED * (OBJECTS + TRAINED)
ERRORS = OutlineErrors(strength=2, least=0.3, shared=0.2, reach=0.08)


def known(seed: int, errors: OutlineErrors = ERRORS) -> KnownBody:
    """An ellipse of which one side is less sure than the other, and a true outline that errs as was said."""
    rng = np.random.default_rng(seed)
    long, short, turn = rng.uniform(18, 26), rng.uniform(12, 18), rng.uniform(0, np.pi)
    y, x = np.mgrid[:80, :80] - 40 + rng.uniform(-0.5, 0.5, (2, 1, 1))
    along, across = x * np.cos(turn) - y * np.sin(turn), x * np.sin(turn) + y * np.cos(turn)
    depth = short * (1 - np.hypot(along / long, across / short))
    softness = np.exp(rng.uniform(np.log(0.25), np.log(0.8))) * np.exp(0.5 * along / long)
    probability = 1 / (1 + np.exp(-depth / softness))
    labels, classes = connected_objects((depth > 0).astype(np.uint8))
    objects = choose_objects(labels, np.arange(2), classes, ObjectSettings(), pixel_volume=1, most_classes=1)
    [body] = cut_out(objects, np.ones(2), room=0.25)
    found = UnsureBody.of(body, np.rint(255 * np.minimum(probability, 1 - probability)).astype(np.uint8))
    *_, truth = found.plausible(errors, 50 + seed)  # none that an interval is made from
    return KnownBody(found, truth)


def test_how_outlines_err_is_found_again():
    """Nearly: the true outline is sought where it is nearest, and is a little farther along the normal."""
    found = outline_errors([known(seed) for seed in range(40)])
    assert found.strength == pytest.approx(ERRORS.strength, rel=0.35)
    assert found.shared == pytest.approx(ERRORS.shared, abs=0.12)
    assert found.reach == pytest.approx(ERRORS.reach, rel=0.4)


def speck() -> KnownBody:
    """An object of a single pixel that the model is half sure of."""
    mask = np.zeros((9, 9), np.uint8)
    mask[4, 4] = 1
    labels, classes = connected_objects(mask)
    objects = choose_objects(labels, np.arange(2), classes, ObjectSettings(), pixel_volume=1, most_classes=1)
    [body], [truth] = cut_out(objects, np.ones(2), room=0.25), cut_out(objects, np.ones(2))
    return KnownBody(UnsureBody.of(body, np.full((9, 9), 100, np.uint8)), truth)


def test_specks_tell_nothing_of_outlines():
    assert outline_errors([speck()]) == OutlineErrors()
    assert learn([speck()], []).objects == 1
    bodies = [known(seed) for seed in range(3)]
    assert outline_errors([speck(), *bodies, speck()]) == outline_errors(bodies)


def test_of_few_objects_what_is_usual_counts_as_much():
    usual = OutlineErrors()
    few, many = mixed_with_usual(ERRORS, 2), mixed_with_usual(ERRORS, 2000)
    for name in OutlineErrors.model_fields:
        seen, known_before = getattr(ERRORS, name), getattr(usual, name)
        assert getattr(few, name) == pytest.approx(known_before, abs=abs(seen - known_before) / 5 + 1e-9)
        assert getattr(many, name) == pytest.approx(seen, abs=abs(seen - known_before) / 50 + 1e-9)


@pytest.mark.slow
def test_intervals_hold_nine_in_ten_of_the_true_values_of_other_objects():
    calibration = learn([known(seed) for seed in range(20)], [])
    assert (calibration.objects, calibration.trained) == (20, 0)
    layout = Layout(2, False)
    hits: dict[str, list[bool]] = {}
    for seed in range(100, 124):
        new = known(seed)
        row, truth = layout.row(new.found.body), layout.row(new.truth)
        ends, _ = intervals(layout, new.found, row, calibration)
        for name in ("area_px2", "major_axis_px", "aspect_ratio", "perimeter_px", "centroid_y_px", "solidity"):
            hits.setdefault(name, []).append(ends[f"{name}_low"] <= truth[name] <= ends[f"{name}_high"])
    shares = {name: np.mean(each) for name, each in hits.items()}
    assert 0.85 <= np.mean(list(shares.values())) <= 0.97
    assert min(shares.values()) >= 0.75, shares


@pytest.mark.slow
def test_objects_that_were_learned_from_tell_what_few_held_out_ones_do_not():
    """Three held-out objects err outwards by a pixel; many that were learned from err both ways, half as far."""
    held_out = [larger(known(seed), 1) for seed in range(3)]
    trained = [larger(known(seed), size) for seed, size in enumerate((0.5, -0.5) * 6, start=50)]
    inwards, _ = learn(held_out, trained).spreads["area"]
    alone, _ = learn(held_out, []).spreads["area"]
    flattered, _ = learn(trained[:3], trained).spreads["area"]
    assert alone > -USUAL  # nothing tells that areas may be too large, but what is usual
    assert inwards < 1.25 * flattered < 0
    assert inwards < 1.25 * alone < 0


def test_measures_are_farther_off_where_nothing_was_learned():
    rng = np.random.default_rng(0)
    trained = {name: rng.normal(0, size, 40) for name, size in zip("abc", (0.5, 1, 2), strict=True)}
    held_out = {name: 3 * scores[:20] for name, scores in trained.items()}
    assert optimism(held_out, trained) == pytest.approx(3, rel=0.3)
    assert optimism(trained, held_out) == 1  # by chance alone
    assert optimism({"a": [5.0]}, {}) == 1
    assert optimism({"a": [5.0], "b": [1.0]}, {"a": [0.0], "b": [0.5]}) == 2  # of nothing there is no ratio


def larger(one: KnownBody, growth: float) -> KnownBody:
    """The same object, of which the true outline lies so many pixels farther out all around."""
    body = one.found.body
    inside = signed_depth(body.inside, body.spacing) > -growth
    return KnownBody(one.found, replace(body, inside=inside))


def test_the_ends_of_an_interval_go_from_what_is_usual_to_what_was_seen():
    rng = np.random.default_rng(0)
    assert interval_ends(np.array([0.0]), 0) == pytest.approx((-USUAL, USUAL), abs=0.01)
    seen = rng.uniform(1, 5, 20_000)
    low, high = interval_ends(seen, 20_000)
    assert low == 0  # what is measured stays in its interval
    assert high == pytest.approx(4.8, abs=0.03)
    few = interval_ends(seen[:10], 10)
    assert -USUAL < few[0] < 0
    assert USUAL < few[1] < 5


def threshold() -> Model:
    """A network of one stage that finds what is brighter than the middle, and is unsure of what is not much so."""
    architecture = Architecture(width=1, depth=1, normalisation="none")
    network = UNet(architecture).eval()
    with torch.no_grad():
        for unit in (network.encoder[0].first, network.encoder[0].second):
            unit[0].weight.zero_()
            unit[0].weight[0, 0, 1, 1] = 1
            unit[0].bias.fill_(0)
        network.encoder[0].first[0].bias.fill_(10)  # nothing is lost below zero
        network.head.weight.fill_(2)
        network.head.bias.fill_(-20)
    plan = Plan(channels=("grey",), classes=("body",), binning=(1, 1), architecture=architecture, patch=(16, 16),
                batch=1, learning_rate=0.1, augmentation=Augmentation(flips=()))
    return Model(network, plan)


def frame(*, annotated: bool = True) -> Frame:
    """Two discs, one of which the annotator drew larger and the other elsewhere."""
    y, x = np.mgrid[:64, :96]
    picture = np.zeros((64, 96), np.uint8)
    mask = picture.copy()
    picture[np.hypot(y - 30, x - 26) < 12] = 200
    mask[np.hypot(y - 30, x - 26) < 14] = 1
    picture[np.hypot(y - 30, x - 66) < 12] = 200
    mask[np.hypot(y - 30, x - 82) < 12] = 1
    if not annotated:
        mask[28, 26] = 255
    return Frame(Pair(Image.from_array(picture, "YX"), Image.from_array(mask, "YX"), "a"), 0)


def test_objects_are_known_where_the_true_one_is_the_same_and_annotated():
    one = frame()
    reading = recognise([one.pair.mask], read_as="classes")
    [disc] = known_bodies(threshold(), [one], reading, 20)
    assert disc.found.body.diameter == pytest.approx(24, rel=0.05)
    assert disc.truth.diameter == pytest.approx(28, rel=0.05)
    away, _, _ = disc.displacements
    assert away.mean() == pytest.approx(2, abs=0.4)
    partly = frame(annotated=False)
    assert not list(known_bodies(threshold(), [partly], recognise([partly.pair.mask], not_annotated=255), 20))


def test_of_large_frames_few_are_segmented(monkeypatch):
    frames = [frame() for _ in range(9)]
    reading = recognise([frames[0].pair.mask], read_as="classes")
    assert len(list(known_bodies(threshold(), frames, reading, 9))) == 9
    assert len(list(known_bodies(threshold(), frames, reading, 5))) == 5
    monkeypatch.setattr("morula.judging.effort.FRAME_PIXELS", 64 * 96)
    assert len(list(known_bodies(threshold(), frames, reading, 9))) == FRAMES


def test_both_kinds_of_frames_tell_but_not_those_of_the_training_alone():
    reading = recognise([frame().pair.mask], read_as="classes")
    both = calibrate(threshold(), Split((frame(), frame()), (frame(),), ""), reading, ALL)
    assert (both.objects, both.trained) == (1, 2)
    assert "1 held-out object, and of 2 that were learned from" in both.sentence
    assert calibrate(threshold(), Split((frame(),), (), ""), reading, ALL) == Calibration()


def test_a_first_look_measures_none():
    reading = recognise([frame().pair.mask], read_as="classes")
    assert calibrate(threshold(), Split((frame(),), (frame(),), ""), reading, ALL // 100) == Calibration()
