"""The page of benchmarks, made from the numbers of two runs: with all that the processor has, and with AVX2 alone.

    python benchmarks/speed/page.py docs/benchmarks.json docs/benchmarks-avx2.json docs/benchmarks.md
"""

from __future__ import annotations

import json
import re
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

HANDS = {
    "eager": "plain PyTorch, float32", "monai": "monai's U-Net in sliding windows", "float32": "Morula, float32",
    "bfloat16": "Morula, bfloat16", "eight_bits": "Morula, eight bits",
    "eight_bits_without_bfloat16": "Morula, eight bits, float32 for the rest", "plain": "plain PyTorch, float32, Adam",
}
WANTED = 0.9855
"""The share of pixels in the first race."""
Row = dict[str, Any]
Groups = dict[str, list[Row]]
Cells = dict[tuple[str, ...], tuple[str, ...]]
"""What a run found, by what the line is about."""
RUNS = ("", ", AVX2")
"""What columns of the two runs are called after their numbers."""


def main(sources: Sequence[Path], target: Path) -> None:
    runs = [json.loads(source.read_text(encoding="utf-8")) for source in sources]
    both = [grouped(run["benchmarks"]) for run in runs]
    parts = [
        "# Benchmarks",
        "`make bench` measures all of this in two runs, and writes this page, `benchmarks.json` and "
        "`benchmarks-avx2.json`. In the second run, newer instructions than AVX2 are hidden from PyTorch, oneDNN and "
        "OpenVINO by their variables, as on the processors of most laptops; columns of it are marked so. Seconds are "
        "those of this machine and its day; compare the ratios, whose two sides were measured minutes apart at most.",
        machine(runs[0]["machine_info"]),
        limits(both), accuracy(both), inference(both), scores(both), training(both), whole_path(both), memory(both),
        start(both),
    ]
    target.write_text("\n\n".join(parts) + "\n", encoding="utf-8")


def grouped(rows: Iterable[Row]) -> Groups:
    groups: Groups = defaultdict(list)
    for each in rows:
        groups[each["group"]].append(each)
    return groups


def machine(info: Row) -> str:
    versions = ", ".join(f"{name} {version}" for name, version in info["versions"].items())
    able = ", ".join(name for name in ("avx2", "avx512_f", "avx512_vnni", "avx512_bf16", "amx_int8", "amx_bf16")
                     if name in info["instructions"])
    return f"{info['processor']}, {info['cores']} cores ({able}); {versions}."


def limits(both: Sequence[Groups]) -> str:
    def found(groups: Groups) -> Cells:
        copied = named(groups["limits"], "test_memory")
        return {(f"billion operations a second on matrices of {kind}",): (f"{rate(groups, kind) / 1e9:,.0f}",)
                for kind in kinds(groups)} | {
            ("GB a second from and to memory",): (f"{copied['extra_info']['bytes'] / copied['median'] / 1e9:,.0f}",)}

    return "## The machine at its best\n\n" + beside(("what",), ("rate",), both, found)


def accuracy(both: Sequence[Groups]) -> str:
    def found(groups: Groups) -> Cells:
        plain, ours = races(groups)
        return {(name, str(number)): (f"{seconds:,.1f}", f"{share:.4f}")
                for name, race in (("plain PyTorch", plain), ("Morula, from nothing each time", ours))
                for number, (seconds, share) in enumerate(race["curve"], start=1)}

    return (
        "## Seconds to 98.55 % of the pixels\n\n"
        "300 drawn gastruloids of 160 × 160 to learn from, 90 frames of other movies to be scored on; seconds of "
        "training. " + " ".join(race_in_words(groups, name) for groups, name in zip(both, RUNS, strict=True)) + "\n\n"
        + beside(("", "look"), ("seconds", "pixel accuracy"), both, found)
    )


def races(groups: Groups) -> tuple[Row, Row]:
    plain, ours = (named(groups["accuracy"], f"test_{name}")["extra_info"] for name in ("plain", "morula"))
    return plain, ours


def race_in_words(groups: Groups, name: str) -> str:
    """How long the published network and Morula took."""
    plain, ours = races(groups)
    reached = f"after {plain['reached']:,.0f} s" if plain["reached"] else f"not within {plain['given_up']:,.0f} s"
    first = next((seconds for seconds, share in plain["curve"] if share >= WANTED), None)
    if first and first != plain["reached"]:
        reached += f", and was there for a while after {first:,.0f} s"
    if not ours["reached"]:
        return f"Neither was there to stay{name}."
    least = (plain["reached"] or plain["given_up"]) / ours["reached"]
    times = f"{'' if plain['reached'] else 'more than '}{least:,.0f} times"
    where = "with AVX2 alone" if name else "with all that this processor has"
    return (f"The published network in plain PyTorch (batches of 8, Adam 0.001), {where}, is there to stay {reached}; "
            f"`morula train` is there to stay after {ours['reached']:.1f} s: **{times} faster**.")


def inference(both: Sequence[Groups]) -> str:
    parts = ["## The same network in other hands",
             "Random weights, one image or batch after another. A multiplication and an addition are two operations; "
             "the share is that of the rate of matrices of bfloat16, of which eight bits have twice as much, or of "
             "float32 where the processor has no bfloat16."]
    for group in both[0]:
        if group.startswith("inference"):
            parts.append(f"**{group.removeprefix('inference: ')}**")
            parts.append(beside(("",), ("ms", "times plain PyTorch", "share of the limit"), both,
                                lambda groups, group=group: hands(groups, group)))
    return "\n\n".join(parts)


def hands(groups: Groups, group: str) -> Cells:
    eager, limit = median(groups[group], "eager"), rate(groups, kinds(groups)[-1])
    return {(HANDS[hand(row)],): (
        f"{1e3 * row['median']:.1f}", f"{eager / row['median']:.2f}",
        "" if hand(row) == "monai" else f"{row['extra_info']['operations'] / row['median'] / limit:.0%}",
    ) for row in groups[group]}


def scores(both: Sequence[Groups]) -> str:
    def found(groups: Groups) -> Cells:
        return {(name,): (f"{value:.4f}",)
                for name, value in named(groups["scores"], "test_scores")["extra_info"].items()}

    return ("## What fewer bits cost\n\nMean foreground IoU of a trained model on 90 drawn frames that it has not "
            "seen. Each run trained one of its own.\n\n" + beside(("number format",), ("IoU",), both, found))


def training(both: Sequence[Groups]) -> str:
    def found(groups: Groups) -> Cells:
        cells: Cells = {}
        for group in ("training: published", "training: planned"):
            for row in groups[group]:
                plain = median(groups["training: published"], "plain") if group.endswith("published") else None
                cells[group.removeprefix("training: "), HANDS[hand(row)]] = (
                    f"{row['extra_info']['images'] / row['median']:.1f}",
                    f"{plain / row['median']:.2f}" if plain else "",
                )
        return cells

    return "## A step of training\n\nBatches of 8 frames of 160 × 160.\n\n" + beside(
        ("network", ""), ("images a second", "times plain PyTorch"), both, found)


def whole_path(both: Sequence[Groups]) -> str:
    def found(groups: Groups) -> Cells:
        row = named(groups["whole path"], "test_whole")
        each, info = row["median"] / row["extra_info"]["frames"], row["extra_info"]
        return {(f"{info['frames']:,}", f"{info['side']:,} × {info['side']:,}"): (
            f"{1e3 * each:.0f}", f"{1e3 * info['network']:.0f}", f"{each / info['network']:.2f}")}

    return ("## The whole path\n\nReading, segmenting and writing with `morula segment --no-flips`, beside the network "
            "alone.\n\n" + beside(("files", "pixels"), ("ms a file", "ms of the network", "ratio"), both, found))


def memory(both: Sequence[Groups]) -> str:
    def found(groups: Groups) -> Cells:
        return {(f"{info['frames']:,}", f"{info['side']:,} × {info['side']:,}"): (
            f"{info['above'] / 1e6:,.0f}", f"{row['median']:.0f}")
            for row in groups["memory"] for info in [row["extra_info"]]}

    return ("## Memory\n\nThe most that `morula segment --no-flips` takes above a process that has loaded the "
            "model.\n\n" + beside(("frames", "pixels"), ("MB", "seconds"), both, found))


def start(both: Sequence[Groups]) -> str:
    names = {"test_import": "`import morula`", "test_help": "`morula --help`",
             "test_first_mask": "from a model's file to the first mask of 160 × 160 pixels"}

    def found(groups: Groups) -> Cells:
        return {(words,): (f"{median(groups['start'], name):.2f}",) for name, words in names.items()}

    return "## Beginning\n\n" + beside(("",), ("seconds",), both, found)


def beside(
    labels: Sequence[str], values: Sequence[str], both: Sequence[Groups], found: Callable[[Groups], Cells]
) -> str:
    """A table with the numbers of each run beside those of the other."""
    cells = [found(groups) for groups in both]
    about = list(dict.fromkeys(key for each in cells for key in each))
    titles = [*labels, *(value + name for name in RUNS for value in values)]
    rows = ([*key, *(value for each in cells for value in each.get(key, ("",) * len(values)))] for key in about)
    return "\n".join(f"| {' | '.join(line)} |" for line in [titles, ["---"] * len(titles), *rows])


def hand(row: Row) -> str:
    """Whose hands a row is about: the last part of its parameters, or what its test is called."""
    found = re.search(r"(\w+)\]$", row["name"])
    return found[1] if found else row["name"].removeprefix("test_")


def named(rows: list[Row], beginning: str) -> Row:
    return next(row for row in rows if row["name"].startswith(beginning))


def median(rows: list[Row], name: str) -> float:
    return next(row["median"] for row in rows if row["name"] == name or hand(row) == name)


def kinds(groups: Groups) -> list[str]:
    """The number formats whose matrices were multiplied: those that the processor has."""
    return [kind for kind in ("float32", "bfloat16") if any(kind in row["name"] for row in groups["limits"])]


def rate(groups: Groups, kind: str) -> float:
    row = named(groups["limits"], f"test_matrices[{kind}]")
    return row["extra_info"]["operations"] / row["median"]


if __name__ == "__main__":
    *several, page = map(Path, sys.argv[1:])
    main(several, page)
