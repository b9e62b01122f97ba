"""Places elsewhere for tests: a server of pages that gives parts and can refuse, and a folder put where a URL leads."""

from __future__ import annotations

import re
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote

SECRET = "wJalrXUtnFEMIK7MDENG"
"""What lets in, and must be found nowhere."""


class Pages(ThreadingHTTPServer):
    """Serves a folder.

    Attributes:
        asked: the requests so far, such as `GET /a.tif`.
        sent: bytes of files so far.
        refused: words of paths for which it answers 403.
        token: what must stand behind the `?`, if anything.
        account: what must let in, as HTTP has it, if anything.
        lists: whether it says what lies in a folder.
        parts: whether it gives parts of files.
    """

    daemon_threads = True

    def __init__(self, folder: Path):
        super().__init__(("127.0.0.1", 0), partial(_Handler, directory=str(folder)))
        self.asked: list[str] = []
        self.sent, self.refused, self.token, self.account = 0, "\0", "", ""
        self.lists = self.parts = True

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(SimpleHTTPRequestHandler):
    server: Pages

    def log_message(self, *_: Any) -> None:
        """Nothing on the terminal."""

    def do_GET(self) -> None:
        self.answer()

    def do_HEAD(self) -> None:
        self.answer()

    def answer(self) -> None:
        self.server.asked.append(f"{self.command} {self.path}")
        path, _, query = self.path.partition("?")
        account = self.headers.get("Authorization", "")
        file = Path(self.translate_path(path))
        if self.server.refused in path or (query or account) != (self.server.token or self.server.account):
            return self.send_error(403)
        if file.is_dir() and self.server.lists:
            return super().do_GET() if self.command == "GET" else super().do_HEAD()
        if not file.is_file():
            return self.send_error(404)
        data, length = file.read_bytes(), file.stat().st_size
        wanted = re.fullmatch(r"bytes=(\d*)-(\d*)", self.headers.get("Range", "")) if self.server.parts else None
        if wanted:
            first, last = wanted.groups()
            begin = int(first) if first else length - int(last)
            end = min(int(last), length - 1) if first and last else length - 1
            if begin >= length:
                return self.send_error(416)
            data = data[begin : end + 1]
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {begin}-{end}/{length}")
        else:
            self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Last-Modified", self.date_time_string(file.stat().st_mtime))  # type: ignore[arg-type]
        self.end_headers()
        if self.command == "GET":
            self.server.sent += len(data)
            self.wfile.write(data)


class Gate(ThreadingHTTPServer):
    """Stands before a server of buckets, and passes on what is asked of it.

    Attributes:
        refused: words of requests, such as `PUT /bucket/a.tif`, that are answered with 403.
        stops: words of requests from the first of which on nothing is answered any more, as where a server has died.
        asked: the requests so far.
        before: is called with each request before it is passed on.
    """

    daemon_threads = True

    def __init__(self, behind: str):
        super().__init__(("127.0.0.1", 0), _Doorman)
        self.behind = behind.removeprefix("http://")
        self.asked: list[str] = []
        self.refused = self.stops = r"\0"
        self.dead = False
        self.before: Callable[[str], None] = lambda _: None


class _Doorman(BaseHTTPRequestHandler):
    server: Gate
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: Any) -> None:
        """Nothing on the terminal."""

    def answer(self) -> None:
        gate, asked = self.server, unquote(f"{self.command} {self.path}")
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        gate.before(asked)
        gate.asked.append(asked)
        gate.dead = gate.dead or bool(re.search(gate.stops, asked))
        if gate.dead:
            self.close_connection = True
            return
        if re.search(gate.refused, asked):
            answer, data, told = 403, b"<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>", {}
        else:
            way = HTTPConnection(gate.behind)
            way.request(self.command, self.path, body, dict(self.headers))
            came = way.getresponse()
            answer, data, told = came.status, came.read(), dict(came.getheaders())
            way.close()
        self.send_response(answer)
        for name, value in told.items():
            if name.lower() not in ("content-length", "connection", "transfer-encoding", "date", "server"):
                self.send_header(name, value)
        length = told.get("Content-Length", "0") if self.command == "HEAD" else str(len(data))
        self.send_header("Content-Length", length)
        self.end_headers()
        self.wfile.write(b"" if self.command == "HEAD" else data)

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = answer


@contextmanager
def gated(s3: dict[str, Any]) -> Iterator[tuple[Gate, dict[str, Any]]]:
    """A gate before the buckets, and what s3fs is told to go through it, without trying again and again."""
    with Gate(s3["endpoint_url"]) as gate:
        thread = threading.Thread(target=gate.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield gate, {**s3, "endpoint_url": f"http://127.0.0.1:{gate.server_port}",
                         "config_kwargs": {"retries": {"max_attempts": 0}}}
        finally:
            gate.shutdown()
            thread.join()


@contextmanager
def served(folder: Path) -> Iterator[Pages]:
    """A server of a folder, as long as it is needed."""
    with Pages(folder) as pages:
        thread = threading.Thread(target=pages.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield pages
        finally:
            pages.shutdown()
            thread.join()


def in_memory(folder: Path, name: str) -> str:
    """A folder as `memory://`."""
    import fsspec

    system = fsspec.filesystem("memory")
    system.put(str(folder), f"/{name}", recursive=True)
    return f"memory://{name}"


def in_zip(folder: Path) -> str:
    """A folder as `zip://`."""
    packed = shutil.make_archive(str(folder.with_name(f"{folder.name} packed")), "zip", folder.parent, folder.name)
    return f"zip://{folder.name}::{packed}"


def in_bucket(folder: Path, bucket: str, options: dict[str, Any]) -> str:
    """A folder in a new bucket, as `s3://`."""
    import s3fs

    system = s3fs.S3FileSystem(**options)
    system.mkdir(bucket)
    system.put(str(folder), f"{bucket}/{folder.name}", recursive=True)
    return f"s3://{bucket}/{folder.name}"
