"""What the program advises is done literally, and then works."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import tifffile

SIZE = 64
FILES = 6
Mask = Callable[[int], np.ndarray]


def discs(number: int) -> np.ndarray:
    """Sixteen discs that touch neither each other nor the border, bool `(SIZE, SIZE)`."""
    y, x = np.mgrid[:SIZE, :SIZE]
    return (y % 16 - 8) ** 2 + (x % 16 - 8) ** 2 < 20 + number


def numbered(number: int) -> np.ndarray:
    y, x = np.mgrid[:SIZE, :SIZE]
    return (discs(number) * (y // 16 * 4 + x // 16 + 1)).astype(np.uint16)


def in_rows(number: int) -> np.ndarray:
    """Thirty classes, the background left out, each of several pieces."""
    y, x = np.mgrid[:SIZE, :SIZE]
    return (discs(number) * (2 + (y // 2 * 3 + x // 16 * 5) % 30)).astype(np.uint8)


def with_corner(number: int, value: int) -> np.ndarray:
    mask = discs(number).astype(np.int16)
    mask[:3, :3] = value
    return mask


def photograph(number: int) -> np.ndarray:
    return np.random.default_rng(number).integers(0, 255, (SIZE, SIZE), dtype=np.uint8)


def write(folder: Path, mask: Mask) -> Path:
    folder.mkdir()
    for number in range(FILES):
        tifffile.imwrite(folder / f"cell_{number}x.tif", mask(number))
    return folder


@pytest.fixture
def images(tmp_path):
    def image(number: int) -> np.ndarray:
        return (photograph(number) // 4 + 90 * discs(number)).astype(np.uint8)

    return write(tmp_path / "images", image)


def advised(output: str) -> list[list[str]]:
    """The options with their values that a text names, each to be typed alone."""
    return [found.split() for found in re.findall(r"--[a-z-]+ -?\w+", output)]


MASKS: dict[str, tuple[Mask, list[str], set[str]]] = {
    "thirty classes": (in_rows, [], {"--read-masks-as objects", "--read-masks-as codes"}),
    "-1 beside 0": (lambda n: with_corner(n, -1), [], {"--not-annotated -1", "--read-masks-as codes"}),
    "255 beside 0 and 1": (lambda n: with_corner(n, 255), [], {"--not-annotated 255"}),
    "white around black": (lambda n: np.where(discs(n), 0, 255).astype(np.uint8), [], {"--read-masks-as binary"}),
    "1 and 2": (lambda n: (discs(n) + 1).astype(np.uint8), [], {"--read-masks-as classes"}),
    "one value a mask": (lambda n: (discs(n) * (100 + n)).astype(np.uint8), [], {"--read-masks-as codes"}),
    "codes said to be classes": (
        lambda n: (discs(n) * 1000).astype(np.uint16), ["--read-masks-as", "classes"], {"--read-masks-as codes"}),
    "too many said to be codes": (
        lambda n: ((numbered(n) > 0) * (numbered(n) + 100 * (photograph(n) % 30))).astype(np.uint16),
        ["--read-masks-as", "codes"], {"--read-masks-as objects"}),
    "numbers that count up": (
        lambda n: np.where(numbered(n) < 5, numbered(n), 0).astype(np.uint8), [], {"--read-masks-as objects"}),
}


@pytest.mark.parametrize("kind", MASKS)
def test_what_check_says_about_values_works_when_typed(kind, run, images, tmp_path):
    mask, said, expected = MASKS[kind]
    masks = write(tmp_path / "masks", mask)
    first = run("check", images, masks, *said)
    assert first.exit_code != 0 or "warning" in first.output
    options = advised(first.output)
    assert expected <= {" ".join(option) for option in options}, first.output
    for option in options:
        again = run("check", images, masks, *option)
        assert again.exit_code == 0, (option, again.output)
        assert " ".join(option) not in again.output


def test_no_reading_is_advised_for_a_photograph(run, images, tmp_path):
    masks = write(tmp_path / "masks", photograph)
    done = run("check", images, masks)
    assert "the mask is a photograph" in done.output
    assert "--read" not in done.output
    truth = write(tmp_path / "truth", lambda number: discs(number).astype(np.uint8))
    for sides in ((masks, truth), (truth, masks)):
        done = run("evaluate", *sides)
        assert "as in a photograph" in done.stderr
        assert "--read" not in done.stderr


@pytest.mark.parametrize(("value", "expected"), [(-1, {"codes"}), (255, set())])
def test_only_the_truth_can_leave_pixels_out(value, expected, run, tmp_path):
    plain = write(tmp_path / "plain", lambda number: discs(number).astype(np.uint8))
    marked = write(tmp_path / "marked", lambda number: with_corner(number, value))
    of_truth, of_predicted = run("evaluate", plain, marked), run("evaluate", marked, plain)
    assert f"--not-annotated {value}" in of_truth.output
    assert "--not-annotated" not in of_predicted.output
    for option in advised(of_truth.output):
        done = run("evaluate", plain, marked, *option)
        assert done.exit_code == 0, done.output
    assert {words[1] for words in advised(of_predicted.output)} == expected
    for option in advised(of_predicted.output):
        done = run("evaluate", marked, plain, *option)
        assert done.exit_code == 0, done.output


def test_masks_of_one_number_are_not_said_to_number_objects(run, images, tmp_path):
    masks = write(tmp_path / "masks", lambda number: (255 * discs(number)).astype(np.uint8))
    done = run("train", images, masks, "--objects", "--steps", 1, "--out", tmp_path / "a.safetensors")
    assert "do not number objects" in done.stderr
    assert "--read-masks-as" not in done.stderr
    assert "leave out --objects" in done.stderr


ONE_MISTAKE = {
    "--channels a,b": "1 channel, and the names given are a, b",
    "--use-channels 7": "and 7 is none of them",
    "--pixel-size 2,1,1": "does not fit",
}


@pytest.mark.parametrize("option", ONE_MISTAKE)
def test_one_mistake_in_an_option_is_one_error_for_all_files(option, run, images, tmp_path):
    masks = write(tmp_path / "masks", lambda number: discs(number).astype(np.uint8))
    done = run("check", images, masks, *option.split())
    errors = [line for line in done.output.splitlines() if line.startswith("error")]
    assert len(errors) == 1
    assert "cell_0x.tif and all others: " in errors[0]
    assert ONE_MISTAKE[option] in errors[0]


def test_axes_that_no_image_has_are_doubted(run, images, tmp_path):
    masks = write(tmp_path / "masks", lambda number: discs(number).astype(np.uint8))
    assert "warning: --axes ZYX names 3 axes" in run("check", images, masks, "--axes", "zyx").output
    assert "warning" not in run("check", images, masks, "--axes", "YX").output


def test_a_pattern_that_the_shell_replaced_is_recognised(run, images):
    several = sorted(images.iterdir())
    done = run("measure", *several, "--out", images / "a.csv")
    assert done.exit_code == 2
    assert "Put quotes around a pattern" in " ".join(re.sub("[│╭╮╰╯─]", "", done.stderr).split())


@pytest.mark.parametrize("line", ["check a b --read-masks-as x", "train a b --out c --minutes x", "check a b --axes Q"])
def test_words_of_libraries_are_not_shown(line, run):
    done = run(*line.split())
    assert done.exit_code == 2
    assert not re.search("Value error|Input should", done.stderr)


@pytest.mark.parametrize("line", [
    "plot {0}/none.csv --out {0}/out", "measure {0}/images --out {0}/a.csv --doubt {0}/none",
    "track {0}/images --table {0}/none.csv --out {0}/out",
])
def test_a_file_that_is_not_there_is_named_without_the_number_of_the_system(line, run, images):
    done = run(*line.format(images.parent).split())
    assert done.exit_code == 2
    assert "No such file" in done.stderr
    assert "Errno" not in done.stderr


def test_a_folder_is_no_table(run, images):
    assert "is a folder. Give the tables in it" in run("plot", images, "--out", images / "plots").stderr


def test_nothing_is_written_before_the_table_is_known_to_fit(run, tmp_path):
    masks = tmp_path / "masks"
    masks.mkdir()
    for number in range(3):
        tifffile.imwrite(masks / f"movie_t{number}.tif", discs(number).astype(np.uint8))
    assert run("measure", masks, "--out", tmp_path / "a.csv").exit_code == 0
    done = run("track", masks, "--out", tmp_path / "out", "--table", tmp_path / "a.csv", "--rates", "none")
    assert "has no column 'none'" in done.stderr
    assert not (tmp_path / "out").exists()
