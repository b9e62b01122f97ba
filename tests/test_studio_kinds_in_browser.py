"""The whole way in a real browser for other kinds of images: touching objects, volumes, several channels."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import tifffile

from browser import Studio, command_line, iou, opened, outline_of
from morula.images.read import find_files, open_image
from morula.scores.matching import match_objects

pytestmark = pytest.mark.slow

MINUTES = float(os.environ.get("MORULA_STUDIO_MINUTES", "0.25"))
"""That a training takes."""
POINTS = 40
"""Of an outline: as finely as a hand follows an edge."""


@dataclass(frozen=True)
class Taken:
    """What was taken along from the page.

    Attributes:
        masks: the folder of what a model drew.
        table: the rows of the measurements.
        exported: the masks by the names of their files.
    """

    masks: Path
    table: list[dict[str, str]]
    exported: dict[str, np.ndarray]


def project(folder: Path, pictures: dict[str, np.ndarray], axes: str) -> Path:
    """A folder with images of these axes."""
    (folder / "images").mkdir(parents=True)
    for name, pixels in pictures.items():
        tifffile.imwrite(folder / "images" / name, pixels, imagej=True, metadata={"axes": axes})
    return folder


def balls(shape: tuple[int, ...], centres: list[tuple[float, ...]], radius: float) -> np.ndarray:
    """Numbered balls of any number of axes."""
    numbers = np.zeros(shape, np.uint16)
    for number, centre in enumerate(centres, start=1):
        away = sum((along - middle) ** 2 for along, middle in zip(np.indices(shape), centre, strict=True))
        numbers[away <= radius**2] = number
    return numbers


def noisy(rng: np.random.Generator, bright: np.ndarray) -> np.ndarray:
    """As a camera sees it."""
    return (rng.normal(70, 10, bright.shape) + bright).clip(0, 255).astype(np.uint8)


def tell_apart(studio: Studio) -> None:
    """Touching objects get numbers of their own."""
    studio.page.get_by_role("button", name="Tell them apart").click()
    studio.page.locator("#objects").check()
    studio.page.locator("[data-action=keep-settings]").click()
    studio.page.get_by_text("New object with each stroke").wait_for()
    studio.page.locator("#touching").wait_for(state="hidden")


def around(truth: np.ndarray, number: int) -> np.ndarray:
    """The outline of an object, begun where it is farthest from the others: there a new one begins."""
    from scipy.ndimage import distance_transform_edt

    outline = outline_of(truth == number)
    outline = outline[:: max(1, len(outline) // POINTS)]
    others = (truth > 0) & (truth != number)
    if not others.any():
        return outline
    away = distance_transform_edt(~others)
    rows, columns = outline.round().astype(int).clip(0, np.array(truth.shape) - 1).T
    return np.roll(outline, -int(away[rows, columns].argmax()), axis=0)


def outline_all(studio: Studio, truth: np.ndarray) -> None:
    """Draw around every object of a slice, and mark nothing yet."""
    studio.page.locator("[data-tool=encircle]").click()
    for number in np.unique(truth[truth > 0]):
        studio.draw_around(around(truth, number), truth.shape, wait=False)
    studio.saved()


def to_slice(studio: Studio, z: int) -> None:
    studio.page.locator("#slice").fill(str(z))
    studio.page.locator("#moments", has_text=f"{z + 1} /").wait_for()


def finish(studio: Studio) -> None:
    studio.page.keyboard.press("f")
    studio.page.locator("[data-action=finished][aria-pressed=true]").wait_for()


def to_the_table(studio: Studio, minutes: float = MINUTES) -> Taken:
    """Train, segment, measure, take along; and the command line makes the same of a copy of the folder."""
    page, folder = studio.page, studio.folder
    studio.step("Train")
    page.locator("#minutes").fill(f"{minutes:g}")
    page.locator("[data-action=train]").click()
    studio.wait_for("train", 3 * minutes + 12)
    page.locator("[data-action=segment]").click()
    segmented = studio.wait_for("segment", 3)
    studio.step("Measure")
    page.locator("[data-action=measure]").click()
    measured = studio.wait_for("measure", 2)
    page.locator("#measure-plot svg").wait_for()
    studio.picture(f"{folder.name} measured")
    table = studio.download("measurements.csv")
    masks = zipfile.ZipFile(io.BytesIO(studio.download("masks.zip")))
    everything = zipfile.ZipFile(io.BytesIO(studio.download("everything.zip")))

    copy = folder.with_name(f"{folder.name} by hand")
    shutil.copytree(folder, copy)
    shutil.rmtree(copy / "results" / "masks")
    (copy / "results" / "measurements.csv").unlink()
    command_line(segmented["command"], copy)
    for path in find_files(folder / "results" / "masks"):
        assert np.array_equal(tifffile.imread(path), tifffile.imread(copy / "results" / "masks" / path.name))
    command_line(measured["command"], copy)
    assert (copy / "results" / "measurements.csv").read_bytes() == table
    assert everything.read("results/measurements.csv") == table
    exported = {name: tifffile.imread(io.BytesIO(masks.read(name))) for name in masks.namelist()
                if name.endswith(".tif")}
    for path in find_files(folder / "results" / "masks"):
        assert everything.read(f"results/masks/{path.name}") == path.read_bytes()
        drawn = folder / "masks" / path.name
        assert np.array_equal(exported[path.name], tifffile.imread(drawn if drawn.exists() else path))
    return Taken(folder / "results" / "masks", list(csv.DictReader(io.StringIO(table.decode()))), exported)


def test_touching_discs_are_told_apart(browser, tmp_path):
    """Each disc is outlined once in four images; in the others each is found, with a number of its own."""
    rng = np.random.default_rng(0)
    truth = {}
    for number in range(6):
        centres = [(20 + 40 * row + int(rng.integers(-3, 4)), 16 + 32 * column)
                   for row in range(2) for column in range(4)]
        truth[f"{number}.tif"] = balls((96, 144), centres, 16)
    folder = project(tmp_path / "discs", {name: noisy(rng, 70 * (mask > 0)) for name, mask in truth.items()}, "YX")
    with opened(browser, folder) as studio:
        tell_apart(studio)
        for name in list(truth)[:4]:
            studio.choose(Path(name).stem)
            outline_all(studio, truth[name])
            finish(studio)
        studio.picture("discs drawn")
        taken = to_the_table(studio)
        rois = zipfile.ZipFile(io.BytesIO(studio.download("rois.zip")))
    for name in list(truth)[:4]:
        drawn = tifffile.imread(folder / "masks" / name)
        assert drawn.max() == 8
        assert match_objects(truth[name], drawn).f1(0.85) == 1
    for name in list(truth)[4:]:
        assert match_objects(truth[name], tifffile.imread(taken.masks / name)).f1() >= 0.9
    assert len(taken.table) == sum(int(mask.max()) for mask in taken.exported.values())
    assert {row["file"] for row in taken.table} == set(truth)
    assert rois.namelist()


def test_nuclei_are_told_apart(browser, real_data, tmp_path):
    """The nuclei of five images are outlined; those of the others are found."""
    pairs = [(path, open_image(real_data / "nuclei" / "labels" / path.name).frame()[0])
             for path in find_files(real_data / "nuclei" / "images")]
    fit = [(path, labels) for path, labels in pairs if labels.shape == (256, 256) and 8 <= labels.max() <= 25][:9]
    folder = tmp_path / "nuclei"
    (folder / "images").mkdir(parents=True)
    truth = {}
    for number, (path, labels) in enumerate(fit):
        shutil.copy(path, folder / "images" / f"{number}.png")
        truth[f"{number}.tif"] = labels
    with opened(browser, folder) as studio:
        tell_apart(studio)
        for name in list(truth)[:5]:
            studio.choose(Path(name).stem)
            outline_all(studio, truth[name])
            finish(studio)
        studio.picture("nuclei drawn")
        taken = to_the_table(studio, 2 * MINUTES)
    f1 = np.mean([match_objects(truth[name], tifffile.imread(taken.masks / name)).f1() for name in list(truth)[5:]])
    print(f"F1 at IoU 0.5, nuclei: {f1:.3f}")
    assert f1 > 0.6


def test_a_volume_is_drawn_slice_by_slice(browser, tmp_path):
    """A ball in three slices, each outlined."""
    rng = np.random.default_rng(0)
    truth = {f"{number}.tif": balls((3, 64, 80), [(1, *rng.integers(22, 42, 2))], 13.0) > 0 for number in range(6)}
    for mask in truth.values():  # the slices lie far apart
        mask[0] = balls((64, 80), [np.argwhere(mask[1]).mean(0)], 9) > 0
        mask[2] = balls((64, 80), [np.argwhere(mask[1]).mean(0)], 6) > 0
    folder = project(tmp_path / "volumes", {name: noisy(rng, 60 * mask) for name, mask in truth.items()}, "ZYX")
    with opened(browser, folder) as studio:
        for name in list(truth)[:4]:
            studio.choose(Path(name).stem)
            for z in range(3):
                to_slice(studio, z)
                outline_all(studio, truth[name][z].astype(int))
            studio.picture("volume drawn")
            finish(studio)
        taken = to_the_table(studio)
        assert "olume" in studio.page.locator("#column option:checked").inner_text()
        studio.page.locator("a[href$='/api/export/rois.zip']").click()
        studio.page.locator("#messages", has_text="volumes have none").wait_for()
        studio.problems.clear()  # the browser notes each answer that is no
    for name, mask in truth.items():
        assert taken.exported[name].shape == mask.shape
    for name in list(truth)[:4]:
        for z in range(3):
            assert iou(tifffile.imread(folder / "masks" / name)[z] == 1, truth[name][z]) > 0.9
    for name in list(truth)[4:]:
        assert iou(tifffile.imread(taken.masks / name) == 1, truth[name]) > 0.75
    assert {row["file"] for row in taken.table} == set(truth)
    for row in taken.table:
        assert float(row["volume_px3"]) == np.count_nonzero(taken.exported[row["file"]] == 1)


def test_objects_keep_their_numbers_through_the_slices(browser, tmp_path):
    """One that was picked goes on in other slices; a new one gets a new number, whatever slices were seen."""
    rng = np.random.default_rng(0)
    centres = [(2, 20, 20), (2, 20, 58), (2, 46, 40)]
    truth = balls((5, 64, 80), centres, 12)
    folder = project(tmp_path / "balls", {"0.tif": noisy(rng, 60 * (truth > 0))}, "ZYX")
    with opened(browser, folder) as studio:
        page = studio.page
        tell_apart(studio)
        for number, (_, row, column) in enumerate(centres[:2], start=1):
            to_slice(studio, 1)
            page.locator("[data-tool=encircle]").click()
            studio.draw_around(around(truth[1], number), truth[1].shape)
            page.locator("[data-tool=pick]").click()
            [[y, x]] = studio.on_screen(np.array([[row, column]]), truth[1].shape)
            page.mouse.click(x, y)
            page.get_by_text(f"Object {number} (click for new ones)").wait_for()
            page.locator("[data-tool=encircle]").click()
            for z in (2, 3)[number - 1 :]:  # the second is not in the slice that is shown first
                to_slice(studio, z)
                studio.draw_around(around(truth[z], number), truth[z].shape)
            page.get_by_text(f"Object {number} (click for new ones)").click()
        page.reload()
        studio.ready()
        page.locator("[data-tool=encircle]").click()
        to_slice(studio, 4)  # where nothing was drawn
        studio.draw_around(outline_of(truth[2] == 3), truth[2].shape)
        page.wait_for_timeout(1500)
    drawn = tifffile.imread(folder / "masks" / "0.tif")
    drawn[drawn == 65535] = 0
    [third] = set(np.unique(drawn)) - {0, 1, 2}
    assert iou(drawn[1:4] == 1, truth[1:4] == 1) > 0.85
    assert iou(drawn[[1, 3]] == 2, truth[[1, 3]] == 2) > 0.85
    assert set(np.unique(drawn[4])) == {0, third}


def colours(studio: Studio) -> np.ndarray:
    """The brightest red, green and blue of what is shown, once it has come."""
    studio.page.locator("#view[aria-busy=false]").wait_for()
    studio.page.wait_for_timeout(300)
    return np.array(studio.page.evaluate("""() => {
        const canvas = document.getElementById('pixels');
        const { data } = canvas.getContext('2d').getImageData(canvas.width / 4, canvas.height / 4, canvas.width / 2,
                                                              canvas.height / 2);
        const most = [0, 0, 0];
        for (let at = 0; at < data.length; at += 1) if (at % 4 < 3) most[at % 4] = Math.max(most[at % 4], data[at]);
        return most;
    }"""))


def test_channels_are_shown_and_learned(browser, tmp_path):
    """What counts is bright in the second channel only; another disc is bright in both."""
    rng = np.random.default_rng(0)
    truth, pictures = {}, {}
    for number in range(6):
        wanted, other = (balls((64, 112), [(30 + int(rng.integers(-6, 7)), column)], 14) > 0 for column in (28, 84))
        truth[f"{number}.tif"] = wanted
        pictures[f"{number}.tif"] = noisy(rng, np.stack([100 * other, 100 * (other | wanted)]))
    folder = project(tmp_path / "channels", pictures, "CYX")
    with opened(browser, folder) as studio:
        page = studio.page
        page.locator("[data-action=contrast]").click()
        both = colours(studio)
        studio.picture("channels both")
        page.locator("[data-channel='0']").uncheck()
        second = colours(studio)
        page.locator("[data-channel='0']").check()
        page.locator("[data-channel='1']").uncheck()
        first = colours(studio)
        page.locator("[data-channel='0']").uncheck()
        none = colours(studio)
        page.locator("[data-channel='0']").check()
        page.locator("[data-channel='1']").check()
        assert both.min() > 200
        assert first[0] > first[1] < first[2]  # magenta
        assert second[0] < second[1] > second[2]  # green
        assert not none.any()
        page.locator("[data-action=contrast]").click()
        for name in list(truth)[:4]:
            studio.choose(Path(name).stem)
            outline_all(studio, truth[name].astype(int))
            finish(studio)
        studio.picture("channels drawn")
        taken = to_the_table(studio)
    for name in list(truth)[4:]:
        assert iou(tifffile.imread(taken.masks / name) == 1, truth[name]) > 0.75
    for row in taken.table:
        assert float(row["mean_channel_1"]) < 90 < 150 < float(row["mean_channel_2"])


def test_outlines_without_annotation(browser, tmp_path):
    """The model that comes with Morula draws masks in a project in which nothing was drawn and nothing was trained."""
    from morula.drawings.drawn import save_drawings
    from morula.drawings.synthetic import draw_gastruloids

    drawings = list(draw_gastruloids(4, movies=4, seed=8))
    folder = tmp_path / "untrained"
    save_drawings(drawings, tmp_path / "drawn")
    shutil.copytree(tmp_path / "drawn" / "images", folder / "images")
    with opened(browser, folder) as studio:
        studio.step("Train")
        studio.page.locator("[data-action=built-in]").click()
        studio.wait_for("segment", 3)
        said = studio.page.locator("[data-job=segment]").get_by_text("4 frames segmented")
        said.wait_for()  # the page hears of it a moment later
        studio.picture("built-in")
        studio.step("Review")
        studio.page.locator("[data-action=accept]:enabled").wait_for()
        card = studio.page.get_by_label("This frame")
        for name in ("Expected IoU", "body", "shed cells"):
            card.get_by_text(name, exact=True).wait_for()
        studio.picture("built-in review")
    for drawing in drawings:
        found = tifffile.imread(folder / "results" / "masks" / f"{drawing.name}.tif")
        assert iou(found == 1, drawing.mask == 1) > 0.85
    names = [each["name"] for each in json.loads((folder / "morula.json").read_text())["classes"]]
    assert names == ["foreground", "shed cells"]
