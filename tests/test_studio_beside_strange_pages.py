"""What a strange page can do to a studio that is open in the same browser: a real one, which has the studio's cookie.

The page has a name of its own, as if it came from afar; the same name is then made to lead to the studio, too, which is
how a page makes a browser ask a server that is none of its business.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pytest
import tifffile

from browser import chromium, served
from morula.files import read_json
from morula.projects.project import Project

pytestmark = pytest.mark.slow

AFAR = "strange.example"
CHECK = '{"kind": "check"}'
REFUSED = {401, 403, 421}
ATTEMPTS = {
    "reads": "fetch(url + '/api/project', {credentials: 'include'}).then((answer) => answer.text())",
    "reads blindly": "fetch(url + '/api/project', {credentials: 'include', mode: 'no-cors'})"
                     ".then((answer) => answer.text())",
    "shows a picture": "new Promise((shown) => Object.assign(new Image(), {onload: () => shown('a picture'), "
                       "onerror: () => shown(''), src: url + '/api/images/' + image + '/thumbnail'}))",
    "runs a script": "new Promise((ran) => document.head.append(Object.assign(document.createElement('script'), "
                     "{onload: () => ran('a script'), onerror: () => ran(''), src: url + '/page/words.js', "
                     "type: 'module'})))",
    "listens": "new Promise((heard) => { const stream = new EventSource(url + '/api/events', {withCredentials: true}); "
               "stream.onopen = () => heard('a stream'); stream.onerror = () => heard(''); })",
    "changes": "fetch(url + '/api/jobs', {method: 'POST', credentials: 'include', mode: 'no-cors', body: asked, "
               "headers: {'Content-Type': 'text/plain'}}).then((answer) => answer.text())",
    "changes with its header": "fetch(url + '/api/jobs', {method: 'POST', credentials: 'include', body: asked, "
                               "headers: {'X-Morula': '1', 'Content-Type': 'application/json'}})"
                               ".then((answer) => answer.text())",
}
"""What a page tries, and what comes of it, which should be nothing."""


class StrangePage(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>Strange</title>")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def strange() -> Iterator[str]:
    """The address of a page from afar."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), StrangePage)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://{AFAR}:{server.server_address[1]}"
    server.shutdown()


@pytest.fixture(scope="module")
def visited(tmp_path_factory) -> Iterator[tuple]:
    """The browser of somebody who has the studio open, its address, and its folder."""
    folder = tmp_path_factory.mktemp("project")
    (folder / "images").mkdir()
    tifffile.imwrite(folder / "images/a.tif", np.arange(120 * 120, dtype=np.uint16).reshape(120, 120))
    with chromium(f"--host-resolver-rules=MAP {AFAR} 127.0.0.1") as browser, served(folder) as (link, _):
        context = browser.new_context()
        own = context.new_page()
        own.goto(link)
        own.locator("html[data-ready=yes]").wait_for(state="attached")
        assert own.evaluate("fetch('/api/project').then((answer) => answer.status)") == 200
        yield context, f"http://{urlsplit(link).netloc}", folder


def jobs_of(folder: Path) -> list:
    return [read_json(file) for file in (Project(folder).hidden / "jobs").glob("*.json")]


def tried(page, attempt: str, studio: str, image: str) -> str:
    """What comes of an attempt on a page; nothing where it fails."""
    return page.evaluate(f"""([url, image, asked]) => Promise.race([
        {ATTEMPTS[attempt]}, new Promise((late) => setTimeout(() => late('it waits'), 20_000))]).catch(() => '')""",
                         [studio, image, CHECK])


@pytest.mark.parametrize("attempt", [name for name in ATTEMPTS if "changes" not in name])
def test_its_own_page_gets_what_it_asks_for_in_the_same_way(visited, attempt):
    context, studio, folder = visited
    [image] = Project(folder).sources()
    page = context.new_page()
    page.goto(studio)
    assert tried(page, attempt, studio, image.id) not in ("", "it waits")
    page.close()


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_a_strange_page_gets_nothing(visited, strange, attempt):
    context, studio, folder = visited
    [image] = Project(folder).sources()
    page, answers = context.new_page(), []
    page.on("response", lambda answer: answer.url.startswith(studio) and answers.append(answer.status))
    page.goto(strange)
    assert tried(page, attempt, studio, image.id) == ""
    page.close()
    assert set(answers) <= REFUSED  # none, where the browser does not even show what was refused
    assert jobs_of(folder) == []


def test_a_strange_form_begins_nothing(visited, strange):
    context, studio, folder = visited
    page = context.new_page()
    page.goto(strange)
    page.set_content(f"""<form method=post enctype=text/plain action="{studio}/api/jobs">
        <input name='{{"kind": "check", "a": "' value='"}}'><button>Go</button></form>""")
    with page.expect_navigation() as gone:
        page.get_by_role("button").click()
    assert gone.value.status in REFUSED
    assert jobs_of(folder) == []
    page.close()


def test_a_strange_page_cannot_frame_the_studio(visited, strange):
    context, studio, _ = visited
    page = context.new_page()
    page.goto(strange)
    page.evaluate("""(url) => new Promise((done) => document.body.append(Object.assign(
        document.createElement('iframe'), {src: url, onload: done})))""", studio)
    assert not any(frame.url.startswith(studio) and "Morula" in frame.content() for frame in page.frames[1:])
    page.close()


def test_a_name_that_is_made_to_lead_to_the_studio_leads_nowhere(visited):
    context, studio, folder = visited
    page = context.new_page()
    answer = page.goto(studio.replace("127.0.0.1", AFAR) + "/api/project")
    assert answer.status == 421
    for path in ("/", "/api/project", "/api/events", "/page/main.js"):
        assert page.evaluate("(path) => fetch(path).then((answer) => answer.status)", path) == 421
    asked = {"method": "POST", "headers": {"X-Morula": "1", "Content-Type": "application/json"}, "body": CHECK}
    assert page.evaluate("(asked) => fetch('/api/jobs', asked).then((answer) => answer.status)", asked) == 421
    assert jobs_of(folder) == []
    page.close()
