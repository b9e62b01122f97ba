import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from morula.images.image import Image, box_shape

AXES = (
    st.sets(st.sampled_from("TCZ"))
    .map(lambda extra: [*extra, "Y", "X"])
    .flatmap(st.permutations)
    .map("".join)
)


@given(AXES, st.data())
def test_axes_in_any_order_make_the_same_image(axes, data):
    sizes = dict(zip("TCZYX", (2, 3, 4, 5, 6), strict=True))
    canonical = [letter for letter in "TCZYX" if letter in axes]
    array = np.arange(np.prod([sizes[letter] for letter in canonical])).reshape([sizes[x] for x in canonical])
    image = Image.from_array(array.transpose([canonical.index(letter) for letter in axes]), axes)

    assert image.frames == (2 if "T" in axes else 1)
    assert image.space == ((4, 5, 6) if "Z" in axes else (5, 6))
    assert len(image.channels) == (3 if "C" in axes else 1)
    assert len(image.axes) == image.array().ndim
    assert (image.array().ravel() == array.ravel()).all()

    box = tuple(
        slice(*sorted(data.draw(st.lists(st.integers(0, size), min_size=2, max_size=2, unique=True))))
        for size in image.space
    )
    region = image.region(image.frames - 1, box)
    assert region.shape == (len(image.channels), *box_shape(box))
    assert (region == image.frame(image.frames - 1)[(slice(None), *box)]).all()


@pytest.mark.parametrize("axes", ["YX", "TYXC", "TTYX", "QYX", "TCZ"])
def test_axes_that_do_not_fit_are_refused(axes):
    with pytest.raises(ValueError, match="axes"):
        Image.from_array(np.zeros((2, 3, 4)), axes)


def test_names_must_be_as_many_as_channels():
    with pytest.raises(ValueError, match="2 channel names for 3 channels"):
        Image.from_array(np.zeros((3, 4, 5)), "CYX", channels=("a", "b"))


def test_channels_are_chosen_by_name():
    image = Image.from_array(np.arange(24).reshape(2, 3, 2, 2), "TCYX", channels=("red", "green", "blue"))
    chosen = image.with_channels(["blue", "red"])
    assert chosen.channels == ("blue", "red")
    assert (chosen.array() == image.array()[:, [2, 0]]).all()
    with pytest.raises(ValueError, match="not in"):
        image.with_channels(["infrared"])


@pytest.mark.parametrize("frame", [-1, 2])
def test_a_frame_that_is_not_there(frame):
    with pytest.raises(IndexError, match="has 2 frames"):
        Image.from_array(np.zeros((2, 4, 5)), "TYX").frame(frame)


def test_a_box_for_other_axes():
    with pytest.raises(ValueError, match="has 2 spatial axes; the box has 3"):
        Image.from_array(np.zeros((4, 5)), "YX").region(0, (slice(0, 1),) * 3)


def test_another_pixel_size_leaves_the_rest():
    image = Image.from_array(np.ones((4, 5)), "YX", name="a", pixel_size=(1.0, 1.0))
    other = image.with_pixel_size((0.5, 0.5))
    assert other.pixel_size == (0.5, 0.5)
    assert image.pixel_size == (1.0, 1.0)
    assert other.name == "a"


def test_its_size_is_said_in_words():
    assert Image.from_array(np.zeros((5, 40, 50)), "ZYX").extent == "5 × 40 × 50"
    assert Image.from_array(np.zeros((3, 2, 40, 50)), "TCYX").extent == "3 frames of 40 × 50"
