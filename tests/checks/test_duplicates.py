"""Pairs that show the same picture are linked, and their groups joined."""

from pathlib import Path

import numpy as np
from PIL import Image as Picture
from scipy import ndimage

from morula.checks.duplicates import Duplicate, find_duplicates, keep_together
from morula.checks.looks import Look, look_at


def looks(folder: Path, **pictures: np.ndarray) -> list[Look]:
    found = []
    for name, picture in pictures.items():
        Picture.fromarray(np.ascontiguousarray(picture)).save(folder / f"{name}.png")
        Picture.fromarray(np.ones_like(picture)).save(folder / f"{name}_mask.png")
        seen = look_at(folder / f"{name}.png", folder / f"{name}_mask.png")
        assert isinstance(seen, Look)
        found.append(seen)
    return found


def noise(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 200, (60, 60), np.uint8)


def test_equal_and_altered_pictures_are_told_apart(tmp_path):
    seen = looks(tmp_path, a=noise(1), b=noise(2), c=noise(1), d=np.fliplr(noise(2)), e=noise(3), f=noise(1) + 40)
    duplicates = find_duplicates(seen)
    assert duplicates == [
        Duplicate(0, 2, exact=True), Duplicate(0, 5, exact=False), Duplicate(1, 3, exact=False, change="flipped"),
    ]
    assert [look.pair.group for look in keep_together(seen, duplicates)] == ["a", "b", "a", "b", "e", "a"]
    assert [look.pair.group for look in keep_together(seen, duplicates[:1])] == ["a", "b", "a", "d", "e", "f"]


def test_groups_are_joined_over_several_steps(tmp_path):
    seen = looks(tmp_path, **{f"{name}_t1": noise(number) for number, name in enumerate("abcd")})
    links = [Duplicate(2, 3, exact=False), Duplicate(0, 3, exact=False)]
    assert [look.pair.group for look in keep_together(seen, links)] == ["a", "b", "a", "a"]


def test_what_only_looks_almost_the_same_is_not_called_explained(tmp_path):
    scene = ndimage.gaussian_filter(noise(1).astype(float), 1.5)
    first, second = (scene + np.random.default_rng(seed).normal(0, 1.5, scene.shape) for seed in (1, 2))
    a, b = (np.rint(each).astype(np.uint8) for each in (first, second))
    seen = looks(tmp_path, a=a, b=b, c=np.fliplr(b) + 9)
    assert find_duplicates(seen) == [
        Duplicate(0, 1, exact=False, explained=False),
        Duplicate(1, 2, exact=False, change="flipped, and in brightness, contrast or compression"),
    ]


def test_empty_pictures_are_equal_only_if_they_are(tmp_path):
    black = np.zeros((40, 40), np.uint8)
    assert find_duplicates(looks(tmp_path, a=black, b=black + 1, c=black)) == [Duplicate(0, 2, exact=True)]
    assert find_duplicates([]) == []
