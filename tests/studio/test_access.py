"""Only the browser that opened the link is answered."""

from __future__ import annotations

import pytest

PORT = 8123


def test_a_link_works_once(stranger, access):
    token = access.token
    assert stranger.get("/api/project").status_code == 401
    opened = stranger.get("/", params={"token": token})
    assert opened.status_code == 303
    assert opened.headers["location"] == "/"
    cookie = opened.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert stranger.get("/api/project").status_code == 200
    stranger.cookies.clear()
    assert stranger.get("/", params={"token": token}).status_code == 401
    assert stranger.get("/api/project").status_code == 401


@pytest.mark.parametrize("token", ["", "x", "ü", "a" * 10_000])
def test_guessing_opens_nothing(stranger, token):
    assert stranger.get("/", params={"token": token}).status_code == 401
    assert stranger.get("/api/project", cookies={f"morula-{PORT}": token.encode("ascii", "ignore").decode()}
                        ).status_code == 401


@pytest.mark.parametrize(("headers", "status"), [
    ({"Host": "evil.example"}, 421),
    ({"Host": f"evil.example:{PORT}"}, 421),
    ({"Host": "127.0.0.1:1"}, 421),
    ({"Origin": "http://evil.example"}, 403),
    ({"Origin": "null"}, 403),
    ({"Origin": "http://127.0.0.1:1"}, 403),
    ({"Origin": f"https://127.0.0.1:{PORT}"}, 403),
    ({"Sec-Fetch-Site": "cross-site"}, 403),
    ({"Sec-Fetch-Site": "same-site"}, 403),
])
@pytest.mark.parametrize("path", ["/", "/api/project", "/api/events", "/page/main.js", "/openapi.json"])
def test_other_pages_are_refused_everywhere(page, headers, status, path):
    assert page.get(path, headers=headers).status_code == status


def test_its_own_page_may_ask(page):
    answer = page.get("/api/project", headers={"Origin": f"http://127.0.0.1:{PORT}", "Sec-Fetch-Site": "same-origin"})
    assert answer.status_code == 200


def test_a_foreign_form_changes_nothing(page):
    del page.headers["X-Morula"]
    assert page.post("/api/jobs", json={"kind": "train"}).status_code == 403
    assert page.get("/api/jobs").json() == []


def test_every_answer_forbids_foreign_scripts_and_frames(page, stranger):
    for answer in (page.get("/"), page.get("/api/project"), page.get("/nothing"), page.get("/?token=x")):
        policy = answer.headers["content-security-policy"]
        assert "default-src 'self'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
