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
