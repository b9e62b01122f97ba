"""The page of benchmarks, made from the numbers of one run.

    python benchmarks/speed/page.py docs/benchmarks.json docs/benchmarks.md
"""

from __future__ import annotations

import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterable
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


def main(source: Path, target: Path) -> None:
    run = json.loads(source.read_text(encoding="utf-8"))
    groups: dict[str, list[Row]] = defaultdict(list)
    for each in run["benchmarks"]:
        groups[each["group"]].append(each)
    parts = [
        "# Benchmarks",
        "`make bench` measures all of this in one run, and writes this page and `benchmarks.json`. Seconds are those "
        "of this machine and its day; compare the ratios, whose two sides were measured minutes apart at most.",
        machine(run["machine_info"]),
        limits(groups), accuracy(groups), inference(groups), scores(groups), training(groups), whole_path(groups),
        memory(groups), start(groups),
    ]
    target.write_text("\n\n".join(parts) + "\n", encoding="utf-8")


def machine(info: Row) -> str:
    versions = ", ".join(f"{name} {version}" for name, version in info["versions"].items())
    able = ", ".join(name for name in ("avx2", "avx512_f", "avx512_vnni", "avx512_bf16", "amx_int8", "amx_bf16")
                     if name in info["instructions"])
    return f"{info['processor']}, {info['cores']} cores ({able}); {versions}."


def limits(groups: dict[str, list[Row]]) -> str:
    copied = named(groups["limits"], "test_memory")
    rows = [(f"matrices of {kind}", f"{rate(groups, kind) / 1e9:,.0f} billion operations a second")
            for kind in ("float32", "bfloat16")]
    rows.append(("memory", f"{copied['extra_info']['bytes'] / copied['median'] / 1e9:,.0f} GB a second"))
    return "## The machine at its best\n\n" + table(("what", "rate"), rows)


def accuracy(groups: dict[str, list[Row]]) -> str:
    plain, ours = (named(groups["accuracy"], f"test_{name}")["extra_info"] for name in ("plain", "morula"))
    reached = f"after {plain['reached']:,.0f} s" if plain["reached"] else f"not within {plain['given_up']:,.0f} s"
    first = next((seconds for seconds, share in plain["curve"] if share >= WANTED), None)
    if first and first != plain["reached"]:
        reached += f", and was there for a while after {first:,.0f} s"
    least = (plain["reached"] or plain["given_up"]) / ours["reached"]
    times = f"{'' if plain['reached'] else 'more than '}{least:,.0f} times"
    rows = [*(("plain PyTorch", f"{seconds:,.0f}", f"{share:.4f}") for seconds, share in plain["curve"]),
            *(("Morula, from nothing each time", f"{seconds:.1f}", f"{share:.4f}") for seconds, share in ours["curve"])]
    return (
        "## Seconds to 98.55 % of the pixels\n\n"
        "300 drawn gastruloids of 160 × 160 to learn from, 90 frames of other movies to be scored on. The published "
        f"network in plain PyTorch (batches of 8, Adam 0.001) is there to stay {reached}; `morula train` "
        f"is there to stay after {ours['reached']:.1f} s: **{times} faster**.\n\n"
        + table(("", "seconds of training", "pixel accuracy"), rows)
    )


def inference(groups: dict[str, list[Row]]) -> str:
    parts = ["## The same network in other hands",
             "Random weights, one image or batch after another. A multiplication and an addition are two operations; "
             "the share is that of the rate of bfloat16 matrices, of which eight bits have twice as much."]
    limit = rate(groups, "bfloat16")
    for group, rows in groups.items():
        if not group.startswith("inference"):
            continue
        eager = median(rows, "eager")
        parts.append(f"**{group.removeprefix('inference: ')}**")
        parts.append(table(
            ("", "ms", "times plain PyTorch", "million pixels a second", "share of the limit"),
            ((HANDS[hand(row)], f"{1e3 * row['median']:.1f}", f"{eager / row['median']:.2f}",
              f"{row['extra_info']['pixels'] / row['median'] / 1e6:.1f}",
              "" if hand(row) == "monai" else f"{row['extra_info']['operations'] / row['median'] / limit:.0%}")
             for row in rows),
        ))
    return "\n\n".join(parts)


def scores(groups: dict[str, list[Row]]) -> str:
    found = named(groups["scores"], "test_scores")["extra_info"]
    rows = ((name, f"{value:.4f}") for name, value in found.items())
    return ("## What fewer bits cost\n\nMean foreground IoU of a trained model on 90 drawn frames that it has not "
            "seen.\n\n" + table(("number format", "IoU"), rows))


def training(groups: dict[str, list[Row]]) -> str:
    limit = rate(groups, "bfloat16")
    rows = []
    for group in ("training: published", "training: planned"):
        for row in groups[group]:
            plain = median(groups["training: published"], "plain") if group.endswith("published") else None
            rows.append((group.removeprefix("training: "), HANDS[hand(row)],
                         f"{row['extra_info']['images'] / row['median']:.1f}",
                         f"{plain / row['median']:.2f}" if plain else "",
                         f"{row['extra_info']['operations'] / row['median'] / limit:.0%}"))
    return "## A step of training\n\nBatches of 8 frames of 160 × 160.\n\n" + table(
        ("network", "", "images a second", "times plain PyTorch", "share of the limit"), rows)


def whole_path(groups: dict[str, list[Row]]) -> str:
    row = named(groups["whole path"], "test_whole")
    info = row["extra_info"]
    each = row["median"] / info["frames"]
    side = info["side"]
    return (f"## The whole path\n\n`morula segment --no-flips` on {info['frames']:,} files of {side} × {side} pixels: "
            f"{1e3 * each:.0f} ms a file for reading, segmenting and writing, {1e3 * info['network']:.0f} ms of the "
            f"network alone: **{each / info['network']:.2f} times** the network's own time.")


def memory(groups: dict[str, list[Row]]) -> str:
    rows = ((f"{info['frames']:,}", f"{info['side']:,} × {info['side']:,}", f"{info['above'] / 1e6:,.0f}",
             f"{row['median']:.0f}") for row in groups["memory"] for info in [row["extra_info"]])
    return ("## Memory\n\nThe most that `morula segment --no-flips` takes above a process that has loaded the "
            "model.\n\n" + table(("frames", "pixels", "MB", "seconds"), rows))


def start(groups: dict[str, list[Row]]) -> str:
    names = {"test_import": "`import morula`", "test_help": "`morula --help`",
             "test_first_mask": "from a model's file to the first mask of 160 × 160 pixels"}
    return "## Beginning\n\n" + table(
        ("", "seconds"), ((words, f"{median(groups['start'], name):.2f}") for name, words in names.items()))


def table(titles: Iterable[str], *rows: Iterable[Iterable[str]]) -> str:
    titles = list(titles)
    lines = [titles, ["---"] * len(titles), *(row for several in rows for row in several)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def hand(row: Row) -> str:
    """Whose hands a row is about: the last part of its parameters, or what its test is called."""
    found = re.search(r"(\w+)\]$", row["name"])
    return found[1] if found else row["name"].removeprefix("test_")


def named(rows: list[Row], beginning: str) -> Row:
    return next(row for row in rows if row["name"].startswith(beginning))


def median(rows: list[Row], name: str) -> float:
    return next(row["median"] for row in rows if row["name"] == name or hand(row) == name)


def rate(groups: dict[str, list[Row]], kind: str) -> float:
    row = named(groups["limits"], f"test_matrices[{kind}]")
    return row["extra_info"]["operations"] / row["median"]


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
