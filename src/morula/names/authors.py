"""Who drew which mask, as a person says it: by a field in the names of masks, or by a table."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from morula.names.listings import listed_in
from morula.names.told import ANNOTATOR, field_of

OPTION = "--annotators"


def authors(told: str, masks: Sequence[Path]) -> dict[Path, str]:
    """Who drew each mask.

    Args:
        told: what the names of masks tell, as `{what}_{annotator}`, or the file of a table (`file,annotator`).
        masks: their files.

    Raises:
        RequestError: the table cannot be read or leaves a mask out; the pattern is wrong or does not fit every name.

    >>> list(authors("{annotator}/{what}", [Path("ben/7.tif"), Path("anna/8.tif")]).values())
    ['ben', 'anna']
    """
    if told.lower().endswith(".csv"):
        return listed_in(Path(told), masks, ANNOTATOR, OPTION)
    return field_of(masks, told, ANNOTATOR, OPTION)
