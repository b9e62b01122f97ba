"""The server: routes together, errors in words, and the page itself."""

from __future__ import annotations

import errno
import socket
import webbrowser
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from threading import Timer

import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.requests import ClientDisconnect

from morula.errors import MorulaError, OutputError, RequestError, refusal
from morula.progress import Tell
from morula.projects.adoption import adopt
from morula.projects.claim import Claim
from morula.projects.frame_states import FrameFinished
from morula.projects.project import NotThere, Project
from morula.projects.uploads import TooLarge
from morula.studio import api_annotation, api_labels, api_pictures, api_project, api_results, api_work, page_files
from morula.studio.access import Access
from morula.studio.workbench import Workbench

LOOPBACK = "127.0.0.1"
LOCAL = (LOOPBACK, "localhost")
"""What a server on this machine is called by."""
EVERYWHERE = ("0.0.0.0", "::")
"""Addresses that mean all of a machine's own."""
NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EFBIG)
"""What the system says where nothing can be written."""


def make_app(bench: Workbench) -> FastAPI:
    """The routes of a project, and the page that asks them."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        bench.close()

    app = FastAPI(title="Morula studio", lifespan=lifespan, docs_url=None, redoc_url=None)
    app.state.bench = bench
    for part in (page_files, api_project, api_pictures, api_labels, api_annotation, api_work, api_results):
        app.include_router(part.router)
    app.add_exception_handler(MorulaError, _in_words)
    app.add_exception_handler(OSError, _in_words)
    app.add_exception_handler(RequestValidationError, _refused)
    app.add_exception_handler(ClientDisconnect, _nobody_listens)
    return app


def serve(folder: Path, *, host: str, port: int, browse: bool, tell: Tell) -> None:
    """Open a project and serve it until Ctrl-C.

    Args:
        folder: the project; made if it does not exist.
        host: the address to listen at.
        port: to listen at; 0 takes a free one.
        browse: whether to open the page in a browser.
        tell: told the link, and what was found.

    Raises:
        MorulaError: the folder cannot be used or is open already, or the port is taken.
    """
    project = Project(folder)
    if said := adopt(project):
        tell(said)
    listening = listen_at(host, port)
    port = listening.getsockname()[1]
    claim = Claim(project, LOOPBACK if host in EVERYWHERE else host, port)
    bench = Workbench(project)
    names = names_of(host)
    access = Access(make_app(bench), names, port)
    link = f"http://{names[0]}:{port}/?token={access.token}"
    tell(f"The studio is open at {link}")
    if host != LOOPBACK:
        tell("Whoever has this link, and can reach this machine, can see and change all that is in the project. What "
             "travels is not encrypted: use it in a network that you trust.")
    if browse:
        Timer(0.5, webbrowser.open, [link]).start()
    config = uvicorn.Config(access, log_level="warning", timeout_graceful_shutdown=2, server_header=False)
    try:
        _Server(config, bench).run(sockets=[listening])
    finally:
        claim.let_go()


class _Server(uvicorn.Server):
    """One that lets pages go before it waits for what they asked, which of some never ends."""

    def __init__(self, config: uvicorn.Config, bench: Workbench):
        super().__init__(config)
        self._bench = bench

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._bench.announcements.close()
        await super().shutdown(sockets)


def names_of(host: str) -> tuple[str, ...]:
    """What a server that listens at an address may be called by; first what others reach it by."""
    if host == LOOPBACK:
        return LOCAL
    own = [host] if host not in EVERYWHERE else [_outward(), *_addresses()]
    written = [f"[{each}]" if ":" in each else each for each in own]
    return tuple(dict.fromkeys((*written, socket.gethostname(), socket.getfqdn(), *LOCAL)))


def _outward() -> str:
    """The address that this machine has in its network; nothing is sent to find it out."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        try:
            asking.connect(("192.0.2.1", 9))  # reserved for documentation
            return asking.getsockname()[0]
        except OSError:
            return LOOPBACK


def _addresses() -> list[str]:
    """All that its name leads to."""
    try:
        return [str(found[4][0]) for found in socket.getaddrinfo(socket.gethostname(), None)]
    except OSError:
        return []


def listen_at(host: str, port: int) -> socket.socket:
    """A socket that listens at an address; 0 takes a free port.

    Raises:
        RequestError: the port is taken, or the address is none of this machine.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio lets small answers go at once only where it is told that this is TCP; else each waits for 40 ms
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen()  # before the link is told: whoever is quick waits until there is an answer
    except OSError as error:
        listening.close()
        raise RequestError(f"Nothing can listen at {host}:{port} ({error.strerror}). Choose another --port; 0 takes a "
                           "free one.") from error
    return listening


async def _in_words(_: Request, error: Exception) -> JSONResponse:
    """An error that a person can do something about."""
    status = 422
    if isinstance(error, OutputError):
        status = 507
    elif isinstance(error, TooLarge):
        status = 413
    elif isinstance(error, NotThere):
        status = 404
    elif isinstance(error, FrameFinished):
        status = 409
    elif isinstance(error, OSError):
        status = 507 if error.errno in NO_ROOM else 404
    return JSONResponse({"detail": refusal(error) or str(error)}, status)


async def _refused(_: Request, error: Exception) -> JSONResponse:
    """A request that is not as it should be; what was sent is not repeated."""
    assert isinstance(error, RequestValidationError)
    said = [_problem(problem["loc"], problem["msg"]) for problem in error.errors()]
    return JSONResponse({"detail": "; ".join(said)}, 422)


def _problem(where: Sequence[str | int], words: str) -> str:
    """What was wrong and where; what we say ourselves of all of a request needs no place."""
    own = words.removeprefix("Value error, ")
    return own[:1].upper() + own[1:] if own != words and len(where) == 1 else f"{'.'.join(map(str, where))}: {words}"


async def _nobody_listens(_: Request, __: Exception) -> Response:
    """A page that was closed while it sent something; nothing of that is kept."""
    return Response(status_code=400)
