"""A server that serves the project of discs."""

from served import access, bench, page, stranger

__all__ = ["access", "bench", "page", "stranger"]
