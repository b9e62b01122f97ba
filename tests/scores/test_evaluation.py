"""Whatever two people stored their masks as, what is compared is what they mean; and nothing goes missing unsaid."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tifffile
from sklearn.metrics import jaccard_score

from morula.errors import RequestError
from morula.scores.comparison_settings import ComparisonSettings
from morula.scores.evaluation import evaluate_files

SHAPE = (30, 40)


def blobs(seed: int, classes: int = 2) -> np.ndarray:
    """Class numbers in blocks, so that no class is one piece."""
    small = np.random.default_rng(seed).integers(0, classes + 1, (6, 8))
    return np.kron(small, np.ones((5, 5), int)).astype(np.uint8)


def save(folder: Path, masks: dict[str, np.ndarray], **options) -> list[Path]:
    folder.mkdir(exist_ok=True)
    for name, mask in masks.items():
        tifffile.imwrite(folder / f"{name}.tif", mask, **options)
    return sorted(folder.iterdir())


STORED = {
    "class numbers": lambda mask: mask,
    "grey codes": lambda mask: np.array([0, 100, 250], np.uint8)[mask],
    "16 bits": lambda mask: mask.astype(np.uint16),
    "floats": lambda mask: mask.astype(np.float32),
}


@pytest.mark.parametrize("truth_form", STORED)
@pytest.mark.parametrize("predicted_form", STORED)
def test_scores_do_not_depend_on_how_masks_are_stored(tmp_path, truth_form, predicted_form):
    truth, predicted = {"a": blobs(0), "b": blobs(1)}, {"a": blobs(2), "b": blobs(3)}
    evaluation = evaluate_files(
        save(tmp_path / "p", {name: STORED[predicted_form](mask) for name, mask in predicted.items()}),
        save(tmp_path / "t", {name: STORED[truth_form](mask) for name, mask in truth.items()}),
        ComparisonSettings(),
    )
    pairs = [(truth[name].ravel(), predicted[name].ravel()) for name in truth]
    expected = np.mean([jaccard_score(t, p, labels=[0, 1, 2], average=None) for t, p in pairs], axis=0)
    np.testing.assert_allclose([scores.iou for scores in evaluation.scores.classes], expected)
    assert not evaluation.failed


def test_a_background_other_than_0_is_no_object(tmp_path):
    mask = np.full(SHAPE, 100, np.uint8)
    mask[5:15, 5:15] = 200
    files = save(tmp_path / "p", {"a": mask}), save(tmp_path / "t", {"a": mask})
    objects = evaluate_files(*files, ComparisonSettings(objects=True)).objects
    assert objects is not None
    assert (objects.true, objects.predicted) == (1, 1)


def test_the_masks_of_each_frame_are_given_again(tmp_path):
    truth, predicted = np.stack([blobs(0), blobs(1)]), np.stack([blobs(2), blobs(3)])
    evaluation = evaluate_files(
        save(tmp_path / "p", {"movie": predicted}), save(tmp_path / "t", {"movie": truth}), ComparisonSettings()
    )
    assert [frame.name for frame in evaluation.frames] == ["movie[0]", "movie[1]"]
    for index, frame in enumerate(evaluation.frames):
        masks = frame.class_numbers(evaluation.truth_reading, evaluation.predicted_reading)
        np.testing.assert_array_equal(masks, [truth[index], predicted[index]])


def test_distances_are_in_micrometres_where_the_pixel_size_is_known(tmp_path):
    truth, predicted = np.zeros((2, *SHAPE), np.uint8)
    truth[10:20, 10:20] = predicted[10:20, 13:23] = 1
    files = save(tmp_path / "p", {"a": predicted}), save(tmp_path / "t", {"a": truth})
    in_pixels, given = (evaluate_files(*files, ComparisonSettings(pixel_size=size)) for size in (None, 0.5))
    assert (in_pixels.scores.unit, given.scores.unit) == ("px", "µm")
    assert given.scores.classes[1].boundary_mean == pytest.approx(in_pixels.scores.classes[1].boundary_mean / 2)
    metadata = {"axes": "YX", "PhysicalSizeX": 0.5, "PhysicalSizeY": 0.5}
    tifffile.imwrite(tmp_path / "t" / "a.ome.tif", truth, metadata=metadata)
    stored = evaluate_files(files[0], [tmp_path / "t" / "a.ome.tif"], ComparisonSettings())
    assert stored.scores.record()["classes"] == given.scores.record()["classes"]


def test_many_failures_do_not_flood_and_are_all_kept(tmp_path):
    names = [f"cell_{number:03d}" for number in range(40)]
    truth = save(tmp_path / "t", dict.fromkeys(names, blobs(0)))
    predicted = save(tmp_path / "p", dict.fromkeys(names, blobs(1)))
    for path in predicted[:12]:
        path.write_bytes(path.read_bytes()[:50])
    evaluation = evaluate_files(predicted[:30], truth, ComparisonSettings())
    assert len(evaluation.scores.images) == 18
    assert len(evaluation.missing) == len(set(evaluation.missing)) == 22
    assert len(evaluation.findings) < 15
    assert evaluation.record()["missing"] == [str(path) for path in evaluation.missing]


def test_axes_that_the_files_do_not_say_can_be_told(tmp_path):
    masks = np.stack([np.stack([blobs(seed + level) for level in range(3)]) for seed in (0, 10)])
    for folder, array in (("p", masks), ("t", masks[:, ::-1])):
        (tmp_path / folder).mkdir()
        np.save(tmp_path / folder / "a.npy", array)
    files = [[tmp_path / folder / "a.npy"] for folder in ("p", "t")]
    evaluation = evaluate_files(*files, ComparisonSettings(axes="TZYX"))
    assert [frame.name for frame in evaluation.frames] == ["a[0]", "a[1]"]
    assert [frame.truth.space for frame in evaluation.frames] == [(3, *SHAPE)] * 2
    assert evaluation.scores.pixel_accuracy == pytest.approx(np.mean(masks == masks[:, ::-1]))


def test_names_without_a_pair_are_refused(tmp_path):
    with pytest.raises(RequestError, match=r"x\.tif.*a\.tif.*by name"):
        evaluate_files(
            save(tmp_path / "p", {"x": blobs(0), "y": blobs(0)}),
            save(tmp_path / "t", {"a": blobs(0), "b": blobs(0)}),
            ComparisonSettings(),
        )


def test_masks_are_not_compared_with_themselves(tmp_path):
    files = save(tmp_path / "p", {"a": blobs(0), "b": blobs(1)})
    with pytest.raises(RequestError, match=r"predicted masks and the true masks are the same files \(a\.tif"):
        evaluate_files(files, files, ComparisonSettings())


class TestToldApart:
    """Which pixels are of different objects, for a picture of both sides."""

    labels = np.kron(np.arange(24).reshape(4, 6), np.ones((7, 6), int))  # 23 objects that touch

    def told_apart(self, folder: Path, truth: np.ndarray, predicted: np.ndarray, **settings):
        folder.mkdir(exist_ok=True)
        evaluation = evaluate_files(save(folder / "p", {"a": predicted}), save(folder / "t", {"a": truth}),
                                    ComparisonSettings(**settings))
        [frame] = evaluation.frames
        return evaluation.told_apart(frame)

    def assert_same_objects(self, found: np.ndarray, labels: np.ndarray) -> None:
        pairs = np.unique(np.stack([found.ravel(), labels.ravel()]), axis=1)
        assert pairs.shape[1] == len(np.unique(labels)) == len(np.unique(found))
        assert ((pairs[0] == 0) == (pairs[1] == 0)).all()

    @pytest.mark.parametrize("settings", [{}, {"objects": True}, {"read_truth_as": "objects"}])
    def test_label_images_keep_their_objects_apart(self, tmp_path, settings):
        truth, predicted = 3 * self.labels, 1000 * self.labels
        found = self.told_apart(tmp_path, truth.astype(np.uint16), predicted.astype(np.uint32), **settings)
        for side in found:
            self.assert_same_objects(side, self.labels)

    def test_masks_part_nothing_and_are_compared_where_objects_are_counted(self, tmp_path):
        mask = (self.labels > 0).astype(np.uint8)
        assert self.told_apart(tmp_path / "1", self.labels.astype(np.uint8), mask) is None
        true, found = self.told_apart(tmp_path / "2", self.labels.astype(np.uint8), mask, objects=True)
        self.assert_same_objects(true, self.labels)
        self.assert_same_objects(found, mask)

    def test_classes_are_apart_without_numbers(self, tmp_path):
        assert self.told_apart(tmp_path, blobs(0), blobs(1), objects=True) is None


def test_an_evaluation_says_itself_shortly(tmp_path):
    truth, predicted = (save(tmp_path / name, {"a": blobs(seed)}) for name, seed in (("true", 0), ("predicted", 1)))
    evaluation = evaluate_files(predicted, truth, ComparisonSettings(objects=True))
    lines = repr(evaluation).splitlines()
    assert lines[0] == "Evaluation"
    assert f"{evaluation.scores.foreground_iou:.4f}" in repr(evaluation)
    assert f"{evaluation.objects.panoptic_quality:.4f}" in repr(evaluation)
    assert len(lines) < 12
