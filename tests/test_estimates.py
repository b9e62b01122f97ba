"""What trainings say about images that they have not seen, from files to a page."""

from __future__ import annotations

import csv
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import tifffile

from morula import workflows
from morula.drawings.drawn import save_drawings
from morula.drawings.synthetic import draw_gastruloids
from morula.errors import RequestError
from morula.images.read import open_image
from morula.learning import loop as learning
from morula.models.model import Model
from morula.planning.training_settings import NetworkSettings, TrainSettings
from morula.scores.compare import compare_masks, summarise

pytestmark = pytest.mark.slow

SETTINGS = TrainSettings(steps=40, patch=48, batch=4)
train = partial(workflows.train, architecture=NetworkSettings(width=6, depth=2))


def draw(folder: Path, *names: str, odd: str = "") -> tuple[Path, Path]:
    """Gastruloids, each of another movie; where a name begins with `odd`, the ground is annotated instead."""
    drawings = draw_gastruloids(len(names), movies=len(names), size=64)
    save_drawings((
        replace(drawing, name=name, mask=1 - drawing.mask if odd and name.startswith(odd) else drawing.mask)
        for name, drawing in zip(names, drawings, strict=True)
    ), folder)
    return folder / "images", folder / "masks"


def movies(count: int, frames: int) -> list[str]:
    return [f"movie{number:02}_t{moment:03}" for number in range(count) for moment in range(frames)]


def rows(table: Path) -> list[dict[str, str]]:
    with table.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.fixture(scope="module")
def training(tmp_path_factory) -> workflows.Training:
    """Of six movies in three folds; one movie is annotated the other way round."""
    folder = tmp_path_factory.mktemp("folds")
    return train(*draw(folder, *movies(6, 2), odd="movie04"), folder / "m.safetensors", SETTINGS, folds=3)


class TestFolds:
    def test_every_group_is_scored_by_a_network_that_has_not_seen_it(self, training):
        """Nobody could know that one movie is annotated the other way round, unless from itself."""
        scores = {group.name: group.foreground("iou") for group in training.estimate.groups}
        assert sorted(scores) == [f"movie{number:02}" for number in range(6)]
        odd = scores.pop("movie04")
        assert odd < 0.35
        assert np.median(list(scores.values())) > 0.6
        assert training.estimate.worst_first[0].name == "movie04"

    def test_the_table_has_every_frame_once(self, training):
        table = rows(training.table)
        assert sorted(row["frame"] for row in table) == sorted(movies(6, 2))
        assert all(row["frame"].startswith(row["group"]) for row in table)
        folds = {row["group"]: row["fold"] for row in table}
        assert sorted(folds.values()) == ["1", "1", "2", "2", "3", "3"]
        for group in training.estimate.groups:
            own = [float(row["foreground_iou"]) for row in table if row["group"] == group.name]
            assert np.mean(own) == pytest.approx(group.foreground("iou"), abs=1e-6)

    def test_the_model_itself_is_trained_as_ever(self, training):
        record = Model.load(training.path).record
        assert record["steps"] == 40
        assert len(record["validation_frames"]) == 2
        assert training.scores is not None
        assert not list(training.path.parent.glob("*trials*"))

    def test_model_info_and_page_know_it(self, training, tmp_path):
        told = dict(training.estimate.rows)
        known = dict(workflows.info(training.path))
        assert {label: known[label] for label in told} == told
        workflows.report(training.path, tmp_path / "page.html")
        page = (tmp_path / "page.html").read_text(encoding="utf-8")
        assert told["estimate, foreground IoU"] in page
        assert "movie04" in page
        assert "In a cross-validation of 3 folds over 6 groups" in page

    def test_more_folds_than_groups_are_as_many_as_groups(self, tmp_path):
        told = []
        made = train(*draw(tmp_path, *movies(3, 3)), tmp_path / "m.safetensors", SETTINGS, steps=8, folds=7,
                     tell=told.append)
        assert made.estimate.folds == 3
        assert "3 folds are all that can be made of 9 frames in 3 groups, not 7." in told

    def test_few_groups_are_told_that_they_could_all_be_asked(self, tmp_path):
        told = []
        made = train(*draw(tmp_path, *movies(3, 3)), tmp_path / "m.safetensors", SETTINGS, steps=8, tell=told.append)
        assert made.estimate is None
        assert any("--folds 3 would score all 3" in sentence for sentence in told)

    def test_parts_of_one_movie_are_said_to_flatter(self, tmp_path):
        made = train(*draw(tmp_path, *movies(1, 8)), tmp_path / "m.safetensors", SETTINGS, steps=8, folds=2)
        assert [group.name for group in made.estimate.groups] == [
            "movie00_t000 to movie00_t003", "movie00_t004 to movie00_t007"]
        assert "parts of one thing, so scores flatter" in made.estimate.sentence

    def test_files_in_a_row_count_as_one_a_part_unless_a_person_says_otherwise(self, tmp_path):
        """Six frames in two parts: as neighbours are alike, two numbers tell how much scores differ, and not six."""
        images, masks = draw(tmp_path, *(f"cell_{number:02}" for number in range(6)))
        made = train(images, masks, tmp_path / "m.safetensors", SETTINGS, steps=8, folds=2)
        assert [(group.name, group.frames) for group in made.estimate.groups] == [
            ("cell_00 to cell_02", 3), ("cell_03 to cell_05", 3)]
        table = rows(made.table)
        for group in made.estimate.groups:
            own = [float(row["foreground_iou"]) for row in table if int(row["fold"]) == group.fold]
            assert np.mean(own) == pytest.approx(group.foreground("iou"), abs=1e-6)
        assert "Each of 2 parts" in made.estimate.sentence
        assert "may flatter" in made.estimate.sentence
        told = train(images, masks, tmp_path / "told.safetensors", SETTINGS, steps=8, folds=2, groups=".+")
        assert len(told.estimate.groups) == 6
        assert "Each of 6 groups" in told.estimate.sentence


class TestFewPairs:
    def test_all_train_and_each_is_left_out_once(self, tmp_path):
        names = ["cell a", "cell b", "cell d"]
        made = train(*draw(tmp_path, *names), tmp_path / "m.safetensors", SETTINGS, steps=60)
        record = Model.load(made.path).record
        assert record["training_frames"] == names
        assert record["validation_frames"] == []
        assert made.scores is None
        assert [group.name for group in made.estimate.groups] == names
        assert "3 trainings of 20 steps, the model itself 60 steps" in made.estimate.sentence
        assert dict(map(tuple, record["data"]))["split"].startswith("all 3 train")

    def test_how_good_masks_are_is_learned_from_networks_that_had_not_seen_them(self, tmp_path):
        """The IoUs that are learned from are those of the trials, at the pixels of the network, and no others."""
        names = ["cell a", "cell b", "cell d"]
        made = train(*draw(tmp_path, *names), tmp_path / "m.safetensors", SETTINGS, steps=60)
        learned = made.model.record["quality"]
        assert learned["learned_from"] == []
        assert learned["frames"] == 3
        true = sorted(iou for _, iou, plain in learned["estimates"] if plain)
        left_out = sorted(float(row["foreground_iou"]) for row in rows(made.table))
        np.testing.assert_allclose(true, left_out, atol=0.02)
        assert learned["spoiled"] >= 3 * 24

    def test_new_frames_are_compared_with_what_the_model_itself_sees(self, tmp_path):
        """Frames that it learned from look to it as those that it knows, and not as they did to the trials."""
        images, masks = draw(tmp_path, "cell a", "cell b", "cell d")
        model = train(images, masks, tmp_path / "m.safetensors", SETTINGS, steps=60).model
        for number, path in enumerate(sorted(images.iterdir())):
            tally = model.empty_tally()
            model.mask(open_image(path), on_tile=tally.look)
            away = np.sqrt((((model.quality.known - tally.appearance()) / model.quality.scale) ** 2).mean(1))
            assert away.argmin() == number
            assert away.min() < 0.3

    def test_what_cannot_be_learned_from_is_said(self, tmp_path):
        """One image is noise, of which two pixels are annotated: a network that has seen nothing else takes all of the
        other for background."""
        images, masks = draw(tmp_path, "cell a", "cell b")
        noise = np.random.default_rng(0).integers(0, 255, (64, 64)).astype(np.uint8)
        tifffile.imwrite(images / "cell b.tif", noise)
        mask = tifffile.imread(masks / "cell b.tif")
        two = np.zeros_like(mask)
        two[32, 32:34] = mask.max()
        tifffile.imwrite(masks / "cell b.tif", two)
        told = []
        made = train(images, masks, tmp_path / "m.safetensors", SETTINGS, steps=200, tell=told.append)
        assert any(sentence.startswith("Fold 1 of 2 has no score: Training went wrong") for sentence in told)
        assert made.model.record["quality"]["learned_from"] == [0, 1]
        assert [group.name for group in made.estimate.groups] == ["cell b"]
        assert "Nothing could be learned in 1 of the trainings" in made.estimate.sentence
        assert made.estimate.foreground("iou").ends is None

    def test_a_page_claims_no_validation(self, tmp_path):
        made = train(*draw(tmp_path, "cell a", "cell b"), tmp_path / "m.safetensors", SETTINGS, steps=20)
        workflows.report(made.path, tmp_path / "page.html")
        page = (tmp_path / "page.html").read_text(encoding="utf-8")
        assert "for validation" not in page
        assert "on the training images" in page
        assert "Training IoU" in page
        assert "Validation IoU" not in page
        assert "foreground IoU of what was left out" in page

    def test_a_single_pair_has_no_estimate(self, tmp_path):
        told = []
        made = train(*draw(tmp_path, "cell a"), tmp_path / "m.safetensors", SETTINGS, steps=8, tell=told.append)
        assert made.estimate is None
        assert made.table is None
        assert any("no honest score is possible" in sentence for sentence in told)

    def test_what_an_earlier_model_had_learned_flatters(self, tmp_path):
        images, masks = draw(tmp_path, "cell a", "cell b", "cell d")
        first = train(images, masks, tmp_path / "first.safetensors", SETTINGS, steps=8)
        second = train(images, masks, tmp_path / "second.safetensors", SETTINGS, steps=8, init=first.path)
        assert "learned from" not in first.estimate.sentence
        assert "had learned from 3 of the frames, so scores flatter" in second.estimate.sentence


class TestLearningCurve:
    def test_it_learns_from_ever_more_groups_and_asks_the_same(self, tmp_path):
        made = train(*draw(tmp_path, *movies(12, 2)), tmp_path / "m.safetensors", SETTINGS, steps=24, share=0.34,
                     learning_curve=True)
        points = made.curve.points
        assert [(point.groups, point.frames) for point in points] == [(2, 4), (4, 8), (8, 16)]
        assert {len(point.scores) for point in points} == {4}
        assert points[-1].mean.mean == pytest.approx(made.scores.foreground_iou)
        known = dict(workflows.info(made.path))
        assert known["more annotation"] == made.curve.sentence
        workflows.report(made.path, tmp_path / "page.html")
        assert made.curve.sentence in (tmp_path / "page.html").read_text(encoding="utf-8")

    def test_what_cannot_be_divided_is_refused_before_anything_is_written(self, tmp_path):
        for number, (names, why) in enumerate([(movies(4, 2), "there are 3"), (["cell a", "cell b"], "none can be")]):
            images, masks = draw(tmp_path / str(number), *names)
            with pytest.raises(RequestError, match=why):
                train(images, masks, tmp_path / "m.safetensors", SETTINGS, learning_curve=True)
        assert {path.name for path in tmp_path.iterdir()} == {"0", "1"}


class TestStopping:
    """A training that was stopped in a trial goes on there, and comes to the same."""

    def test_finished_folds_are_kept(self, tmp_path, monkeypatch):
        monkeypatch.setattr(learning, "CHECKPOINT_SECONDS", 0)
        images, masks = draw(tmp_path, *movies(4, 3))
        whole = train(images, masks, tmp_path / "whole.safetensors", SETTINGS, folds=2)
        out, seen = tmp_path / "m.safetensors", []

        def stop(done: int, total: int, words: str) -> None:
            seen.append((done, words))
            if words.startswith("fold 2 of 2") and done == 25:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            train(images, masks, out, SETTINGS, folds=2, progress=stop)
        assert not out.exists()
        seen.clear()
        told = []
        resumed = train(images, masks, out, SETTINGS, folds=2, resume=True, tell=told.append,
                        progress=lambda done, total, words: seen.append((done, words)))
        assert not any(words.startswith("fold 1") for _, words in seen)
        assert min(done for done, words in seen if words.startswith("fold 2") and "loss" in words) > 20
        assert any(sentence.startswith("Fold 1 of 2: foreground IoU") for sentence in told)
        assert resumed.estimate == whole.estimate
        assert rows(resumed.table) == rows(whole.table)
        assert not list(tmp_path.glob("m.safetensors.trials"))

    @pytest.mark.parametrize("damaged", [None, ".json", ".npz"])
    def test_looks_of_finished_folds_are_kept(self, tmp_path, damaged):
        """Or those of a fold are made again, where they are damaged."""
        images, masks = draw(tmp_path, "cell a", "cell b", "cell d")
        few = SETTINGS.model_copy(update={"steps": 24})
        whole = train(images, masks, tmp_path / "whole.safetensors", few)
        out = tmp_path / "m.safetensors"

        def stop(done: int, total: int, words: str) -> None:
            if words.startswith("fold 3 of 3"):
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            train(images, masks, out, few, progress=stop)
        for file in (tmp_path / "m.safetensors.trials").iterdir():
            if file.suffix == damaged:
                file.write_bytes(file.read_bytes()[:40])
        resumed = train(images, masks, out, few, resume=True)
        assert resumed.model.record["quality"] == whole.model.record["quality"]
        for name, array in whole.model.quality.arrays().items():
            np.testing.assert_array_equal(resumed.model.quality.arrays()[name], array)

    def test_a_fold_of_other_data_is_trained_again(self, tmp_path):
        images, masks = draw(tmp_path, *movies(2, 3))
        out = tmp_path / "m.safetensors"

        def stop(done: int, total: int, words: str) -> None:
            if words.startswith("fold 2"):
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            train(images, masks, out, SETTINGS, steps=8, folds=2, progress=stop)
        first = masks / "movie00_t000.tif"
        tifffile.imwrite(first, np.roll(tifffile.imread(first), 5, axis=0))
        resumed = train(images, masks, out, SETTINGS, steps=8, folds=2, resume=True)
        afresh = train(images, masks, tmp_path / "afresh.safetensors", SETTINGS, steps=8, folds=2)
        assert resumed.estimate == afresh.estimate


def test_scores_of_an_image_survive_a_record():
    truth, predicted = np.zeros((2, 9, 9), np.uint8)
    truth[2:6, 2:6], predicted[3:7, 2:6], truth[8, 8] = 1, 1, 2
    scores = compare_masks(truth, predicted, 2, name="a", pixel_size=(2, 2))
    again = type(scores).from_record(scores.record())
    assert again.record() == scores.record()
    assert summarise([again]).record() == summarise([replace(scores)]).record()
