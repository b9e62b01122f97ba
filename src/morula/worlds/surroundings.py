"""What lies around and on bodies that is none: walls of wells, rims of gel, rings, dust, fibres, scratches, bubbles."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import ndimage

from morula.worlds import ranges
from morula.worlds.shed import around

Light = np.ndarray
Ink = Callable[[Light, np.random.Generator], None]
"""What adds itself to the light of a field."""


def surround(light: Light, rng: np.random.Generator) -> None:
    """Add one or two of: a well, microwells, a rim of gel, rings of interference."""
    for _ in range(int(rng.integers(1, 3))):
        _one_of((_well, _well, _microwells, _gel, _rings), rng)(light, rng)


def soil(light: Light, rng: np.random.Generator) -> None:
    """Add some of: dust, fibres, scratches, bubbles."""
    for _ in range(int(rng.integers(1, 4))):
        _one_of((_dust, _fibres, _scratches, _bubbles), rng)(light, rng)


def _one_of(inks: tuple[Ink, ...], rng: np.random.Generator) -> Ink:
    return inks[int(rng.integers(len(inks)))]


def _away(light: Light, centre: np.ndarray) -> np.ndarray:
    return np.hypot(np.arange(light.shape[0])[:, None] - centre[0], np.arange(light.shape[1])[None] - centre[1])


def _well(light: Light, rng: np.random.Generator) -> None:
    """The wall of a round well, of which a part is seen, banded, and reflections of the meniscus before it."""
    side = min(light.shape)
    radius = rng.uniform(0.5, 1.6) * side
    angle, gap = rng.uniform(-np.pi, np.pi), rng.uniform(0.3, 0.6) * side
    middle = np.array(light.shape) / 2 + (radius - gap) * np.array([np.sin(angle), np.cos(angle)])
    if rng.random() < 0.4:  # all of it
        radius = rng.uniform(0.46, 0.62) * side
        middle = np.array(light.shape) / 2 + rng.normal(0, 0.04 * side, 2)
    beyond = (_away(light, middle) - radius) / side
    bands = 1 + rng.uniform(0, 0.5) * np.cos(2 * np.pi * np.sqrt(np.maximum(beyond, 0) / rng.uniform(0.02, 0.15)))
    light += rng.uniform(-0.5, 0.5) * bands * (0.5 + 0.5 * np.tanh(beyond / rng.uniform(0.003, 0.03)))
    for _ in range(int(rng.integers(0, 4))):
        width = rng.uniform(0.003, 0.02)
        light += rng.uniform(-0.3, 0.4) * np.exp(-(((beyond + rng.uniform(0, 0.12)) / width) ** 2))


def _microwells(light: Light, rng: np.random.Generator) -> None:
    """An array of small wells, round or square, seen as their rims."""
    side = min(light.shape)
    pitch = rng.uniform(0.25, 0.8) * side
    turn = rng.uniform(-0.3, 0.3)
    y, x = np.meshgrid(np.arange(light.shape[0]), np.arange(light.shape[1]), indexing="ij")
    across, along = y * np.cos(turn) - x * np.sin(turn), y * np.sin(turn) + x * np.cos(turn)
    start = rng.uniform(0, pitch, 2)
    across, along = (np.abs((each + own) % pitch - pitch / 2) for each, own in zip((across, along), start, strict=True))
    away = np.hypot(across, along) if rng.random() < 0.6 else np.maximum(across, along)
    beyond = (away - pitch * rng.uniform(0.38, 0.49)) / side
    width = rng.uniform(0.004, 0.02)
    light += rng.uniform(-0.25, 0.25) * (0.5 + 0.5 * np.tanh(beyond / width))
    light += rng.uniform(-0.3, 0.3) * np.exp(-((beyond / width) ** 2))


def _gel(light: Light, rng: np.random.Generator) -> None:
    """The rim of a drop of gel, beyond which the floor looks different."""
    side = min(light.shape)
    radius = rng.uniform(0.8, 4) * side
    angle, gap = rng.uniform(-np.pi, np.pi), rng.uniform(0.1, 0.5) * side
    middle = np.array(light.shape) / 2 + (radius - gap) * np.array([np.sin(angle), np.cos(angle)])
    beyond = (_away(light, middle) - radius) / side
    width = rng.uniform(0.003, 0.03)
    light += rng.uniform(-0.12, 0.12) * (0.5 + 0.5 * np.tanh(beyond / width))
    light += rng.uniform(-0.35, 0.35) * np.exp(-((beyond / width) ** 2))


def _rings(light: Light, rng: np.random.Generator) -> None:
    """Rings of interference around a point, near or far."""
    away = _away(light, np.array(light.shape) * rng.uniform(-0.3, 1.3, 2)) / min(light.shape)
    light += rng.uniform(0.005, 0.05) * np.cos(2 * np.pi * (away / rng.uniform(0.03, 0.2)) ** rng.uniform(1, 2))


def _dust(light: Light, rng: np.random.Generator) -> None:
    for _ in range(int(rng.integers(*ranges.DUST))):
        y, x = rng.uniform(0, light.shape)
        radius = rng.uniform(0.6, 3.0)
        rows, columns, away = around(light.shape, y, x, radius, 2)
        light[rows, columns] += rng.choice([-1, -1, 1]) * rng.uniform(0.1, 0.5) * np.exp(-((away / radius) ** 2))


def _fibres(light: Light, rng: np.random.Generator) -> None:
    for _ in range(int(rng.integers(1, 4))):
        steps = int(rng.integers(40, 300))
        heading = np.cumsum(rng.normal(0, rng.uniform(0.01, 0.08), steps)) + rng.uniform(-np.pi, np.pi)
        path = np.cumsum(np.stack([np.sin(heading), np.cos(heading)], axis=1), axis=0) + rng.uniform(0, light.shape)
        _ink_path(light, path, rng.uniform(0.5, 1.6), rng.choice([-1, 1]) * rng.uniform(0.1, 0.5))


def _scratches(light: Light, rng: np.random.Generator) -> None:
    angle = rng.uniform(-np.pi, np.pi)
    for _ in range(int(rng.integers(1, 6))):
        own = angle + rng.normal(0, 0.1)
        steps = np.arange(int(rng.uniform(0.2, 1.5) * max(light.shape)))[:, None]
        path = rng.uniform(0, light.shape) + steps * np.array([np.sin(own), np.cos(own)])
        _ink_path(light, path, rng.uniform(0.4, 1.0), rng.choice([-1, 1]) * rng.uniform(0.05, 0.3))


def _bubbles(light: Light, rng: np.random.Generator) -> None:
    """Bubbles of air: sharp dark rims with light just inside, and a clear middle."""
    side = min(light.shape)
    for _ in range(int(rng.integers(1, 5))):
        y, x = rng.uniform(0, light.shape)
        radius = max(2.0, ranges.BUBBLE.drawn(rng) * side)
        rows, columns, away = around(light.shape, y, x, radius, 1.5)
        rim = max(1.0, rng.uniform(0.05, 0.2) * radius)
        sign = 1 if rng.random() < 0.8 else -1
        light[rows, columns] -= sign * rng.uniform(0.2, 0.7) * np.exp(-(((away - radius) / rim) ** 2))
        light[rows, columns] += sign * rng.uniform(0.1, 0.5) * np.exp(-(((away - radius + 2 * rim) / rim) ** 2))


def _ink_path(light: Light, path: np.ndarray, width: float, strength: float) -> None:
    places = np.rint(path).astype(int)
    places = places[((places >= 0) & (places < light.shape)).all(axis=1)]
    line = np.zeros(light.shape, np.float32)
    line[tuple(places.T)] = 1
    light += strength * np.minimum(ndimage.gaussian_filter(line, width) * width * 2.5, 1)
