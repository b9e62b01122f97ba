"""Pictures side by side, as the stories show them."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

import matplotlib.pyplot as plt


def side_by_side(pictures: Sequence[bytes], titles: Sequence[str] = (), *, columns: int = 4) -> None:
    """Show pictures, PNG each, in rows of so many."""
    rows = -(-len(pictures) // columns)
    figure, places = plt.subplots(rows, columns, figsize=(2.4 * columns, (2.65 if titles else 2.4) * rows),
                                  layout="constrained", squeeze=False)
    for place in places.flat:
        place.axis("off")
    for place, picture in zip(places.flat, pictures, strict=False):
        place.imshow(plt.imread(BytesIO(picture)), interpolation="none")
    for place, title in zip(places.flat, titles, strict=False):
        place.set_title(title, fontsize=9)
    figure.get_layout_engine().set(w_pad=0.03, h_pad=0.03, wspace=0, hspace=0)
