"""What a drawn gastruloid is and does: it grows, moves, turns, elongates, grows a tip and sheds cells.

Only geometry, no pixels. Lengths are in pixels of a frame 160 pixels wide, whatever the size it is drawn at;
angles in radians, from x towards y; time is the number of the frame. A movie has no set end: its
gastruloid ages fast at first and ever slower, so that a frame does not depend on how many follow.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from morula.drawings.star_shapes import StarShape, angles

FRAME = 160.0
"""The width and height of a frame, the yardstick of every length here."""

ANGLES = angles(720)
"""Where the radii of a body are known."""

MARGIN = 3.0
"""The body stays this far inside the frame."""


@dataclass(frozen=True)
class Body(StarShape):
    """A gastruloid at one moment; its radii are known at `ANGLES`.

    Attributes:
        heading: the angle at which the tip is, or will be.
        darkness: how dark the patch at the tip is, from 0 (none) to 1 (black).
    """

    heading: float
    darkness: float

    @property
    def radius(self) -> float:
        """The radius of the disc of equal area."""
        return float(np.sqrt(np.mean(self.radii**2)))

    @property
    def patch(self) -> tuple[float, float]:
        """The y and x of the middle of the dark patch, 0.3 radii behind the end of the tip."""
        reach = float(self.reach(np.array(self.heading))) - 0.3 * self.radius
        return self.centre[0] + reach * np.sin(self.heading), self.centre[1] + reach * np.cos(self.heading)

    def outline(self) -> np.ndarray:
        """The corners of the outline as a fine polygon, shape `(720, 2)`, y and x."""
        directions = np.stack([np.sin(ANGLES), np.cos(ANGLES)], axis=1)
        return np.asarray(self.centre) + self.radii[:, None] * directions


@dataclass(frozen=True)
class Gastruloid:
    """The life of one gastruloid. Pairs of numbers are the values at age 0 and at age 1."""

    age: float
    """How far it has come in the first frame, from 0 to 1."""
    tempo: float
    """The number of frames in which the rest of its way shrinks to 37 %."""
    coverage: tuple[float, float]
    """The share of the frame it covers."""
    elongation: tuple[float, float]
    """The long axis over the short one, before egg shape and tip."""
    egg: float
    """How much blunter the tail is than the head at age 1."""
    tip: float
    """How far the tip stands out at age 1, in radii."""
    tip_width: float
    """The half-width of the tip, in radians."""
    darkness: float
    """How dark the patch at the tip is at age 1."""
    bumps: np.ndarray
    """The waves of the outline, shape `(n, 4)`: number to a turn, height in radii, phase, turning a frame."""
    heading: float
    """The angle of the tip in the first frame."""
    turning: float
    """How far it rotates from frame to frame."""
    place: tuple[float, float]
    """Where its centre starts, from the middle of the frame."""
    stroll: tuple[float, float]
    """How far it wanders along y and x in its life."""

    @classmethod
    def drawn(cls, rng: np.random.Generator) -> Gastruloid:
        """One life out of the many that real gastruloids lead."""
        start = rng.uniform(0.195, 0.42)
        waves = np.arange(3, 20)
        phases = rng.uniform(0, 2 * np.pi, waves.size)
        heights = rng.uniform(0.3, 1.7, waves.size) / waves**1.15
        heights *= rng.uniform(0.05, 0.07) / np.linalg.norm(heights)
        return cls(
            age=rng.uniform(0.0, 0.75),
            tempo=rng.uniform(8, 25),
            coverage=(start, rng.uniform(start + 0.02, 0.46)),
            elongation=(rng.uniform(1.0, 1.1), rng.uniform(1.02, 1.32)),
            egg=rng.uniform(0.0, 0.08),
            tip=max(0.0, rng.uniform(-0.1, 0.34)),
            tip_width=rng.uniform(0.28, 0.45),
            darkness=rng.uniform(0.4, 0.7) * (rng.random() < 0.7),
            bumps=np.stack([waves, heights, phases, rng.normal(0, 0.08, waves.size)], axis=1),
            heading=rng.uniform(-np.pi, np.pi),
            turning=rng.normal(0, 0.04),
            place=tuple(rng.normal(0, 6, 2).tolist()),
            stroll=tuple(rng.normal(0, 10, 2).tolist()),
        )

    def aged(self, frame: int) -> float:
        """How far it has come in a frame, from 0 to 1."""
        return 1 - (1 - self.age) * float(np.exp(-frame / self.tempo))

    def body(self, frame: int) -> Body:
        """Its outline in a frame, all of it inside the frame."""
        age = self.aged(frame)
        heading = self.heading + self.turning * frame
        around = ANGLES - heading
        stretch = np.interp(age, (0, 1), self.elongation)
        ripening = max(0.0, (age - 0.3) / 0.7)  # round first, then an egg, then a tip

        ellipse = 1 / np.hypot(np.cos(around) / stretch, np.sin(around))
        egg = 1 + self.egg * age * np.cos(3 * around)
        tip = self.tip * ripening * np.exp((np.cos(around) - 1) / self.tip_width**2)
        waves, heights, phases, turnings = self.bumps.T[:, :, None]
        bumps = (heights * np.cos(waves * around + phases + turnings * frame)).sum(axis=0)
        radii = ellipse * egg + tip + bumps

        area = np.interp(age, (0, 1), self.coverage) * FRAME**2
        radii *= np.sqrt(area / (np.pi * np.mean(radii**2)))
        wish = FRAME / 2 + np.asarray(self.place) + np.asarray(self.stroll) * (age - self.age)
        corners = radii * np.stack([np.sin(ANGLES), np.cos(ANGLES)])
        centre = np.clip(wish, MARGIN - corners.min(axis=1), FRAME - MARGIN - corners.max(axis=1))
        return Body((float(centre[0]), float(centre[1])), radii, heading, self.darkness * ripening)


@dataclass(frozen=True)
class Cells:
    """Shed cells at one moment, one number each: where, how wide, how bright, in focus or not."""

    y: np.ndarray
    x: np.ndarray
    radius: np.ndarray
    brightness: np.ndarray
    """Relative to the other cells of the movie, about 1."""
    blurred: np.ndarray
    """Whether it is out of focus and has a halo."""

    def where(self, chosen: np.ndarray) -> Cells:
        """The chosen cells only."""
        return Cells(*(getattr(self, field.name)[chosen] for field in fields(self)))


@dataclass(frozen=True)
class Shedding:
    """All cells that a gastruloid ever sheds, one number each.

    A cell keeps its gap to the rim, or drifts off, so that a growing body pushes it along.
    """

    born: np.ndarray
    """The gastruloid's age when the cell appears; below 0, it was always there."""
    angle: np.ndarray
    gap: np.ndarray
    """The distance of its centre from the rim; negative where it lies on the body."""
    drift: np.ndarray
    """How much the gap widens from frame to frame."""
    attached: np.ndarray
    """Whether it turns with the body."""
    radius: np.ndarray
    brightness: np.ndarray
    blurred: np.ndarray

    @classmethod
    def drawn(cls, rng: np.random.Generator) -> Shedding:
        """Cells shed singly, in clusters, and in heaps that touch the rim and hide it."""
        free = [_singles(rng), *(_cluster(rng) for _ in range(1 + rng.poisson(3)))]
        heaps = [_heap(rng) for _ in range(rng.poisson(2.2))]
        born, angle, gap = np.concatenate([*free, *heaps], axis=1)
        count = len(born)
        attached = np.arange(count) >= sum(group.shape[1] for group in free)
        radius = np.clip(rng.lognormal(np.log(rng.uniform(1.1, 1.8)), 0.35, count), 0.5, 3)
        return cls(
            born=born,
            angle=angle,
            gap=gap,
            drift=np.where(attached, 0, np.abs(rng.normal(0, 0.15, count))),
            attached=attached,
            radius=radius,
            brightness=rng.lognormal(0, 0.25, count),
            blurred=~attached & (rng.random(count) < rng.uniform(0.05, 0.4)),
        )

    def cells(self, body: Body, age: float, frame: int, turned: float, rng: np.random.Generator) -> Cells:
        """The cells around `body` in a frame; `turned` is how far it has rotated since the first."""
        there = self.born < age
        angle = (self.angle + self.attached * turned)[there]
        distance = body.reach(angle) + (self.gap + self.drift * frame)[there]
        shiver = rng.normal(0, 0.3, (2, len(angle)))
        return Cells(
            body.centre[0] + distance * np.sin(angle) + shiver[0],
            body.centre[1] + distance * np.cos(angle) + shiver[1],
            self.radius[there],
            self.brightness[there],
            self.blurred[there],
        )


def _singles(rng: np.random.Generator) -> np.ndarray:
    """When cells that lie about singly are born, at which angle and gap, shape `(3, cells)`."""
    count, near = int(rng.uniform(40, 150)), rng.uniform(12, 40)
    return np.stack(
        [rng.uniform(-0.8, 1, count), rng.uniform(-np.pi, np.pi, count), 1 + rng.exponential(near, count)]
    )


def _cluster(rng: np.random.Generator) -> np.ndarray:
    """The same for a loose cluster that has left the body."""
    count, width = int(rng.uniform(4, 25)), rng.uniform(2, 6)
    gap = 4 + rng.exponential(18)
    return np.stack(
        [
            rng.uniform(-0.6, 0.9) + rng.uniform(0, 0.2, count),
            rng.uniform(-np.pi, np.pi) + rng.normal(0, width / (50 + gap), count),
            np.maximum(gap + rng.normal(0, width, count), 2),
        ]
    )


def _heap(rng: np.random.Generator) -> np.ndarray:
    """The same for a heap that sits on the rim."""
    width, height = rng.uniform(0.05, 0.22), rng.uniform(3, 10)
    count = int(60 * width * height * rng.uniform(0.8, 1.4)) + 3
    return np.stack(
        [
            rng.uniform(-0.6, 0.7) + rng.uniform(0, 0.3, count),
            rng.uniform(-np.pi, np.pi) + rng.normal(0, width, count),
            rng.uniform(-2.5, 1) + height * rng.beta(1, 2, count),
        ]
    )
