"""A network that has learned from drawn gastruloids, mistakes included, lists the mistakes and says what they are."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import dataclass
from html import escape
from pathlib import Path

import numpy as np
import pytest
import tifffile

import morula
from morula.drawings.drawn import save_drawings
from morula.drawings.synthetic import draw_gastruloids
from morula.errors import DataError, ModelError, OutputError, RequestError
from morula.jobs.tasks import second_look_of
from morula.models.model import Model
from morula.objects.tables import Table, read_table
from morula.projects.project import Project
from morula.proofreading import spare_time
from morula.proofreading.by_heart import BY_HEART
from morula.workflows.proofreading import Proofread
from morula.workflows.training import Training

COUNT, SIZE, STEPS = 24, 80, 100
MISTAKES = {4: "shifted", 11: "narrower", 17: "of another", 23: "left out"}


@dataclass(frozen=True)
class Annotated:
    """Drawn images with their masks, some of which are wrong, and what was right."""

    folder: Path
    truth: dict[str, np.ndarray]
    wrong: dict[str, str]
    model: Path
    training: Training

    def look(self, **asked) -> Proofread:
        return morula.proofread(self.folder / "images", self.folder / "masks", self.model, **asked)


@pytest.fixture(scope="module")
def annotated(tmp_path_factory) -> Annotated:
    folder = tmp_path_factory.mktemp("drawn")
    drawings = list(draw_gastruloids(COUNT, movies=COUNT, size=SIZE))
    save_drawings(drawings, folder)
    truth, names = {each.name: each.mask for each in drawings}, [each.name for each in drawings]
    spoiled = {
        "shifted": np.roll(truth[names[4]], (-5, 7), (0, 1)),
        "narrower": np.where(distance(truth[names[11]]) > 5, truth[names[11]], 0),
        "of another": truth[names[18]],
        "left out": np.zeros_like(truth[names[23]]),
    }
    for place, kind in MISTAKES.items():
        tifffile.imwrite(folder / "masks" / f"{names[place]}.tif", spoiled[kind].astype(np.uint8))
    model = folder / "model.safetensors"
    with pytest.MonkeyPatch.context() as patched:  # the time of so few steps is too short for a second look
        patched.setattr(spare_time, "SPARED", 10.0)
        training = morula.train(folder / "images", folder / "masks", model, steps=STEPS, quick=True, patch=64, batch=4)
    return Annotated(folder, truth, {names[place]: kind for place, kind in MISTAKES.items()}, model, training)


def distance(mask: np.ndarray) -> np.ndarray:
    """How far each pixel lies from the background, one ring after the other."""
    inside, found = mask > 0, np.zeros(mask.shape, int)
    while inside.any():
        found += inside
        grown = np.pad(inside, 1)
        inside = grown[1:-1, 1:-1] & grown[:-2, 1:-1] & grown[2:, 1:-1] & grown[1:-1, :-2] & grown[1:-1, 2:]
    return found


def iou(one: np.ndarray, other: np.ndarray) -> float:
    return np.count_nonzero((one > 0) & (other > 0)) / np.count_nonzero((one > 0) | (other > 0))


@pytest.mark.slow
def test_mistakes_are_listed_in_words_and_hardly_anything_else(annotated):
    found = annotated.look()
    said = {frame.name: verdict for frame, verdict in zip(found.frames, found.verdicts, strict=True)}
    assert set(annotated.wrong) <= set(said)
    assert len(said) <= len(annotated.wrong) + 1
    kinds = {name: said[name].kind for name in annotated.wrong}
    assert sum(kinds[name] == kind for name, kind in annotated.wrong.items()) >= 3
    [shifted] = [name for name, kind in annotated.wrong.items() if kind == "shifted"]
    assert re.fullmatch("lies [678] px to the right and [456] px too high", said[shifted].words)
    assert found.wrong == pytest.approx(len(annotated.wrong), abs=2)
    assert (found.of, found.learned) == (COUNT, COUNT - 2)  # a tenth was held out
    assert found.found["of another"] > 0.8


@pytest.mark.slow
def test_the_studio_is_told_the_images_of_those_that_its_training_lists(annotated):
    project = Project(annotated.folder)
    stems = {source.id: source.path.stem for source in project.sources()}
    second, told = annotated.training.second_look, second_look_of(project, annotated.training)
    assert second
    assert told
    assert told["words"] in second.sentences
    assert told["words"].startswith(f"{len(second.frames)} of {COUNT} annotations deserve a second look")
    assert [stems[each["id"]] for each in told["frames"]] == [frame.name for frame in second.frames]
    assert set(annotated.wrong) <= {stems[each["id"]] for each in told["frames"]}
    assert [each["reason"] for each in told["frames"]] == [verdict.words for verdict in second.verdicts]


@pytest.mark.slow
def test_table_sheet_and_corrections_are_written_and_no_mask_is_touched(annotated, tmp_path):
    before = {path: path.read_bytes() for path in (annotated.folder / "masks").iterdir()}
    found = annotated.look(table=tmp_path / "all.csv", sheet=tmp_path / "sheet.png", corrections=tmp_path / "mended")
    assert {path: path.read_bytes() for path in before} == before
    rows = read_table(tmp_path / "all.csv")
    assert len(rows["image"]) == COUNT
    assert rows["wrong"] == sorted(rows["wrong"], reverse=True)
    listed = [name for name, is_listed in zip(rows["mask"], rows["listed"], strict=True) if is_listed == "yes"]
    assert listed == [f"{frame.name}.tif" for frame in found.frames]
    assert sorted(path.name for path in (tmp_path / "mended").iterdir()) == sorted(listed)
    for name in annotated.wrong:
        drawn, mended = (tifffile.imread(folder / f"{name}.tif") for folder in
                         (annotated.folder / "masks", tmp_path / "mended"))
        assert iou(mended, annotated.truth[name]) > max(0.8, iou(drawn, annotated.truth[name]))
    assert (tmp_path / "sheet.png").read_bytes().startswith(b"\x89PNG")
    with pytest.raises(OutputError, match="--corrections"):
        annotated.look(corrections=tmp_path / "mended")


def test_who_stops_the_second_look_of_a_training_has_its_model_already(annotated, tmp_path, monkeypatch):
    monkeypatch.setattr(spare_time, "SPARED", 1000.0)
    images, masks, model = annotated.folder / "images", annotated.folder / "masks", tmp_path / "model.safetensors"

    def stop(done: int, of: int, words: str) -> None:
        if words.startswith("looking again") and done == 3:
            raise KeyboardInterrupt

    asked = {"steps": 12, "quick": True, "patch": 64, "batch": 4}
    with pytest.raises(KeyboardInterrupt):
        morula.train(images, masks, model, progress=stop, **asked)
    kept = Model.load(model)
    assert kept.record["steps_done"] == 12
    assert "second_look" not in kept.record
    again = morula.train(images, masks, model, resume=True, **asked)
    assert again.model.record["second_look"]["of"] == COUNT
    assert all((value == kept.network.state_dict()[name]).all()
               for name, value in again.model.network.state_dict().items())


@pytest.mark.slow
def test_a_training_lists_the_same_by_itself_and_the_model_its_log_and_its_report_tell_it(annotated, tmp_path):
    training, looked = annotated.training, annotated.look()
    second = training.second_look
    assert {frame.name for frame in second.frames} == {frame.name for frame in looked.frames}
    assert (second.of, second.learned, second.left) == (COUNT, COUNT - 2, 0)
    assert training.seconds["second look"] > 0
    kept = Model.load(training.path).record
    assert kept["second_look"] == second.record
    assert kept["parts"]["second look"] == round(training.seconds["second look"], 2)
    lines = [json.loads(line) for line in training.log.read_text().splitlines()]
    assert lines[-1] == {"event": "second look", **second.record}
    morula.report(training.path, tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    for frame, verdict in zip(second.frames, second.verdicts, strict=True):
        assert escape(f"{frame.name}: {verdict.words}") in page
    assert dict(morula.info(training.path))["second look"] == second.sentences[0]
    assert training.more_looks.startswith(f"morula check IMAGES MASKS --model {training.path} --sheet")


@pytest.mark.slow
def test_a_training_has_no_time_for_more_than_a_tenth_and_says_where_the_list_is_to_be_had(annotated, tmp_path):
    few = morula.train(annotated.folder / "images", annotated.folder / "masks", tmp_path / "m.safetensors", steps=3)
    assert few.second_look is None
    assert "second_look" not in few.model.record
    assert f"morula check IMAGES MASKS --model {few.path} lists them" in few.more_looks


def grown(mask: np.ndarray, by: int) -> np.ndarray:
    """With all pixels that lie no farther away than so many."""
    wide, around = np.pad(mask, by), range(-by, by + 1)
    moved = [np.roll(wide, (down, right), (0, 1)) for down in around for right in around if down**2 + right**2 <= by**2]
    return np.max(moved, axis=0)[by:-by, by:-by]


@pytest.mark.slow
def test_who_draws_two_pixels_wider_is_told_by_names_of_masks_and_by_a_table(annotated, tmp_path):
    by = {name: "ben" if place % 2 else "anna" for place, name in enumerate(annotated.truth)}
    images = tmp_path / "images"
    images.mkdir()
    for name, who in by.items():
        shutil.copy(annotated.folder / "images" / f"{name}.tif", images / f"{name}_{who}.tif")
    for wider in (2, 0):
        masks = tmp_path / f"{wider} wider"
        masks.mkdir()
        for name, drawn in annotated.truth.items():
            mask = grown(drawn, wider) if by[name] == "ben" and wider else drawn
            tifffile.imwrite(masks / f"{name}_{by[name]}.tif", mask.astype(np.uint8))
        found = morula.proofread(images, masks, annotated.model, annotators="{what}_{annotator}")
        [hand] = found.handwriting.hands
        assert hand.systematic == (wider == 2)
        if wider:
            assert (hand.name, hand.others, hand.masks) == ("ben", ("anna",), COUNT // 2)
            assert hand.wider == pytest.approx(2, abs=0.6)
            assert f"ben draws wider than anna by {hand.wider:.1f} px" in found.sentences[-2]
            assert f"; {10 * hand.wider:.2g} µm)" in found.sentences[-2]
    table = tmp_path / "who.csv"
    table.write_text("file,annotator\n" + "".join(f"{name}_{who},{who}\n" for name, who in by.items()))
    assert morula.proofread(images, masks, annotated.model, annotators=str(table)).handwriting.hands[0].wider == (
        pytest.approx(hand.wider))


@pytest.mark.parametrize(("learned", "shown", "words"), [
    (0, 300, "No network judged what it had learned from."),
    (9, 0, "which may have got used"),
    (9, 0.3, "shown about 1 time: some of what is wrong in them may have been learned"),
    (9, BY_HEART + 1, f"shown about {BY_HEART + 1} times: so often that many mistakes in them are learned by heart"),
])
def test_a_list_says_what_the_networks_knew_of_the_masks(learned, shown, words):
    said = Proofread((), (), 10, learned, {}, Table({}, ()), shown=shown).sentences
    assert words in said[-1]
    assert "looked at" not in said[0]
    some = Proofread((), (), 10, learned, {}, Table({}, ()), left=90, shown=shown).sentences
    assert some[0] == "10 of 100 annotations were looked at, first those that took no part in learning."


@pytest.mark.slow
class TestRefused:
    def test_three_images(self, annotated, tmp_path):
        for kind in ("images", "masks"):
            (tmp_path / kind).mkdir()
            for path in sorted((annotated.folder / kind).iterdir())[:3]:
                shutil.copy(path, tmp_path / kind)
        with pytest.raises(RequestError, match="There are 3 annotations, and what is wrong is told from what is usual "
                                               "among at least 10"):
            morula.proofread(tmp_path / "images", tmp_path / "masks", annotated.model)

    def test_masks_of_other_classes(self, annotated, tmp_path):
        for name, mask in annotated.truth.items():
            mask = mask.copy()
            mask[:10, :10] = 2
            (tmp_path / "masks").mkdir(exist_ok=True)
            tifffile.imwrite(tmp_path / "masks" / f"{name}.tif", mask)
        with pytest.raises(RequestError, match=r"The model knows 1 class \(foreground\), and the masks hold 2 classes"):
            morula.proofread(annotated.folder / "images", tmp_path / "masks", annotated.model)

    def test_images_of_other_channels(self, annotated, tmp_path):
        (tmp_path / "images").mkdir()
        for path in (annotated.folder / "images").iterdir():
            grey = tifffile.imread(path)
            tifffile.imwrite(tmp_path / "images" / path.name, np.stack([grey, grey // 2]), imagej=True,
                             metadata={"axes": "CYX"})
        with pytest.raises(ModelError, match="the model expects the channels grey"):
            morula.proofread(tmp_path / "images", annotated.folder / "masks", annotated.model)

    def test_data_with_errors(self, annotated, tmp_path):
        shutil.copytree(annotated.folder / "images", tmp_path / "images")
        first = sorted((tmp_path / "images").iterdir())[0]
        first.write_bytes(first.read_bytes()[:100])
        with pytest.raises(DataError, match=first.name):
            morula.proofread(tmp_path / "images", annotated.folder / "masks", annotated.model)

    def test_a_sheet_that_is_no_picture_is_refused_before_anything_is_looked_at(self, annotated, tmp_path):
        with pytest.raises(RequestError, match="what kind of picture"):
            morula.proofread(tmp_path / "nothing", None, annotated.model, sheet=tmp_path / "sheet.csv")
