"""Which mistakes in annotations a second look finds, and how many good annotations it lists.

    python benchmarks/second_look.py DATA [SET ...] [--steps 250] [--seed 0] [--folds 1] --out second_look

DATA holds a folder for each SET, with `images` and `masks` in it. In a tenth of the annotations of a set a mistake is
planted: shifts by 2 to 10 pixels, an object left out, one added, drawn too wide or too narrow by 2 to 5 pixels, classes
swapped, the mask of another image, mirrored or turned. A network learns a few steps from all of it, mistakes included;
with several folds, one from all but each. Then all are looked at, and what is listed is compared with what was planted.
What was measured stands in `second_look.jsonl`; begun again, only what is missing is made.
"""

from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path

import numpy as np
import tifffile

import morula
from morula.models.model import Model
from morula.proofreading.slips import SLIPS, Given, slipped
from morula.trust.memory import frame_digest

SETS = ("nuclei", "nuclei_stained", "blood_cells", "em_membrane")
PLANTED = 0.1
"""Share of the annotations with a mistake."""
FEWEST = 4
"""Mistakes in a set at least."""
COSTLY = 0.1
"""IoU that a mistake costs at least for it to count as one that must be found."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("sets", nargs="*", default=SETS)
    parser.add_argument("--steps", type=int, default=250)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--folds", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path("second_look"))
    asked = parser.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    table = asked.out / "second_look.jsonl"
    for name in asked.sets:
        key = {"set": name, "steps": asked.steps, "seed": asked.seed, "folds": asked.folds}
        if not any(key.items() <= row.items() for row in rows_of(table)):
            row = key | measured(asked.data / name, asked.out / f"{name}_{asked.seed}", asked.steps, asked.folds,
                                 asked.seed)
            with table.open("a") as file:
                file.write(json.dumps(row) + "\n")
    print(summary(rows_of(table)))


def rows_of(table: Path) -> list[dict]:
    return [json.loads(line) for line in table.read_text().splitlines()] if table.exists() else []


def planted(data: Path, out: Path, seed: int) -> dict[str, dict]:
    """Images and masks in `out`, a tenth of these with mistakes, and what these are, by the name of the image."""
    told = out / "planted.json"
    if told.exists():
        return json.loads(told.read_text())
    shutil.rmtree(out, ignore_errors=True)
    (out / "masks").mkdir(parents=True)
    inspection = morula.check(data / "images", data / "masks")
    reading = inspection.reading
    assert reading is not None
    # The picture that is there twice, with two masks, would not be learned from if one of these had a mistake.
    frames = list({frame_digest(frame.pair.image, frame.index): frame for frame in inspection.frames}.values())
    classes = [reading.class_numbers(frame.pair.mask.frame(frame.index)) for frame in frames]
    rng = np.random.default_rng(seed)
    kinds = rng.permutation([kind for kind in SLIPS if kind != "swapped" or reading.classes > 1]).tolist()
    chosen = rng.permutation(len(frames))[: max(FEWEST, round(PLANTED * len(frames)))].tolist()
    mistakes = {}
    for turn, place in enumerate(chosen):
        alike = [other for other, each in enumerate(classes) if each.shape == classes[place].shape and other != place]
        other = classes[rng.choice(alike)] if alike else None
        for kind in (kinds[turn % len(kinds)], *rng.permutation(kinds).tolist()):
            made = slipped(kind, Given(classes[place], other, rng))
            if made is not None:
                mistakes[frames[place].name] = {"kind": kind, "cost": 1 - iou(made, classes[place])}
                classes[place] = made
                break
    for frame, each in zip(frames, classes, strict=True):
        tifffile.imwrite(out / "masks" / f"{frame.name}.tif", each, compression="zlib")
    told.write_text(json.dumps(mistakes, indent=1))
    return mistakes


def trained(data: Path, out: Path, steps: int, folds: int, seed: int) -> list[Path]:
    """The files of networks that learned a few steps from all, or with several folds from all but each."""
    masks = {path.stem: path for path in (out / "masks").iterdir()}
    images = images_of(data, out)
    parts = np.array_split(np.random.default_rng(seed).permutation(len(images)), folds) if folds > 1 else [np.array([])]
    models = []
    for number, part in enumerate(parts):
        file = out / f"model_{steps}_{number}_of_{folds}.safetensors"
        if not file.exists():
            learned = [image for place, image in enumerate(images) if place not in part]
            morula.train(learned, [masks[image.stem] for image in learned], file, steps=steps, quick=True, seed=seed)
        models.append(file)
    return models


def measured(data: Path, out: Path, steps: int, folds: int, seed: int) -> dict[str, object]:
    """What is listed of what was planted, and of what was not."""
    mistakes = planted(data, out, seed)
    models = trained(data, out, steps, folds, seed)
    images, masks = images_of(data, out), sorted((out / "masks").iterdir())
    proofs = morula.proofread(images, masks, models, table=out / f"second_look_{steps}_{folds}.csv")
    said = {frame.name: verdict for frame, verdict in zip(proofs.frames, proofs.verdicts, strict=True)}
    costly = [name for name, mistake in mistakes.items() if mistake["cost"] > COSTLY]
    held = {name for model in models for name in Model.load(model).record["validation_frames"]}
    right = sum(said[name].kind == mistakes[name]["kind"] for name in mistakes if name in said)
    return {
        "annotations": proofs.of, "costly": len(costly), "costly_listed": sum(name in said for name in costly),
        "others": len(mistakes) - len(costly),
        "others_listed": sum(name in said for name in mistakes if name not in costly),
        "untouched": proofs.of - len(mistakes), "untouched_listed": sum(name not in mistakes for name in said),
        "held_costly": len(held & set(costly)), "held_costly_listed": len(held & set(costly) & set(said)),
        "held_untouched": len(held - set(mistakes)), "held_untouched_listed": len((held & set(said)) - set(mistakes)),
        "shown": round(proofs.shown), "told_rightly": right, "probably_wrong": round(proofs.wrong, 1),
        "not_planted": [[name, verdict.words] for name, verdict in said.items() if name not in mistakes],
        "missed": [[name, mistakes[name]["kind"], round(mistakes[name]["cost"], 2)] for name in mistakes
                   if name not in said],
    }


def summary(rows: list[dict]) -> str:
    """A row for each set and way to train, over all seeds."""
    lines = ["| set | steps | networks | annotations | costly mistakes | listed | others | listed | untouched | "
             "listed | told rightly | wrong as said |", f"|{' --- |' * 12}"]
    for name, steps, folds in dict.fromkeys((row["set"], row["steps"], row["folds"]) for row in rows):
        alike = [row for row in rows if (row["set"], row["steps"], row["folds"]) == (name, steps, folds)]
        total = {key: sum(row[key] for row in alike) for key in alike[0] if isinstance(alike[0][key], int | float)}
        found = total["costly_listed"] + total["others_listed"]
        listed = found + total["untouched_listed"]
        lines.append(
            f"| {name} | {steps} | {folds} | {len(alike)} × {alike[0]['annotations']} | {total['costly']} | "
            f"{share(total['costly_listed'], total['costly'])} | {total['others']} | "
            f"{share(total['others_listed'], total['others'])} | {total['untouched']} | "
            f"{share(total['untouched_listed'], total['untouched'])} | {share(total['told_rightly'], found)} | "
            f"{total['probably_wrong']:.0f} of {listed}, {found} planted |")
    return "\n".join(lines)


def share(some: int, of: int) -> str:
    return f"{some} ({some / of:.0%})" if of else "–"


def images_of(data: Path, out: Path) -> list[Path]:
    """The images that have a mask in `out`."""
    names = {path.stem for path in (out / "masks").iterdir()}
    return sorted(path for path in (data / "images").iterdir() if path.stem in names)


def iou(one: np.ndarray, other: np.ndarray) -> float:
    """Of all classes together."""
    either = np.count_nonzero((one > 0) | (other > 0))
    return np.count_nonzero((one == other) & (one > 0)) / max(1, either)


if __name__ == "__main__":
    main()
