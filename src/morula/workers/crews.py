"""Who does the parts of a work, as it was asked for."""

from __future__ import annotations

from contextlib import AbstractContextManager

from morula.sharing import Sharing
from morula.workers.crew import Crew, Duty, Sharers


def crew_for(sharing: Sharing, duty: Duty, *, threads: int = 1) -> AbstractContextManager[Sharers]:
    """Those who do a duty until the `with` block ends.

    Args:
        sharing: who was asked for.
        duty: what they are there for.
        threads: those of this machine, of which each of its processes has its part.

    Raises:
        RequestError: there is nobody, or they cannot be reached.
    """
    if sharing.scheduler:
        from morula.workers.scheduled_crew import crew_of_scheduler

        return crew_of_scheduler(sharing.scheduler, duty)
    if sharing.slurm:
        from morula.workers.scheduled_crew import crew_of_slurm

        return crew_of_slurm(sharing.slurm, duty)
    return Crew(sharing.workers, duty, threads=max(1, threads // sharing.workers))
