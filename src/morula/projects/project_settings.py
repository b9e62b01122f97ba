"""What a project keeps in its small file: its classes, how long a training takes, how masks are tidied."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from morula.objects.cleaning import Cleaning
from morula.pairs.masks import ReadAs, class_names
from morula.plots import palette
from morula.settings import Settings

MOST_CLASSES = 32
ClassName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]


class LabelClass(Settings):
    """A class as a person sees it."""

    name: ClassName
    """What it is called."""
    colour: str = Field(pattern=r"^#[0-9a-f]{6}$")
    """The colour that it is drawn in, such as #19b37d."""


def usual_classes(count: int = 1) -> tuple[LabelClass, ...]:
    """So many classes that nobody has named, in colours that all readers can tell apart."""
    return tuple(LabelClass(name=name, colour=palette.CLASSES[number % len(palette.CLASSES)])
                 for number, name in enumerate(class_names(count)))


class ProjectSettings(Settings):
    """What is decided once for a project."""

    format: int = 1
    """The version of this file."""
    classes: tuple[LabelClass, ...] = Field(default_factory=usual_classes, min_length=1, max_length=MOST_CLASSES)
    """The classes without background, in the order of their numbers."""
    objects: bool = False
    """Whether objects that touch are told apart: each has a number of its own."""
    minutes: float = Field(default=1.0, gt=0, le=600)
    """How long a training takes."""
    pixel_size: float | None = Field(default=None, gt=0)
    """µm, over what files say."""
    cleaning: Cleaning = Cleaning()
    """How masks that a model draws are tidied."""
    names: str | None = Field(default=None, min_length=1, max_length=300)
    """What the names of images tell, where they are not read rightly, as {mouse}_{time}."""

    @model_validator(mode="after")
    def _names_differ(self) -> Self:
        names = [each.name.casefold() for each in self.classes]
        if any("," in name or name.startswith("-") for name in names):
            raise ValueError("the name of a class holds no comma, and does not begin with a dash")
        if len({*names, "background"}) <= len(names):
            raise ValueError("each class needs a name of its own, other than background")
        if self.objects and len(names) > 1:
            raise ValueError("objects that are told apart are of one class")
        return self

    @property
    def not_annotated(self) -> int:
        """The number in masks that marks what nobody annotated."""
        return 65535 if self.objects else 255

    @property
    def read_masks_as(self) -> ReadAs:
        """What the values in masks mean."""
        return "objects" if self.objects else "classes"
