"""An image of 300 MB on its way into a project: through the page and through the API, whole or broken off."""

from __future__ import annotations

import filecmp
import socket
import time
from pathlib import Path

import numpy as np
import pytest
import tifffile

from browser import opened

pytestmark = pytest.mark.slow

PIECE = 2**20
MOST_MORE = 100 * 2**20
"""Bytes of memory that a server may need beyond what it had before an upload of three times as much."""


@pytest.fixture(scope="module")
def large(tmp_path_factory) -> Path:
    """A movie of 300 frames of a megabyte each."""
    path = tmp_path_factory.mktemp("large") / "movie.tif"
    noise = np.random.default_rng(0).integers(0, 200, (1024, 1024), np.uint8)
    tifffile.imwrite(path, (np.roll(noise, number, 1) for number in range(300)), shape=(300, 1024, 1024),
                     dtype=np.uint8, metadata={"axes": "TYX"}, ome=True)
    assert path.stat().st_size > 300e6
    return path


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """An image that is soon there."""
    path = tmp_path / "another.tif"
    tifffile.imwrite(path, np.zeros((64, 64), np.uint8))
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project with one small image."""
    (tmp_path / "project" / "images").mkdir(parents=True)
    tifffile.imwrite(tmp_path / "project" / "images" / "small.tif", np.zeros((64, 64), np.uint8))
    return tmp_path / "project"


def most_memory(process: int) -> int:
    """Bytes that a process had in memory at most."""
    status = Path(f"/proc/{process}/status")
    if not status.is_file():
        pytest.skip("only Linux says how much memory another process needed")
    return 1024 * int(next(line.split()[1] for line in status.read_text().splitlines() if line.startswith("VmHWM")))


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "images").iterdir())


def until(folder: Path, wanted, seconds: float = 30) -> None:
    """Wait for files to come or to go."""
    for _ in range(int(seconds * 20)):
        if wanted(names(folder)):
            return
        time.sleep(0.05)
    raise AssertionError(names(folder))


def arrives(listed: list[str]) -> bool:
    return any(name.startswith(".part-") for name in listed)


def request(studio, path: Path) -> socket.socket:
    """A connection on which an image was announced."""
    host, port = studio.page.url.removeprefix("http://").strip("/").split(":")
    [cookie] = studio.page.context.cookies()
    connection = socket.create_connection((host, int(port)), timeout=60)
    lines = [f"POST /api/images?name={path.name} HTTP/1.1", f"Host: {host}:{port}", "X-Morula: 1", "Connection: close",
             f"Cookie: {cookie['name']}={cookie['value']}", f"Content-Length: {path.stat().st_size}", "", ""]
    connection.sendall("\r\n".join(lines).encode())
    return connection


def choose(page, path: Path) -> None:
    """Add an image by hand, and wait until it is seen."""
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Add images").first.click()
    chooser.value.set_files(path)
    page.locator("#title", has_text=path.name).wait_for(timeout=120_000)
    page.locator("#view[aria-busy=false]").wait_for()
    page.wait_for_load_state("networkidle")


def send(studio, path: Path) -> None:
    """Add an image as a program does."""
    with request(studio, path) as connection, path.open("rb") as file:
        connection.sendfile(file)
        answer = b"".join(iter(lambda: connection.recv(PIECE), b""))
    assert answer.startswith(b"HTTP/1.1 200"), answer[:400]


def rest(studio) -> None:
    """Until the server has loaded what it does some seconds after it began, whatever is asked of it: 90 MB."""
    for _ in range(600):
        if "sklearn" in Path(f"/proc/{studio.server}/maps").read_text():
            time.sleep(1)
            return
        time.sleep(0.1)
    raise AssertionError("it was not loaded")


def test_through_the_page(browser, folder, small, large):
    with opened(browser, folder) as studio:
        rest(studio)
        choose(studio.page, small)  # what is loaded for any image is there then
        before = most_memory(studio.server)
        choose(studio.page, large)
        grown = most_memory(studio.server) - before
        studio.picture("large")
    print(f"300 MB through the page: {grown / 2**20:.0f} MB of memory")
    assert grown < MOST_MORE
    assert filecmp.cmp(large, folder / "images" / "movie.tif", shallow=False)
    assert names(folder) == ["another.tif", "movie.tif", "small.tif"]


def test_through_the_api(browser, folder, small, large):
    with opened(browser, folder) as studio:
        rest(studio)
        send(studio, small)
        studio.page.wait_for_load_state("networkidle")
        before = most_memory(studio.server)
        send(studio, large)
        grown = most_memory(studio.server) - before
    print(f"300 MB through the API: {grown / 2**20:.0f} MB of memory")
    assert grown < MOST_MORE
    assert filecmp.cmp(large, folder / "images" / "movie.tif", shallow=False)


def test_what_is_broken_off_leaves_nothing(browser, folder, large):
    with opened(browser, folder) as studio:
        with request(studio, large) as connection, large.open("rb") as file:
            for _ in range(50):
                connection.sendall(file.read(PIECE))
            until(folder, arrives)
        until(folder, lambda listed: listed == ["small.tif"])
        page = studio.page
        page.context.new_cdp_session(page).send("Network.emulateNetworkConditions", {
            "offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 4e6})
        page.locator("#files").set_input_files(large)
        until(folder, arrives)
        page.reload()
        studio.ready()
        until(folder, lambda listed: listed == ["small.tif"])
        page.locator("[role=option]").first.wait_for()
        assert page.locator("[role=option]").count() == 1
