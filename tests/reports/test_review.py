"""The page of what is worth a look: the right frames, in the right order, with their outlines over them."""

from __future__ import annotations

import base64
import csv
import io
import re

import numpy as np
from PIL import Image as Picture

from morula.images.image import Image
from morula.images.write import write_mask
from morula.plots import palette
from morula.reports.review import write_review
from morula.segmenting.flags import CUT
from morula.segmenting.frames import SegmentedFrame


def shown(page: str) -> list[np.ndarray]:
    return [np.asarray(Picture.open(io.BytesIO(base64.b64decode(png)))) for png in re.findall(r'base64,([^"]+)"', page)]


def test_the_worst_come_first_with_their_outlines_and_what_is_unusual(tmp_path):
    names = ["sure.tif", "<doubtful>.tif", "flagged.tif", "fine.tif"]
    certainties, flags = [0.99, 0.6, 0.95, 0.98], [(), (), (CUT,), ()]
    rows = [SegmentedFrame(name, 0, name, "f", 1, 64, (8.0, 8.0), sure, said)
            for name, sure, said in zip(names, certainties, flags, strict=True)]
    mask = np.zeros((40, 60), np.uint8)
    mask[10:30, 20:40] = 1
    for name in names:
        write_mask(tmp_path / name, [mask], pixel_size=None)
    image = Image.from_array(np.full((40, 60), 200, np.uint8), "YX")
    review = write_review(rows, lambda file: image, tmp_path, 3)
    assert [row.file for row in review.frames] == ["<doubtful>.tif", "flagged.tif", "fine.tif"]
    page = review.page.read_text(encoding="utf-8")
    assert page.index("&lt;doubtful&gt;") < page.index("flagged.tif") < page.index("fine.tif")
    assert "<doubtful>" not in page
    assert page.count(CUT) == 1
    assert "3 frames of 4, worst first" in page
    [first, *_] = pictures = shown(page)
    assert len(pictures) == 3
    assert first.shape == (320, 480, 3)
    assert tuple(first[160, 160]) == palette.rgb(palette.CLASSES[0])  # the left side of the square, 8 times as large
    assert (first[160, 240] == first[10, 10]).all()  # within, the image is as it is
    with (review.page.parent / "review.csv").open(encoding="utf-8") as file:
        assert [row["file"] for row in csv.DictReader(file)] == [row.file for row in review.frames]


def test_volumes_are_shown_from_three_sides_and_movies_by_frame(tmp_path):
    mask = np.zeros((6, 20, 30), np.uint8)
    mask[2:4, 5:15, 5:25] = 1
    write_mask(tmp_path / "volume.tif", [mask, mask], pixel_size=(2, 1, 1))
    array = np.random.default_rng(0).integers(0, 99, (2, 6, 20, 30)).astype(np.uint16)
    image = Image.from_array(array, "TZYX", pixel_size=(2, 1, 1))
    rows = [SegmentedFrame("volume.tif", frame, "volume.tif", "f", 1, 400, (3.0, 9.5, 14.5), 0.9 - frame / 10)
            for frame in range(2)]
    page = write_review(rows, lambda file: image, tmp_path, 5).page.read_text(encoding="utf-8")
    assert page.index("volume.tif, frame 1") < page.index("volume.tif, frame 0")
    assert {picture.shape[2] for picture in shown(page)} == {4}  # planes stand on a clear ground


def test_objects_of_a_label_image_are_parted_whatever_their_numbers(tmp_path):
    labels = np.zeros((40, 60), np.uint32)
    labels[10:30, 10:30], labels[10:30, 30:50] = 255, 70_000
    write_mask(tmp_path / "touching.tif", [labels], pixel_size=None)
    image = Image.from_array(np.full((40, 60), 200, np.uint8), "YX")
    rows = [SegmentedFrame("touching.tif", 0, "touching.tif", "f", 2, 800, (19.5, 29.5), 0.9)]
    review = write_review(rows, lambda file: image, tmp_path, 1, numbered=True)
    [picture] = shown(review.page.read_text(encoding="utf-8"))
    line = palette.rgb(palette.CLASSES[0])
    assert [column for column in range(90, 390) if tuple(picture[160, column]) == line] == [239, 240]
    assert tuple(picture[160, 80]) == tuple(picture[160, 399]) == line


def test_a_crowded_frame_is_shown_larger(tmp_path):
    write_mask(tmp_path / "a.tif", [np.ones((40, 60), np.uint16)], pixel_size=None)
    image = Image.from_array(np.full((40, 60), 200, np.uint8), "YX")
    rows = [SegmentedFrame("a.tif", 0, "a.tif", "f", objects, 2400, (19.5, 29.5), 0.9) for objects in (3, 3000)]
    review = write_review(rows, lambda file: image, tmp_path, 2, numbered=True)
    assert [picture.shape[1] for picture in shown(review.page.read_text(encoding="utf-8"))] == [480, 960]
