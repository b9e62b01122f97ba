"""A server that serves the project of discs."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from morula.projects.project import Project
from morula.studio.access import Access
from morula.studio.server import make_app
from morula.studio.workbench import Workbench

PORT = 8123


@pytest.fixture
def bench(project: Project):
    """The same, worked on."""
    bench = Workbench(project)
    yield bench
    bench.close()


@pytest.fixture
def access(bench: Workbench) -> Access:
    """Its server, as it stands behind the door."""
    return Access(make_app(bench), ["127.0.0.1"], PORT)


@pytest.fixture
def stranger(access: Access) -> TestClient:
    """Somebody who has not opened the link."""
    return TestClient(access, base_url=f"http://127.0.0.1:{PORT}", follow_redirects=False)


@pytest.fixture
def page(stranger: TestClient, access: Access) -> TestClient:
    """Somebody who has."""
    stranger.get("/", params={"token": access.token})
    stranger.headers["X-Morula"] = "1"
    return stranger
