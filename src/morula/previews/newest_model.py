"""The model of a project that was made last, loaded once, and what it makes of single frames."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import numpy as np

from morula.errors import ModelError
from morula.projects.models_made import ENDING, ModelMade, models_made
from morula.projects.project import Project, Source

if TYPE_CHECKING:
    from morula.models.model import Model


class NewestModel:
    """A network at hand. One thread uses it, so that a page never waits for torch or for weights."""

    def __init__(self, project: Project):
        self._project = project
        self._loaded: tuple[ModelMade, Model] | None = None

    @property
    def made(self) -> ModelMade | None:
        """What is known of it, without loading it; None where nothing was trained."""
        return next(reversed(models_made(self._project)), None)

    def load(self, made: ModelMade) -> Model:
        """The model itself, with half of the processor: the other half is for the page, or for what is being trained.

        Raises:
            ModelError: its file cannot be used.
        """
        if self._loaded is None or self._loaded[0] != made:
            import torch

            from morula.models.model import Model

            torch.set_num_threads(max(1, (os.cpu_count() or 2) // 2))
            model = Model.load(self._project.models / f"{made.name}{ENDING}")
            _ = model.engine  # compiled now, and not when a frame waits
            self._loaded = made, model
        return self._loaded[1]

    def mask(self, made: ModelMade, source: Source, frame: int) -> np.ndarray:
        """The mask of a frame as segmenting makes it, `(*space)`: uint8, or uint16 where objects are told apart.

        Raises:
            ModelError: the model cannot be used, or was made for other images.
            FileError: the image cannot be read.
        """
        model = self.load(made)
        try:
            mask = model.segmented(self._project.image(source), frame)
        except ModelError as error:
            raise ModelError(f"{made.name} was made for images of another kind.") from error
        return mask.astype(np.uint16 if self._project.settings.objects else np.uint8)
