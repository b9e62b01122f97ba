"""Whether models know how good their masks are under another stain, light or magnification, without having seen any.

    python benchmarks/shifts.py DATA [SET ...] [--minutes 5 | --steps 400] --out shifts

DATA holds a folder for each SET, with `images` and `masks` in it. Of each set a fifth is held out, as `held_out.py`
does it, and the rest is trained on. The held-out images are then stained, lit and magnified in twenty other ways, and
segmented as what they seem to be: nobody says at which magnification they are. A row for each way says how good the
masks are and what was expected of them, and the last of each set what that comes to. Where `--out` holds a model
already, it is used as it is.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import tifffile
from held_out import add_budget, budget_of, hold_out
from PIL import Image as Picture
from quality import GOOD, Met, met
from scipy import ndimage
from scipy.stats import spearmanr
from skimage.transform import resize

import morula
from morula.models.model import Model

SETS = ("blood_cells", "nuclei", "nuclei_stained", "em_membrane", "spheroids")
VARIED = 0.05
"""Where true IoUs differ by less than this deviation, their order means little."""

Frame = tuple[np.ndarray, np.ndarray]
"""An image `(y, x, channels)` from 0 to 1, and its mask."""
Shift = Callable[[np.ndarray, np.ndarray], Frame]


def stained(seed: int, strength: float) -> Shift:
    """Other dyes: what light they take from each channel is mixed, and the ground is tinted; of one channel a gamma."""
    rng = np.random.default_rng(seed)
    mixed = np.eye(3) + strength / 2 * rng.standard_normal((3, 3))
    dense, ground = np.exp(strength / 4 * rng.standard_normal(3)), rng.uniform(0.75, 1, 3)
    gamma = np.exp(strength * rng.standard_normal())

    def shift(image: np.ndarray, mask: np.ndarray) -> Frame:
        if image.shape[2] == 1:
            return image**gamma, mask
        taken = -np.log(image + 1 / 256) @ mixed.T
        return ground * np.exp(-np.maximum(taken, 0) * dense), mask

    return shift


def magnified(factor: float) -> Shift:
    def shift(image: np.ndarray, mask: np.ndarray) -> Frame:
        size = tuple(max(16, round(side * factor)) for side in mask.shape)
        return resize(image, size, 1, anti_aliasing=factor < 1), resize(mask, size, 0, preserve_range=True,
                                                                       anti_aliasing=False).astype(mask.dtype)

    return shift


def blurred(width: float) -> Shift:
    return lambda image, mask: (ndimage.gaussian_filter(image, (width, width, 0)), mask)


def sharpened(strength: float) -> Shift:
    return lambda image, mask: (image + strength * (image - ndimage.gaussian_filter(image, (1.5, 1.5, 0))), mask)


def noisy(deviation: float) -> Shift:
    noise = np.random.default_rng(0)
    return lambda image, mask: (image + deviation * noise.standard_normal(image.shape), mask)


def shaded(image: np.ndarray, mask: np.ndarray) -> Frame:
    """Light that grows from left to right."""
    return image * np.exp(np.linspace(-0.8, 0.8, image.shape[1]))[:, None], mask


def after(*shifts: Shift) -> Shift:
    """One after the other."""
    def shift(image: np.ndarray, mask: np.ndarray) -> Frame:
        for each in shifts:
            image, mask = each(image, mask)
        return image, mask

    return shift


SHIFTS: dict[str, Shift] = {
    "as they are": lambda image, mask: (image, mask),
    **{f"stain {seed}": stained(seed, 0.5) for seed in range(6)},
    **{f"stain {seed}, × 1.6": after(stained(seed, 0.5), magnified(1.6)) for seed in range(6, 9)},
    "× 0.6": magnified(0.6),
    "× 2.4": magnified(2.4),
    "stain 9, blurred, × 0.7": after(stained(9, 0.4), blurred(1), magnified(0.7)),
    "stain 10, sharper, × 2": after(stained(10, 0.6), sharpened(1.5), magnified(2)),
    **{f"strong stain {seed}, × {factor:g}": after(stained(seed, 0.8), magnified(factor))
       for seed, factor in zip(range(20, 25), (0.6, 1.0, 1.5, 2.0, 2.5), strict=True)},
    "noise": noisy(0.1),
    "light from one side": shaded,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("sets", nargs="*", default=SETS)
    add_budget(parser, minutes=5)
    parser.add_argument("--images", type=int, default=20, help="held-out images of each set, at most")
    parser.add_argument("--out", type=Path, default=Path("shifts"))
    options = parser.parse_args()
    print("| set | shift | IoU | expected | mean error | rank correlation | covered | unlike |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for name in options.sets:
        out = options.out / name
        model = learned(options.data / name, out, budget_of(options))
        found = {}
        for kind, shift in SHIFTS.items():
            folder = written(out / "new", shift, out / "shifted" / kind, options.images)
            found[kind] = met(model, folder, out / "masks" / kind)
        for kind, each in found.items():
            print(row(name, kind, each), flush=True)
        print(summary(name, [each for kind, each in found.items() if kind != "as they are"]), flush=True)


def learned(data: Path, out: Path, budget: dict[str, Any]) -> Model:
    """A model of most of a set."""
    if not (out / "new").is_dir():
        hold_out(data, out)
    path = out / "model.safetensors"
    if path.exists():
        return Model.load(path)
    return morula.train(out / "known/images", out / "known/masks", path, **budget).model


def written(folder: Path, shift: Shift, out: Path, most: int) -> Path:
    """The folder with held-out images, and their masks, in another way."""
    masks = {path.stem: path for path in (folder / "masks").iterdir()}
    for part in ("images", "masks"):
        (out / part).mkdir(parents=True, exist_ok=True)
    for path in sorted((folder / "images").iterdir())[:most]:
        pixels = read(path)
        pixels = pixels.reshape(*pixels.shape[:2], -1)[..., :3] / np.float32(np.iinfo(pixels.dtype).max)
        image, mask = shift(pixels, read(masks[path.stem]))
        eight = np.rint(image.clip(0, 1) * 255).astype(np.uint8)
        Picture.fromarray(eight[..., 0] if eight.shape[2] == 1 else eight).save(out / "images" / f"{path.stem}.png")
        Picture.fromarray(mask).save(out / "masks" / f"{path.stem}.png")
    return out


def read(path: Path) -> np.ndarray:
    return tifffile.imread(path) if path.suffix.startswith(".tif") else np.asarray(Picture.open(path))


def row(name: str, kind: str, found: Met) -> str:
    order = "" if found.true.std() < VARIED else f"{spearmanr(found.expected, found.true).statistic:.2f}"
    return (f"| {name} | {kind} | {found.true.mean():.3f} ± {found.true.std():.3f} | {found.expected.mean():.3f} | "
            f"{found.error:.3f} | {order} | {found.covered:.0%} | {found.flagged.mean():.0%} |")


def summary(name: str, several: list[Met]) -> str:
    """Means over all ways but none, and the share of bad masks that is flagged."""
    orders = [spearmanr(each.expected, each.true).statistic for each in several if each.true.std() >= VARIED]
    bad = np.concatenate([each.flagged[each.true < GOOD] for each in several])
    flagged = f"{bad.mean():.0%} of {len(bad)} bad" if len(bad) else ""
    order = f"{np.mean(orders):.2f}" if orders else ""
    return (f"| {name} | **all but the first** | | | {np.mean([each.error for each in several]):.3f} | {order} | "
            f"{np.mean([each.covered for each in several]):.0%} | {flagged} |")


if __name__ == "__main__":
    main()
