"""Varying patches and their annotation together, a batch at a time, in any number of spatial axes.

One warp does everything that moves pixels. What it does to each patch is drawn from a seeded generator and
becomes one sampling grid; a patch that is only flipped or turned by quarters lands exactly on its pixels.
"""

from __future__ import annotations

import itertools
import math

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from morula.examples.recolouring import colour_matrices, recoloured
from morula.models.plan import Augmentation

ALL = slice(None)
"""The whole of a batch."""


def source_size(patch: tuple[int, ...], augmentation: Augmentation) -> tuple[int, ...]:
    """The size to cut from a frame, so that every turned and shrunk patch finds its pixels in it."""
    if augmentation.warp == 0:
        largest = max(patch[-2:]) if augmentation.turns else 0
        return (*patch[:-2], *(max(size, largest) for size in patch[-2:]))
    diagonal = math.hypot(*patch[-2:])
    # The farthest corner of the strongest warp may lie outside, where it is mirrored: that costs little.
    reach = math.ceil(min(diagonal * augmentation.scale, 1.5 * max(patch[-2:])))
    return (*(math.ceil(size * augmentation.scale) for size in patch[:-2]), *(reach for _ in patch[-2:]))


def warp_grid(
    batch: int, source: tuple[int, ...], patch: tuple[int, ...], augmentation: Augmentation, rng: np.random.Generator,
    part: slice = ALL,
) -> Tensor:
    """Where each pixel of each patch comes from, `(batch, *patch, axes)`, as `grid_sample` wants it.

    Flips, quarter turns, free turns and scaling are one matrix for each patch; the elastic part is a coarse
    field of random displacements, made smooth by interpolation. All is drawn for the whole batch, and made for the
    patches of the part.
    """
    axes = len(patch)
    matrices = np.stack([_matrix(axes, augmentation, rng) for _ in range(batch)])
    warped = rng.random(batch) < augmentation.warp
    free = np.stack([_free_matrix(axes, augmentation, rng) for _ in range(batch)])
    matrices[warped] = matrices[warped] @ free[warped]

    steps = [np.arange(size, dtype=np.float32) - (size - 1) / 2 for size in patch]
    offsets = np.stack(np.meshgrid(*steps, indexing="ij"), axis=-1)  # (*patch, axes), pixels from the centre
    places = torch.from_numpy(offsets.reshape(-1, axes) @ matrices[part].transpose(0, 2, 1).astype(np.float32))
    places = places.reshape(len(places), *patch, axes)
    if augmentation.elastic and warped.any():
        places = places + _elastic(batch, patch, augmentation, rng, part) * torch.from_numpy(
            warped[part].astype(np.float32)
        ).reshape(-1, *[1] * (axes + 1))
    # A source of another parity has its centre half a pixel off: shift by it, so that pixels meet pixels.
    shift = torch.tensor([((s - 1) / 2) % 1 - ((p - 1) / 2) % 1 for s, p in zip(source, patch, strict=True)])
    half = torch.tensor(source, dtype=torch.float32) / 2
    return ((places + shift) / half).flip(-1)  # grid_sample counts in halves of the image and wants x first


def _matrix(axes: int, augmentation: Augmentation, rng: np.random.Generator) -> np.ndarray:
    """A random symmetry of the pixel grid: flips of every axis and a swap of the last two."""
    allowed = np.isin(np.arange(axes), augmentation.flips)
    flips = np.where(allowed, rng.integers(0, 2, axes) * 2 - 1, 1)
    swap = rng.integers(0, 2)
    matrix = np.diag(flips).astype(float)
    if swap and augmentation.turns and axes > 1:
        matrix[-2:] = matrix[[-1, -2]]
    return matrix


def _free_matrix(axes: int, augmentation: Augmentation, rng: np.random.Generator) -> np.ndarray:
    """A random turn in the image plane and a random scaling, slightly different along each axis."""
    angle = math.radians(rng.uniform(-augmentation.rotation, augmentation.rotation))
    zoom = math.log(augmentation.scale)
    matrix = np.diag(np.exp(rng.uniform(-zoom, zoom) * 0.8 + rng.uniform(-zoom, zoom, axes) * 0.2))
    if axes > 1:
        turn = np.eye(axes)
        turn[-2:, -2:] = [[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]]
        matrix = turn @ matrix
    return matrix


def _elastic(
    batch: int, patch: tuple[int, ...], augmentation: Augmentation, rng: np.random.Generator, part: slice
) -> Tensor:
    """Smooth random displacements in pixels, `(batch, *patch, axes)`, for a part of the batch."""
    axes = len(patch)
    coarse = rng.standard_normal((batch, axes, *[5] * axes), dtype=np.float32)
    coarse *= augmentation.elastic * np.asarray(patch, np.float32).reshape(1, axes, *[1] * axes)
    mode = {1: "linear", 2: "bicubic", 3: "trilinear"}[axes]
    fine = F.interpolate(torch.from_numpy(coarse[part]), size=patch, mode=mode, align_corners=True)
    return fine.movedim(1, -1)


def warp(stack: Tensor, grid: Tensor) -> Tensor:
    """Images and shares `(batch, planes, *source)` seen through a grid: `(batch, planes, *patch)`."""
    if stack.ndim == 3:  # grid_sample knows two and three axes: a line is a picture of one row
        return warp(stack[:, :, None], torch.cat([grid, torch.zeros_like(grid)], -1)[:, None])[:, :, 0]
    return F.grid_sample(stack, grid, mode="bilinear", padding_mode="reflection", align_corners=False)


def vary_intensity(
    images: Tensor, augmentation: Augmentation, rng: np.random.Generator, count: int | None = None, part: slice = ALL
) -> Tensor:
    """Normalised images `(batch, channels, *space)` with other colours, brightness, contrast, gamma, focus and noise.

    Where they are a part of a batch of `count`, all is drawn for the whole batch.
    """
    batch, channels, axes = count or len(images), images.shape[1], images.ndim - 2

    def each(values: np.ndarray) -> Tensor:
        return torch.from_numpy(values.astype(np.float32)).reshape(batch, -1, *[1] * axes)[part]

    def met(probability: float) -> np.ndarray:
        return rng.random(batch) < probability

    within = tuple(range(1, images.ndim))
    if augmentation.mixing or augmentation.balance > 1:
        images = recoloured(images, colour_matrices(batch, augmentation, rng)[part])
    if augmentation.gamma > 1:
        low, high = images.amin(within, keepdim=True), images.amax(within, keepdim=True)
        span = (high - low).clamp_min(1e-6)
        exponent = np.exp(rng.uniform(-1, 1, batch) * math.log(augmentation.gamma) * met(augmentation.intensity))
        images = ((images - low) / span).clamp_min(1e-6).pow(each(exponent)) * span + low
    stretch = np.exp(rng.uniform(-1, 1, batch) * math.log(augmentation.contrast) * met(augmentation.intensity))
    shift = rng.uniform(-1, 1, batch) * augmentation.brightness * met(augmentation.intensity)
    mean = images.mean(within, keepdim=True)
    images = (images - mean) * each(stretch) + mean + each(shift)
    if channels > 1 and augmentation.colour:
        images = images + each(rng.uniform(-1, 1, (batch, channels)) * augmentation.colour)
    if augmentation.blur:
        amount = rng.uniform(-0.5, 1, batch) * met(augmentation.blur)  # below zero sharpens
        images = images + each(amount) * (_smooth(images) - images)
    if augmentation.noise:
        strength = rng.uniform(0, 0.25, batch) * met(augmentation.noise)
        seed = int(rng.integers(2**62))
        grain = torch.randn(batch, *images.shape[1:], generator=torch.Generator().manual_seed(seed))
        images = images + each(strength) * grain[part]
    return images


def _smooth(images: Tensor) -> Tensor:
    """A binomial blur (1 2 1) applied twice along every axis."""
    axes = images.ndim - 2
    for axis, _ in itertools.product(range(2, 2 + axes), range(2)):
        padded = torch.cat([images.narrow(axis, 0, 1), images, images.narrow(axis, images.shape[axis] - 1, 1)], axis)
        size = images.shape[axis]
        images = (padded.narrow(axis, 0, size) + 2 * images + padded.narrow(axis, 2, size)) / 4
    return images
