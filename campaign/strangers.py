"""Requests to a running studio that do not come from its own page, or come in a shape that no page sends."""

from __future__ import annotations

import random
import re
import socket
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

from campaign.outcomes import Outcome
from campaign.works import prepare

OUTSIDE = "sentinel of a file outside"
PATHS = ("/", "/api/project", "/api/events", "/api/jobs", "/openapi.json", "/page/main.js", "/api/models")
CLIMBING = ("/page/../../secret.txt", "/page/..%2f..%2fsecret.txt", "/page/%2e%2e/%2e%2e/secret.txt", "//secret.txt",
            "/page/%00", "/page/....//....//secret.txt", "/page/..%5c..%5csecret.txt", "/page//etc/hostname",
            "/api/images/..%2f..%2fsecret.txt", "/page/%2fetc%2fhostname", "file:///etc/hostname",
            "http://elsewhere.example/", "/api/images/%ff%fe", "/" + "a" * 60_000, "/page/" + "../" * 1000,
            "/?token=" + "a" * 10_000, "*", "")
FOREIGN = ("Host: elsewhere.example", "Host: elsewhere.example:{port}", "Host: 127.0.0.1.nip.io:{port}", "Host: ",
           "Host: 127.0.0.1:{port}\r\nOrigin: http://elsewhere.example", "Host: 127.0.0.1:{port}\r\nOrigin: null",
           "Host: 127.0.0.1:{port}\r\nSec-Fetch-Site: cross-site",
           "Host: 127.0.0.1:{port}\r\nOrigin: https://127.0.0.1:{port}", "Host: 127.0.0.1:{port}@elsewhere.example")
"""What a page of another site makes a browser send, also one whose name was made to lead here."""
STREAMS = 200
SECONDS = 30.0


class Studio(NamedTuple):
    """A studio that runs, its process, and the cookie of its own page."""

    port: int
    cookie: str
    process: int

    def ask(self, request: bytes) -> bytes:
        """All of an answer, or what came of it until the server closed or fell silent."""
        with socket.create_connection(("127.0.0.1", self.port), SECONDS) as line:
            answer = bytearray()
            try:
                line.sendall(request)
                while piece := line.recv(2**16):
                    answer += piece
                    if b"text/event-stream" in answer:
                        break
            except (ConnectionError, TimeoutError):
                pass
            return bytes(answer)

    def request(self, path: str, *headers: str, method: str = "GET", body: bytes = b"") -> bytes:
        """A request as bytes, after which the line is closed."""
        told = [f"{method} {path} HTTP/1.1", *headers, f"Cookie: {self.cookie}", f"Content-Length: {len(body)}",
                "Connection: close", "", ""]
        return "\r\n".join(told).encode("utf-8", "surrogateescape") + body

    @property
    def host(self) -> str:
        """How its own page calls it."""
        return f"Host: 127.0.0.1:{self.port}"


def strangers(tries: int, seed: int) -> Iterator[Outcome]:
    """Ask a studio so often."""
    rng = random.Random(seed)
    with tempfile.TemporaryDirectory() as place, studio_at(Path(place)) as studio:
        yield _foreign(studio, tries - tries // 2, rng)
        yield _strange(studio, tries // 2, rng)
        yield _streams(studio)


@contextmanager
def studio_at(folder: Path) -> Iterator[Studio]:
    """A studio, with a project in a folder."""
    prepare(folder)
    (folder / "secret.txt").write_text(OUTSIDE)
    command = [sys.executable, "-m", "morula", "studio", str(folder / "out"), "--port", "0", "--no-browser"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert process.stdout is not None
        try:
            link = next(filter(None, (re.search(r"127\.0\.0\.1:(\d+)/\?token=(\S+)", line)
                                      for line in process.stdout)))
            port = int(link[1])
            opened = Studio(port, "", process.pid).ask(f"GET /?token={link[2]} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
                                          "Connection: close\r\n\r\n".encode())
            cookie = re.search(rb"set-cookie: (\S+?);", opened, re.IGNORECASE)
            assert cookie, opened
            yield Studio(port, cookie[1].decode(), process.pid)
        finally:
            process.terminate()
            process.wait(SECONDS)


def status_of(answer: bytes) -> int:
    """The status of an answer; 0 where it has none."""
    found = re.match(rb"HTTP/1\.1 (\d{3})", answer)
    return int(found[1]) if found else 0


def _foreign(studio: Studio, tries: int, rng: random.Random) -> Outcome:
    """What other pages make a browser send, with the cookie that it would never send."""
    broken = []
    for _ in range(tries):
        path, header = rng.choice(PATHS), rng.choice(FOREIGN).format(port=studio.port)
        method = rng.choice(["GET", "GET", "POST", "PUT", "DELETE", "OPTIONS"])
        answer = studio.ask(studio.request(path, header, method=method, body=b"{}" if method != "GET" else b""))
        if status_of(answer) not in (400, 403, 421):
            broken.append(f"{method} {path} with {header!r}: {answer[:200]!r}")
    return Outcome("Requests to the studio that other pages send", tries, "all refused", tuple(broken))


def _strange(studio: Studio, tries: int, rng: random.Random) -> Outcome:
    """What its own page never sends."""
    broken, seen = [], Counter[int]()
    for number in range(tries):
        path = CLIMBING[number % len(CLIMBING)] if number % 2 else rng.choice(PATHS)
        body = rng.choice([b"", b"{", b"[" * 100_000, rng.randbytes(1000), b'{"kind": NaN}', b"\xff" * 10_000])
        extra = rng.choice(["X-Morula: 1", "Transfer-Encoding: chunked", "Content-Type: text/html\r\nX-Morula: 1",
                            "X: " + "a" * 100_000, "Expect: 100-continue", "Cookie: \xff;;=", "Range: bytes=-1,0-999"])
        method = rng.choice(["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "BREW"])
        answer = studio.ask(studio.request(path, studio.host, extra, method=method, body=body))
        seen[status_of(answer) // 100] += 1
        if status_of(answer) >= 500 or OUTSIDE.encode() in answer:
            broken.append(f"{method} {path[:60]} with {extra[:40]!r}: {answer[:300]!r}")
    alive = status_of(studio.ask(studio.request("/api/project", studio.host)))
    if alive != 200:
        broken.append(f"afterwards it answered its own page with {alive}")
    return Outcome("Requests in a shape that no page sends", tries,
                   f"{seen[4]:,} refused, {seen[2] + seen[3]:,} answered, {seen[0]:,} cut off; no fault, nothing from "
                   "outside the project", tuple(broken))


def _streams(studio: Studio) -> Outcome:
    """Pages that stay open by the hundred, and some that never finish what they ask."""
    with ExitStack() as lines:
        for number in range(STREAMS):
            line = lines.enter_context(socket.create_connection(("127.0.0.1", studio.port), SECONDS))
            request = studio.request("/api/events", studio.host)
            line.sendall(request[:-4] if number % 4 == 0 else request)
        answer = studio.ask(studio.request("/api/project", studio.host))
    broken = () if status_of(answer) == 200 else (f"its own page was answered with {answer[:200]!r}",)
    return Outcome("Streams that stay open, a quarter of them never asked to the end", STREAMS,
                   "its own page was answered all the same", broken)
