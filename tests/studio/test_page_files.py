"""The page is served as it lies, and nothing beside it."""

from __future__ import annotations

import re

import pytest

from morula.studio.page_files import FOLDER

MODULES = {path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*.js")}


def test_all_modules_are_asked_for_at_once(page):
    assert set(re.findall(r'<link rel="modulepreload" href="/page/([^"]+)">', page.get("/").text)) == MODULES


def test_its_files_are_served_as_they_lie(page):
    for name in (*MODULES, "page.css", "morula.svg"):
        answer = page.get(f"/page/{name}")
        assert (answer.status_code, answer.content) == (200, (FOLDER / name).read_bytes())
    assert page.get("/page/main.js").headers["content-type"] == "text/javascript; charset=utf-8"


@pytest.mark.parametrize("path", ["nothing.js", "../server.py", "%2e%2e/server.py", "..%2fserver.py", "tools", ""])
def test_nothing_else_is(page, path):
    assert page.get(f"/page/{path}").status_code == 404
