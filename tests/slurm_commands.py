"""What stands for Slurm's commands: jobs run at once, on this machine, each a process group of its own."""

from __future__ import annotations

import os
import sys
from pathlib import Path

COMMANDS = {
    "sbatch": """
import os, pathlib, subprocess, sys
if (home / "refuse").exists():
    sys.exit("sbatch: error: Batch job submission failed: Invalid account or account/partition combination specified")
number = len(list(home.glob("*.sh"))) + 1
script = home / f"{number}.sh"
script.write_text(pathlib.Path(sys.argv[-1]).read_text())
with (home / f"{number}.log").open("wb") as log:
    job = subprocess.Popen(["bash", script], stdout=log, stderr=log, start_new_session=True)
(home / f"{number}.job").write_text(str(job.pid))
print("Submitted batch job", number)
""",
    "squeue": """
import pathlib
for job in home.glob("*.job"):
    try:
        status = pathlib.Path(f"/proc/{job.read_text()}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        continue
    if status != "Z":
        print(job.stem)
""",
    "scancel": """
import os, signal, sys
try:
    os.killpg(int((home / f"{sys.argv[1]}.job").read_text()), signal.SIGTERM)
except ProcessLookupError:
    sys.exit("scancel: error: Kill job error on job id: Invalid job id specified")
""",
}


def install(folder: Path, monkeypatch) -> Path:
    """Put the commands where they are found; the folder in which they keep each job's script and what it said."""
    home, commands = folder / "slurm", folder / "commands"
    home.mkdir()
    commands.mkdir()
    for name, program in COMMANDS.items():
        command = commands / name
        command.write_text(f"#!{sys.executable}\nimport pathlib\nhome = pathlib.Path({str(home)!r})\n{program}")
        command.chmod(0o755)
    monkeypatch.setenv("PATH", os.pathsep.join([str(commands), os.environ["PATH"]]))
    return home
