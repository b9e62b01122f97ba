"""A frame as a few numbers, alike for frames that a network sees alike."""

from __future__ import annotations

import numpy as np
import torch

from morula.images.image import Image
from morula.models.feature_maps import prepared_middle
from morula.models.hardware import reduced_precision
from morula.models.model import Model
from morula.models.sweep import filled_up


def embedding(model: Model, image: Image, frame: int = 0) -> np.ndarray:
    """A frame as the deepest stage of the contracting path sees it: mean and deviation of each feature.

    Of a large frame, the middle is looked at. A frame and its mirror image are nearly the same to a network that has
    learned from such.

    Returns:
        float32 `(2 × features,)`.

    Raises:
        ModelError: the image does not fit the model.
        FileError: it cannot be read.
    """
    prepared = filled_up(prepared_middle(model, image, frame), model.plan.architecture.multiple)
    network = model.network.eval()
    device = next(network.parameters()).device
    reduced = reduced_precision(model.precision, device)
    with torch.inference_mode(), torch.autocast(device.type, torch.bfloat16, enabled=reduced):
        deepest = network.contracted(prepared.to(device))[-1][0].float().flatten(1)
    return torch.cat([deepest.mean(1), deepest.std(1, correction=0)]).cpu().numpy()
