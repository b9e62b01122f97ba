"""The drawn line goes where the loss went."""

from __future__ import annotations

import numpy as np

import in_napari  # noqa: F401


def test_the_line_falls_with_the_loss(viewer):
    from qtpy.QtGui import QImage

    from morula.napari_plugin.loss_curve import MARGIN, LossCurve

    curve = LossCurve()
    curve.resize(216, 116)
    for step in range(1, 101):
        curve.add(step, 1 / step)
    image = curve.grab().toImage().convertToFormat(QImage.Format.Format_Grayscale8)
    drawn = np.array(image.constBits()).reshape(image.height(), image.bytesPerLine())[:, : image.width()].astype(int)
    lit = np.abs(drawn - drawn[0, 0]) > 60
    for step in (2, 4, 10, 25):
        across, down = MARGIN + 200 * step // 100, MARGIN + 100 - 100 / step
        line = 24 + np.flatnonzero(lit[24 : MARGIN + 97, across])  # beneath the words, above the dots
        assert abs(line.mean() - down) < 6, step
    assert curve.points[-1] == (100, 0.01)
    curve.add(3, 0.7)  # of the next training
    assert curve.points == ((3, 0.7),)
    curve.clear()
    assert curve.points == ()
