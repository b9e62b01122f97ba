"""What several commands are given."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Images = Annotated[str, typer.Argument(help="Images: a folder, a file (a stack is many frames) or a 'glob'.")]
Masks = Annotated[
    str | None,
    typer.Argument(help="The same of masks or annotations, one for each image; left out where one folder holds both.",
                   show_default=False),
]
ModelFile = Annotated[Path, typer.Argument(help="The model file.")]
