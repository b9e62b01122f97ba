"""Addresses of files elsewhere, such as `s3://bucket/plate.zarr`, taken apart: what is shown of them, and what lets in.

An address may lead through another: `zip://images/a.tif::https://example.org/plate.zip` is a file in a packed one.
(https://filesystem-spec.readthedocs.io, URL chaining)
"""

from __future__ import annotations

import re
from typing import NamedTuple

_BEGINS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+(://|::)")
"""A protocol has two letters or more: one alone is a disk of Windows."""
_ACCOUNT = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+://)[^/\s'\"]*@")
_QUERY = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+://[^\s'\"?]*)\?[^\s'\":]*=(?:(?!::)[^\s'\"])*")
HTTP = frozenset({"http", "https"})
"""Protocols of servers that need not say what lies in a folder."""
_CACHES = frozenset({"simplecache", "filecache", "blockcache"})
"""Links of a chain that have no way of their own."""


class Address(NamedTuple):
    """What a URL is made of.

    Attributes:
        protocol: of the link whose way leads on, such as `s3`.
        account: who asks, and a password, before an `@`; empty where it is not said.
        way: through folders to a file, beginning with the server or the bucket.
        query: what follows the way, from `?` on, such as a signature; empty without.
        before: links of a cache, without a way.
        through: the links that this one leads through; empty where there is but one.
    """

    protocol: str
    account: str
    way: str
    query: str
    before: str = ""
    through: str = ""

    @property
    def last_protocol(self) -> str:
        """That of the link that all others lead through."""
        return self.through.rpartition("::")[2].partition("://")[0] if self.through else self.protocol


def is_url(text: str) -> bool:
    """Whether a text is the address of something elsewhere, and no name on this machine.

    >>> is_url("s3://bucket/a.tif"), is_url("simplecache::s3://bucket/a.tif"), is_url("C:/images"), is_url("a:b/c.tif")
    (True, True, False, False)
    """
    return _BEGINS.match(text) is not None


def without_secrets(text: str) -> str:
    """A text without what lets in by the addresses in it: accounts and passwords, and what follows a `?`.

    >>> without_secrets("https://me:pass@example.org/a.tif?X-Amz-Signature=12 is gone")
    'https://example.org/a.tif is gone'
    """
    return _QUERY.sub(r"\1", _ACCOUNT.sub(r"\1", text))


def address(url: str) -> Address:
    """Take a URL apart.

    >>> address("https://me:pass@example.org/a/b.tif?token=12")
    Address(protocol='https', account='me:pass@', way='example.org/a/b.tif', query='?token=12', before='', through='')
    >>> address("zip://b.tif::s3://bucket/a.zip").through
    's3://bucket/a.zip'
    """
    links = url.split("::")
    before = ""
    while len(links) > 1 and links[0] in _CACHES:
        before += f"{links.pop(0)}::"
    protocol, _, rest = links[0].partition("://")
    found = re.fullmatch(r"([^/]*@)?([^?]*)(\?.*=.*)?", rest, re.DOTALL)
    account, way, query = found.groups() if found else ("", rest, "")
    if protocol in HTTP and not query:
        way, mark, asked = way.partition("?")
        query = mark + asked
    return Address(protocol, account or "", way, query or "", before, "::".join(links[1:]))
