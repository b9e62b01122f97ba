"""The commands as people run them: what they write, what they say, and their exit status."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image
from typer.testing import CliRunner

from morula import cli

GROUND = np.zeros((40, 50), np.uint8)
BODY = np.zeros((40, 50), np.uint8)
BODY[10:30, 10:40] = 1


def run(*arguments: str | Path):
    return CliRunner().invoke(cli.app, [str(argument) for argument in arguments])


def picture(path: Path, array: np.ndarray) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(array).save(path)
    return path


@pytest.fixture
def drawn(tmp_path):
    """A folder with `images` and `masks`, drawn by the command."""
    done = run("synth", "gastruloids", "--out", tmp_path / "drawn", "--count", 6, "--movies", 3, "--size", 64)
    assert done.exit_code == 0, done.output
    return tmp_path / "drawn"


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


class TestEveryCommand:
    def test_names_itself_in_the_list(self):
        done = run("--help")
        assert done.exit_code == 0
        for command in ("synth", "check", "evaluate"):
            assert command in done.output

    def test_version_is_that_of_the_package(self):
        from importlib.metadata import version

        assert run("--version").output == f"morula {version('morula')}\n"

    @pytest.mark.parametrize("line", ["chekc a b", "check a", "synth x", "synth gastruloids --moive 1"])
    def test_a_wrong_line_is_status_2(self, line):
        done = run(*line.split())
        assert done.exit_code == 2
        assert "Error" in done.output

    def test_a_misspelt_command_is_recognised(self):
        assert "check" in run("chekc", "a", "b").stderr

    def test_a_mistake_is_a_sentence_and_not_a_traceback(self, tmp_path):
        done = run("check", tmp_path / "nowhere", tmp_path)
        assert done.exit_code == 2
        assert done.stderr.startswith("Error: ")
        assert "nowhere" in done.stderr
        assert "Traceback" not in done.output

    def test_a_value_out_of_range_names_its_flag(self, tmp_path):
        done = run("synth", "gastruloids", "--out", tmp_path / "new", "--count", 0)
        assert done.exit_code == 2
        assert "--count should be greater than 0" in done.stderr
        assert not (tmp_path / "new").exists()

    def test_ctrl_c_says_how_to_go_on(self, tmp_path, monkeypatch):
        def stop(*_, **__):
            raise KeyboardInterrupt

        monkeypatch.setattr("morula.workflows.draw", stop)
        done = run("synth", "gastruloids", "--out", tmp_path)
        assert done.exit_code == 130
        assert done.stderr.startswith("Stopped.")

    def test_a_fault_of_ours_is_shown_in_full_with_what_to_do(self, monkeypatch, capsys):
        def fail(*_, **__):
            raise ZeroDivisionError("a fault")

        monkeypatch.setattr("morula.workflows.draw", fail)
        monkeypatch.setattr(sys, "argv", ["morula", "synth", "gastruloids", "--out", "x"])
        with pytest.raises(SystemExit) as caught:
            cli.main()
        assert caught.value.code == 70
        shown = capsys.readouterr().err
        assert "ZeroDivisionError: a fault" in shown
        assert "Please report it" in shown

    def test_a_poor_terminal_is_enough(self, tmp_path):
        """As a program of its own, into a pipe, in ASCII, 30 columns wide, without colour."""
        place = tmp_path / "µm"
        picture(place / "images" / "ä.png", BODY * 90)
        picture(place / "masks" / "ä.png", GROUND)
        environment = {**os.environ, "PYTHONIOENCODING": "ascii:strict", "COLUMNS": "30", "NO_COLOR": "1"}
        for arguments in (["--help"], ["evaluate", "--help"], ["check", place / "images", place / "masks"]):
            line = [Path(sys.executable).with_name("morula"), *arguments]
            done = subprocess.run(line, env=environment, capture_output=True, check=False)
            assert done.returncode == (2 if arguments[0] == "check" else 0), done.stderr.decode()
            assert b"Traceback" not in done.stderr
            assert (done.stdout + done.stderr).isascii()


class TestSynth:
    def test_draws_the_images_and_masks_asked_for(self, drawn):
        images, masks = files(drawn / "images"), files(drawn / "masks")
        assert [path.name for path in images] == [path.name for path in masks]
        assert len(images) == 6
        assert {path.name.split("_")[0] for path in images} == {"movie00", "movie01", "movie02"}
        assert tifffile.imread(images[0]).shape == (64, 64)
        assert set(np.unique(tifffile.imread(masks[0]))) == {0, 1}

    def test_the_same_seed_draws_the_same(self, drawn, tmp_path):
        again, other = tmp_path / "again", tmp_path / "other"
        line = ["synth", "gastruloids", "--frames", 2, "--movies", 3, "--size", 64]
        assert run(*line, "--out", again).exit_code == 0
        assert run(*line, "--out", other, "--seed", 1).exit_code == 0
        first, second, third = (tifffile.imread(files(folder / "images")) for folder in (drawn, again, other))
        np.testing.assert_array_equal(first, second)
        assert (first != third).any()

    def test_leaves_what_is_there_already(self, drawn):
        before = {path: path.read_bytes() for path in files(drawn)}
        done = run("synth", "gastruloids", "--out", drawn, "--count", 2, "--movies", 1)
        assert done.exit_code == 2
        assert "holds files already" in done.stderr
        assert {path: path.read_bytes() for path in files(drawn)} == before

    def test_says_when_it_may_not_write(self, tmp_path):
        (tmp_path / "file").write_text("in the way")
        done = run("synth", "gastruloids", "--out", tmp_path / "file" / "new", "--count", 2, "--movies", 1)
        assert done.exit_code == 2
        assert "cannot be written" in done.stderr

    def test_shapes_are_volumes_of_several_channels_if_asked_for(self, tmp_path):
        done = run("synth", "shapes", "--out", tmp_path, "--count", 2, "--axes", 3, "--channels", 2, "--classes", 3,
                   "--size", 32)
        assert done.output == f"2 images in {tmp_path / 'images'}, their masks in {tmp_path / 'masks'}\n"
        assert tifffile.imread(tmp_path / "images" / "shapes_001.tif").shape == (32, 2, 32, 32)  # ImageJ: Z C Y X
        assert set(np.unique(tifffile.imread(tmp_path / "masks" / "shapes_001.tif"))) == {0, 1, 2, 3}

    @pytest.mark.parametrize(("kind", "flag", "other"), [("shapes", "--movies", "gastruloids"),
                                                         ("shapes", "--frames", "gastruloids"),
                                                         ("gastruloids", "--axes", "shapes"),
                                                         ("gastruloids", "--channels", "shapes")])
    def test_what_only_another_kind_knows_is_refused(self, kind, flag, other, tmp_path):
        done = run("synth", kind, "--out", tmp_path / "new", flag, 2)
        assert done.exit_code == 2
        assert f"{flag} is for {other}, and {kind} were asked for" in done.stderr
        assert not (tmp_path / "new").exists()

    def test_count_and_frames_exclude_each_other(self, tmp_path):
        done = run("synth", "gastruloids", "--out", tmp_path / "new", "--count", 2, "--frames", 2)
        assert done.exit_code == 2
        assert "give one of them" in done.stderr


class TestCheck:
    def test_says_what_it_found(self, drawn):
        done = run("check", drawn / "images", drawn / "masks")
        assert done.exit_code == 0, done.output
        assert "6" in done.stdout
        assert "64 × 64" in done.stdout

    def test_names_every_problem_and_what_to_do(self, drawn):
        first, second, *_ = files(drawn / "masks")
        tifffile.imwrite(first, np.zeros((10, 10), np.uint8))
        second.write_bytes(second.read_bytes()[:100])
        done = run("check", drawn / "images", drawn / "masks")
        assert done.exit_code == 2
        lines = [line for line in done.stdout.splitlines() if line.startswith("error: ")]
        for path in (first, second):
            assert any(path.name in line for line in lines), done.stdout
        assert "Traceback" not in done.output

    def test_writes_nothing(self, drawn):
        before = files(drawn)
        run("check", drawn / "images", drawn / "masks")
        assert files(drawn) == before


class TestMeasure:
    def test_writes_a_table_and_says_how_the_masks_were_read(self, drawn, tmp_path):
        done = run("measure", drawn / "masks", "--images", drawn / "images", "--out", tmp_path / "t.csv")
        assert done.exit_code == 0, done.output
        assert f"6 frames measured into {tmp_path / 't.csv'}" in done.stdout
        assert "0 is background and 1 is class 1" in done.stdout
        header, *rows = (tmp_path / "t.csv").read_text(encoding="utf-8").splitlines()
        assert {"file", "area_um2", "mean_grey", "polarisation_angle_grey_deg"} <= set(header.split(","))
        assert len(rows) >= 6

    def test_lists_all_measures_without_masks(self):
        from morula.measures.catalogue import MEASURES

        done = run("measure", "--list")
        assert done.exit_code == 0
        for measure in MEASURES:
            assert f"  {measure.column}, " in done.stdout
            assert measure.formula in done.stdout

    def test_a_damaged_mask_is_named_and_the_rest_is_measured(self, drawn, tmp_path):
        first, *_ = files(drawn / "masks")
        first.write_bytes(first.read_bytes()[:100])
        done = run("measure", drawn / "masks", "--out", tmp_path / "t.csv")
        assert done.exit_code == 1
        assert first.name in done.stderr
        assert "5 frames measured" in done.stdout

    def test_doubtful_masks_are_said_to_be_so(self, tmp_path):
        numbers = np.zeros((30, 40), np.uint8)
        for number in range(1, 6):
            numbers[4:9, 7 * number - 5 : 7 * number] = number
        done = run("measure", picture(tmp_path / "a.png", numbers), "--out", tmp_path / "t.csv")
        assert done.exit_code == 0
        assert "--read-masks-as objects" in done.stderr

    def test_a_table_of_an_unknown_kind_is_refused(self, drawn, tmp_path):
        done = run("measure", drawn / "masks", "--out", tmp_path / "t.xlsx")
        assert done.exit_code == 2
        assert ".parquet" in done.stderr


class TestEvaluate:
    @pytest.fixture
    def folders(self, tmp_path):
        """Three true masks of 0 and 255, and their predictions in class numbers: right, half, nothing."""
        half = BODY.copy()
        half[:, 25:] = 0
        for name, mask in {"a": BODY, "b": half, "ü 3": GROUND}.items():
            picture(tmp_path / "truth" / f"{name}.png", BODY * 255)
            (tmp_path / "predicted").mkdir(exist_ok=True)
            tifffile.imwrite(tmp_path / "predicted" / f"{name}.tif", mask, compression="deflate")
        return tmp_path / "predicted", tmp_path / "truth"

    def test_scores_are_those_of_the_areas(self, folders, tmp_path):
        out = tmp_path / "deep" / "scores.json"
        done = run("evaluate", *folders, "--json", out)
        assert done.exit_code == 0, done.output
        scores = json.loads(out.read_text(encoding="utf-8"))
        area, whole = BODY.sum(), BODY.size
        assert scores["classes"]["1"]["iou"] == pytest.approx((1 + 0.5 + 0) / 3)
        assert scores["classes"]["1"]["dice"] == pytest.approx((1 + 2 / 3 + 0) / 3)
        assert scores["foreground_iou"] == pytest.approx(0.5)
        outside = whole - area
        ground = np.mean([1, outside / (whole - area / 2), outside / whole])
        assert scores["mean_iou"] == pytest.approx((ground + 0.5) / 2)
        assert scores["pixel_accuracy"] == pytest.approx(1 - 1.5 * area / (3 * whole))
        assert [image["name"] for image in scores["images"]] == ["a", "b", "ü 3"]
        assert [image["foreground_iou"] for image in scores["images"]] == pytest.approx([1, 0.5, 0])
        assert scores["missing"] == []

    def test_the_table_says_the_same(self, folders):
        done = run("evaluate", *folders)
        assert "foreground IoU: 0.5000" in done.stdout

    def test_a_prediction_of_nothing_at_all_is_scored(self, folders, tmp_path):
        predicted, truth = folders
        for path in files(predicted):
            tifffile.imwrite(path, GROUND)
        done = run("evaluate", predicted, truth, "--json", tmp_path / "scores.json")
        assert done.exit_code == 0, done.output
        assert json.loads((tmp_path / "scores.json").read_text())["foreground_iou"] == 0

    def test_a_prediction_of_everything_is_not_taken_for_inverted(self, folders, tmp_path):
        predicted, truth = folders
        for path in files(predicted):
            tifffile.imwrite(path, np.ones_like(BODY))
        run("evaluate", predicted, truth, "--json", tmp_path / "scores.json")
        iou = json.loads((tmp_path / "scores.json").read_text())["foreground_iou"]
        assert iou == pytest.approx(BODY.sum() / BODY.size)

    def test_classes_keep_their_numbers_whatever_the_truth_is_stored_as(self, tmp_path):
        classes = BODY.copy()
        classes[15:20, 15:20] = 2
        codes = np.array([0, 32, 255], np.uint8)[classes]
        picture(tmp_path / "truth" / "Mask 7.png", codes)
        picture(tmp_path / "predicted" / "image 7.png", np.where(classes == 2, 2, 0).astype(np.uint8))
        done = run("evaluate", tmp_path / "predicted", tmp_path / "truth", "--json", tmp_path / "scores.json")
        assert done.exit_code == 0, done.output
        scores = json.loads((tmp_path / "scores.json").read_text())["classes"]
        assert scores["1"]["iou"] == 0
        assert scores["2"]["iou"] == 1

    def test_missing_and_damaged_predictions_are_named_and_the_rest_is_scored(self, folders, tmp_path):
        predicted, truth = folders
        (predicted / "a.tif").unlink()
        (predicted / "b.tif").write_bytes((predicted / "b.tif").read_bytes()[:60])
        tifffile.imwrite(predicted / "extra.tif", BODY)
        done = run("evaluate", predicted, truth, "--json", tmp_path / "scores.json")
        assert done.exit_code == 1
        errors = [line for line in done.stdout.splitlines() if line.startswith("error: ")]
        assert any("a.png" in line for line in errors)
        assert any("b.tif" in line for line in errors)
        assert any("extra.tif" in line for line in done.stdout.splitlines() if line.startswith("note: "))
        scores = json.loads((tmp_path / "scores.json").read_text())
        assert sorted(Path(path).name for path in scores["missing"]) == ["a.png", "b.png"]
        assert [image["name"] for image in scores["images"]] == ["ü 3"]

    def test_masks_of_another_size_are_refused_by_name(self, folders):
        predicted, truth = folders
        for path in files(predicted):
            tifffile.imwrite(path, BODY[:30])
        done = run("evaluate", predicted, truth)
        assert done.exit_code == 2
        for words in ("a.png", "40 × 50", "30 × 50"):
            assert words in done.stderr

    def test_names_that_do_not_fit_are_refused(self, folders, tmp_path):
        shutil.copytree(folders[0], tmp_path / "other")
        for number, path in enumerate(files(tmp_path / "other")):
            path.rename(path.with_name("xyz"[number] + ".tif"))
        done = run("evaluate", tmp_path / "other", folders[1])
        assert done.exit_code == 2
        assert "by name" in done.stderr

    def test_a_movie_is_scored_frame_by_frame(self, tmp_path):
        truth, predicted = np.stack([BODY, BODY, GROUND]), np.stack([BODY, GROUND, GROUND])
        tifffile.imwrite(tmp_path / "truth.tif", truth, metadata={"axes": "TYX"}, imagej=True)
        tifffile.imwrite(tmp_path / "predicted.tif", predicted, metadata={"axes": "TYX"}, imagej=True)
        done = run("evaluate", *(tmp_path / f"{name}.tif" for name in ("predicted", "truth")),
                   "--json", tmp_path / "scores.json")
        assert done.exit_code == 0, done.output
        scores = json.loads((tmp_path / "scores.json").read_text())
        assert [image["foreground_iou"] for image in scores["images"]] == [1, 0, None]
        assert [image["name"] for image in scores["images"]] == [f"predicted[{index}]" for index in range(3)]
        assert scores["classes"]["1"]["images"] == 2

    def test_what_is_not_annotated_does_not_count(self, tmp_path):
        truth = BODY.copy()
        truth[:, :25] = 7
        picture(tmp_path / "truth" / "a.png", truth)
        picture(tmp_path / "predicted" / "a.png", np.where(truth == 7, 1, truth).astype(np.uint8))
        out = tmp_path / "scores.json"
        run("evaluate", tmp_path / "predicted", tmp_path / "truth", "--not-annotated", 7, "--json", out)
        scores = json.loads(out.read_text())
        assert scores["pixel_accuracy"] == 1
        assert np.sum(scores["confusion"]) == truth[:, 25:].size

    def test_the_report_shows_images_beneath_the_outlines(self, folders, tmp_path):
        predicted, truth = folders
        for path in files(predicted):
            picture(tmp_path / "images" / f"{path.stem}.png", BODY * 200)
        plain, shown = tmp_path / "plain.html", tmp_path / "shown.html"
        assert run("evaluate", predicted, truth, "--report", plain).exit_code == 0
        done = run("evaluate", predicted, truth, "--report", shown, "--images", tmp_path / "images")
        assert done.exit_code == 0, done.output
        pages = [path.read_text(encoding="utf-8") for path in (plain, shown)]
        assert all("ü 3" in page and "0.500" in page for page in pages)
        galleries = [[line for line in page.splitlines() if "data:image/png" in line] for page in pages]
        assert len(galleries[0]) == len(galleries[1]) > 0
        assert galleries[0] != galleries[1]
