"""Whether the campaign can fail: in copies of Morula with a safeguard taken out, it does.

    python -m campaign.weakened [SAFEGUARD ...]
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

HOUSE = Path(__file__).parents[1]


class Safeguard(NamedTuple):
    """What is taken out, and the attack that must notice."""

    module: str
    words: str
    instead: str
    attack: str
    share: float


SAFEGUARDS: Mapping[str, Safeguard] = {
    "bringing files to the disk": Safeguard("files.py", "    os.fsync(file)\n", "    pass\n", "order", 0.4),
    "bringing names to the disk": Safeguard(
        "files.py", "        reach_the_disk(opened)\n", "        pass\n", "order", 0.4),
    "naming files when they are whole": Safeguard(
        "files.py", "# mkstemp makes files private to their owner\n            temporary.replace(path)\n",
        "\n            path.write_bytes(b'')\n            path.write_bytes(temporary.read_bytes())\n", "stops", 0.06),
    "bringing folders to the disk": Safeguard(
        "files.py", "            _contents_reach_the_disk(temporary)\n", "", "order", 0.5),
    "removing what the killed left": Safeguard(
        "files.py", "        _tidy(path.parent.absolute())\n        suffix", "        suffix", "stops", 0.02),
    "saying what to do about a full disk": Safeguard(
        "files.py", "    except OSError as error:\n        mend",
        "    except ZeroDivisionError as error:\n        mend", "faults", 0.1),
    "making masks in processes that may die": Safeguard(
        "workers/segmenting_crew.py", "    if settings.alone:\n", "    if True:\n", "deaths", 0.04),
    "replacing a process that died": Safeguard(
        "workers/crew.py", "for _ in range(LIVES):", "for _ in range(1):", "deaths", 0.04),
    "bounding what is unpacked": Safeguard(
        "formats/nifti.py", "file.read(needed + _PADDING)", "file.read()", "hostile", 0.001),
    "the digest": Safeguard("models/sealed.py", 'header["digest"] != _digest(sealed)', "False", "altered", 0.02),
    "bounding what is kept of each size": Safeguard(
        "models/compiled.py", ', "CPU_RUNTIME_CACHE_CAPACITY": str(SIZES * layers)', "", "endurance", 0.04),
    "asking for the name of the server": Safeguard(
        "studio/access.py", "if host not in self._hosts:", "if False:", "strangers", 0.1),
    "asking where a request comes from": Safeguard(
        "studio/access.py", "if origin is not None and", "if False and", "strangers", 0.1),
}
"""By what each does."""


def without(safeguard: Safeguard, sources: Path) -> tuple[Path, str]:
    """The module that has a safeguard, in a folder with all modules, and its text without it.

    Raises:
        ValueError: its words do not stand there once.
    """
    module = sources / safeguard.module
    text = module.read_text(encoding="utf-8")
    if text.count(safeguard.words) != 1:
        raise ValueError(f"{safeguard.module} has changed: {safeguard.words!r} stand there "
                         f"{text.count(safeguard.words)} times")
    return module, text.replace(safeguard.words, safeguard.instead)


def notices(name: str) -> bool:
    """Whether the campaign fails without a safeguard."""
    safeguard = SAFEGUARDS[name]
    with tempfile.TemporaryDirectory() as place:
        for folder in ("src", "campaign"):
            shutil.copytree(HOUSE / folder, Path(place) / folder, ignore=shutil.ignore_patterns("__pycache__"))
        module, text = without(safeguard, Path(place) / "src" / "morula")
        module.write_text(text, encoding="utf-8")
        paths = os.pathsep.join([str(Path(place) / "src"), place])
        done = subprocess.run([sys.executable, "-m", "campaign", safeguard.attack, "--share", str(safeguard.share)],
                              cwd=place, env={**os.environ, "PYTHONPATH": paths}, capture_output=True, text=True,
                              check=False)
        return done.returncode == 1 and "BROKEN" in done.stdout


def main() -> None:
    """Take out each safeguard that is named, or all in turn; the status is 1 if one was not missed."""
    unnoticed = []
    for name in sys.argv[1:] or SAFEGUARDS:
        if not notices(name):
            unnoticed.append(name)
        print(f"without {name}: {'nobody noticed' if name in unnoticed else 'it fails, as it must'}", flush=True)
    sys.exit(bool(unnoticed))


if __name__ == "__main__":
    main()
