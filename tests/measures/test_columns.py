"""The columns of a table of measures."""

from __future__ import annotations

import pytest

from morula.measures.catalogue import TOPICS, asked_for
from morula.measures.columns import Layout, column_words


@pytest.mark.parametrize("axes", [2, 3])
def test_no_two_columns_have_one_name(axes):
    columns = [name for _, names in Layout(axes, True, ("a", "b", "a!"), 4, 3).measures for name in names]
    assert len(set(columns)) == len(columns)
    assert {"mean_b", "along_4_b", "inward_1_a_3", "width_2_um", "others_class_3"} <= set(columns)


def test_without_an_image_there_are_no_intensities():
    columns = {name for _, names in Layout(2, False).measures for name in names}
    assert {"area_px2", "perimeter_px", "curvature_max_per_px", "orientation_deg", "aspect_ratio"} <= columns
    assert not any(name.startswith(("mean", "ring", "along", "others")) for name in columns)


def test_channels_become_words_in_columns():
    assert column_words(["GFP", "channel 2", "α-tubulin (488 nm)", "(!)"]) == [
        "GFP", "channel_2", "α_tubulin_488_nm", "channel"
    ]
    assert len(set(column_words(["a b", "a-b", "c"]))) == 3


def test_measures_are_asked_for_by_topic_or_name_and_keep_their_order():
    layout = Layout(2, False, ("a",), 3, asked=asked_for(["mean", "solidity", "axes", "along_{part}_{channel}"]))
    columns = [name for _, names in layout.measures for name in names]
    assert columns == ["major_axis_px", "minor_axis_px", "aspect_ratio", "elongation", "eccentricity",
                       "orientation_deg", "solidity", "mean_a", "along_1_a", "along_2_a", "along_3_a"]
    assert len(asked_for(None)) == len(asked_for(TOPICS))
    with pytest.raises(ValueError, match="'height' is no measure; topics are size, axes"):
        asked_for(["height"])
