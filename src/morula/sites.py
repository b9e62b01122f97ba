"""What is behind URLs: a file system of fsspec, what lets in there, and what went wrong on the way, in words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote

from morula.errors import FileError, RequestError, reason
from morula.urls import HTTP, Address, address, is_url, without_secrets

INSTALL = "python -m pip install 'morula[urls]'"
_LIBRARIES = {"aiohttp", "aiobotocore", "botocore", "s3fs", "gcsfs", "adlfs", "azure", "fsspec", "paramiko", "urllib3"}
"""Whose errors tell of the way to a file, and not of what is in it."""


@dataclass(frozen=True, eq=False, repr=False)
class Site:
    """What is behind addresses that begin and end alike.

    Attributes:
        system: an `AbstractFileSystem` of fsspec, which knows what lets in.
        link: what all addresses have in common, without a way.
        secrets: texts that nobody else may see.
    """

    system: Any
    link: Address
    secrets: tuple[str, ...] = field(default=())

    @classmethod
    def of(cls, url: str, options: Mapping[str, Any]) -> Site:
        """Find what reads a URL.

        Raises:
            RequestError: a library is missing, nobody knows such URLs, or an option is none.
            FileError: what the URL leads through cannot be reached.
        """
        link, shown = address(url), without_secrets(url)
        secrets = (*filter(None, (link.account.rstrip("@").partition(":")[2], link.query[1:])), *_texts(options))
        try:
            from fsspec.core import url_to_fs

            system, _ = url_to_fs(url, **({link.last_protocol: {**options}} if options else {}))
            system.invalidate_cache()  # what is there now, and not when this process looked last
        except ImportError as error:
            raise RequestError(f"{shown} needs a library that is not here ({bare(reason(error), secrets)}). What reads "
                               f"s3:// and https:// is installed with: {INSTALL}") from None
        except (TypeError, ValueError) as error:
            raise RequestError(f"{shown} cannot be asked ({bare(reason(error), secrets)}). Check how it begins, and "
                               "each --storage-option.") from None
        except Exception as error:
            raise failure(shown, error, secrets) from None
        return cls(system, link._replace(way="", through=without_secrets(link.through)), secrets)

    @property
    def lists(self) -> bool:
        """Whether it says what lies in a folder; a server of pages need not."""
        return self.link.protocol not in HTTP

    def several_at_once(self) -> Any:
        """The same system, for who asks for several things at a time."""
        if self.system.async_impl:
            return type(self.system)(*self.system.storage_args, **self.system.storage_options, asynchronous=True)
        from fsspec.implementations.asyn_wrapper import AsyncFileSystemWrapper

        return AsyncFileSystemWrapper(self.system, asynchronous=True)

    @property
    def writes(self) -> bool:
        """Whether anything can be written there: not into packed files, nor to servers of pages."""
        return not (self.link.through or self.link.protocol in HTTP)

    def asked(self, way: PurePosixPath) -> str:
        """What the system is asked for."""
        text = "" if way == PurePosixPath() else str(way)
        text = text if self.lists else quote(text, safe="/:")
        url = f"{self.link.protocol}://{self.link.account}{text}{self.link.query}"
        return str(self.system._strip_protocol(url))

    def shown(self, way: PurePosixPath) -> str:
        """The address as anybody may see it."""
        text = "" if way == PurePosixPath() else str(way)
        through = f"::{self.link.through}" if self.link.through else ""
        return f"{self.link.before}{self.link.protocol}://{text}{through}"


def is_of_the_way(error: BaseException) -> bool:
    """Whether an error tells of the way to a file, and not of what is in it."""
    if getattr(error, "status", None) == 404:
        return False
    if isinstance(error, OSError) and error.errno is not None:  # decoders say what is damaged without a number
        return True
    library = type(error).__module__.partition(".")[0]
    return library in _LIBRARIES or isinstance(error, PermissionError | ConnectionError | TimeoutError)


def failure(shown: str, error: BaseException, secrets: Sequence[str], done: str = "used") -> FileError:
    """What went wrong on the way to an address, in words, with what to do.

    `done` is what was to be done with it.
    """
    words, kind = bare(reason(error), secrets), type(error).__name__
    if kind == "FileExpired":  # what s3fs says if the tag of a file is another than when it was opened
        return changed(shown)
    if kind == "ParamValidationError":  # what botocore says of a name that no bucket can have
        return FileError(f"{shown} is no address that its library understands. Check the spelling.")
    if isinstance(error, PermissionError) or getattr(error, "status", 0) in (401, 403) or "Credentials" in kind:
        return FileError(f"{shown} may not be {done} ({words}). Give what lets you in with --storage-option, as "
                         "NAME=VALUE, or where its library looks for it.")
    if "NoSuchBucket" in words or "bucket does not exist" in words:
        return FileError(f"{shown} cannot be {done}: there is no such bucket ({words}). Check the spelling, or make it "
                         "first.")
    if isinstance(error, FileNotFoundError) or "NoSuch" in words:
        return FileError(f"{shown} does not exist ({words}). Check the spelling.")
    return FileError(f"{shown} cannot be reached ({words}). Check the address and the network, and begin again.")


def changed(shown: str) -> FileError:
    """What is said of a file that became another while it was read."""
    return FileError(f"{shown} has changed since it was opened. Something is writing to it: wait until that is done, "
                     "and begin again.")


def bare(words: str, secrets: Sequence[str]) -> str:
    """Words without secrets, and without the address that libraries put behind them."""
    words = re.sub(r",? (?:for )?url[=:]\s*\S+", "", without_secrets(words), flags=re.IGNORECASE)
    for secret in sorted(secrets, key=len, reverse=True):
        words = words.replace(secret, "…")
    return words


def _texts(options: object) -> tuple[str, ...]:
    """All that is said in options but addresses, for none of it needs to be shown."""
    if isinstance(options, Mapping):
        return tuple(text for each in options.values() for text in _texts(each))
    if isinstance(options, list | tuple):
        return tuple(text for each in options for text in _texts(each))
    return (options,) if isinstance(options, str) and options and not is_url(options) else ()
