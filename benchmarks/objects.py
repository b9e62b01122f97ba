"""What `--objects` is worth on images that took no part in the training: objects that touch, told apart or not.

    python benchmarks/objects.py DATA [SET ...] --minutes 2 --out objects

DATA holds the folders `nuclei` and `nuclei_movie`. Of nuclei a fifth is held out; of the movie, the first frames train
and all later ones are followed. Two models are trained on the same label images in the same time, with `--objects` and
without; the connected pieces of the second one's masks are its objects. Run it on a machine that does nothing else.
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

from held_out import hold_out

import morula
from morula.scores.matching import ObjectScores
from morula.scores.track_scores import score_tracks
from morula.tracks.challenge import read_tracked

WAYS = {"connected pieces": False, "--objects": True}
FIRST = 15
"""Frames of the movie that train."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("sets", nargs="*", default=list(SETS))
    parser.add_argument("--minutes", type=float, default=2)
    parser.add_argument("--out", type=Path, default=Path("objects"))
    options = parser.parse_args()
    for name in options.sets:
        columns, measured = SETS[name]
        print(f"\n| {name} | {' | '.join(columns)} |\n|{' --- |' * (len(columns) + 1)}")
        for way, objects in WAYS.items():
            numbers = measured(options.data / name, options.out / name, objects, options.minutes)
            print(f"| {way} | {' | '.join(f'{number:.3f}' for number in numbers)} |", flush=True)


def nuclei(data: Path, out: Path, objects: bool, minutes: float) -> tuple[float, ...]:
    """Single pictures, a fifth of them held out."""
    if not out.exists():
        hold_out(data, out)
        for mask in out.glob("*/masks/*"):
            shutil.copy(data / "labels" / mask.name, mask)
    predicted = segmented(out, objects, minutes)
    found = morula.evaluate(predicted, out / "new/masks", objects=True, read_truth_as="objects",
                            read_predicted_as="objects" if objects else "classes")
    each = [f1 for scores in found.object_scores if (f1 := scores.f1()) is not None]
    return (*shares(found.objects), sum(each) / len(each))


def nuclei_movie(data: Path, out: Path, objects: bool, minutes: float) -> tuple[float, ...]:
    """A movie, of which the first frames train and all others are segmented and followed."""
    if not out.exists():
        for kind, source, name in (("images", "01", "t"), ("masks", "01_GT/SEG", "man_seg")):
            for number, file in enumerate(sorted((data / source).glob("*.tif"))):
                folder = out / ("known" if number < FIRST else "new") / kind
                folder.mkdir(parents=True, exist_ok=True)
                shutil.copy(file, folder / file.name.replace(name, "t"))
    predicted = segmented(out, objects, minutes)
    tracked = out / f"{predicted.name} and tracked"
    morula.track(predicted, tracked, challenge=True, overwrite=True, read_masks_as="objects" if objects else "classes")
    scores = score_tracks(read_tracked(data / "01_GT"), read_tracked(tracked))
    found = morula.evaluate(predicted, out / "new/masks", objects=True, read_truth_as="objects",
                            read_predicted_as="objects" if objects else "classes")
    return (*shares(found.objects), scores.seg, scores.det, scores.tra)


def segmented(out: Path, objects: bool, minutes: float) -> Path:
    """Train on what is known and segment what is new; returns the folder of the masks."""
    name = "separated" if objects else "connected"
    model = out / f"{name}.safetensors"
    training = morula.train(out / "known/images", out / "known/masks", model, minutes=minutes, objects=objects,
                            read_masks_as="objects", overwrite=True)
    morula.segment(training.model, out / "new/images", out / name, overwrite=True)
    return out / name


def shares(scores: ObjectScores | None) -> tuple[float, ...]:
    """Of all objects together: F1 at IoU 0.5, average precision over IoU 0.5 to 0.95, panoptic quality."""
    assert scores is not None  # since they were asked for
    return scores.f1() or 0.0, scores.mean_average_precision or 0.0, scores.panoptic_quality or 0.0


OBJECTS = ("F1", "average precision", "panoptic quality")
SETS = {"nuclei": ((*OBJECTS, "F1, mean of images"), nuclei),
        "nuclei_movie": ((*OBJECTS, "SEG", "DET", "TRA"), nuclei_movie)}

if __name__ == "__main__":
    main()
