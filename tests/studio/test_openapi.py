"""Requests that nobody thought of: none of them breaks the server."""

from __future__ import annotations

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error

from morula.studio.server import make_app

EACH = 30
"""Requests of each kind."""
ENDLESS = "/api/events"


@pytest.mark.slow
def test_no_request_breaks_it(bench, monkeypatch):
    monkeypatch.setattr("morula.projects.jobs.subprocess.Popen", lambda *_, **__: None)  # jobs never begin
    described = schemathesis.openapi.from_asgi("/openapi.json", make_app(bench))
    movie = next(source.id for source in bench.project.sources() if source.path.stem == "movie")
    asked = set()
    for found in described.exclude(path=ENDLESS).get_all_operations():
        operation = found.ok()

        @given(case=operation.as_strategy())
        @settings(max_examples=EACH, derandomize=True, suppress_health_check=list(HealthCheck))
        def ask(case):
            if case.operation.path.startswith("/api/images/{id}"):
                case.path_parameters["id"] = movie  # no guess would meet one
            case.call_and_validate(checks=[not_a_server_error])
            asked.add(case.operation.label)

        ask()
    assert len(asked) >= 20
