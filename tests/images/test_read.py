"""From names to images, and what can go wrong on the way."""

from pathlib import Path

import numpy as np
import PIL.Image
import pytest
import tifffile
from hypothesis import given, settings
from hypothesis import strategies as st

from morula.errors import FileError, RequestError
from morula.images.image import Image
from morula.images.read import find_files, open_alike, open_image, without_alpha

RNG = np.random.default_rng(1)
GREY = RNG.integers(0, 256, (40, 50), np.uint8)
COLOURS = RNG.integers(0, 256, (40, 50, 3), np.uint8)
STACK = RNG.integers(0, 256, (5, 40, 50), np.uint8)
RGB = ("red", "green", "blue")


def channels_first(array):
    return array[None] if array.ndim == 2 else np.moveaxis(array, -1, 0)


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "Größe [2] 细胞 data"
    (folder / "deeper").mkdir(parents=True)
    names = ["frame 10.tif", "frame 2.tif", "Frame 1.PNG", "b[1].jpg", "notes.txt", ".hidden.tif", "._b.tif",
             "deeper/x.tif"]
    for name in names:
        (folder / name).touch()
    (folder / "folder.tif").mkdir()
    return folder


def names(files):
    return [file.name for file in files]


def test_a_folder_gives_its_images_as_a_person_sorts_them(folder):
    assert names(find_files(folder)) == ["b[1].jpg", "Frame 1.PNG", "frame 2.tif", "frame 10.tif"]
    assert names(find_files(str(folder))) == names(find_files(folder))


def test_a_pattern_below_a_folder_with_brackets(folder):
    assert names(find_files(folder / "frame*.tif")) == ["frame 2.tif", "frame 10.tif"]
    assert names(find_files(f"{folder}/**/*.tif")) == ["x.tif", "frame 2.tif", "frame 10.tif"]
    assert names(find_files(folder / "frame [0-9].tif")) == ["frame 2.tif"]


def test_a_file_whose_name_looks_like_a_pattern_is_itself(folder):
    (folder / "b1.jpg").touch()
    assert names(find_files(folder / "b[1].jpg")) == ["b[1].jpg"]


def test_a_file_asked_for_by_name_is_given_whatever_its_ending(folder):
    assert names(find_files(folder / "notes.txt")) == ["notes.txt"]


def test_a_list_gives_each_file_once(folder):
    assert names(find_files([folder / "frame 10.tif", str(folder / "frame*.tif")])) == [
        "frame 2.tif",
        "frame 10.tif",
    ]


def test_a_pattern_relative_to_here(folder, monkeypatch):
    monkeypatch.chdir(folder)
    assert find_files("frame*") == [Path("frame 2.tif"), Path("frame 10.tif")]


@pytest.mark.parametrize(
    ("source", "words"),
    [("nowhere", "nowhere does not exist"), ("*.bmp", "No images in"), ([], "an empty list")],
)
def test_nothing_found_is_said(folder, monkeypatch, source, words):
    monkeypatch.chdir(folder)
    with pytest.raises(RequestError, match=words):
        find_files(source)


@pytest.mark.parametrize(("shape", "frames", "channels", "space"), [
    ((7, 9), 1, 1, (7, 9)), ((7, 9, 3), 1, 3, (7, 9)), ((3, 7, 9), 1, 3, (7, 9)), ((6, 7, 9), 6, 1, (7, 9)),
    ((6, 2, 7, 9), 6, 2, (7, 9)), ((6, 7, 9, 2), 6, 2, (7, 9)),
])
@pytest.mark.parametrize("order", "CF")
def test_numpy_arrays(tmp_path, shape, frames, channels, space, order):
    array = RNG.random(shape).astype(">f4")
    np.save(tmp_path / "a.npy", np.asarray(array, order=order))
    image = open_image(tmp_path / "a.npy")
    assert (image.frames, len(image.channels), image.space) == (frames, channels, space)
    expected = np.moveaxis(array, -1, -3) if shape[-1] == channels else array
    assert (image.array().ravel() == expected.ravel()).all()


def test_axes_of_numpy_arrays_can_be_told(tmp_path):
    array = RNG.random((4, 2, 6, 7, 8))
    np.save(tmp_path / "a.npy", array)
    with pytest.raises(FileError, match=r"shape \(4, 2, 6, 7, 8\), and its axes are not known"):
        open_image(tmp_path / "a.npy")
    image = open_image(tmp_path / "a.npy", axes="ZCTXY")
    assert (image.array() == array.transpose(2, 1, 0, 4, 3)).all()


SAMPLES = [
    "a.png",
    "a.jpg",
    "a.bmp",
    "a.gif",
    "a.ppm",
    "a.npy",
    "mapped.tif",
    "strips.tif",
    "jpeg.tif",
    "imagej.tif",
    "pages.tif",
]


def write_samples(folder):
    PIL.Image.fromarray(COLOURS).save(folder / "a.png")
    PIL.Image.fromarray(COLOURS).save(folder / "a.jpg")
    PIL.Image.fromarray(COLOURS).save(folder / "a.bmp")
    PIL.Image.fromarray(COLOURS).save(folder / "a.gif")
    PIL.Image.fromarray(COLOURS).save(folder / "a.ppm")
    np.save(folder / "a.npy", GREY)
    tifffile.imwrite(folder / "mapped.tif", GREY)
    tifffile.imwrite(folder / "strips.tif", GREY, compression="lzw", rowsperstrip=8)
    tifffile.imwrite(folder / "jpeg.tif", COLOURS, compression="jpeg", tile=(16, 16))
    tifffile.imwrite(folder / "imagej.tif", STACK, imagej=True)
    with tifffile.TiffWriter(folder / "pages.tif") as writer:
        for page in STACK:
            writer.write(page, metadata=None, compression="zlib")


@settings(max_examples=60)
@given(name=st.sampled_from(SAMPLES), share=st.floats(0, 0.95))
def test_a_file_cut_short_is_found_and_named(tmp_path_factory, name, share):
    folder = tmp_path_factory.mktemp("cut")
    write_samples(folder)
    whole = (folder / name).read_bytes()
    (folder / name).write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(FileError, match=name):
        open_image(folder / name).array()


def test_an_ome_stack_cut_between_its_pages_is_no_shorter_stack(tmp_path):
    """Where each list of tags ends, what was cut off cannot be seen from the pages that are left."""
    tifffile.imwrite(tmp_path / "a.ome.tif", STACK[:, :8, :8], ome=True, photometric="minisblack")
    whole = (tmp_path / "a.ome.tif").read_bytes()
    with tifffile.TiffFile(tmp_path / "a.ome.tif") as tif:
        end = tif.pages[len(STACK) - 1].offset
    for length in range(end - 600, end):
        (tmp_path / "a.ome.tif").write_bytes(whole[:length])
        with pytest.raises(FileError, match=r"a\.ome\.tif"):
            open_image(tmp_path / "a.ome.tif").array()


@pytest.mark.parametrize(("name", "content", "words"), [
    ("empty.tif", b"", "is empty"),
    ("text.png", b"hello, this is text", "is not a PNG picture"),
    ("text.tif", b"hello, this is text", "is not a TIF picture"),
    ("table.csv", b"a,b", r"ends in \.csv"),
    ("noise.tif", b"II*\0" + bytes(range(200)), "cannot be read|holds no picture"),
])
def test_files_that_are_no_images(tmp_path, name, content, words):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(FileError, match=words) as caught:
        open_image(tmp_path / name)
    assert name in str(caught.value)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(FileError, match=r"gone\.tif"):
        open_image(tmp_path / "gone.tif")


def test_a_file_that_went_away(tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", GREY, compression="zlib")
    image = open_image(tmp_path / "a.tif")
    (tmp_path / "a.tif").unlink()
    with pytest.raises(FileError, match=r"a\.tif cannot be read"):
        image.frame()


@pytest.mark.parametrize(("array", "words"), [
    (np.array([[1, "a"]], dtype=object), "Python objects"), (np.zeros((4, 5), complex), "complex128 values"),
    (np.array([["a", "b"]]), "values"), (np.zeros((0, 5)), "is empty"), (np.zeros(5), "axes are not known"),
])
def test_arrays_that_are_no_images(tmp_path, array, words):
    np.save(tmp_path / "a.npy", array)
    with pytest.raises(FileError, match=words):
        open_image(tmp_path / "a.npy")


@pytest.mark.parametrize(("options", "words"), [
    ({"axes": "TCYX"}, "'TCYX' do not fit"), ({"axes": "TYY"}, "'TYY' do not fit"),
    ({"axes": "TQX"}, "'TQX' do not fit"),
    ({"channels": ["a", "b"]}, "has 1 channel, and the names given are a, b"),
    ({"pixel_size": -1}, "one positive number"), ({"pixel_size": (1, 2, 3)}, "spatial axes YX"),
    ({"pixel_size": float("nan")}, "one positive number"),
])
def test_options_that_do_not_fit(tmp_path, options, words):
    tifffile.imwrite(tmp_path / "a.tif", STACK, photometric="minisblack")
    with pytest.raises(FileError, match=words):
        open_image(tmp_path / "a.tif", **options)


@pytest.mark.parametrize(("stored", "other", "meant"), [
    ("TYX", "ZYX", "ZYX"), ("ZYX", "TYX", "TYX"), ("TCYX", "ZYX", "ZCYX"), ("ZCYX", "TYX", "TCYX"),
    ("TYX", "TYX", "TYX"),
])
def test_planes_are_taken_for_what_those_of_another_file_are(tmp_path, stored, other, meant):
    array = RNG.integers(0, 256, (5, 2, 40, 50)[: len(stored)] if "C" in stored else STACK.shape, np.uint8)
    tifffile.imwrite(tmp_path / "a.tif", array, imagej=True, metadata={"axes": stored})
    image = open_alike(tmp_path / "a.tif", Image.from_array(STACK, other), pixel_size=0.5)
    expected = Image.from_array(array, meant)
    assert (image.frames, image.space, image.pixel_size[-1]) == (expected.frames, expected.space, 0.5)
    assert (image.array() == expected.array()).all()
    longer = Image.from_array(np.zeros((6, 40, 50)), other)
    assert open_alike(tmp_path / "a.tif", longer).array().shape == Image.from_array(array, stored).array().shape


@pytest.mark.parametrize("axes", ["QQ", "TC", "Y"])
def test_what_are_no_axes_is_no_hint(tmp_path, axes):
    tifffile.imwrite(tmp_path / "a.tif", STACK, photometric="minisblack")
    with pytest.raises(FileError, match=f"'{axes}' are no axes"):
        open_alike(tmp_path / "a.tif", None, axes=axes)


def test_transparency_that_carries_nothing_goes(tmp_path):
    picture = PIL.Image.fromarray(COLOURS)
    picture.putalpha(255)
    picture.save(tmp_path / "opaque.png")
    image = without_alpha(open_image(tmp_path / "opaque.png"))
    assert image.channels == RGB
    assert (image.frame() == channels_first(COLOURS)).all()
    picture.putalpha(PIL.Image.fromarray(GREY))
    picture.save(tmp_path / "see through.png")
    assert without_alpha(open_image(tmp_path / "see through.png")).channels == (*RGB, "alpha")


def test_real_files_are_as_another_reader_sees_them(real_data):
    import imageio.v3

    folders = [folder for folder in sorted(real_data.glob("*/**")) if folder.is_dir()]
    firsts = [
        next((f for f in sorted(folder.iterdir()) if f.suffix in (".tif", ".png", ".bmp")), None)
        for folder in folders
    ]
    files = [file for file in firsts if file]
    assert files
    for file in files:
        image = open_image(file)
        assert (image.frame() == channels_first(imageio.v3.imread(file))).all(), file
