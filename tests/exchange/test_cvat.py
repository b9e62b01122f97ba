from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from annotated import circle, in_circle, iou, painted
from morula.errors import DataError
from morula.exchange.collection import find_annotations


def written(folder: Path, *shapes: str, head: str = '<?xml version="1.0" encoding="utf-8"?>\n') -> Path:
    """A file as CVAT exports it, with an image on which nothing was drawn beside one with these shapes."""
    path = folder / "annotations.xml"
    path.write_text(f"""{head}<annotations>
  <version>1.1</version>
  <meta><task><id>1</id><name>cells</name><size>2</size><mode>annotation</mode>
    <labels><label><name>cell</name><color>#fa3253</color><type>any</type></label></labels></task></meta>
  <image id="0" name="a.png" width="80" height="60">{"".join(shapes)}</image>
  <image id="1" name="empty.png" width="80" height="60"></image>
</annotations>
""", encoding="utf-8")
    return path


def polygon(corners: np.ndarray, label: str = "cell", order: int = 0, more: str = "") -> str:
    points = ";".join(f"{x:.2f},{y:.2f}" for x, y in corners)
    return f'<polygon label="{label}" occluded="0" points="{points}" z_order="{order}" {more}></polygon>'


def masked(lengths: str, top: int = 40, left: int = 60, height: int = 3, width: int = 4) -> str:
    return (f'<mask label="cell" source="manual" occluded="0" rle="{lengths}" left="{left}" top="{top}" '
            f'width="{width}" height="{height}" z_order="0"></mask>')


def test_each_kind_of_shape_covers_what_it_should(tmp_path):
    written(tmp_path, polygon(circle(20, 20, 12)),
            '<box label="cell" occluded="0" xtl="50" ytl="10" xbr="60" ybr="30" z_order="0"></box>',
            masked("1, 2, 3, 1, 1, 4"),
            '<ellipse label="cell" occluded="0" cx="20" cy="45" rx="12" ry="6" rotation="90" z_order="0"></ellipse>',
            '<points label="cell" points="1,1"></points>')
    found = painted(tmp_path / "annotations.xml")[0]
    assert iou(found == 1, in_circle(20, 20, 12, 60, 80)) > 0.99
    assert (found[10:30, 50:60] == 2).all()
    assert (found == 2).sum() == 200
    assert (found[40:43, 60:64] > 0).tolist() == [[False, True, True, False], [False, False, True, False], [True] * 4]
    y, x = np.mgrid[:60, :80] + 0.5
    assert iou(found == 4, ((x - 20) / 6) ** 2 + ((y - 45) / 12) ** 2 < 1) > 0.98


def test_an_image_on_which_nothing_was_drawn_has_no_mask(tmp_path):
    found = find_annotations(written(tmp_path, polygon(circle(20, 20, 12))))
    assert found is not None
    assert [file.name for file in found.files] == ["a.png"]


def test_what_is_ordered_higher_lies_above_and_groups_are_one_object(tmp_path):
    written(tmp_path, polygon(circle(30, 30, 10), "wall", 1), polygon(circle(30, 30, 20), "cell"),
            polygon(circle(70, 30, 5), "wall", 1))
    found = painted(tmp_path)[0]
    assert (found[30, 30], found[30, 15], found[30, 70]) == (2, 1, 2)
    one, none = 'group_id="4"', 'group_id="0"'
    written(tmp_path, polygon(circle(30, 30, 10), more=one), polygon(circle(60, 30, 10), more=one),
            polygon(circle(10, 10, 5), more=none))
    found = painted(tmp_path)[0]
    assert (found[30, 30], found[30, 60], found[10, 10]) == (1, 1, 2)


WRONG = {
    "sum": (masked("1, 2"), "add up to 3, and 3 × 4 pixels are 12"),
    "words": (masked("1, x"), "whole numbers from 0 on"),
    "below zero": (masked("-1, 13"), "whole numbers from 0 on"),
    "outside": (masked("1, 11", left=78), "column 78 on in 3 × 4 pixels, and its image has 60 × 80"),
    "huge": (masked("1, 11", height=10**8, width=10**8), "no size of an image"),
    "points": ('<polygon label="cell" points="1,1;2;3,3"/>', "'points' of the polygon 1 .cell. of the image 'a.png'"),
    "number": ('<box label="cell" xtl="a" ytl="1" xbr="2" ybr="2"/>', "holds 'a' where a number belongs"),
    "missing": ('<box label="cell" xtl="1" ytl="1" xbr="2"/>', "holds '' where a number belongs"),
    "torn": ("<polygon", "is no XML file"),
}


@pytest.mark.parametrize(("shape", "said"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_said_with_the_file(shape, said, tmp_path):
    with pytest.raises(DataError, match=rf"(?s)annotations\.xml.*{said}"):
        find_annotations(written(tmp_path, shape))


def test_entities_that_grow_are_never_read(tmp_path):
    head = '<!DOCTYPE a [<!ENTITY b "cell"><!ENTITY c "&b;&b;&b;&b;">]>\n'
    with pytest.raises(DataError, match="it defines entities"):
        find_annotations(written(tmp_path, polygon(circle(20, 20, 12), "&c;"), head=head))


def test_a_text_in_no_encoding_is_named(tmp_path):
    head = '<?xml version="1.0" encoding="utf9"?>\n'
    with pytest.raises(DataError, match=r"annotations\.xml is no XML file \(unknown encoding: utf9"):
        find_annotations(written(tmp_path, polygon(circle(20, 20, 12)), head=head))


def test_videos_are_refused_with_what_to_export(tmp_path):
    (tmp_path / "annotations.xml").write_text("<annotations><track id='0' label='cell'/></annotations>")
    with pytest.raises(DataError, match=r"Export the task as 'CVAT for images 1\.1'"):
        find_annotations(tmp_path)


def test_other_xml_files_are_passed_over(tmp_path):
    (tmp_path / "metadata.xml").write_text("<OME/>")
    assert find_annotations(tmp_path) is None
