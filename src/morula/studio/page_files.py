"""The page itself: its files as they lie, told to the browser all at once."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, Response

from morula.projects.project import NotThere

FOLDER = Path(__file__).with_name("page")
FILES = {path.relative_to(FOLDER).as_posix(): path for path in sorted(FOLDER.rglob("*.*"))}
"""What may be asked for, by its name; nothing else is looked for on disk."""
TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
PRELOADED = "".join(f'<link rel="modulepreload" href="/page/{name}">\n  ' for name in FILES if name.endswith(".js"))
"""Without it, a browser hears of each module only from the one that imports it."""

router = APIRouter(include_in_schema=False)


@router.get("/")
async def index() -> Response:
    """The page."""
    page = FILES["index.html"].read_text(encoding="utf-8")
    return Response(page.replace("<script", f"{PRELOADED}<script", 1), media_type=TYPES[".html"])


@router.get("/page/{name:path}")
async def file(name: str) -> Response:
    """One of its files. They are small: a thread for each would take longer than reading it."""
    path = FILES.get(name)
    if path is None:
        raise NotThere("There is no such file.")
    return Response(path.read_bytes(), media_type=TYPES[path.suffix])
