"""The time that is kept back for what follows learning."""

from __future__ import annotations

from dataclasses import replace

import pytest

from morula.judging.effort import LEARNED, OBJECTS, TRAINED
from morula.learning.afterwards import ALWAYS, FRAMES, OBJECT, PIXELS, TIMES, VOLUMES, Afterwards

FEW = Afterwards(frames=10, pixels=100 * 100, axes=2, held=2)


def test_a_score_alone_takes_what_its_frames_take():
    trial = replace(FEW, judged=False)
    assert trial.seconds(0.5, learned=10**9) == pytest.approx(2 * 0.5)
    assert replace(trial, looked=True).seconds(0.5, learned=10**9) == pytest.approx((1 + TIMES) * 2 * 0.5)


def test_frames_are_segmented_some_times_but_no_more_than_time_allows():
    assert FEW.seconds(0.5, 0) == pytest.approx(ALWAYS + (2 + TIMES * 10) * 0.5)
    assert replace(FEW, frames=10**6).seconds(0.5, 0) == pytest.approx(ALWAYS + (2 + FRAMES) * 0.5)
    huge = replace(FEW, frames=10**6, pixels=PIXELS // 3)
    assert huge.seconds(0.5, 0) == pytest.approx(ALWAYS + (2 + 3) * 0.5)
    assert replace(FEW, axes=3).seconds(0.5, 0) == pytest.approx(ALWAYS + (2 + TIMES * 10) * 0.5 * VOLUMES)


def test_objects_are_measured_after_long_trainings_where_frames_are_held_out():
    thorough = LEARNED * (OBJECTS + TRAINED)
    assert FEW.seconds(0, thorough) == pytest.approx(ALWAYS + OBJECT * (OBJECTS + TRAINED))
    assert replace(FEW, held=0).seconds(0, thorough) == pytest.approx(ALWAYS)


def test_what_a_second_look_takes_is_kept_back_from_models_alone():
    looked = replace(FEW, again=7.5)
    assert looked.seconds(0.5, 0) == pytest.approx(FEW.seconds(0.5, 0) + 7.5)
    assert replace(looked, judged=False).seconds(0.5, 0) == replace(FEW, judged=False).seconds(0.5, 0)
