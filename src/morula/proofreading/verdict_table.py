"""The numbers of all annotations, as a table."""

from __future__ import annotations

from collections.abc import Sequence

from morula.objects.tables import Row, Table
from morula.pairs.pair import Frame
from morula.proofreading.proofs import Proofs
from morula.proofreading.verdicts import Verdict


def verdict_table(proofs: Proofs, verdicts: Sequence[Verdict], frames: Sequence[Frame]) -> Table:
    """A row for each annotation, in the order of the verdicts; lengths are in pixels of the image."""
    axes = "zyx"[-len(frames[0].pair.image.space) :]
    columns = {"image": str, "mask": str, "frame": int, "wrong": float, "listed": str, "mistake": str, "words": str,
               "agreement": float, **{f"moved_{axis}_px": float for axis in axes}, "moved_gain": float,
               "wider_px": float, "wider_gain": float, "turned_gain": float, "swapped_gain": float, "fits": str,
               "fits_gain": float, "missed_px": float, "invented_px": float, "learned": str}
    return Table(columns, tuple(_row(proofs, verdict, frames, axes) for verdict in verdicts))


def _row(proofs: Proofs, verdict: Verdict, frames: Sequence[Frame], axes: str) -> Row:
    place, usual = verdict.place, proofs.usual
    one, where, frame = proofs.several[place], proofs.where[place], frames[place]
    moved = {f"moved_{axis}_px": float(by * one.step)
             for axis, by in zip(axes, one.displacement.move, strict=True)}
    files = [file.name if file else name for file, name in
             ((each.path, each.name) for each in (frame.pair.image, frame.pair.mask))]
    return {
        "image": files[0], "mask": files[1], "frame": frame.index, "wrong": verdict.wrong,
        "listed": "yes" if verdict.listed else "no", "mistake": verdict.kind, "words": verdict.words,
        "agreement": one.agreement, **moved, "moved_gain": one.displacement.agreement - one.agreement,
        "wider_px": usual.wider(one) * one.step, "wider_gain": float(one.girth.max() - one.girth[usual.ring]),
        "turned_gain": one.turned - one.agreement,
        "swapped_gain": one.swapped - one.agreement if one.swapped else None,
        "fits": frames[where.place].name if where.gain > 0 else None, "fits_gain": where.gain,
        "missed_px": one.odd.missed.radius * one.step, "invented_px": one.odd.invented.radius * one.step,
        "learned": "yes" if proofs.learned[place] else "no",
    }
