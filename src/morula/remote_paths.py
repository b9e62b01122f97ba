"""Paths of what lies elsewhere, behind the URL of anything that fsspec reaches.

A `RemotePath` is a path as any other, to look at, to open and to go on from. It brings along what lets in, and never
shows it. What needs a file on this machine is refused in words.
"""

from __future__ import annotations

import io
import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from morula.errors import FileError, MorulaError, OutputError
from morula.sites import Site, changed, failure, is_of_the_way

if TYPE_CHECKING:
    Here = Path
else:
    Here = type(Path())  # so that of a path here and one elsewhere, it is ours that says whether they are the same

BLOCK = 2**18
"""Bytes that are asked for at once, at least, of a file of which parts are read."""


class RemotePath(Here):
    """A path elsewhere. Two are the same if their addresses are, whatever lets in.

    All that looks there raises a FileError where it cannot be reached or refuses, which names the address.
    """

    __slots__ = ("_opened_as", "_stays", "site", "way")
    site: Site
    way: PurePosixPath

    def __new__(cls, site: Site, way: PurePosixPath) -> RemotePath:
        made = object.__new__(cls)
        made.site, made.way = site, way
        made._stays, made._opened_as = False, None
        return made

    def __init__(self, site: Site, way: PurePosixPath):
        """All is known already, and nothing of it is a path of this machine."""

    def __str__(self) -> str:
        return self.site.shown(self.way)

    def __repr__(self) -> str:
        return f"as_path({str(self)!r})"

    def __fspath__(self) -> str:
        raise FileError(f"{self} lies elsewhere, and what reads it needs a file on this machine. Copy it here first.")

    def __hash__(self) -> int:
        return hash(str(self))

    def __eq__(self, other: object) -> bool:
        return str(self) == str(other) if isinstance(other, RemotePath) else False

    def __lt__(self, other: Any) -> bool:
        return str(self) < str(other)

    def __gt__(self, other: Any) -> bool:
        return str(self) > str(other)

    def __reduce__(self) -> tuple:
        return RemotePath, (self.site, self.way)

    def staying(self) -> RemotePath:
        """The same path, which is refused once it is opened and is not the file any more that it was the first time."""
        path = self._at(self.way)
        path._stays = True
        return path

    def _at(self, way: PurePosixPath) -> RemotePath:
        return RemotePath(self.site, way)

    @property
    def parts(self) -> tuple[str, ...]:
        return self.way.parts

    @property
    def name(self) -> str:
        return self.way.name

    @property
    def stem(self) -> str:
        return self.way.stem

    @property
    def suffix(self) -> str:
        return self.way.suffix

    @property
    def suffixes(self) -> list[str]:
        return self.way.suffixes

    @property
    def parent(self) -> RemotePath:
        return self._at(self.way.parent)

    @property
    def parents(self) -> tuple[RemotePath, ...]:  # type: ignore[override]
        return tuple(map(self._at, self.way.parents))

    def __truediv__(self, other: Any) -> RemotePath:
        return self._at(self.way / other)

    def joinpath(self, *others: Any) -> RemotePath:
        return self._at(self.way.joinpath(*others))

    def with_name(self, name: str) -> RemotePath:
        return self._at(self.way.with_name(name))

    def relative_to(self, other: Any) -> PurePosixPath:  # type: ignore[override]
        if not isinstance(other, RemotePath):
            raise ValueError(f"{self} does not lie in {other}")
        return self.way.relative_to(other.way)

    def is_relative_to(self, other: Any) -> bool:  # type: ignore[override]
        return isinstance(other, RemotePath) and self.way.is_relative_to(other.way)

    def as_posix(self) -> str:
        return str(self)

    def absolute(self) -> RemotePath:
        return self

    def resolve(self, strict: bool = False) -> RemotePath:
        return self

    def expanduser(self) -> RemotePath:
        return self

    def is_symlink(self) -> bool:
        return False

    def exists(self, **_: Any) -> bool:
        return self._about() is not None

    def is_file(self, **_: Any) -> bool:
        about = self._about()
        return about is not None and about["type"] == "file"

    def is_dir(self, **_: Any) -> bool:
        about = self._about()
        return about is not None and about["type"] == "directory"

    def stat(self, **_: Any) -> os.stat_result:
        """Kind, size, and when it was last changed: 0 where the place does not say it, as if it never were."""
        about = self._about()
        if about is None:
            raise FileNotFoundError(str(self))
        size = about.get("size")
        changed = self._changed(about)
        mode = stat.S_IFDIR if about["type"] == "directory" else stat.S_IFREG
        size = len(self.read_bytes()) if size is None and mode == stat.S_IFREG else size or 0
        return os.stat_result((mode, 0, 0, 1, 0, 0, size, int(changed), int(changed), int(changed)),
                              {"st_mtime": changed, "st_mtime_ns": int(changed * 1e9)})

    def open(self, mode: str = "r", *_: Any, encoding: str | None = None, newline: str | None = None,  # type: ignore
             **__: Any) -> IO:
        """Open it to read; parts are asked for when they are, if the server gives parts."""
        if "b" not in mode:
            return io.TextIOWrapper(io.BytesIO(self.read_bytes()), encoding or "utf-8", newline=newline)
        with self._asking():
            if not self.gives_parts():
                return io.BytesIO(self.read_bytes())
            opened, about = self._opened()
        if self._stays:
            # Machines that share the files of a server may tag them differently, but not tell other times and sizes.
            tag = about.get("ETag", about.get("etag")) if self.site.lists else None
            now = tag or (about.get("size"), self._changed(about))
            if self._opened_as not in (None, now):
                raise changed(str(self))
            self._opened_as = now
        return opened

    def _opened(self) -> tuple[IO, Mapping[str, Any]]:
        """The file, and what was told of it on opening it, so that nothing is asked for twice."""
        asked, how = self.site.asked(self.way), {"block_size": BLOCK, "cache_type": "readahead"}
        if self.site.lists:
            opened = self.site.system.open(asked, "rb", **how)
            return opened, getattr(opened, "details", None) or self.site.system.info(asked)
        about = self.site.system.info(asked)
        return self.site.system.open(asked, "rb", size=about.get("size"), **how), about

    def gives_parts(self) -> bool:
        """Whether parts of it can be asked for; some servers of pages give the whole alone."""
        with self._asking():
            return self.site.lists or _gives_parts(self.site, self)

    def read_bytes(self) -> bytes:
        with self._asking():
            return self.site.system.cat_file(self.site.asked(self.way))

    def read_text(self, encoding: str | None = None, *_: Any, **__: Any) -> str:  # type: ignore[override]
        return self.read_bytes().decode(encoding or "utf-8")

    def mkdir(self, *_: Any, **__: Any) -> None:
        """Nothing: a folder is there as soon as something is in it."""

    def iterdir(self) -> Iterator[RemotePath]:
        return (path for path, _ in self.entries())

    def entries(self) -> Iterator[tuple[RemotePath, bool]]:
        """What lies in a folder, and whether each is a folder."""
        with self._asking():
            found = self.site.system.ls(self.site.asked(self.way), detail=True)
        for each in found:
            if name := self._within(each["name"]):
                yield self / name, each["type"] == "directory"

    def look_anew(self) -> None:
        """List a folder, so that nothing needs to be asked about any file in it until one is written."""
        with suppress(FileNotFoundError), self._asking():
            self.site.system.invalidate_cache(self.site.asked(self.way))
            self.site.system.ls(self.site.asked(self.way))

    def glob(self, pattern: str, **_: Any) -> Iterator[RemotePath]:  # type: ignore[override]
        with self._asking():
            found = self.site.system.glob(f"{self.site.asked(self.way)}/{pattern}")
        return (self / self._within(each) for each in found)

    def files_below(self) -> Iterator[RemotePath]:
        """All files in a folder and in those in it."""
        with self._asking():
            found = self.site.system.find(self.site.asked(self.way))
        return (self / self._within(each) for each in found)

    def _within(self, name: str) -> str:
        """The way from here to what the system calls so; empty if that is here."""
        way = name.removeprefix(self.site.asked(self.way).rstrip("/")).strip("/")
        return way if self.site.lists else unquote(urlsplit(way).path)

    def _about(self) -> Mapping[str, Any] | None:
        """What is told of it, None where there is nothing."""
        try:
            with self._asking():
                about = self.site.system.info(self.site.asked(self.way))
        except (FileNotFoundError, NotADirectoryError):
            return None
        if self.site.lists:
            return about
        # A server of pages says of a folder that it is a page, and leads to its name with a slash at the end.
        led = urlsplit(about["url"]).path
        return {**about, "type": "directory" if led.endswith("/") or not led else "file"}

    def _changed(self, about: Mapping[str, Any]) -> float:
        """When it was last changed, in seconds since 1970; 0 where that is not told."""
        from email.utils import parsedate_to_datetime

        told = next((about[key] for key in ("LastModified", "last_modified", "Last-Modified", "modified", "mtime",
                                            "updated", "created", "date_time") if about.get(key)), None)
        try:
            if isinstance(told, tuple):
                told = datetime(*told)  # type: ignore[misc]
            if isinstance(told, str):
                told = parsedate_to_datetime(told) if "," in told else datetime.fromisoformat(told)
            return told.timestamp() if isinstance(told, datetime) else float(told or 0)
        except (TypeError, ValueError):
            return 0.0

    @contextmanager
    def _asking(self) -> Iterator[None]:
        try:
            yield
        except MorulaError:
            raise
        except (FileNotFoundError, NotADirectoryError) as error:
            if error.__cause__ is None or not is_of_the_way(error.__cause__):
                raise
            raise self.failure(error.__cause__) from None  # of a server that does not answer, too, a file is not found
        except Exception as error:
            raise self.failure(error) from None

    def failure(self, error: BaseException) -> FileError:
        """What went wrong on the way to it, in words, with what to do."""
        self.site.system.invalidate_cache()  # or what was listed would be believed for ever
        return failure(str(self), error, self.site.secrets)

    def unlink(self, missing_ok: bool = False) -> None:
        """Take a file away.

        Raises:
            OutputError: that is refused.
        """
        if missing_ok and not self.exists():
            return
        with self._writing():
            self.site.system.rm_file(self.site.asked(self.way))

    def remove_all(self) -> None:
        """Take a folder away with all that is in it, if there is one.

        Raises:
            OutputError: that is refused.
        """
        if self.exists():
            with self._writing():
                self.site.system.rm(self.site.asked(self.way), recursive=True)

    def write(self, made: Path) -> None:
        """Have a file here become what it is, at once.

        Raises:
            OutputError: it cannot be written.
        """
        with self._writing():
            self.site.system.put_file(str(made), self.site.asked(self.way))

    def write_all(self, made: Path, last: Sequence[str]) -> None:
        """Have a folder here become what it is: what has one of certain names is the last to come, in the order of
        these, and the first to go, in the other.

        Raises:
            OutputError: it cannot be written.
        """
        with self._writing():
            for name in reversed(last):
                (self / name).unlink(missing_ok=True)
            self.remove_all()
            files = [file.relative_to(made) for file in made.rglob("*") if file.is_file()]
            for file in sorted(files, key=lambda each: (each.name in last, -len(each.parts), _place(each.name, last))):
                self.site.system.put_file(str(made / file), self.site.asked(self.way / file.as_posix()))

    @contextmanager
    def _writing(self) -> Iterator[None]:
        if not self.site.writes:
            raise OutputError(f"{self} cannot be written: nothing can be put there. Name a folder on this machine.")
        try:
            yield
        except FileError as error:
            raise OutputError(str(error)) from None
        except MorulaError:
            raise
        except Exception as error:
            raise OutputError(str(failure(str(self), error, self.site.secrets, "written"))) from None


def _place(name: str, names: Sequence[str]) -> int:
    return names.index(name) if name in names else 0


@lru_cache(maxsize=64)
def _gives_parts(site: Site, path: RemotePath) -> bool:
    """Whether a server of pages gives a part of a file that is asked for, and not the whole."""
    return len(site.system.cat_file(site.asked(path.way), 1, 2)) == 1
