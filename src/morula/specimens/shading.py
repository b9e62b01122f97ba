"""How things stand out from the floor: their levels, rims, halos, textures and spots under each kind of microscope."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy import ndimage

from morula.specimens import breadths
from morula.specimens.mottles import mottle
from morula.specimens.things import Things, seams

VISIBLE = 0.6
"""How much things must stand out, all taken together, in contrasts: else nobody could outline them."""


@dataclass(frozen=True)
class Look:
    """How the things of one picture look; levels in contrasts, widths in pixels, see `breadths`."""

    microscope: str
    floor: float
    body: float
    dome: float
    rim: float
    rim_width: float
    halo: float
    halo_width: float
    fine: float
    fine_width: float
    coarse: float
    coarse_width: float
    spots: float
    spot_width: float
    variety: float
    two_ways: bool
    defocused: bool
    ground: float
    ground_width: float
    relief: bool

    @classmethod
    def drawn(cls, microscope: str, rng: np.random.Generator) -> Look:
        """One with which things can be seen."""
        while True:
            rough = 4.0 if microscope in ("section", "anything") and rng.random() < breadths.ROUGH else 1.0
            one = cls(
                microscope,
                floor=breadths.FLOOR[microscope].drawn(rng),
                body=breadths.BODY[microscope].drawn(rng) * (0.2 if rough > 1 else 1),
                dome=breadths.DOME[microscope].drawn(rng),
                rim=breadths.RIM[microscope].drawn(rng) * (rng.random() < 0.7),
                rim_width=breadths.RIM_WIDTH.drawn(rng),
                halo=breadths.HALO[microscope].drawn(rng) * (rng.random() < 0.7),
                halo_width=breadths.HALO_WIDTH.drawn(rng),
                fine=rough * breadths.FINE.drawn(rng),
                fine_width=breadths.FINE_WIDTH.drawn(rng),
                coarse=rough * breadths.COARSE.drawn(rng),
                coarse_width=breadths.COARSE_WIDTH.drawn(rng),
                spots=breadths.SPOTS.drawn(rng) * (rng.random() < 0.5),
                spot_width=breadths.SPOT_WIDTH.drawn(rng),
                variety=breadths.VARIETY[microscope].drawn(rng),
                two_ways=bool(rng.random() < breadths.TWO_WAYS[microscope]),
                defocused=bool(microscope == "fluorescence" and rng.random() < breadths.DEFOCUSED),
                ground=breadths.GROUND.drawn(rng),
                ground_width=breadths.GROUND_WIDTH.drawn(rng),
                relief=bool(microscope == "phase contrast" and rng.random() < breadths.RELIEF),
            )
            if one.stands_out > VISIBLE:
                return one

    def plain(self) -> Look:
        """The same for slender things and thin gaps, which are told by their level alone, and all go the same way."""
        body = float(np.copysign(max(abs(self.body), 0.7), self.body))
        rim, halo = float(np.copysign(self.rim, body)), -float(np.copysign(self.halo, body))
        return replace(self, body=body, dome=min(self.dome, 0.5), rim=rim, halo=halo, fine=min(self.fine, 0.25),
                       coarse=min(self.coarse, 0.25), two_ways=False, defocused=False)

    @property
    def stands_out(self) -> float:
        """All of its contrasts taken together."""
        texture = 0.7 * max(self.fine, self.coarse) if max(self.fine, self.coarse) > 0.5 else 0.0
        return abs(self.body) * (1 - 0.4 * abs(self.dome)) + 0.4 * abs(self.rim) + 0.3 * abs(self.halo) + texture


def shaded(
    things: Things, look: Look, rng: np.random.Generator, strength: np.ndarray | None = None
) -> np.ndarray:
    """The light of things and of the floor they lie on, float32 `(*space)`, in contrasts.

    Args:
        things: what lies where.
        look: how they look.
        rng: where chance comes from.
        strength: how much each stands out, `(1 + things,)`, below 0 the other way; drawn if not given.
    """
    light = np.full(things.shape, look.floor, np.float32)
    ground = min(look.ground, (0.1 if look.microscope == "fluorescence" else 0.25) * look.stands_out)
    light += ground * mottle(things.shape, look.ground_width, rng, things.spacing)
    shares = _strengths(things, look, rng) if strength is None else strength
    level = look.body * (1 + look.dome * (2 * things.share - 1)) if look.dome else look.body * things.inside
    if look.rim:
        width = np.minimum(look.rim_width, things.thickness / 2)[things.labels]
        level = level + look.rim * np.exp(-((things.depth / width) ** 2))
    level = (level * things.inside + _texture(things, look, rng)) * shares[things.labels]
    if look.relief:
        level = _relief(things, level, rng)
    elif strength is None:
        level *= 1 - breadths.VALLEY.drawn(rng) * seams(things.labels, things.spacing)
    light += _focused(level, things, rng) if look.defocused else level
    if look.halo:
        light += look.halo * np.exp(-things.away / look.halo_width) * ~things.inside
    return light.astype(np.float32)


def _strengths(things: Things, look: Look, rng: np.random.Generator) -> np.ndarray:
    """How much each thing stands out beside the others, `(1 + things,)`."""
    strength = np.clip(rng.lognormal(-look.variety / 2, look.variety, things.count + 1), breadths.DIMMEST, 2.5)
    if look.two_ways:
        strength *= rng.choice([-1, 1], strength.size)
    return strength.astype(np.float32)


def _texture(things: Things, look: Look, rng: np.random.Generator) -> np.ndarray:
    """Grain, mottle and spots within things."""
    texture = look.fine * mottle(things.shape, look.fine_width, rng, things.spacing)
    texture += look.coarse * mottle(things.shape, look.coarse_width, rng, things.spacing)
    if look.spots:
        texture += look.spots * np.clip(mottle(things.shape, look.spot_width, rng, things.spacing) - 1.2, 0, 1)
    return texture * things.inside


def _focused(level: np.ndarray, things: Things, rng: np.random.Generator) -> np.ndarray:
    """Some things out of focus, while the others stay as they are."""
    share = rng.uniform(0.1, 0.6)
    far = (rng.random(things.count + 1) < share)[things.labels]
    width = 0.3 * float(np.median(things.thickness[1:])) if things.count else 1.0
    return level * ~far + ndimage.gaussian_filter(level * far, float(np.clip(width, 0.8, 4)))


def _relief(things: Things, level: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Light and shade on the slopes of things, as in differential interference contrast."""
    angle = rng.uniform(-np.pi, np.pi)
    height = np.sqrt(things.share * (2 - things.share)) * things.thickness[things.labels]
    down, right = np.gradient(ndimage.gaussian_filter(height + 2 * level, 1.0), axis=(-2, -1))
    return 0.3 * level + 1.2 * np.tanh(np.sin(angle) * down + np.cos(angle) * right)
