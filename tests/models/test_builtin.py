"""The model that comes with Morula: called by its name, as small and as good as it says, at any magnification."""

from __future__ import annotations

import importlib.util
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from skimage.measure import label
from skimage.transform import resize

from morula.drawings.drawn import save_drawings
from morula.drawings.synthetic import draw_gastruloids
from morula.errors import ModelError
from morula.images.image import Image
from morula.models import model
from morula.models.builtin import FOLDER, built_in, model_file
from morula.models.model import Model
from morula.segmenting.flags import AMONG_UNLIKE
from morula.specimens.kinds import KINDS, draw_specimen
from morula.trust.expectation import UNLIKE
from morula.workflows.segmenting import segment
from morula.worlds.fields import CLASSES, STYLES, draw_fields

RECIPE = Path(__file__).parents[2] / "pretraining" / "gastruloid.py"


@pytest.fixture(scope="module")
def recipe():
    """The script that makes it."""
    spec = importlib.util.spec_from_file_location("pretraining_gastruloid", RECIPE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def gastruloid() -> Model:
    return Model.load("gastruloid")


def iou(one: np.ndarray, other: np.ndarray) -> float:
    return float((one & other).sum() / (one | other).sum())


def grey(picture: np.ndarray) -> np.ndarray:
    """One without colours, which would tell by themselves."""
    return picture if picture.ndim == 2 else picture.mean(2).round().astype(np.uint8)


def unlike(images: Path, work: Path) -> tuple[float, float]:
    """Of which share of images it is said that they are unlike what the model knows: by themselves, and as a set."""
    frames = segment("gastruloid", images, work / "masks", overwrite=True).frames
    alone, at_all = ([any(flag in frame.flags for flag in flags) for frame in frames]
                     for flags in ((UNLIKE,), (UNLIKE, AMONG_UNLIKE)))
    return np.mean(alone), np.mean(at_all)


def test_a_file_counts_more_than_a_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert model_file("gastruloid") == FOLDER / "gastruloid.safetensors"
    assert model_file("gastruloid.safetensors") == Path("gastruloid.safetensors")
    Path("gastruloid").write_text("something else")
    assert model_file("gastruloid") == Path("gastruloid")
    with pytest.raises(ModelError, match="no model of Morula"):
        Model.load("gastruloid")


def test_whoever_mistypes_a_name_is_told_the_right_one():
    assert "gastruloid" in built_in()
    with pytest.raises(ModelError, match="comes with Morula: gastruloid"):
        Model.load("gastrulod")


def test_it_is_small_and_made_as_its_recipe_says(gastruloid, recipe):
    assert (FOLDER / "gastruloid.safetensors").stat().st_size < 4e6
    assert gastruloid.classes == CLASSES
    assert gastruloid.plan.sides == recipe.SIDES
    assert gastruloid.record["settings"]["steps"] == gastruloid.record["steps_done"] == recipe.STEPS
    frames = [*gastruloid.record["training_frames"], *gastruloid.record["validation_frames"]]
    assert len(frames) == recipe.FIELDS
    assert {name.rsplit("-", 1)[0] for name in frames} == {style.replace(" ", "-") for style in STYLES}
    assert set(gastruloid.record["kept_out"]) == set(recipe.KEPT_OUT)
    assert gastruloid.usual.layout
    assert gastruloid.plan.views == "opposite"
    assert gastruloid.engine.looks == 2
    assert gastruloid.record["quality"]["frames"] > 0.95 * recipe.JUDGED  # in some there is nothing


@pytest.mark.slow
def test_it_is_as_good_as_it_says_on_gastruloids_that_another_program_drew(gastruloid):
    """None of their microscopes was among what it learned from."""
    drawings = list(draw_gastruloids(24, movies=24, seed=5, classes=2))
    images = [drawing.image for drawing in drawings]
    masks = [gastruloid.segment(image) for image in images]
    found = [iou(mask == 1, drawing.mask == 1) for mask, drawing in zip(masks, drawings, strict=True)]
    assert np.mean(found) > gastruloid.record["kept_out"]["gastruloids of the demo"] - 0.02
    assert min(found) > 0.8
    shed = [(mask == 1) & (drawing.mask == 2) for mask, drawing in zip(masks, drawings, strict=True)]
    assert np.sum(shed) < 0.3 * sum((drawing.mask == 2).sum() for drawing in drawings)


@pytest.mark.slow
def test_it_is_as_good_as_it_says_on_other_fields(gastruloid, recipe):
    drawings = list(draw_fields(56, seed=2, size=recipe.SIDE))
    both = np.zeros(2)
    for drawing in drawings:
        mask = gastruloid.segment(drawing.image) == 1
        both += (mask & (drawing.mask == 1)).sum(), (mask | (drawing.mask == 1)).sum()
    assert both[0] / both[1] > gastruloid.record["kept_out"]["fields drawn anew"] - 0.08


@pytest.mark.slow
def test_bodies_are_found_one_by_one_and_hardly_anything_else(gastruloid, recipe):
    """Organoids, of which there are several in a field: what is not sought must not be counted."""
    right = true = found = kept = 0
    for drawing in draw_fields(30, seed=6, size=recipe.SIDE, styles=["organoids in brightfield"]):
        pieces = label(gastruloid.segment(drawing.image) == 1, connectivity=2)
        bodies = label(drawing.mask == 1, connectivity=2)
        right += sum(max((iou(pieces == each, bodies == body) for each in np.unique(pieces[bodies == body]) if each),
                         default=0) > 0.5 for body in range(1, bodies.max() + 1))
        true, found = true + bodies.max(), found + pieces.max()
        kept += label(replace(gastruloid, plan=gastruloid.plan.model_copy(update={"specks": ()})).segment(
            drawing.image) == 1, connectivity=2).max()
    assert 2 * right / (true + found) > 0.7
    assert kept > 1.3 * found


@pytest.mark.slow
def test_what_it_expects_of_masks_is_true_of_nine_of_ten(gastruloid, recipe):
    """Of bodies and of what was shed together, in fields that it has not met."""
    model, within, away = replace(gastruloid, zoom=1.0), [], []
    for drawing in draw_fields(105, seed=9, size=recipe.SIDE):
        mask, expected = model.judged(drawing.image)
        ious = [iou(mask == each, drawing.mask == each) for each in (1, 2)
                if ((mask == each) | (drawing.mask == each)).any()]
        if expected.mean and ious:
            within.append(expected.mean.low <= np.mean(ious) <= expected.mean.high)
            away.append(abs(expected.mean.iou - np.mean(ious)))
    assert 0.82 <= np.mean(within) <= 0.97
    assert np.mean(away) < 0.08


@pytest.mark.slow
def test_few_images_hardly_lead_it_away_from_the_magnification_that_it_has_learned_at(gastruloid, recipe):
    """What it has not seen is drawn as large as what it has."""
    kept = [gastruloid.zoomed([(Image.from_array(drawing.image, "YX"), 0)
                               for drawing in draw_fields(6, seed=seed, size=recipe.SIDE, styles=[style])]).zoom == 1
            for style in STYLES for seed in (30, 31)]
    assert np.mean(kept) >= 0.7
    drawn = [(Image.from_array(drawing.image, "YX"), 0) for drawing in draw_gastruloids(6, movies=6, seed=5)]
    assert gastruloid.zoomed(drawn).zoom == recipe.SIDE / 160


@pytest.mark.slow
def test_it_says_of_few_fields_that_they_are_unlike_what_it_knows_and_of_more_other_things(tmp_path, recipe):
    others = (draw_specimen(kind, 4, number, recipe.SIDE) for number, kind in enumerate([*KINDS] * 4))
    for name, drawings in (("fields", draw_fields(70, seed=4, size=recipe.SIDE)), ("others", others)):
        save_drawings((replace(each, image=grey(each.image), axes="YX") for each in drawings), tmp_path / name)
    fields, others = (unlike(tmp_path / name / "images", tmp_path) for name in ("fields", "others"))
    assert fields[0] == fields[1] <= 0.1
    assert others[0] >= 2.5 * fields[0]
    assert others[1] == 1


@pytest.mark.slow
def test_it_says_of_all_that_are_no_aggregates_that_they_are_unlike_what_it_knows_and_of_no_spheroid(
    tmp_path, real_data
):
    """Of most nuclei one by one, of micrographs as a set."""
    for name, alone in (("nuclei", 0.8), ("nuclei_stained", 0.9), ("blood_cells", 0.95), ("em_membrane", 0)):
        by_itself, at_all = unlike(real_data / name / "images", tmp_path)
        assert by_itself >= alone, name
        assert at_all == 1, name
    assert unlike(real_data / "spheroids" / "images", tmp_path) == (0, 0)


@pytest.mark.slow
def test_the_magnification_does_not_matter(gastruloid):
    [drawing] = draw_gastruloids(1, movies=1, seed=3)
    plain = gastruloid.segment(drawing.image) == 1
    assert iou(plain, drawing.mask == 1) > 0.9
    for factor in (2, 5):
        side = 160 * factor
        large = np.rint(255 * resize(drawing.image, (side, side), order=1)).astype(np.uint8)
        mask = gastruloid.segment(large) == 1
        assert iou(mask, np.kron(drawing.mask == 1, np.ones((factor, factor), bool))) > 0.9


def test_one_engine_tries_all_magnifications(monkeypatch):
    """It takes as long to make as many frames do to segment."""
    made = []
    engine = model.Engine
    monkeypatch.setattr(model, "Engine", lambda *given, **options: made.append(given) or engine(*given, **options))
    [drawing] = draw_gastruloids(1, movies=1, seed=3)
    fresh = Model.load("gastruloid")
    made.clear()  # what loading tests itself with
    fresh.segment(drawing.image)
    assert len(made) == 1
