"""Every row of the page on names, read as the page says."""

import re
from datetime import UTC, datetime
from itertools import permutations, product
from pathlib import Path

import pytest

from morula.names.groups import membership
from morula.names.table import read_names

PAGE = Path(__file__).parents[2] / "docs" / "names.md"


def rows() -> list[list[str]]:
    table = PAGE.read_text("utf-8").split("<!-- schemes -->")[1].split("<!-- end of schemes -->")[0]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table.strip().splitlines()[2:]]


def moment(text: str) -> float:
    if re.fullmatch(r"\d+(?: min)?", text):
        return float(text.removesuffix(" min"))
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() / 60


@pytest.mark.parametrize("row", rows(), ids=lambda row: row[0])
def test_names_are_read_as_the_page_says(row):
    _, first, second, group, moments, channels = (cell.replace("`", "") for cell in row)
    names = read_names([Path("folder") / f"{name}.tif" for name in (first, second)])
    assert {membership(file, 1, name).group for file, name in names.items()} == {group}
    expected = [moment(text.strip()) for text in moments.split(",")] if moments else [None, None]
    assert [name.counting[1].value if name.counting else None for name in names.values()] == expected
    assert [name.of("channel") for name in names.values()] == (channels.split(", ") if channels else ["", ""])


WRITTEN = {
    "Incucyte": lambda g, t, c: f"{'ABCD'[g]}{g + 1}_1_{t // 24:02d}d{t % 24:02d}h00m",
    "Incucyte by the clock": lambda g, t, c: f"VID{g}_A1_1_2021y08m{t // 24 + 1:02d}d_{t % 24:02d}h39m",
    "Micro-Manager": lambda g, t, c: f"img_channel{c:03d}_position{g:03d}_time{t:09d}_z000",
    "Leica": lambda g, t, c: f"Series{g:03d}_t{t:02d}_ch{c:02d}",
    "Yokogawa": lambda g, t, c: f"W{g + 1:04d}F0001T{t:04d}Z001C{c + 1}",
    "CellVoyager": lambda g, t, c: f"Plate_#6_B{g + 2:02d}_T{t:04d}F001L01A01Z01C{c + 1:02d}",
    "Harmony": lambda g, t, c: f"r01c{g + 1:02d}f01p01-ch{c + 1}sk{t}fk1fl1",
    "MetaMorph": lambda g, t, c: f"exp_w{c + 1}{('DAPI', 'Cy3')[c]}_s{g + 1}_t{t}",
    "ISO 8601": lambda g, t, c: f"emb{g}_2021-08-{t // 24 + 1:02d}T{t % 24:02d}-39-00",
    "hours": lambda g, t, c: f"{('wt', 'chir', 'dmso')[g]}_{t}h",
    "minutes in the middle": lambda g, t, c: f"wt_{30 * t}min_rep{g}_seg",
    "colours": lambda g, t, c: f"{'xyz'[g]}_t{t:03d}_{('red', 'green')[c]}",
    "Nikon": lambda g, t, c: f"t{t:02d}xy{g}z01c{c + 1}",
    "movies": lambda g, t, c: f"movie{g:02d}_{t:04d}",
}


@pytest.mark.parametrize("scheme", WRITTEN)
@pytest.mark.parametrize(("groups", "moments", "channels"), [(3, 5, 1), (2, 30, 2), (1, 4, 2)])
def test_files_of_one_thing_are_one_group_in_the_order_of_time(scheme, groups, moments, channels):
    """What a microscope would write of so many things, moments and channels, with nothing told."""
    write = WRITTEN[scheme]
    counts = range(groups), range(moments), range(channels)
    written = {Path(f"folder/{write(*each)}.tif"): each for each in product(*counts)}
    names = read_names(written)
    found = {file: membership(file, 1, name).group for file, name in names.items()}
    assert len({(found[file], group) for file, (group, _, _) in written.items()}) == len(set(found.values())) == groups
    told = {file: name.counting[1].value for file, name in names.items()}
    for group in range(groups):
        of_group = [file for file, each in written.items() if each[0] == group]
        by_time = sorted(of_group, key=lambda file: told[file])
        assert [written[file][1] for file in by_time] == sorted(written[file][1] for file in of_group)


def test_the_order_of_files_says_nothing():
    files = [Path(f"{name}.tif") for row in rows()[:4] for name in (row[1].strip("`"), row[2].strip("`"))]
    expected = read_names(files)
    for order in list(permutations(files))[::4001]:
        assert read_names(order) == expected


IMAGE_XPRESS = [f"TimePoint_{moment}/exp_{well}_s{site}_w1"
                for moment, well, site in product((1, 2, 10), ("A01", "B02"), (1, 2))]


def test_folders_of_moments_are_read_with_the_names():
    names = read_names(Path(f"plate/{name}.tif") for name in IMAGE_XPRESS)
    assert {membership(file, 1, name).group for file, name in names.items()} == {"exp_A01", "exp_B02"}
    assert {name.counting[1].value for name in names.values()} == {1, 2, 10}


@pytest.mark.parametrize("names", [
    ("Day1/img_01", "Day2/img_01"), ("wt_t1/a", "ko_t2/a"), ("t1/a", "t2/b"), ("t1/a_t1", "t2/a_t1"), ("t1/a", "x/a"),
    ("one/a", "two/a"),
])
def test_other_folders_say_nothing(names):
    read = read_names(Path(f"plate/{name}.tif") for name in names)
    assert [name.stem for name in read.values()] == [Path(name).name for name in names]
