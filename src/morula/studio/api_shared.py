"""What several routes have in common: the workbench, images by their ids, and how they are told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import Depends, Path, Query, Request

from morula.projects.frame_states import FrameState
from morula.projects.image_facts import ImageFacts
from morula.projects.project import NotThere, Source
from morula.studio.pyramid import Place
from morula.studio.rendering import colours
from morula.studio.workbench import Workbench

MOST = 2**31 - 1


def _bench(request: Request) -> Workbench:
    return request.app.state.bench


Bench = Annotated[Workbench, Depends(_bench)]
"""The project that is worked on."""


def _source(bench: Bench, id: Annotated[str, Path(pattern="^[0-9a-f]{12}$")]) -> Source:
    return bench.project.source(id)


Chosen = Annotated[Source, Depends(_source)]
"""The image that a path names by its id."""

Number = Annotated[int, Query(ge=0, le=MOST)]


def _place(
    t: Number = 0, z: Number = 0, level: Annotated[int, Query(ge=0, le=24)] = 0, x: Number = 0, y: Number = 0
) -> Place:
    return Place(t, z, level, x, y)


Tile = Annotated[Place, Depends(_place)]
"""Which part of the image is asked for."""


def image_record(source: Source, facts: ImageFacts, states: Sequence[FrameState]) -> dict[str, Any]:
    """An image and its frames, as a page wants them."""
    channels = [{"name": name, "colour": colour}
                for name, colour in zip(facts.channels, colours(facts.channels), strict=True)]
    # `asdict` would copy each of thousands
    return {"id": source.id, **vars(facts), "channels": channels, "states": [vars(state) for state in states]}


def ensure_frame(frames: int, frame: int) -> None:
    """Refuse a frame that is not there.

    Raises:
        NotThere: there is no such frame.
    """
    if frame >= frames:
        raise NotThere("There is no such frame.")
