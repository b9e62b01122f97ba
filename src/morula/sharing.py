"""Who shares work that consists of many parts: processes of this machine, or workers of others."""

from __future__ import annotations

import ipaddress
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from morula.settings import Settings


class Sharing(Settings):
    """Who shares the work; this process does all of it where nothing else is asked for."""

    workers: int = Field(default=1, ge=1)
    """So many processes share the work, each with its part of the processor; one that dies takes no other along."""
    scheduler: str | None = None
    """The workers of a dask scheduler share the work, such as tcp://node7:8786; they need the same files and the same \
Morula."""
    slurm: Path | None = None
    """Jobs of Slurm share the work, as this YAML file asks for them: queue, cores, memory, walltime."""

    @field_validator("scheduler")
    @classmethod
    def _an_address(cls, address: str | None) -> str | None:
        if address is not None and not _is_address(address):
            raise ValueError("should be the address of a dask scheduler, such as tcp://node7:8786 or tls://node7:8786")
        return address

    @model_validator(mode="after")
    def _one_way(self) -> Sharing:
        ways = [f"--{name}" for name in ("scheduler", "slurm") if getattr(self, name)]
        ways = ["--workers", *ways] if self.workers > 1 else ways
        if len(ways) > 1:
            raise ValueError(f"{' and '.join(ways)} cannot be had together: choose who shares the work.")
        return self

    @property
    def alone(self) -> bool:
        """Whether this process does all the work."""
        return self.workers == 1 and not self.scheduler and not self.slurm

    @property
    def exposed(self) -> str | None:
        """Why a scheduler should not be asked in every network, as a warning; None where nobody else can listen."""
        if self.scheduler is None or self.scheduler.startswith("tls:") or _is_here(self.scheduler):
            return None
        return (f"{self.scheduler} is open to its whole network: whoever reaches it can run programs there and here in "
                "your name, and read what is sent. Use it only where you trust everybody; tls:// keeps others out.")


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in ("tcp", "tls") and bool(parts.hostname and parts.port) and parts.path in ("", "/")
    except ValueError:  # of a port that is none
        return False


def _is_here(address: str) -> bool:
    """Whether a host is this machine, and nobody else hears what is said to it."""
    host = urlsplit(address).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
