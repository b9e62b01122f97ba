"""Tables in an OME-Zarr: ngio reads what the table of `--out` says, and nobody meets half of one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow.parquet
import pytest
import zarr

from elsewhere import in_bucket, in_zip
from morula import as_path, measure
from morula.errors import OutputError, RequestError
from morula.headers.zarr_groups import VERSIONS, tables_of
from morula.measuring import feature_tables
from morula.objects.tables import read_table
from zarrs import write_labels, write_ome_zarr, write_plate

FIELDS = ("A/01/0", "B/02/0")


def numbered(frames: int = 1) -> np.ndarray:
    """Numbers of objects `(frames, 48, 48)`, far from 1, and one that is in the first frame alone."""
    mask = np.zeros((frames, 48, 48), np.uint16)
    for number, corner in ((7, 2), (300, 20)):
        mask[:, corner : corner + 9, corner : corner + 12] = number
    mask[0, 38:45, 30:33] = 12
    return mask


@pytest.fixture(params=VERSIONS)
def plate(request, tmp_path) -> Path:
    """Two fields with numbered objects, and their intensities."""
    mask = numbered()[0]
    plate = write_plate(tmp_path / "p.ome.zarr", dict.fromkeys(FIELDS, (mask % 200).astype(np.uint8)),
                        version=request.param, scale=[0.5, 0.5], levels=2)
    for field in FIELDS:
        write_labels(plate / field, "nuclei", mask, "yx", version=request.param, scale=[0.5, 0.5])
    return plate


def measured(place: Path, out: Path, **told):
    return measure(place / "labels/nuclei", out, images=place, measures=("size", "intensity"), tables="cells",
                   read_masks_as="objects", **told)


def test_ngio_reads_what_the_table_says(plate, tmp_path):
    from ngio import open_ome_zarr_plate
    from ngio.tables import FeatureTable

    done = measured(plate, tmp_path / "all.parquet")
    assert done.failed == {}
    assert done.tables == tuple(plate / field / "tables/cells" for field in FIELDS)
    told = read_table(tmp_path / "all.parquet")
    images = open_ome_zarr_plate(plate).get_images()
    assert len(images) == len(FIELDS)
    for name, image in images.items():
        assert image.list_tables(filter_types="feature_table") == ["cells"]
        table = image.get_table("cells")
        assert isinstance(table, FeatureTable)
        assert table.reference_label == "nuclei"
        numbers = np.unique(image.get_label("nuclei", path="0").get_as_numpy())
        assert sorted(table.dataframe.index) == [7, 12, 300] == numbers[numbers > 0].tolist()
        rows = table.dataframe.reset_index()
        own = [place for place, file in enumerate(told["file"]) if file == f"p.ome.zarr/{name}/labels/nuclei"]
        assert rows.columns.tolist() == ["label", "frame", *[*told][3:]]
        assert rows["label"].tolist() == [told["object"][place] for place in own]
        for column in ("frame", "class", "area_um2", "note"):
            assert rows[column].tolist() == [told[column][place] for place in own], column


def test_objects_of_a_movie_keep_their_numbers_in_every_frame(tmp_path):
    from ngio import open_ome_zarr_container

    movie = write_ome_zarr(tmp_path / "m.zarr", np.zeros((3, 48, 48), np.uint8), "tyx")
    write_labels(movie, "nuclei", numbered(3), "tyx")
    measured(movie, tmp_path / "all.csv")
    rows = open_ome_zarr_container(movie).get_table("cells").dataframe.reset_index()
    assert sorted(zip(rows["frame"], rows["label"], strict=True)) == [
        (0, 7), (0, 12), (0, 300), (1, 7), (1, 300), (2, 7), (2, 300)]


def test_of_classes_and_of_nothing_a_table_claims_no_numbers(tmp_path):
    from ngio import open_ome_zarr_container
    from ngio.tables import GenericTable

    for name, mask in (("classes", (numbered()[0] > 0).astype(np.uint8)), ("empty", np.zeros((48, 48), np.uint8))):
        image = write_ome_zarr(tmp_path / f"{name}.zarr", np.zeros((48, 48), np.uint8), "yx")
        write_labels(image, "nuclei", mask, "yx")
        measure(image / "labels/nuclei", tmp_path / f"{name}.csv", tables="cells", read_masks_as="classes")
        table = open_ome_zarr_container(image).get_table("cells")
        assert isinstance(table, GenericTable)
        assert table.dataframe["object"].tolist() == ([1, 2, 3] if name == "classes" else [])


def test_what_others_wrote_stays(plate, tmp_path):
    image = plate / FIELDS[0]
    file = image / "tables" / ("zarr.json" if (image / "zarr.json").exists() else ".zattrs")
    group = zarr.open_group(image / "tables", mode="w", zarr_format=3 if file.name == "zarr.json" else 2)
    group.attrs.update({"tables": ["theirs"], "remark": "keep"})
    measured(plate, tmp_path / "a.csv")
    with pytest.raises(OutputError, match=r"tables/cells exists already \(2 such\).* --overwrite"):
        measured(plate, tmp_path / "b.csv")
    assert not (tmp_path / "b.csv").exists()
    before = (image / "tables/cells/table.parquet").stat().st_ino
    measured(plate, tmp_path / "b.csv", overwrite=True, min_size=20)
    assert (image / "tables/cells/table.parquet").stat().st_ino != before
    assert tables_of(image) == ["theirs", "cells"]
    assert dict(zarr.open_group(image / "tables", mode="r").attrs)["remark"] == "keep"
    assert not [each for each in image.rglob("*") if ".part-" in each.name]


def test_what_is_no_labels_gets_no_table(plate, tmp_path):
    for masks, name, said in ((plate, "cells", "lies in none. Leave it out, or measure labels"),
                              (plate / "labels/nuclei", "a/b", "'a/b' is no name"),
                              (as_path(in_zip(plate)) / "labels/nuclei", "cells", "nothing can be written into zip://")):
        with pytest.raises(RequestError, match=said):
            measure(masks, tmp_path / "a.csv", tables=name, read_masks_as="objects")
    assert not (tmp_path / "a.csv").exists()


def test_who_stops_midway_leaves_the_list_and_what_was_there(plate, tmp_path, monkeypatch):
    measured(plate, tmp_path / "a.csv")
    image = plate / FIELDS[0]
    before = (image / "tables/cells/table.parquet").read_bytes()
    monkeypatch.setattr(feature_tables, "add_plain_words", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        measured(plate, tmp_path / "a.csv", overwrite=True, min_size=20)
    assert (image / "tables/cells/table.parquet").read_bytes() == before
    with pytest.raises(ZeroDivisionError):
        measure(plate / "labels/nuclei", tmp_path / "a.csv", tables="new", measures=("area",), read_masks_as="objects")
    assert [*(image / "tables").glob("*new*")] == []
    assert tables_of(image) == ["cells"]


def test_in_a_bucket_rows_come_first_and_the_list_last(plate, tmp_path, s3):
    bucket = f"tables-{'5' if (plate / 'zarr.json').exists() else '4'}"
    url = as_path(in_bucket(plate, bucket, s3), **s3)
    system, sent = url.site.system, []

    def noted(do):
        return lambda *given, **told: (sent.append(str(given[-1]).partition("tables/")[2]), do(*given, **told))[1]

    system.put_file, system.rm_file = noted(system.put_file), noted(system.rm_file)
    assert measured(url, tmp_path / "there.csv").failed == {}
    assert measured(plate, tmp_path / "here.csv").failed == {}
    if (plate / "zarr.json").exists():
        assert sent == ["cells/table.parquet", "cells/zarr.json", "zarr.json"] * len(FIELDS)
    else:
        assert sent == ["cells/table.parquet", "cells/.zattrs", "cells/.zgroup", ".zgroup", ".zattrs"] * len(FIELDS)
    for field in FIELDS:
        with (url / field / "tables/cells/table.parquet").open("rb") as there:
            assert pyarrow.parquet.read_table(there).equals(
                pyarrow.parquet.read_table(plate / field / "tables/cells/table.parquet"))
        assert tables_of(url / field) == ["cells"]
    sent.clear()
    assert measured(url, tmp_path / "there.csv", overwrite=True).failed == {}
    if (plate / "zarr.json").exists():
        assert sent == ["cells/zarr.json", "cells/table.parquet", "cells/zarr.json"] * len(FIELDS)
    else:
        assert sent == ["cells/.zgroup", "cells/.zattrs", "cells/table.parquet", "cells/.zattrs",
                        "cells/.zgroup"] * len(FIELDS)
