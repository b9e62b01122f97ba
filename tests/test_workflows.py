"""The road from files to a model, to masks and a page, whatever stands in its way."""

from __future__ import annotations

import csv
import json
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import tifffile
import torch
from PIL import Image as Picture

from morula import workflows
from morula.errors import DataError, ModelError, OutputError, RequestError
from morula.images.image import Image
from morula.images.read import find_files, open_image
from morula.images.write import write_stack
from morula.models.model import Model
from morula.planning.training_settings import NetworkSettings, TrainSettings
from morula.progress import duration

pytestmark = pytest.mark.slow

QUICK = TrainSettings(steps=60, patch=48, batch=4)
train = partial(workflows.train, architecture=NetworkSettings(width=6, depth=3))


@pytest.fixture(scope="module")
def drawn(tmp_path_factory) -> workflows.Drawn:
    folder = tmp_path_factory.mktemp("Bilder 细胞 ö")
    return workflows.draw("gastruloids", folder, workflows.DrawingSettings(count=16, movies=4, size=64, seed=3))


@pytest.fixture(scope="module")
def training(drawn) -> workflows.Training:
    return train(drawn.images, drawn.masks, drawn.images.parent / "Modell ü.safetensors", QUICK)


def same(one: Model, other: Model) -> bool:
    first, second = one.network.state_dict(), other.network.state_dict()
    return all(torch.equal(first[name], second[name]) for name in first)


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


class TestTrain:
    def test_it_says_itself_in_a_few_lines(self, training):
        said = " ".join(repr(training).split())
        for words in (training.path.name, training.model.fingerprint, training.log.name, "training 60 steps",
                      f"foreground IoU {training.scores.foreground_iou:.3f}"):
            assert words in said, words
        assert len(repr(training)) < 650

    def test_it_says_how_long_all_of_it_took_and_not_only_the_steps(self, training):
        assert set(training.seconds) == {"checking and planning", "preparing", "training", "scoring", "saving"}
        kept = training.model.record["parts"]
        assert kept == {part: round(training.seconds[part], 2) for part in training.seconds if part != "saving"}
        assert training.seconds["training"] > training.model.record["seconds"] - 0.01
        steps, of_all = training.times.split(". ")
        assert steps.startswith(f"{training.model.record['steps_done']} steps in ")
        assert of_all.startswith(f"All took {duration(sum(training.seconds.values()))}: checking and planning ")

    def test_it_says_why_it_ended_before_its_minutes(self, training):
        more = "More would learn these images by heart, and make masks of others worse."
        assert more not in training.times
        sated = replace(training, model=training.model.having(record=training.model.record | {"sated": True}))
        assert training.times.replace(". All", f". {more} All") == sated.times

    def test_a_model_and_its_log_are_left(self, training, drawn):
        assert names(drawn.images.parent) >= {"Modell ü.safetensors", "Modell ü.safetensors.log.jsonl"}
        assert not any("checkpoint" in name or ".part" in name for name in names(drawn.images.parent))
        assert same(Model.load(training.path), training.model)
        steps = [line for line in map(json.loads, training.log.read_text().splitlines()) if line["event"] == "step"]
        assert len(steps) == training.model.record["steps_done"]

    def test_the_record_says_where_the_model_came_from(self, training, drawn):
        record = Model.load(training.path).record
        assert record["settings"] == QUICK.model_dump(mode="json")
        assert record["steps"] == 60
        learnt, held = record["training_frames"], record["validation_frames"]
        assert sorted(learnt + held) == sorted(path.stem for path in find_files(drawn.images))
        assert not {name[:7] for name in learnt} & {name[:7] for name in held}
        assert record["versions"]["PyTorch"] == torch.__version__

    def test_the_paragraph_for_a_paper_claims_whole_groups_only_where_they_were_kept(self, training, drawn, tmp_path):
        claim = "images of one group were never split"
        one_movie = [[path for path in find_files(folder) if path.stem.startswith("movie00")]
                     for folder in (drawn.images, drawn.masks)]
        made = train(*one_movie, tmp_path / "one.safetensors", QUICK.model_copy(update={"steps": 8}))
        for path, kept in ((training.path, True), (made.path, False)):
            workflows.report(path, tmp_path / "page.html")
            assert (claim in (tmp_path / "page.html").read_text(encoding="utf-8")) == kept

    def test_its_scores_are_those_of_its_masks(self, training, drawn, tmp_path):
        held = training.model.record["validation_frames"]
        workflows.segment(training.model, [drawn.images / f"{name}.tif" for name in held], tmp_path / "masks")
        evaluation = workflows.evaluate(tmp_path / "masks", [drawn.masks / f"{name}.tif" for name in held])
        assert evaluation.scores.foreground_iou == pytest.approx(training.scores.foreground_iou)
        assert evaluation.scores.pixel_accuracy == pytest.approx(training.scores.pixel_accuracy)

    def test_a_seed_and_a_share_make_one_split_whoever_speaks_of_it(self, drawn, tmp_path):
        told = []
        settings = QUICK.model_copy(update={"steps": 40, "seed": 5, "share": 0.5})
        made = train(drawn.images, drawn.masks, tmp_path / "m.safetensors", settings, tell=told.append)
        sentence = made.model.record["split"]
        assert "chosen by seed 5" in sentence
        assert sentence in told
        assert dict(map(tuple, made.model.record["data"]))["split"] == sentence
        assert len(made.model.record["validation_frames"]) == 8

    def test_how_far_outlines_are_off_is_learned_and_goes_all_the_way_to_the_table(
        self, training, drawn, tmp_path, monkeypatch
    ):
        assert training.model.calibration.objects == 0  # a training so short is for trying things out
        monkeypatch.setattr("morula.judging.effort.LEARNED", 2**14)
        made = train(drawn.images, drawn.masks, tmp_path / "m.safetensors", QUICK.model_copy(update={"steps": 96}))
        learned = made.model.calibration
        assert 0 < learned.objects <= len(made.model.record["validation_frames"])
        assert learned.trained > learned.objects
        assert {"area", "aspect_ratio", "mean_{channel}"} <= set(learned.spreads)
        workflows.segment(made.path, drawn.images, tmp_path / "masks", doubt=True)
        measured = workflows.measure(tmp_path / "masks", tmp_path / "t.csv", doubt=tmp_path / "masks" / "doubt")
        assert measured.calibration == learned
        assert f"{learned.objects} held-out object" in dict(measured.rows)["intervals"]

    def test_what_exists_is_not_replaced_unasked(self, drawn, tmp_path):
        out = tmp_path / "m.safetensors"
        out.write_bytes(b"precious")
        for resume in (False, True):
            with pytest.raises(OutputError, match=r"exists already.*--overwrite"):
                train(drawn.images, drawn.masks, out, QUICK, resume=resume)
        assert (names(tmp_path), out.read_bytes()) == ({"m.safetensors"}, b"precious")
        train(drawn.images, drawn.masks, out, QUICK, overwrite=True)
        assert Model.load(out)

    def test_an_unfinished_training_is_not_thrown_away_unasked(self, drawn, tmp_path):
        (tmp_path / "m.safetensors.checkpoint").write_bytes(b"precious")
        with pytest.raises(OutputError, match=r"unfinished training.*--resume.*--overwrite"):
            train(drawn.images, drawn.masks, tmp_path / "m.safetensors", QUICK)
        assert names(tmp_path) == {"m.safetensors.checkpoint"}

    def test_errors_in_the_data_are_all_said_and_nothing_is_touched(self, drawn, tmp_path):
        shutil.copytree(drawn.images, tmp_path / "images")
        shutil.copytree(drawn.masks, tmp_path / "masks")
        first, second = find_files(tmp_path / "masks")[:2]
        tifffile.imwrite(first, np.zeros((5, 5), np.uint8))
        second.write_bytes(second.read_bytes()[:50])
        out = tmp_path / "out"
        out.mkdir()
        for name in ("m.safetensors", "m.safetensors.checkpoint", "m.safetensors.log.jsonl"):
            (out / name).write_bytes(b"precious")
        with pytest.raises(DataError) as caught:
            train(tmp_path / "images", tmp_path / "masks", out / "m.safetensors", QUICK, overwrite=True)
        assert {first.name, second.name} <= {Path(problem.split(":")[0]).name for problem in caught.value.problems}
        assert all(path.read_bytes() == b"precious" for path in out.iterdir())

    def test_a_place_that_cannot_be_written_to_is_found_out_first(self, drawn, tmp_path):
        (tmp_path / "file").write_text("not a folder")
        with pytest.raises(OutputError, match="cannot be written"):
            train(drawn.images, drawn.masks, tmp_path / "file" / "m.safetensors", QUICK)
        with pytest.raises(OutputError, match="is a folder"):
            train(drawn.images, drawn.masks, tmp_path, QUICK)

    def test_two_budgets_are_one_too_many(self):
        with pytest.raises(ValueError, match="--minutes and --steps both"):
            TrainSettings(minutes=1, steps=5)


class TestKinds:
    """Whatever form images have, the model that learned from them segments that form."""

    def learn(self, folder: Path, settings: TrainSettings = QUICK, **data) -> workflows.Training:
        return train(folder / "images", folder / "masks", folder / "m.safetensors", settings, **data)

    def pictures(self, drawn, folder: Path, change) -> None:
        (folder / "images").mkdir()
        shutil.copytree(drawn.masks, folder / "masks")
        for path in find_files(drawn.images):
            change(tifffile.imread(path), folder / "images" / path.stem)

    def test_movies_of_16_bits(self, drawn, tmp_path):
        for kind in ("images", "masks"):
            for movie in range(4):
                stack = np.stack([tifffile.imread(path) for path in find_files(getattr(drawn, kind))
                                  if path.stem.startswith(f"movie{movie:02d}")])
                stack = stack.astype(np.uint16) * 200 + 1000 if kind == "images" else stack
                image = Image.from_array(stack, "TYX", pixel_size=(0.5, 0.5))
                write_stack(tmp_path / kind / f"movie{movie}.tif", image)
        made = self.learn(tmp_path)
        assert made.model.plan.pixel_size == (0.5, 0.5)
        assert len(made.model.record["validation_frames"]) == 4
        done = workflows.segment(made.path, tmp_path / "images", tmp_path / "out")
        mask = open_image(tmp_path / "out" / "movie0.tif")
        assert (len(done.frames), mask.frames, mask.space, mask.pixel_size) == (16, 4, (64, 64), (0.5, 0.5))

    def test_colours_with_an_alpha_that_says_nothing(self, drawn, tmp_path):
        def colour(grey: np.ndarray, path: Path) -> None:
            rgba = np.dstack([grey, grey // 2, 255 - grey, np.full_like(grey, 255)])
            Picture.fromarray(rgba).save(path.with_suffix(".png"))

        self.pictures(drawn, tmp_path, colour)
        made = self.learn(tmp_path)
        assert made.model.plan.channels == ("red", "green", "blue")
        assert made.model.plan.intensity.channels == "together"
        assert not workflows.segment(made.path, tmp_path / "images", tmp_path / "out").failed

    def test_floats_and_what_is_not_annotated(self, drawn, tmp_path):
        self.pictures(drawn, tmp_path, lambda grey, path: tifffile.imwrite(f"{path}.tif", grey / np.float32(1e4)))
        for path in find_files(tmp_path / "masks"):
            mask = tifffile.imread(path)
            mask[:10] = 255
            tifffile.imwrite(path, mask)
        made = self.learn(tmp_path, not_annotated=255)
        assert made.model.plan.classes == ("foreground",)
        counted = made.scores.confusion.sum()
        assert counted == 54 * 64 * len(made.model.record["validation_frames"])

    def test_two_classes(self, tmp_path):
        settings = workflows.DrawingSettings(count=16, movies=4, size=64, classes=2)
        workflows.draw("gastruloids", tmp_path, settings)
        made = self.learn(tmp_path)
        assert made.model.plan.architecture.outputs == 3
        assert len(made.scores.classes) == 3

    def test_a_single_pair_trains_and_is_not_scored(self, drawn, tmp_path):
        image, mask = find_files(drawn.images)[0], find_files(drawn.masks)[0]
        made = train(image, mask, tmp_path / "m.safetensors", QUICK)
        assert made.scores is None
        assert Model.load(made.path).record["validation"] is None


KILLED = """
import sys
from morula import workflows
from morula.learning import loop
from morula.planning.training_settings import NetworkSettings, TrainSettings
loop.CHECKPOINT_SECONDS = 0
small = NetworkSettings(width=6, depth=3)
workflows.train(*sys.argv[1:4], TrainSettings.model_validate_json(sys.argv[4]), architecture=small)
"""


def test_a_killed_training_goes_on_to_equal_weights(drawn, training, tmp_path):
    """`kill -9` in the middle, then --resume, against the same training undisturbed."""
    out, log = tmp_path / "m.safetensors", tmp_path / "m.safetensors.log.jsonl"
    run = subprocess.Popen(
        [sys.executable, "-c", KILLED, drawn.images, drawn.masks, out, QUICK.model_dump_json()], stderr=subprocess.PIPE
    )
    while run.poll() is None and not (log.exists() and log.read_text().count("\n") > 20):
        time.sleep(0.005)
    run.send_signal(signal.SIGKILL)
    assert run.wait() == -signal.SIGKILL, run.stderr.read().decode()
    assert not out.exists()
    assert 20 < log.read_text().count("\n") < 60
    resumed = train(drawn.images, drawn.masks, out, QUICK, resume=True)
    assert same(resumed.model, training.model)
    assert [{**entry, "seconds": 0} for entry in resumed.model.record["history"]] == [
        {**entry, "seconds": 0} for entry in training.model.record["history"]
    ]
    assert not (tmp_path / "m.safetensors.checkpoint").exists()


def test_resume_without_anything_to_resume_begins(drawn, training, tmp_path):
    told = []
    made = train(drawn.images, drawn.masks, tmp_path / "m.safetensors", QUICK, resume=True, tell=told.append)
    assert same(made.model, training.model)
    assert "no unfinished training" in told[0]


class TestPictures:
    def test_a_training_shows_how_its_mask_emerged(self, drawn, tmp_path):
        few = QUICK.model_copy(update={"steps": 12})
        with pytest.raises(RequestError, match=r"end with \.gif"):
            train(drawn.images, drawn.masks, tmp_path / "m.safetensors", few, animation=tmp_path / "a.mp4")
        train(drawn.images, drawn.masks, tmp_path / "m.safetensors", few, animation=tmp_path / "a.gif")
        with Picture.open(tmp_path / "a.gif") as animation:
            assert animation.format == "GIF"
            assert max(animation.size) > 300

    def test_info_draws_what_is_inside(self, training, drawn, tmp_path):
        rows = dict(workflows.info(training.path, plot=tmp_path / "n.svg", features=tmp_path / "f.png",
                                   image=find_files(drawn.images)[0], layers=("decoder.0",)))
        assert rows["parameters"] in (tmp_path / "n.svg").read_text(encoding="utf-8")
        with Picture.open(tmp_path / "f.png") as sheet:
            assert sheet.width > sheet.height > 300
        with pytest.raises(RequestError, match=r"There are encoder\.0, encoder\.1"):
            workflows.info(training.path, features=tmp_path / "g.png", image=find_files(drawn.images)[0], layers=("a",))
        with pytest.raises(RequestError, match=r"both --features.*and --image"):
            workflows.info(training.path, features=tmp_path / "g.png")
        assert not (tmp_path / "g.png").exists()


class TestSegment:
    def test_a_model_file_and_a_model_do_the_same(self, training, drawn, tmp_path):
        files = find_files(drawn.images)[:3]
        by_file = workflows.segment(training.path, files, tmp_path / "a")
        by_model = workflows.segment(training.model, files, tmp_path / "b")
        assert by_file.frames == by_model.frames
        for path in files:
            mask = open_image(tmp_path / "a" / path.name)
            np.testing.assert_array_equal(mask.array(), open_image(tmp_path / "b" / path.name).array())
            assert mask.pixel_size == open_image(path).pixel_size

    def test_how_good_each_mask_probably_is_stands_in_the_table_and_is_true(self, training, drawn, tmp_path):
        files, truth = find_files(drawn.images), find_files(drawn.masks)
        done = workflows.segment(training.path, files, tmp_path / "masks")
        scores = workflows.evaluate(tmp_path / "masks", truth).scores.images
        true = np.array([scored.foreground_iou for scored in scores])
        told = [row.expected.mean for row in done.frames]
        assert [row.file for row in done.frames] == [path.name for path in files]
        assert all(0 <= each.low <= each.iou <= each.high <= 1 for each in told)
        assert np.abs(true - [each.iou for each in told]).mean() < 0.1
        assert np.mean([each.low <= iou <= each.high for each, iou in zip(told, true, strict=True)]) >= 0.75
        with (tmp_path / "masks" / "frames.csv").open(newline="", encoding="utf-8") as file:
            table = list(csv.DictReader(file))
        assert [float(row["expected_iou"]) for row in table] == pytest.approx([each.iou for each in told], abs=1e-4)
        again = workflows.segment(training.path, files, tmp_path / "masks")
        assert again.skipped == len(files)
        assert [row.expected.mean.low for row in again.frames] == pytest.approx([each.low for each in told], abs=1e-4)

    def test_progress_ends_at_its_end(self, training, drawn, tmp_path):
        told = []
        files = find_files(drawn.images)[:3]
        workflows.segment(training.model, files, tmp_path, progress=lambda *said: told.append(said))
        assert [done for done, _, _ in told] == sorted(done for done, _, _ in told)
        assert told[-1][:2] == (3, 3)

    def test_what_is_missing_is_said_before_anything_is_written(self, training, drawn, tmp_path):
        with pytest.raises(RequestError, match="does not exist"):
            workflows.segment(training.path, tmp_path / "nowhere", tmp_path / "out")
        with pytest.raises(ModelError, match="no such model file"):
            workflows.segment(tmp_path / "none.safetensors", drawn.images, tmp_path / "out")
        assert not (tmp_path / "out").exists()


class TestReport:
    def test_with_scores_where_there_is_a_truth(self, training, drawn, tmp_path):
        files = find_files(drawn.images)[:4]
        workflows.segment(training.model, files, tmp_path / "masks")
        truth = find_files(drawn.masks)[:4]
        evaluation = workflows.report(
            training.path, tmp_path / "page.html", images=files, masks=truth, predicted=tmp_path / "masks"
        )
        page = (tmp_path / "page.html").read_text()
        assert evaluation.scores.foreground_iou == workflows.evaluate(tmp_path / "masks", truth).scores.foreground_iou
        assert f"{evaluation.scores.foreground_iou:.3f}" in page
        assert training.model.record["split"] in page

    def test_a_class_that_the_model_does_not_know_is_said(self, training, drawn, tmp_path):
        files, truth = find_files(drawn.images)[:2], tmp_path / "truth"
        workflows.segment(training.model, files, tmp_path / "masks", flips=False)
        truth.mkdir()
        for path in find_files(drawn.masks)[:2]:
            mask = tifffile.imread(path)
            mask[:9, :9] = 2
            tifffile.imwrite(truth / path.name, mask)
        workflows.report(training.model, tmp_path / "page.html", masks=truth, predicted=tmp_path / "masks")
        assert "no predicted mask holds class 2" in (tmp_path / "page.html").read_text(encoding="utf-8")

    def test_masks_are_read_as_evaluate_reads_them(self, run, training, drawn, tmp_path):
        """Truth in codes, 0 and 9, of which nobody annotated the part that holds 255."""
        files, truth = find_files(drawn.images)[:3], tmp_path / "truth"
        workflows.segment(training.model, files, tmp_path / "masks", flips=False)
        truth.mkdir()
        for path in find_files(drawn.masks)[:3]:
            mask = (tifffile.imread(path) > 0) * np.uint8(9)
            mask[:, 24:] = 255
            tifffile.imwrite(truth / path.name, mask)
        told = {"not_annotated": 255, "read_truth_as": "codes"}
        wanted = workflows.evaluate(tmp_path / "masks", truth, read_predicted_as="classes", **told)
        found = workflows.report(training.model, tmp_path / "page.html", masks=truth, predicted=tmp_path / "masks",
                                 **told)
        assert found.record() == wanted.record()
        done = run("report", training.path, "--out", tmp_path / "page.html", "--masks", truth, "--predicted",
                   tmp_path / "masks", "--not-annotated", 255, "--read-truth-as", "codes")
        assert done.exit_code == 0, done.output
        page = (tmp_path / "page.html").read_text(encoding="utf-8")
        assert wanted.truth_reading.sentence in page
        assert f"{wanted.scores.foreground_iou:.3f}" in page
        told["read_predicted_as"] = "inverted"
        found = workflows.report(training.model, tmp_path / "page.html", masks=truth, predicted=tmp_path / "masks",
                                 **told)
        assert found.record() == workflows.evaluate(tmp_path / "masks", truth, **told).record() != wanted.record()

    def test_without_a_truth(self, training, tmp_path):
        assert workflows.report(training.model, tmp_path / "page.html") is None
        page = (tmp_path / "page.html").read_text(encoding="utf-8")
        for part, seconds in training.model.record["parts"].items():
            assert f"<td>{part}</td><td>{duration(seconds)}</td>" in page

    def test_a_truth_alone_is_not_enough(self, training, drawn, tmp_path):
        with pytest.raises(RequestError, match="needs both --masks"):
            workflows.report(training.model, tmp_path / "page.html", masks=drawn.masks)
        assert not (tmp_path / "page.html").exists()


class TestReview:
    def test_frames_are_judged_by_what_was_usual_in_the_training(self, training, drawn, tmp_path):
        usual = training.model.usual
        assert usual == Model.load(training.path).usual
        assert usual.frames == 16
        assert 0 < usual.objects[0] < 1 < usual.objects[1] < 2  # one body each
        assert 0 < usual.certainty < 1
        image = tifffile.imread(find_files(drawn.images)[0])
        images = {"as_ever": image, "twice": np.hstack([image, image]),
                  "noise": np.random.default_rng(0).integers(0, 255, image.shape).astype(np.uint8)}
        for name, pixels in images.items():
            tifffile.imwrite(tmp_path / f"{name}.tif", pixels)
        done = workflows.segment(training.model, tmp_path, tmp_path / "out", review=2)
        flags = {Path(row.file).stem: row.flags for row in done.frames}
        assert flags["as_ever"] == flags["twice"] == ()
        assert flags["noise"]
        assert done.review == tmp_path / "out" / "review" / "review.html"
        page = done.review.read_text(encoding="utf-8")
        shown = [page.index(f"{name}.tif") for name in images if f"{name}.tif" in page]
        assert len(shown) == 2
        assert min(shown) == page.index("noise.tif")

    def test_the_same_again_shows_the_same_without_work(self, training, drawn, tmp_path):
        files = find_files(drawn.images)[:4]
        pages = []
        for written in (4, 0):
            done = workflows.segment(training.model, files, tmp_path / "out", review=3)
            assert done.written == written
            pages.append(done.review.read_text(encoding="utf-8"))
        assert pages[0] == pages[1]


@pytest.fixture(scope="module")
def new(drawn, tmp_path_factory) -> Path:
    """Four frames of a new kind, two annotated ones, one damaged file and a movie."""
    folder = tmp_path_factory.mktemp("new")
    for path in find_files(drawn.images)[:2]:
        shutil.copy(path, folder)
    workflows.draw("gastruloids", folder / "drawn", count=4, movies=1, size=64, seed=9)
    for path in find_files(folder / "drawn" / "images"):
        shutil.copy(path, folder / f"new_{path.name}")
    movie = np.stack([tifffile.imread(path) for path in find_files(folder / "drawn" / "images")])[:, ::-1]
    write_stack(folder / "stack.tif", Image.from_array(movie, "TYX", pixel_size=(5, 5)))
    (folder / "damaged.tif").write_bytes(b"II*")
    return folder


class TestSuggest:
    def test_what_is_annotated_or_damaged_is_not_suggested(self, training, new, drawn):
        found = workflows.suggest(training.path, new, count=20)
        assert (found.of, found.annotated, [path.name for path in found.failed]) == (8, 2, ["damaged.tif"])
        assert len(found.frames) == 8
        assert not {each.path.name for each in found.frames} & {path.name for path in find_files(drawn.images)}
        with pytest.raises(RequestError, match="16 frames annotated already"):
            workflows.suggest(training.model, drawn.images)

    def test_lists_and_copies_are_of_the_same_frames(self, training, new, tmp_path):
        found = workflows.suggest(training.model, new, count=6, copy=tmp_path / "next", json=tmp_path / "next.json",
                                  table=tmp_path / "next.csv")
        listed = json.loads((tmp_path / "next.json").read_text())
        frames = [(each.path.name, each.frame) for each in found.frames]
        assert [(row["file"], row["frame"]) for row in listed] == frames
        assert (tmp_path / "next.csv").read_text().count("\n") == 7
        assert [path.parent for path in found.copies] == [tmp_path / "next"] * 6
        for each, path in zip(found.frames, found.copies, strict=True):
            copied, source = open_image(path), open_image(each.path)
            np.testing.assert_array_equal(copied.frame(), source.frame(each.frame))
            assert (copied.frames, copied.pixel_size) == (1, source.pixel_size)
        with pytest.raises(OutputError, match=r"would be written over.*--copy"):
            workflows.suggest(training.model, new, count=6, copy=tmp_path / "next")

    def test_pictures_that_are_there_twice_are_one(self, training, new, tmp_path):
        [first] = [path for path in find_files(new) if path.name == "new_movie00_t000.tif"]
        for name in ("a.tif", "b.tif"):
            shutil.copy(first, tmp_path / name)
        assert workflows.suggest(training.model, tmp_path).of == 1
