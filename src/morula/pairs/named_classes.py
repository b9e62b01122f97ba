"""What a person calls the classes of masks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import AfterValidator

from morula.errors import RequestError
from morula.pairs.masks import class_names, comparable

BACKGROUND = "background"

_ENDS = ("_low", "_high")  # of columns, behind the name of a class


def _each_its_own(names: tuple[str, ...] | None) -> tuple[str, ...] | None:
    """The names without that of the background, which may stand first.

    Raises:
        ValueError: one is empty, there twice, a number, or would be mistaken for something else.
    """
    if names is None:
        return None
    names = tuple(name.strip() for name in names)
    if names and names[0].casefold() == BACKGROUND:
        names = names[1:]
    said = [name.casefold() for name in names]
    if not all(names) or not names:
        raise ValueError("should hold a name for each class, such as cell,wall, and one is empty")
    if twice := next((name for name in names if said.count(name.casefold()) > 1), None):
        raise ValueError(f"should hold a name of its own for each class, and {twice!r} is there twice")
    if BACKGROUND in said:
        raise ValueError("should begin with background, or leave it out")
    for name in names:
        if name.isdecimal() or f"_{name}".casefold().endswith(_ENDS):
            raise ValueError("should hold words that are no numbers and do not end in low or high, as columns do, and "
                             f"{name!r} does not fit")
    return names


ClassNames = Annotated[tuple[str, ...] | None, AfterValidator(_each_its_own)]
"""Names of classes in the order of their numbers, background left out; None where nobody names them."""


def named_classes(names: Sequence[str] | None, classes: int) -> tuple[str, ...]:
    """The names of so many classes, background left out; those that they have by themselves where nobody names them.

    Raises:
        RequestError: there are more or fewer names than classes.
    """
    if names is None:
        return class_names(classes)
    if len(names) > classes:
        missing = ", ".join(names[classes:])
        raise RequestError(f"Nothing is drawn of {missing}. Draw it in a mask or two, or name it no more, or leave it "
                           f"out of --class-names: the masks hold {classes} beside background.")
    if len(names) != classes:
        raise RequestError(
            f"--class-names names {len(names)} ({', '.join(names)}), and the masks hold {classes} beside background. "
            "Give one name for each class, in the order of their numbers, or say with --read-masks-as what the values "
            "mean."
        )
    return tuple(names)


def ensure_enough(names: Sequence[str], classes: int) -> None:
    """Refuse fewer names than classes; some that are named may occur nowhere.

    Raises:
        RequestError: a class has no name.
    """
    if len(names) < classes:
        raise RequestError(f"--class-names names {len(names)} ({', '.join(names)}), and the masks hold {classes} "
                           "beside background. Give one name for each class, in the order of their numbers.")


def alike(one: Sequence[str], other: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Names of classes in two places, equal where the classes are the same.

    Where nobody named those of one place, they are told by their numbers.

    >>> alike(("foreground",), ("cell", "wall")), alike(("wall", "cell"), ("cell",))
    ((('class 1',), ('class 1', 'class 2')), (('wall', 'cell'), ('cell',)))
    """
    if any(tuple(names) == class_names(len(names)) for names in (one, other)):
        one, other = class_names(len(one)), class_names(len(other))
    return comparable(one), comparable(other)
