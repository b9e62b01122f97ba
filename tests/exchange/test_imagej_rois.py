"""ROIs, written and read by roifile on the other side."""

from __future__ import annotations

import struct
import zipfile

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from roifile import ROI_OPTIONS, ROI_SUBTYPE, ROI_TYPE, ImagejRoi, roiread, roiwrite

from annotated import LABELS, blank, circle, in_circle, iou, opened, painted
from morula.errors import DataError
from morula.exchange.areas import Rings
from morula.exchange.collection import find_annotations
from morula.exchange.imagej_rois import write_rois
from morula.exchange.outlined import OutlinedMask, OutlinedObject

IMAGE = blank(60, 80)


def box(kind: ROI_TYPE = ROI_TYPE.RECT, **more) -> ImagejRoi:
    return ImagejRoi(roitype=kind, top=10, left=20, bottom=30, right=60, **more)


def as_roi(corners: np.ndarray, kind: ROI_TYPE = ROI_TYPE.POLYGON, **more) -> ImagejRoi:
    roi = ImagejRoi.frompoints(corners, **more)
    roi.roitype = kind
    return roi


def written(path, *rois: ImagejRoi):
    roiwrite(path, list(rois), mode="w")
    return path


@pytest.mark.parametrize("kind", [ROI_TYPE.POLYGON, ROI_TYPE.FREEHAND, ROI_TYPE.TRACED])
@pytest.mark.parametrize("exact", [True, False])
def test_outlines_to_the_pixel_and_finer(kind, exact, tmp_path):
    corners = circle(40, 30, 20)
    found = painted(written(tmp_path / "a.zip", as_roi(corners if exact else corners.round().astype(int), kind)), IMAGE)
    assert iou(found[0] == 1, in_circle(40, 30, 20, 60, 80)) > (0.995 if exact else 0.97)


def test_boxes_and_ovals(tmp_path):
    y, x = np.mgrid[:60, :80] + 0.5
    found = painted(written(tmp_path / "a.zip", box()), IMAGE)[0] == 1
    assert (found == ((y > 10) & (y < 30) & (x > 20) & (x < 60))).all()
    found = painted(written(tmp_path / "b.zip", box(ROI_TYPE.OVAL)), IMAGE)[0] == 1
    assert iou(found, ((x - 40) / 20) ** 2 + ((y - 20) / 10) ** 2 < 1) > 0.995
    found = painted(written(tmp_path / "c.zip", box(rounded_rect_arc_size=16)), IMAGE)[0] == 1
    off = np.stack([np.maximum(abs(y - 20) - 2, 0), np.maximum(abs(x - 40) - 12, 0)])
    assert iou(found, np.hypot(*off) < 8) > 0.98
    subpixel = box(options=ROI_OPTIONS.SUB_PIXEL_RESOLUTION, xd=20.6, yd=10.4, widthd=30, heightd=10)
    found = painted(written(tmp_path / "d.zip", subpixel), IMAGE)[0] == 1
    assert (found == ((x > 20.6) & (x < 50.6) & (y > 10.4) & (y < 20.4))).all()


def test_ellipses_and_rectangles_along_a_line(tmp_path):
    y, x = np.mgrid[:60, :80] + 0.5
    angle = np.arctan2(20, 40)
    along = (x - 40) * np.cos(angle) + (y - 30) * np.sin(angle)
    across = -(x - 40) * np.sin(angle) + (y - 30) * np.cos(angle)
    line = {"x1": 20, "y1": 20, "x2": 60, "y2": 40}

    def told(subtype: ROI_SUBTYPE, width: float) -> ImagejRoi:
        high, low = struct.unpack(">BB", struct.pack(">f", width)[:2])
        rest = struct.unpack(">h", struct.pack(">f", width)[2:])[0]
        return ImagejRoi(roitype=ROI_TYPE.FREEHAND, subtype=subtype, arrow_style_or_aspect_ratio=high,
                         arrow_head_size=low, rounded_rect_arc_size=rest, **line)

    half = np.hypot(40, 20) / 2
    found = painted(written(tmp_path / "a.zip", told(ROI_SUBTYPE.ELLIPSE, 0.5)), IMAGE)[0] == 1
    assert iou(found, (along / half) ** 2 + (across / half * 2) ** 2 < 1) > 0.99
    found = painted(written(tmp_path / "b.zip", told(ROI_SUBTYPE.ROTATED_RECT, 12.0)), IMAGE)[0] == 1
    assert iou(found, (abs(along) < half) & (abs(across) < 6)) > 0.99


def test_composites_have_holes_and_curves(tmp_path):
    path = [0, 10, 10, 1, 70, 10, 1, 70, 50, 1, 10, 50, 4, 0, 30, 20, 1, 50, 20, 1, 50, 40, 1, 30, 40, 4]
    roi = ImagejRoi(roitype=ROI_TYPE.RECT, multi_coordinates=np.array(path, np.float32), shape_roi_size=len(path))
    found = painted(written(tmp_path / "a.zip", roi), IMAGE)[0] == 1
    expected = np.zeros((60, 80), bool)
    expected[10:50, 10:70], expected[20:40, 30:50] = True, False
    assert (found == expected).all()
    k = 20 * 0.5522847  # a circle of four curves
    path = [0, 60, 30, 3, 60, 30 + k, 40 + k, 50, 40, 50, 3, 40 - k, 50, 20, 30 + k, 20, 30,
            3, 20, 30 - k, 40 - k, 10, 40, 10, 3, 40 + k, 10, 60, 30 - k, 60, 30, 4]
    roi = ImagejRoi(roitype=ROI_TYPE.RECT, multi_coordinates=np.array(path, np.float32), shape_roi_size=len(path))
    assert iou(painted(written(tmp_path / "b.zip", roi), IMAGE)[0] == 1, in_circle(40, 30, 20, 60, 80)) > 0.99


def test_positions_are_moments_slices_or_planes(tmp_path):
    corners = circle(40, 30, 10)
    written(tmp_path / "a.zip", as_roi(corners, t=1), as_roi(corners, t=1, z=2), as_roi(corners, position=4),
            as_roi(circle(10, 10, 5)))
    found = painted(tmp_path / "a.zip", blank(60, 80, frames=3, depth=3))
    assert [[found[t, z, 30, 40] for z in range(3)] for t in range(3)] == [[0, 0, 0], [1, 3, 2], [0, 0, 0]]
    assert (found[:, :, 10, 10] > 0).all()
    movie = opened(tmp_path / "a.zip", blank(60, 80, frames=2))
    assert any("of 4 outlines, 2 outside of the image" in remark for remark in movie.remarks)


def test_groups_and_properties_are_classes(tmp_path):
    first, second, named = as_roi(circle(20, 20, 9)), as_roi(circle(50, 20, 9)), as_roi(circle(20, 45, 9))
    first.group, second.group, named.props = 1, 300, "class: wall\nother: 3\n"
    found = find_annotations(written(tmp_path / "a.zip", first, second, named))
    assert found is not None
    assert found.classes == ("group 1", "group 300", "wall")


def test_lines_points_and_texts_are_counted(tmp_path):
    written(tmp_path / "a.zip", as_roi(circle(20, 20, 9)), as_roi(np.array([[3, 4]]), ROI_TYPE.POINT),
            ImagejRoi(roitype=ROI_TYPE.LINE, x2=9.0))
    [remark] = opened(tmp_path / "a.zip", IMAGE).remarks
    assert remark.startswith("1 point and 1 line enclose nothing")


def test_single_rois_and_folders_of_them(tmp_path):
    as_roi(circle(20, 20, 9)).tofile(tmp_path / "a.roi")
    assert painted(tmp_path / "a.roi", IMAGE)[0].max() == 1
    (tmp_path / "sets" / "b").mkdir(parents=True)
    for number in range(3):
        as_roi(circle(20 + 20 * number, 20, 9)).tofile(tmp_path / "sets" / "b" / f"{number}.roi")
    found = find_annotations(tmp_path / "sets")
    assert found is not None
    assert [file.name for file in found.files] == ["b"]
    assert found.open(found.files[0], IMAGE).frame().max() == 3


def test_archives_of_something_else_are_named_or_passed_over(tmp_path):
    with zipfile.ZipFile(tmp_path / "export.zip", "w") as archive:
        archive.writestr("annotations.xml", "<annotations/>")
    with pytest.raises(DataError, match=r"holds no ROIs of ImageJ.*Unpack it"):
        find_annotations(tmp_path / "export.zip")
    assert find_annotations(tmp_path) is None
    (tmp_path / "torn.zip").write_bytes((tmp_path / "export.zip").read_bytes()[:60])
    with pytest.raises(DataError, match=r"torn\.zip is no archive"):
        find_annotations(tmp_path)


@given(data=st.data())
def test_no_damage_does_more_than_be_refused(data, tmp_path_factory):
    roi = data.draw(st.sampled_from([
        as_roi(circle(40, 30, 20, 12)), as_roi(circle(40, 30, 20, 12).astype(int)), box(), box(ROI_TYPE.OVAL),
        ImagejRoi(roitype=ROI_TYPE.RECT, multi_coordinates=np.array([0, 1, 1, 1, 9, 1, 1, 9, 9, 4], np.float32),
                  shape_roi_size=10)]))
    bytes_ = bytearray(roi.tobytes())
    for place in data.draw(st.lists(st.integers(4, len(bytes_) - 1), max_size=4)):
        bytes_[place] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.mktemp("roi") / "a.roi"
    path.write_bytes(bytes_[: data.draw(st.integers(0, len(bytes_)))])
    try:
        painted(path, IMAGE)
    except DataError as error:
        assert "a.roi" in str(error)  # noqa: PT017


@given(labels=LABELS, shift=st.sampled_from([0, 32_760, 39_990, 70_000]))
def test_what_is_written_is_read_as_the_same_here_and_by_roifile(labels, shift, tmp_path_factory):
    file = tmp_path_factory.mktemp("rois") / "a.zip"
    numbers = np.unique(labels[labels > 0]).tolist()
    objects = [OutlinedObject(0, number, 1, labels == number, (0, shift)) for number in numbers]
    size = labels.shape[0], shift + labels.shape[1]
    write_rois(file, OutlinedMask("a", file, size, ["cell"], objects))
    if not numbers:
        return
    read = painted(file, blank(*size))[0]
    assert (read[:, shift:] == np.searchsorted([0, *numbers], labels)).all()
    assert not read[:, :shift].any()
    for roi, number in zip(roiread(file), numbers, strict=True):
        right = shift + int(np.nonzero(labels == number)[1].max()) + 1
        assert roi.composite or roi.subpixelresolution == (right > 32_767)
        rings = roi.coordinates(multi=True)
        rings = rings if isinstance(rings, list) else [rings]
        area = Rings(tuple(np.asarray(ring, float)[:, ::-1] for ring in rings))
        inside, _ = area.fill((slice(0, size[0]), slice(shift, size[1])))
        assert (inside == (labels == number)).all()


def test_classes_and_frames_come_back(tmp_path):
    inside = np.ones((4, 5), bool)
    objects = [OutlinedObject(0, 1, 1, inside, (3, 3)), OutlinedObject(2, 1, 2, inside, (3, 20))]
    write_rois(tmp_path / "a.zip", OutlinedMask("a", tmp_path / "a.tif", (60, 80), ["cell", "wall"], objects))
    found = find_annotations(tmp_path)
    assert found is not None
    assert found.classes == ("cell", "wall")
    mask = found.open(found.files[0], blank(60, 80, frames=3)).array()[:, 0]
    assert [sorted(np.unique(frame).tolist()) for frame in mask] == [[0, 1], [0], [0, 2]]


@pytest.mark.parametrize("packing", [zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_an_archive_whose_contents_are_damaged_is_named(tmp_path, packing):
    path = tmp_path / "rois.zip"
    with zipfile.ZipFile(path, "w", packing) as archive:
        archive.writestr("a.roi", np.random.default_rng(0).bytes(200))
    data = bytearray(path.read_bytes())
    data[60:120] = bytes(60)
    path.write_bytes(data)
    with pytest.raises(DataError, match=r"rois\.zip is no archive that can be unpacked"):
        find_annotations(path)
