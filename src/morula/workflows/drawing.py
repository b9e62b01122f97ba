"""Drawing images with known outlines."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import Field, model_validator

from morula.cards import Card, Shown
from morula.errors import RequestError
from morula.files import ensure_new_folder
from morula.plurals import many
from morula.progress import Progress, silent
from morula.settings import Settings, flag, with_fields

MOVIES = 6
"""Movies of gastruloids, unless another number is asked for."""

KINDS = ("gastruloids", "fields", "hearts", "shapes")
"""What can be drawn."""
ONLY_FOR = {"movies": ("gastruloids",), "frames": ("gastruloids",), "axes": ("shapes",),
            "channels": ("hearts", "shapes")}
"""Settings that are of no use for all kinds, and those that they are for."""


class DrawingSettings(Settings):
    """What is drawn."""

    count: int | None = Field(default=None, gt=0)
    """Images in all, 60 where neither this nor --frames is given."""
    classes: int = Field(default=1, ge=1)
    """1 marks all alike; of gastruloids and fields, 2 marks shed cells, too; of hearts, cavities; of shapes, kinds."""
    size: int | None = Field(default=None, ge=32)
    """Each side of an image in pixels: 160 unless given, 192 for fields, and 48 for volumes."""
    seed: int = Field(default=0, ge=0)
    """Everything follows from it: the same seed draws the same images."""
    movies: int | None = Field(default=None, gt=0)
    """Gastruloids: movies they are spread over, 6 unless given; each has a body, a well and a microscope of its own."""
    frames: int | None = Field(default=None, gt=0)
    """Gastruloids: frames of each movie, in place of --count."""
    axes: int | None = Field(default=None, ge=2, le=3)
    """Shapes: 2 draws pictures, as if it were not given, and 3 volumes."""
    channels: int | None = Field(default=None, ge=1)
    """How many channels, 1 unless given. Hearts: so many contrasts; shapes: each class shows in some of them."""

    @model_validator(mode="after")
    def _one_way_to_count(self) -> DrawingSettings:
        if self.count and self.frames:
            raise ValueError("--count and --frames both say how many images to draw: give one of them.")
        return self

    @property
    def total(self) -> int:
        """Images in all."""
        return self.frames * (self.movies or MOVIES) if self.frames else self.count or 60


@dataclass(frozen=True, repr=False)
class Drawn(Shown):
    """Where drawn images and their masks are, and how many."""

    images: Path
    masks: Path
    frames: int

    @property
    def card(self) -> Card:
        return Card("Drawn", [("images", f"{self.images}, {many(self.frames, 'frame')}"), ("masks", str(self.masks))])


def draw(
    kind: str,
    out: str | Path,
    settings: DrawingSettings | None = None,
    *,
    progress: Progress = silent,
    **fields: Any,
) -> Drawn:
    """Draw images with known outlines into `out/images` and `out/masks`.

    Args:
        kind: what to draw: "gastruloids" (movies in phase contrast), "fields" (aggregates of all kinds, under many
            microscopes), "hearts" (in magnetic resonance), or "shapes".
        out: the new folder.
        settings: how many, how large.
        progress: called with images done, images in all, and words.
        fields: single values of `DrawingSettings`, over those of `settings`.

    Raises:
        RequestError: there is no such kind, or the settings do not fit it or each other.
        OutputError: there are images or masks in `out` already, or it cannot be written to.
    """
    from morula.drawings.drawn import save_drawings
    from morula.drawings.shapes import draw_shapes
    from morula.drawings.short_axis import draw_hearts
    from morula.drawings.synthetic import draw_gastruloids
    from morula.worlds.fields import draw_fields

    (settings,) = with_fields(fields, settings or DrawingSettings())
    _refuse_settings_of_others(kind, settings)
    images, masks = Path(out) / "images", Path(out) / "masks"
    for folder in (images, masks):
        ensure_new_folder(folder)
    asked = settings.model_dump(include={"classes", "size", "seed"}, exclude_none=True)
    if kind == "gastruloids":
        drawings = draw_gastruloids(settings.total, movies=settings.movies or MOVIES, **asked)
    elif kind == "fields":
        drawings = draw_fields(settings.total, **asked)
    elif kind == "hearts":
        drawings = draw_hearts(settings.total, channels=settings.channels or 1, **asked)
    else:
        drawings = draw_shapes(settings.total, axes=settings.axes or 2, channels=settings.channels or 1, **asked)
    save_drawings(drawings, Path(out), total=settings.total, progress=progress)
    return Drawn(images, masks, settings.total)


def _refuse_settings_of_others(kind: str, settings: DrawingSettings) -> None:
    """Refuse a kind that nobody knows, and settings that say nothing about the known one."""
    if kind not in KINDS:
        raise RequestError(f"There is no way to draw {kind!r}. What can be drawn: {', '.join(KINDS)}.")
    for name, kinds in ONLY_FOR.items():
        if kind not in kinds and getattr(settings, name) is not None:
            raise RequestError(f"{flag(name)} is for {' and '.join(kinds)}, and {kind} were asked for. Leave it out.")
