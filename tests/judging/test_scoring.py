"""Scores of a model on annotated frames, where its classes have other numbers than the truth."""

from __future__ import annotations

import numpy as np
import torch

from morula.images.image import Image
from morula.judging.scoring import score_frames
from morula.models.model import Model
from morula.models.plan import Augmentation, Plan
from morula.networks.architecture import Architecture
from morula.networks.unet import UNet
from morula.pairs.pair import Frame, Pair
from morula.pairs.recognition import recognise


def threshold(classes: tuple[str, ...]) -> Model:
    """A network of one stage that finds each class where the picture is as bright as its number in `classes`."""
    architecture = Architecture(width=1, depth=1, outputs=1 + len(classes), normalisation="none")
    network = UNet(architecture).eval()
    with torch.no_grad():
        for unit in (network.encoder[0].first, network.encoder[0].second):
            unit[0].weight.zero_()
            unit[0].weight[0, 0, 1, 1] = 1
            unit[0].bias.fill_(0)
        network.encoder[0].first[0].bias.fill_(10)  # nothing is lost below zero
        network.head.weight[:, 0, 0, 0] = torch.arange(len(classes) + 1)
        network.head.bias.copy_(-torch.arange(len(classes) + 1) * 10 - torch.arange(len(classes) + 1) ** 2 * 0.01)
    plan = Plan(channels=("grey",), classes=classes, binning=(1, 1), architecture=architecture, patch=(16, 16), batch=1,
                learning_rate=0.1, augmentation=Augmentation(flips=()))
    return Model(network, plan)


def frame() -> Frame:
    """Class 1 is bright; a corner of it is said to be background."""
    picture, mask = np.zeros((2, 32, 32), np.uint8)
    picture[8:24, 8:24] = 200
    mask[8:24, 8:24] = 1
    mask[8:16, 8:16] = 0
    return Frame(Pair(Image.from_array(picture, "YX"), Image.from_array(mask, "YX"), "a"), 0)


def test_classes_are_compared_by_name_and_unknown_ones_are_background():
    one = frame()
    reading = recognise([one.pair.mask], read_as="classes")
    brightest = threshold(("body", "cell"))  # the brightest pixels are its last class, cell
    known = score_frames(brightest, [one], reading, ("cell",))
    assert known is not None
    assert known.foreground_iou == 192 / 256
    assert known.names == ("background", "cell")
    unknown = score_frames(brightest, [one], reading, ("body",))
    assert unknown is not None
    assert unknown.foreground_iou == 0
    assert unknown.pixel_accuracy == 1 - 192 / 1024
    alike = score_frames(threshold(("foreground",)), [one], reading, ("class 1",))
    assert alike is not None
    assert alike.foreground_iou == 192 / 256


def test_no_frames_have_no_scores():
    assert score_frames(threshold(("body",)), [], recognise([frame().pair.mask]), ("body",)) is None
