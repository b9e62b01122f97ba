"""Learning, tested by learning."""

from __future__ import annotations

import copy
import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from bright_squares import squares
from morula.drawings.synthetic import draw_gastruloids
from morula.errors import RequestError, TrainingError
from morula.examples.example import ArrayExample, class_shares, make_examples
from morula.images.image import Image
from morula.learning import loop
from morula.learning.afterwards import Afterwards
from morula.learning.loop import Course, fit
from morula.learning.settling import settle
from morula.models.plan import Augmentation, Plan
from morula.networks.architecture import Architecture
from morula.networks.unet import UNet
from morula.pairs.pair import Frame, Pair
from morula.pairs.recognition import recognise
from morula.pairs.split import split
from morula.planning import enough
from morula.planning.plan_making import make_plan
from morula.planning.training_settings import NetworkSettings, TrainSettings

DIAGNOSES = r"no better than chance|has not moved|is taken for"


def plan(**changes) -> Plan:
    return Plan(**{
        "channels": ("grey",), "classes": ("body",), "binning": (1, 1), "patch": (16, 16), "batch": 4,
        "architecture": Architecture(width=4, depth=2), "learning_rate": 0.05, **changes,
    })


def unrelated(count: int) -> list[ArrayExample]:
    """Noise, and masks of other noise."""
    rng = np.random.default_rng(0)
    return [
        ArrayExample(str(number), rng.normal(size=(1, 32, 32)).astype(np.float32),
                class_shares(rng.integers(0, 2, (32, 32)).astype(np.uint8), 1, (1, 1)))
        for number in range(count)
    ]


def course(steps: int | None = 60, minutes: float | None = None, **changes) -> Course:
    settings = TrainSettings(steps=steps, minutes=minutes, precision="float32")
    return replace(Course(plan(), settings, squares(8), squares(3, seed=1)), **changes)


def equal(one: UNet, other: UNet) -> bool:
    pairs = zip(one.state_dict().values(), other.state_dict().values(), strict=True)
    return all(torch.equal(first, second) for first, second in pairs)


def lines(path) -> list[dict]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_it_learns_and_says_how(tmp_path):
    told = []
    found = fit(course(log=tmp_path / "log", progress=lambda *said: told.append(said)))
    assert found.validations[-1]["foreground_iou"] > 0.8
    assert (found.steps, found.step, found.restarts, len(found.losses)) == (60, 60, 0, 60)
    assert np.mean(found.losses[-10:]) < 0.5 * np.mean(found.losses[:10])
    assert not found.network.training
    assert [done for done, _, _ in told] == list(range(1, 61))
    assert told[-1][1] == 60
    assert "validation IoU" in told[-1][2]
    log = lines(tmp_path / "log")
    assert [line["step"] for line in log if line["event"] == "step"] == list(range(1, 61))
    validations = [line for line in log if line["event"] == "validation"]
    assert validations[-1]["step"] == 60
    assert all({"loss", "foreground_iou", "mean_iou", "pixel_accuracy", "seconds"} <= set(line) for line in validations)
    assert [record["step"] for record in found.history] == sorted(record["step"] for record in found.history)


def test_validations_take_a_tenth_of_the_time_but_the_last_is_never_left_out():
    """Where they are many times as dear as a step, a first look has one, and a longer training two."""
    dear = course(validation=squares(200, seed=1))
    assert [step for step in range(1, 91) if dear.validates(step, 90)] == [90]
    assert [step for step in range(1, 97) if dear.validates(step, 96)] == [48, 96]
    cheap = course(validation=squares(1, seed=1))
    assert [step for step in range(1, 1001) if cheap.validates(step, 1000)] == [*range(100, 1001, 100)]


@pytest.mark.parametrize("scores", [(0.9, *[0.3] * 9), (0.1, *[0.9] * 9), (0.3, 0.9, 0.8, *[0.5] * 7)])
def test_weights_of_the_end_are_the_model_whatever_few_validation_frames_say(scores, monkeypatch):
    """The best of ten looks at two frames is the luckiest: other frames say later ones are better."""
    undisturbed, said = fit(course()), iter(scores)
    real = loop.score
    monkeypatch.setattr(loop, "score", lambda *args: replace(real(*args), scores={
        **real(*args).scores, "foreground_iou": next(said)}, confusion=np.diag([1, 1])))
    assert equal(fit(course()).network, undisturbed.network)


def test_the_last_validation_is_that_of_the_model(monkeypatch):
    """Of the same weights, which are the running average and not those of the last step."""
    scored, real = [], loop.score

    def noting(network: UNet, *others):
        scored.append(copy.deepcopy(network))
        return real(network, *others)

    monkeypatch.setattr(loop, "score", noting)
    the_course = course()
    found = fit(the_course)
    assert equal(found.network, scored[-1])
    scores = real(found.network, the_course.validation, the_course.plan, "float32").scores
    assert scores["foreground_iou"] == found.validations[-1]["foreground_iou"]
    assert found.scores == found.validations[-1]
    assert replace(found, step=found.step + 1).scores is None


@pytest.mark.parametrize("steps", [12, 60])
def test_normalisations_of_the_model_expect_the_plain_training_patches(steps):
    told = course(steps)
    found = fit(told).network
    settled = copy.deepcopy(found)
    settle(settled, told.shown, told.plan, told.settings.seed, reduced=False)
    assert equal(found, settled)


def test_equal_seeds_give_equal_weights_and_others_others():
    first, again = fit(course(30)), fit(course(30))
    assert equal(first.network, again.network)
    assert first.losses == again.losses
    other = course(30)
    other = replace(other, settings=other.settings.model_copy(update={"seed": 1}))
    assert not equal(first.network, fit(other).network)


def test_rare_examples_are_learned_from_as_if_there_were_several():
    alone, rare, *rest = squares(8)
    found = fit(course(20, plan=plan(repeated={rare.name: 3}), training=[alone, rare, *rest]))
    copied = fit(course(20, training=[alone, rare, rare, rare, *rest]))
    assert equal(found.network, copied.network)
    assert not equal(found.network, fit(course(20)).network)


def test_minutes_end_where_more_steps_would_learn_few_images_by_heart(monkeypatch, tmp_path):
    monkeypatch.setattr(enough, "ALONE", 44)
    monkeypatch.setattr(enough, "EACH", 2)
    found = fit(course(steps=None, minutes=0.5, log=tmp_path / "log"))
    assert (found.step, found.sated) == (60, True)  # 44 and two for each of eight squares
    assert not [line for line in lines(tmp_path / "log") if line["event"] == "end moved"]
    repeated = fit(course(steps=found.steps))  # whoever asks for steps gets them, and they are the same
    assert equal(found.network, repeated.network)
    assert not repeated.sated
    assert fit(course(steps=70)).step == 70


@pytest.mark.slow
def test_minutes_count_all_that_a_validation_does(monkeypatch):
    """What is timed before minutes become steps is settled and scored, as each validation is."""
    done: list[str] = []

    def noted(name: str):
        real = getattr(loop, name)

        def work(*args, **options):
            done.append(name)
            return real(*args, **options)

        monkeypatch.setattr(loop, name, work)

    noted("settle")
    noted("score")
    timed = fit(course(steps=None, minutes=0.03))
    assert done == ["settle", "score"] * (1 + len(timed.validations))


class Machine:
    """A clock that stands but while a step is made or masks are scored."""

    def __init__(self, monkeypatch, *, step, score: float):
        self.now, self.made = 0.0, 0
        learn, real = loop.Run.learn, loop.score

        def learning(run, batch):
            self.now += step(self.made)
            self.made += 1
            return learn(run, batch)

        def scoring(*args):
            self.now += score
            return real(*args)

        monkeypatch.setattr(loop.Run, "learn", learning)
        monkeypatch.setattr(loop, "score", scoring)
        monkeypatch.setattr(loop, "PERFECT", 1000)
        monkeypatch.setattr(loop.time, "perf_counter", lambda: self.now)


class TestTime:
    """Two minutes, by a clock that takes as long for everything as the test says."""

    def learned(self, tmp_path, **changes):
        found = fit(course(steps=None, minutes=2, log=tmp_path / "log", plan=plan(warm_up=10), **changes))
        moved = [line for line in lines(tmp_path / "log") if line["event"] == "end moved"]
        return found, moved

    def test_a_steady_machine_ends_in_time_and_as_planned(self, tmp_path, monkeypatch):
        machine = Machine(monkeypatch, step=lambda made: 0.5 if made > 3 else 1.5, score=1.0)
        found, moved = self.learned(tmp_path)
        assert machine.now == pytest.approx(120, abs=2.4)
        assert not moved
        assert found.steps == found.step
        again = fit(course(steps=found.steps, plan=plan(warm_up=10)))
        assert again.losses == found.losses
        assert equal(again.network, found.network)
        assert [past["step"] for past in again.validations] == [past["step"] for past in found.validations]

    @pytest.mark.parametrize("factor", [0.5, 2, 4])
    def test_a_machine_that_changes_midway_still_ends_in_time(self, tmp_path, monkeypatch, factor):
        machine = Machine(monkeypatch, step=lambda made: 0.5 * (factor if made > 90 else 1), score=1.0)
        found, moved = self.learned(tmp_path)
        assert machine.now == pytest.approx(120, abs=3)
        assert moved
        assert found.step == found.steps
        assert found.validations[-1]["step"] == found.step

    def test_what_is_disturbed_for_a_moment_keeps_its_end(self, tmp_path, monkeypatch):
        Machine(monkeypatch, step=lambda made: 0.7 if made % 40 == 7 else 0.5, score=1.0)
        assert not self.learned(tmp_path)[1]

    def test_a_training_that_goes_on_where_steps_take_longer_ends_in_time(self, tmp_path, monkeypatch):
        monkeypatch.setattr(loop, "CHECKPOINT_SECONDS", 0)

        def interrupt(done: int, total: int, words: str) -> None:
            if done == 80:
                raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            Machine(patch, step=lambda made: 0.5, score=1.0)
            with pytest.raises(KeyboardInterrupt):
                self.learned(tmp_path, checkpoint=tmp_path / "aside", progress=interrupt)
        slow = Machine(monkeypatch, step=lambda made: 1.0, score=2.0)
        found, moved = self.learned(tmp_path, checkpoint=tmp_path / "aside")
        assert moved
        assert found.seconds == pytest.approx(120, abs=3)
        assert slow.now == pytest.approx(120 - 80 * 0.5, abs=6)

    @pytest.mark.parametrize(("before", "kept"), [
        (0.0, False), (25.0, False), (10.0, True), (70.0, True), (200.0, True)])
    def test_learning_leaves_the_time_for_all_else_but_has_half_of_it(self, tmp_path, monkeypatch, before, kept):
        machine = Machine(monkeypatch, step=lambda made: 0.5, score=1.2)
        after = Afterwards(frames=10, pixels=100 * 100, axes=2, held=2) if kept else None
        self.learned(tmp_path, before=before, after=after)
        seconds = after.seconds(0.4, 0) if after else 0
        assert machine.now == pytest.approx(max(60, 120 - before - seconds), abs=3)

    def test_a_second_start_has_what_is_left_of_the_time_but_half_of_it_at_least(self, tmp_path, monkeypatch):
        machine = Machine(monkeypatch, step=lambda made: 0.5, score=1.0)
        learn = loop.Run.learn
        monkeypatch.setattr(loop.Run, "learn", lambda run, batch: learn(
            run, replace(batch, images=batch.images * np.nan) if machine.made == 180 else batch))
        found, _ = self.learned(tmp_path)
        assert found.restarts == 1
        assert machine.now == pytest.approx(98 + 60, abs=4)  # eight seconds of validations came before


@pytest.mark.parametrize("stop", [5, 37])
def test_a_stopped_run_goes_on_to_equal_weights(tmp_path, monkeypatch, stop):
    monkeypatch.setattr(loop, "CHECKPOINT_SECONDS", 0)
    undisturbed = fit(course())

    def interrupt(done: int, total: int, words: str) -> None:
        if done == stop:
            raise KeyboardInterrupt

    aside = tmp_path / "aside"
    with pytest.raises(KeyboardInterrupt):
        fit(course(checkpoint=aside, progress=interrupt))
    resumed = fit(course(checkpoint=aside))
    assert equal(resumed.network, undisturbed.network)
    assert resumed.losses == undisturbed.losses
    assert [past["step"] for past in resumed.validations] == [past["step"] for past in undisturbed.validations]


def test_a_log_that_is_gone_on_with_repeats_no_step(tmp_path, monkeypatch):
    monkeypatch.setattr(loop, "CHECKPOINT_SECONDS", 0)

    def interrupt(done: int, total: int, words: str) -> None:
        if done == 7:  # which is in the log, and in no checkpoint
            raise KeyboardInterrupt

    wanted = replace(course(checkpoint=tmp_path / "aside"), log=tmp_path / "log.jsonl")
    with pytest.raises(KeyboardInterrupt):
        fit(replace(wanted, progress=interrupt))
    steps = fit(wanted).step
    logged = [json.loads(line) for line in wanted.log.read_text().splitlines()]
    assert [record["step"] for record in logged if record["event"] == "step"] == [*range(1, steps + 1)]


def test_a_run_stopped_while_it_was_timed_goes_on(tmp_path, monkeypatch):
    monkeypatch.setattr(loop, "CHECKPOINT_SECONDS", 0)

    def interrupt(done: int, total: int, words: str) -> None:
        if done == minutes.timed - 1:
            raise KeyboardInterrupt

    minutes = course(steps=None, minutes=0.02, checkpoint=tmp_path / "aside")
    with pytest.raises(KeyboardInterrupt):
        fit(replace(minutes, progress=interrupt))
    assert fit(minutes).step > minutes.timed


def test_other_data_or_settings_do_not_go_on_with_a_run(tmp_path, monkeypatch):
    monkeypatch.setattr(loop, "CHECKPOINT_SECONDS", 0)

    def interrupt(done: int, total: int, words: str) -> None:
        if done == 3:
            raise KeyboardInterrupt

    first = course(checkpoint=tmp_path / "aside")
    with pytest.raises(KeyboardInterrupt):
        fit(replace(first, progress=interrupt))
    mended = [*first.training]
    mended[0] = replace(mended[0], shares=mended[0].shares[::-1].copy())
    for other in (
        replace(first, training=mended),
        replace(first, plan=plan(batch=5)),
        replace(first, settings=TrainSettings(steps=61, precision="float32")),
    ):
        with pytest.raises(RequestError, match="other images, masks or settings"):
            fit(other)


def test_a_network_that_knows_its_task_need_not_lose_any_loss():
    """Goes on from where nothing is to be gained any more, and is not taken for one that does not learn."""
    still = Augmentation(warp=0, intensity=0, blur=0, noise=0)
    known = fit(course(steps=150))
    onward = course(steps=90, plan=plan(learning_rate=1e-9, batch=8, augmentation=still, patch=(32, 32)),
                    initial=known.network.state_dict())
    trained = fit(onward)
    assert np.mean(trained.losses[60:80]) > 0.98 * np.mean(trained.losses[:20])
    assert (trained.restarts, trained.step) == (0, 90)


def test_training_stops_once_nothing_is_gained():
    easy = [replace(example, image=10 * example.shares[1:].astype(np.float32) / 255 - 5) for example in squares(8)]
    found = fit(course(400, training=easy, validation=easy[:2]))
    assert found.validations[-1]["foreground_iou"] == 1
    assert found.step < found.steps == 400


def test_strokes_that_are_met_perfectly_do_not_stop_it():
    """As above, but only the lowest rows of each square and of the ground are annotated."""
    easy = []
    for example in squares(8):
        shares = example.shares.copy()
        shares[:, :20] = 0
        easy.append(ArrayExample(example.name, 10 * example.shares[1:].astype(np.float32) / 255 - 5, shares))
    found = fit(course(200, training=easy, validation=easy[:2]))
    assert [past["foreground_iou"] for past in found.validations[-6:]] == [1] * 6
    assert found.step == 200


def test_without_validation_frames_the_training_is_scored():
    found = fit(course(40, validation=()))
    assert found.validations[-1]["foreground_iou"] > 0.6


class TestCollapse:
    def test_numbers_without_end_are_tried_again_more_gently_and_then_explained(self, tmp_path):
        wild = course(40, plan=plan(learning_rate=1e30), log=tmp_path / "log")
        with pytest.raises(TrainingError, match=r"went wrong 3 times.*infinite at step \d.*Look at a few pairs"):
            fit(wild)
        restarts = [line for line in lines(tmp_path / "log") if line["event"] == "restart"]
        assert len(restarts) == 3

    def test_a_gentler_start_can_save_it(self):
        """Only the first attempt meets a batch that is not a number."""
        broken = squares(8)
        spoilt = replace(course(40), training=broken)
        learn, calls = loop.Run.learn, []

        def once_broken(run, batch):
            calls.append(run.attempt)
            return learn(run, replace(batch, images=batch.images * np.nan) if len(calls) == 3 else batch)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(loop.Run, "learn", once_broken)
            found = fit(spoilt)
        assert found.restarts == 1
        assert calls == [0, 0, 0] + [1] * 37
        assert (found.steps, len(found.losses)) == (40, 37)

    def test_masks_that_have_nothing_to_do_with_their_images_do_not_end_in_silence(self):
        noise = unrelated(6)
        with pytest.raises(TrainingError, match=DIAGNOSES):
            fit(course(240, training=noise[:4], validation=noise[4:]))

    def test_a_network_that_sees_nothing_is_noticed(self):
        blind = [replace(example, image=np.zeros_like(example.image)) for example in squares(6)]
        with pytest.raises(TrainingError, match=DIAGNOSES):
            fit(course(100, training=blind[:4], validation=blind[4:]))


@pytest.mark.slow
def test_drawn_gastruloids_of_unseen_movies_are_outlined():
    """A whole short training as people start it: plan, examples, learning, validation by movie."""
    frames = []
    for drawing in draw_gastruloids(40, movies=10, seed=1, size=96):
        pair = Pair(Image.from_array(drawing.image, "YX", name=drawing.name),
                    Image.from_array(drawing.mask, "YX", name=drawing.name), drawing.name[:7])
        frames.append(Frame(pair, 0))
    reading = recognise([frame.pair.mask for frame in frames])
    divided = split(frames, share=0.2)
    assert not {frame.group for frame in divided.training} & {frame.group for frame in divided.validation}
    settings = TrainSettings(steps=120, patch=96, batch=8)
    the_plan = make_plan(divided.training, reading, settings, NetworkSettings(width=8, depth=4))
    training, validation = (
        make_examples(part, reading, the_plan.binning, the_plan.intensity)
        for part in (divided.training, divided.validation)
    )
    found = fit(Course(the_plan, settings, training, validation))
    assert found.validations[-1]["foreground_iou"] >= 0.9
    assert found.restarts == 0
