"""The models that can be chosen in napari: those that come with Morula, and those that were opened or trained here."""

from __future__ import annotations

from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from psygnal import Signal

from morula.models.builtin import built_in

if TYPE_CHECKING:
    from morula.models.model import Model


class ModelShelf:
    """Models by what they are called; each is read once, as long as its file stays the same."""

    changed = Signal(str)
    """One was added, called so."""

    def __init__(self) -> None:
        self._files: dict[str, Path] = {name: Path(name) for name in built_in()}
        self._read: dict[tuple[Path, float], Model] = {}
        self._reading = Lock()

    @property
    def names(self) -> tuple[str, ...]:
        """What they are called, the newest last."""
        return tuple(self._files)

    def add(self, file: Path) -> str:
        """Put a model file beside the others.

        Returns:
            What it is called there: by the name of its file, with as many folders as tell it from others.
        """
        file = file.expanduser().absolute()
        parts = file.parts[1:]
        names = ("/".join(parts[-count:]) for count in range(1, len(parts) + 1))
        name = next((name for name in names if self._files.get(name, file) == file), str(file))
        self._files[name] = file
        self.changed.emit(name)
        return name

    def model(self, name: str) -> Model:
        """A model, read and made ready if need be, which takes seconds.

        Raises:
            ModelError: its file is gone, or no model.
        """
        from morula.models.model import Model

        file = self._files[name]
        state = file, file.stat().st_mtime if file.exists() else 0.0
        with self._reading:  # two widgets may ask at once
            if state not in self._read:
                self._read[state] = model = Model.load(file)
                _ = model.engine  # compiled once, and kept
            return self._read[state]


SHELF = ModelShelf()
"""One for all widgets, so that what one has trained the other segments with."""
