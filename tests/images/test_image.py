import base64
import io
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tifffile
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as Picture

from morula.errors import FileError
from morula.formats.stored import box_shape
from morula.images.image import Image
from morula.images.read import open_image

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


class TestBecomingAnArray:
    """As NumPy asks for it: https://numpy.org/doc/stable/user/basics.interoperability.html."""

    def test_of_all_pixels_with_the_axes_of_the_image(self):
        array = np.arange(120).reshape(4, 5, 2, 3)
        image = Image.from_array(array, "YXTC")
        assert np.asarray(image).shape == image.shape
        assert (np.asarray(image) == array.transpose(2, 3, 0, 1)).all()
        assert np.asarray(image).dtype == array.dtype
        assert image.__array__(np.dtype(np.float32)).dtype == np.asarray(image, np.float32).dtype == np.float32
        assert (np.array(image, dtype="uint8") == image.array()).all()
        assert np.mean(image) == array.mean()

    def test_without_a_copy_where_it_can_be(self, tmp_path):
        array = np.zeros((4, 5))
        image = Image.from_array(array, "YX")
        assert np.shares_memory(np.array(image, copy=False), array)
        for each in (np.array(image), np.array(image, copy=True)):
            assert not np.shares_memory(each, array)
        with pytest.raises(ValueError, match="without a copy"):
            np.array(image, dtype=np.uint8, copy=False)
        tifffile.imwrite(tmp_path / "a.tif", array)
        opened = open_image(tmp_path / "a.tif")
        assert (np.asarray(opened) == 0).all()
        with pytest.raises(ValueError, match="without a copy"):
            np.array(opened, copy=False)


class TestSayingItself:
    def test_in_a_few_lines(self):
        image = Image.from_array(np.zeros((3, 2, 40, 50), np.uint16), "TCYX", name="movie", pixel_size=(0.65, 0.65),
                                 channels=("DAPI", "GFP"), path=Path("somewhere") / "movie.tif")
        said = repr(image)
        for words in ("movie", "TCYX", "3 × 2 × 40 × 50", "uint16", "0.65 µm", "DAPI, GFP", str(image.path)):
            assert words in said
        assert "pixel size  unknown" in repr(Image.from_array(np.zeros((4, 5)), "YX"))

    def test_however_much_there_is_to_say(self):
        many = Image.from_array(np.zeros((300, 1, 2)), "CYX", name="n" * 999, path=Path("p" * 999),
                                channels=tuple(f"{number} {'c' * 99}" for number in range(300)))
        assert len(repr(many)) < 600
        assert max(map(len, repr(many).splitlines())) <= 80

    def test_in_a_notebook_with_a_picture(self):
        """What is bright and dark in the picture is so in the image, whose sides are those of the thumbnail."""
        array = np.zeros((600, 300), np.uint16)
        array[:300] = 1000
        shown = self.pictured(Image.from_array(array, "YX", name="<b>"))
        assert shown.mode == "L"
        assert max(shown.size) <= 192
        assert shown.height == 2 * shown.width
        assert np.asarray(shown)[: shown.height // 2].min() == 255
        assert np.asarray(shown)[shown.height // 2 :].max() == 0
        assert "&lt;b&gt;" in Image.from_array(array, "YX", name="<b>")._repr_html_()

    def test_in_a_notebook_in_colours_from_the_middle_of_a_volume(self):
        volume = np.zeros((2, 3, 5, 8, 8), np.float32)
        volume[0, 0, 2, :4], volume[0, 2, 2, 4:] = 1, 1
        volume[1], volume[:, :, 0] = 7, np.nan
        image = Image.from_array(volume, "TCZYX", channels=("red", "green", "blue"))
        pixels = np.asarray(self.pictured(image))
        assert (pixels[:4] == pixels[0, 0]).all()
        assert pixels[0, 0, 0] > pixels[0, 0, 2]
        assert pixels[7, 7, 2] > pixels[7, 7, 0]
        beside = Image.from_array(volume[0, :, 2], "CYX", channels=("a", "b", "c"))
        assert self.pictured(beside).size == (24, 8)

    def test_in_words_alone_where_no_picture_can_be_had(self, tmp_path):
        class Gone:
            def read(self, frame, box):
                raise FileError("gone")

        image = replace(Image.from_array(np.zeros((4, 5)), "YX"), pixels=Gone())
        assert image._repr_html_().startswith("<div><strong>Image")
        huge = replace(image, space=(5000, 5000))
        assert huge._repr_html_().startswith("<div><strong>Image")

    @staticmethod
    def pictured(image: Image) -> Picture.Image:
        data = re.search(r'src="data:image/png;base64,([^"]+)"', image._repr_html_())[1]
        return Picture.open(io.BytesIO(base64.b64decode(data)))


@pytest.mark.parametrize("size", [(0.5,), (0.5, 0.5, 0.5), (0.5, 0.0)])
def test_a_pixel_size_of_other_axes_is_refused(size):
    with pytest.raises(ValueError, match="one number above 0 for each of the axes YX"):
        Image.from_array(np.zeros((4, 5)), "YX", pixel_size=size)
