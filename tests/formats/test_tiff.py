"""TIFF files that other programs wrote, compared with what these programs were given."""

from io import BytesIO

import numpy as np
import PIL.Image
import PIL.ImageOps
import pytest
import tifffile
import zarr

from morula.errors import FileError
from morula.images.read import open_image

RNG = np.random.default_rng(1)
GREY = RNG.integers(0, 256, (40, 50), np.uint8)
DEEP = RNG.integers(0, 2**16, (40, 50), np.uint16)
COLOURS = RNG.integers(0, 256, (40, 50, 3), np.uint8)
STACK = RNG.integers(0, 256, (5, 40, 50), np.uint8)
RGB = ("red", "green", "blue")


def channels_first(array):
    return array[None] if array.ndim == 2 else np.moveaxis(array, -1, 0)


@pytest.mark.parametrize("array", [GREY, DEEP, COLOURS, GREY.astype(np.float32), GREY.astype(np.int32) - 99],
                         ids=["uint8", "uint16", "colours", "float32", "int32"])
@pytest.mark.parametrize("byteorder", "<>")
@pytest.mark.parametrize("tile", [None, (16, 32)], ids=["strips", "tiles"])
@pytest.mark.parametrize("compression", [None, "lzw", "zlib", "packbits"])
def test_tiff_storage(tmp_path, array, byteorder, tile, compression):
    tifffile.imwrite(tmp_path / "a.tif", array, byteorder=byteorder, tile=tile, compression=compression,
                     predictor=compression in ("lzw", "zlib"), rowsperstrip=None if tile else 7)
    image = open_image(tmp_path / "a.tif")
    assert image.dtype == array.dtype
    assert image.frame().dtype.isnative
    assert (image.frame() == channels_first(array)).all()
    assert image.channels == (RGB if array is COLOURS else ("grey",))


@pytest.mark.parametrize("options", [{"rowsperstrip": 9}, {"tile": (16, 16)}, {"compression": "zlib"}, {}])
def test_tiff_with_planar_colours(tmp_path, options):
    planar = np.moveaxis(COLOURS, -1, 0)
    tifffile.imwrite(tmp_path / "a.tif", planar, photometric="rgb", planarconfig="separate", **options)
    image = open_image(tmp_path / "a.tif")
    assert image.channels == RGB
    assert (image.frame() == planar).all()


@pytest.mark.parametrize("tile", [None, (16, 16)])
def test_tiff_with_jpeg_inside(tmp_path, tile):
    y, x = np.mgrid[:64, :64]
    smooth = np.stack([y * 3, x * 3, (x + y) * 2 // 2], axis=-1).astype(np.uint8)
    tifffile.imwrite(tmp_path / "a.tif", smooth, photometric="rgb", compression="jpeg", tile=tile)
    assert np.abs(open_image(tmp_path / "a.tif").frame() - channels_first(smooth).astype(int)).max() < 12


def test_big_tiff(tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", STACK, bigtiff=True, compression="zlib")
    assert (open_image(tmp_path / "a.tif").array()[:, 0] == STACK).all()


@pytest.mark.parametrize("compression", [None, "group4", "tiff_lzw", "packbits"])
@pytest.mark.parametrize("min_is_white", [True, False])
def test_one_bit_tiff_is_as_pillow_shows_it(tmp_path, compression, min_is_white):
    PIL.Image.fromarray(GREY > 99).save(tmp_path / "a.tif", compression=compression,
                                        tiffinfo={262: 0 if min_is_white else 1})
    with tifffile.TiffFile(tmp_path / "a.tif") as tif:
        assert (tif.pages.first.photometric == 0) == min_is_white
    image = open_image(tmp_path / "a.tif")
    assert image.dtype == bool
    assert (image.frame()[0] == (GREY > 99)).all()


def test_true_is_true_where_python_wrote_it(tmp_path):
    """tifffile, and what writes with it, calls bits "white is zero" without turning them round."""
    mask = GREY % 2 == 0
    tifffile.imwrite(tmp_path / "a.tif", mask)
    with tifffile.TiffFile(tmp_path / "a.tif") as tif:
        assert (tif.pages.first.photometric, tif.pages.first.bitspersample) == (0, 1)
    assert np.array_equal(open_image(tmp_path / "a.tif").frame(0)[0], mask)


def test_min_is_white_grey(tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", GREY, photometric="miniswhite")
    assert (open_image(tmp_path / "a.tif").frame()[0] == 255 - GREY).all()


@pytest.mark.parametrize("array", [GREY, DEEP, GREY.astype(np.float32)], ids=["uint8", "uint16", "float32"])
@pytest.mark.parametrize("description", ["ImageJ=1.54f\nmin=0.0\nmax=255.0\n", "ImageJ=1.29x\n"])
def test_imagej_shows_values_upside_down_but_means_the_values(tmp_path, array, description):
    """As it saves a picture with an inverting lookup table."""
    tifffile.imwrite(tmp_path / "a.tif", array, photometric="miniswhite", metadata=None, description=description)
    assert (open_image(tmp_path / "a.tif").frame()[0] == array).all()


def test_imagej_stacks_shown_upside_down_hold_their_values(tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", STACK, photometric="miniswhite", metadata=None, compression="zlib",
                     description="ImageJ=1.54f\nimages=5\nslices=5\nunit=micron\n")
    image = open_image(tmp_path / "a.tif")
    assert image.space == STACK.shape
    assert (image.frame()[0] == STACK).all()


def test_a_palette_gives_its_colours_or_its_greys(tmp_path):
    picture = PIL.Image.fromarray(COLOURS).quantize(17)
    for name in ("a.tif", "a.png"):
        picture.save(tmp_path / name)
        image = open_image(tmp_path / name)
        assert image.channels == RGB
        assert (image.frame() == channels_first(np.array(picture.convert("RGB")))).all()
    picture.putpalette(np.repeat(np.arange(256), 3).astype(np.uint8).tobytes())
    for name in ("a.tif", "a.png"):
        picture.save(tmp_path / name)
        assert open_image(tmp_path / name).channels == ("grey",)
        assert (open_image(tmp_path / name).frame()[0] == np.array(picture)).all()


def test_imagej_shows_values_through_a_palette_but_means_the_values(tmp_path):
    table = np.zeros((3, 256), np.uint16)
    table[0] = np.arange(256) * 257
    tifffile.imwrite(tmp_path / "a.tif", GREY, photometric="palette", colormap=table, metadata=None,
                     description="ImageJ=1.54f\nunit=micron\n")
    image = open_image(tmp_path / "a.tif")
    assert image.channels == ("grey",)
    assert (image.frame()[0] == GREY).all()


@pytest.mark.parametrize("array", [GREY, COLOURS], ids=["grey", "colours"])
@pytest.mark.parametrize("compression", [None, "zlib"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_that_lies_turned_is_as_pillow_turns_it(tmp_path, orientation, compression, array):
    tifffile.imwrite(tmp_path / "a.tif", array, metadata=None, compression=compression, resolution=(20000, 40000),
                     resolutionunit="centimeter", extratags=[(274, 3, 1, orientation, True)])
    with tifffile.TiffFile(tmp_path / "a.tif") as tif:
        assert [tag.value for tag in tif.pages.first.tags.getall("Orientation")] == [orientation]
    # From memory: what Pillow maps from a file, it turns wrongly.
    with PIL.Image.open(BytesIO((tmp_path / "a.tif").read_bytes())) as picture:
        upright = channels_first(np.array(PIL.ImageOps.exif_transpose(picture)))
    assert upright.shape[1:] == ((50, 40) if orientation > 4 else (40, 50))
    image = open_image(tmp_path / "a.tif")
    assert (image.frame() == upright).all()
    box = (slice(3, 25), slice(7, 38))
    assert (image.region(0, box) == upright[:, *box]).all()
    assert image.pixel_size == ((0.5, 0.25) if orientation > 4 else (0.25, 0.5))


def test_every_page_of_a_stack_that_lies_turned_is_turned(tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", STACK, metadata=None, photometric="minisblack",
                     extratags=[(274, 3, 1, 6, True)])
    assert (open_image(tmp_path / "a.tif").array()[:, 0] == np.rot90(STACK, -1, axes=(1, 2))).all()


@pytest.mark.parametrize("as_subifds", [True, False])
def test_a_pyramid_gives_its_full_resolution(tmp_path, as_subifds):
    whole = RNG.integers(0, 256, (256, 256), np.uint8)
    with tifffile.TiffWriter(tmp_path / "a.tif") as writer:
        writer.write(whole, tile=(64, 64), compression="zlib", metadata=None, subifds=2 if as_subifds else 0)
        for step in (2, 4):
            writer.write(whole[::step, ::step], tile=(64, 64), subfiletype=1, metadata=None)
    image = open_image(tmp_path / "a.tif")
    assert image.space == (256, 256)
    assert (image.frame()[0] == whole).all()


@pytest.mark.parametrize("compression", [None, "zlib"])
def test_imagej_hyperstack(tmp_path, compression):
    array = RNG.integers(0, 9, (3, 4, 2, 20, 30), np.uint16)
    labels = ["c:1/2 z:1/4 - DAPI", "c:2/2 z:1/4 - GFP"] * 12
    metadata = {"axes": "TZCYX", "unit": "micron", "spacing": 3.0, "Labels": labels}
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, array, imagej=True, resolution=(2, 4), compression=compression, metadata=metadata)
    image = open_image(tmp_path / "a.tif")
    assert (image.frames, image.channels, image.space) == (3, ("DAPI", "GFP"), (4, 20, 30))
    assert image.pixel_size == (3.0, 0.25, 0.5)
    assert (image.array() == array.transpose(0, 2, 1, 3, 4)).all()


@pytest.mark.parametrize(
    ("unit", "expected"), [("\\u00B5m", 0.5), ("nm", 5e-4), ("mm", 500), ("pixel", None)]
)
def test_imagej_units(tmp_path, unit, expected):
    tifffile.imwrite(tmp_path / "a.tif", GREY, metadata=None, resolution=(2, 2), resolutionunit="none",
                     description=f"ImageJ=1.54f\nunit={unit}\n")
    assert open_image(tmp_path / "a.tif").pixel_size == (
        pytest.approx((expected, expected)) if expected else None
    )


@pytest.mark.parametrize(("lines", "expected"), [
    ("slices=5\nunit=micron", (1, 0.25, 0.5)), ("slices=5\nunit=nm", (1e-3, 2.5e-4, 5e-4)),
    ("slices=5\nunit=micron\nspacing=1.0000001", (1.0000001, 0.25, 0.5)), ("slices=5\nunit=pixel", None),
    ("slices=5", None), ("slices=5\nunit=micron\nyunit=mm\nzunit=nm", (1e-3, 250, 0.5)),
    ("slices=5\nunit=micron\nzunit=nm\nspacing=300", (0.3, 0.25, 0.5)),
    ("slices=5\nunit=micron\nzunit=pixel", None),
    ("frames=5\nunit=micron", (0.25, 0.5)), ("frames=5\nunit=micron\nyunit=nm", (2.5e-4, 0.5)),
])
def test_imagej_leaves_out_what_is_as_usual(tmp_path, lines, expected):
    """A z step of exactly 1, and the units of y and z if they are that of x: `FileSaver.getDescriptionString`."""
    tifffile.imwrite(tmp_path / "a.tif", STACK, metadata=None, resolution=(2, 4), resolutionunit="none",
                     photometric="minisblack", description=f"ImageJ=1.54f\nimages=5\n{lines}\nloop=false\n")
    assert open_image(tmp_path / "a.tif").pixel_size == (pytest.approx(expected) if expected else None)


@pytest.mark.parametrize(("axes", "unit", "zunit", "strange"), [
    ("ZYX", "micron", "furlong", "furlong"), ("ZYX", "micron", "nm", ""), ("ZYX", "micron", "pixel", ""),
    ("TYX", "micron", "furlong", ""), ("TYX", "pixel", "furlong", ""),
])
def test_a_unit_not_known_is_kept_where_it_leaves_the_size_open(tmp_path, axes, unit, zunit, strange):
    tifffile.imwrite(tmp_path / "a.tif", STACK, metadata=None, resolution=(2, 4), photometric="minisblack",
                     description=f"ImageJ=1.54f\nimages=5\nslices=5\nunit={unit}\nzunit={zunit}\n")
    assert open_image(tmp_path / "a.tif", axes=axes).strange_unit == strange
    assert open_image(tmp_path / "a.tif", axes="ZYX", pixel_size=1).strange_unit == ""


def test_imagej_writes_large_stacks_behind_a_single_page(tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", STACK[0], metadata=None, byteorder=">",
                     description="ImageJ=1.54f\nimages=5\nframes=5\nhyperstack=true\n")
    with (tmp_path / "a.tif").open("ab") as file:
        file.write(STACK[1:].tobytes())
    assert (open_image(tmp_path / "a.tif").array()[:, 0] == STACK).all()
    whole = (tmp_path / "a.tif").read_bytes()
    (tmp_path / "cut.tif").write_bytes(whole[:-1])
    with pytest.raises(FileError, match=r"cut\.tif is cut short"):
        open_image(tmp_path / "cut.tif")


OME = """<?xml version="1.0" encoding="UTF-8"?>
<OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06"><Image ID="Image:0">
<Pixels ID="Pixels:0" BigEndian="false" DimensionOrder="{order}" Type="uint8"
SizeC="{c}" SizeT="{t}" SizeX="50" SizeY="40" SizeZ="{z}" PhysicalSizeX="325" PhysicalSizeXUnit="nm"
PhysicalSizeY="0.325" PhysicalSizeZ="0.002" PhysicalSizeZUnit="mm">
<Channel ID="Channel:0:0" Name="Brachyury" SamplesPerPixel="1"/>
<Channel ID="Channel:0:1" SamplesPerPixel="1"/><TiffData/></Pixels></Image></OME>"""


@pytest.mark.parametrize(("order", "axes"), [("XYCZT", "TZCYX"), ("XYZCT", "TCZYX"), ("XYTCZ", "ZCTYX")])
def test_ome_tiff(tmp_path, order, axes):
    sizes = {"T": 3, "C": 2, "Z": 4, "Y": 40, "X": 50}
    array = RNG.integers(0, 256, [sizes[letter] for letter in axes], np.uint8)
    with tifffile.TiffWriter(tmp_path / "a.ome.tif") as writer:
        writer.write(
            array.reshape(-1, 40, 50), metadata=None, description=OME.format(order=order, c=2, t=3, z=4)
        )
    image = open_image(tmp_path / "a.ome.tif")
    assert (image.frames, image.space) == (3, (4, 40, 50))
    assert image.channels == ("Brachyury", "channel 2")
    assert image.pixel_size == pytest.approx((2, 0.325, 0.325))
    assert (image.array() == array.transpose([axes.index(letter) for letter in "TCZYX"])).all()


def test_an_ome_file_that_lacks_planes_is_refused(tmp_path):
    xml = OME.format(order="XYCZT", c=2, t=3, z=4)
    tifffile.imwrite(tmp_path / "a.ome.tif", STACK, metadata=None, description=xml, photometric="minisblack")
    with pytest.raises(FileError, match="cut short"):
        open_image(tmp_path / "a.ome.tif")


def test_an_ome_file_that_was_stopped_early_gives_its_whole_moments(tmp_path):
    """Two of three moments, of 8 planes each, and three planes of the last."""
    planes = RNG.integers(0, 256, (19, 40, 50), np.uint8)
    xml = OME.format(order="XYCZT", c=2, t=3, z=4)
    tifffile.imwrite(tmp_path / "a.ome.tif", planes, metadata=None, description=xml, photometric="minisblack")
    image = open_image(tmp_path / "a.ome.tif")
    assert (image.frames, image.space) == (2, (4, 40, 50))
    assert (image.array() == planes[:16].reshape(2, 4, 2, 40, 50).transpose(0, 2, 1, 3, 4)).all()
    assert "holds 19 of the 24 planes that it names, enough for 2 moments" in image.unfinished


def test_an_ome_file_that_lacks_a_plane_in_between_is_refused(tmp_path):
    moments = enumerate((0, 2, 3))
    there = "".join(f'<TiffData FirstT="{moment}" IFD="{page}" PlaneCount="1"/>' for page, moment in moments)
    xml = OME.format(order="XYCZT", c=1, t=4, z=1).replace("<TiffData/>", there)
    xml = xml.replace('<Channel ID="Channel:0:1" SamplesPerPixel="1"/>', "")
    tifffile.imwrite(tmp_path / "a.ome.tif", STACK[:3], metadata=None, description=xml, photometric="minisblack")
    with pytest.raises(FileError, match="cut short"):
        open_image(tmp_path / "a.ome.tif")


@pytest.mark.parametrize("compression", [None, "zlib"])
@pytest.mark.parametrize(("lines", "held", "frames", "space", "enough"), [
    ("images=10", 4, 4, (40, 50), "4 of the 10 planes that it names, enough for 4 planes"),
    ("images=10\nframes=10", 4, 4, (40, 50), "4 of the 10 planes that it names, enough for 4 moments"),
    ("images=10\nslices=10", 4, 1, (4, 40, 50), "4 of the 10 planes that it names, enough for 4 slices"),
    ("images=20\nslices=2\nframes=10", 5, 2, (2, 40, 50), "5 of the 20 planes that it names, enough for 2 moments"),
    ("images=5\nframes=5", 5, 5, (40, 50), ""),
])
def test_an_imagej_stack_that_was_stopped_early(tmp_path, compression, lines, held, frames, space, enough):
    tifffile.imwrite(tmp_path / "a.tif", STACK[:held], metadata=None, compression=compression,
                     photometric="minisblack", description=f"ImageJ=1.54f\n{lines}\nunit=micron\n")
    image = open_image(tmp_path / "a.tif")
    assert (image.frames, image.space) == (frames, space)
    assert (image.array().reshape(-1, 40, 50) == STACK[: held // space[0] * space[0] if frames > 1 and len(space) == 3
                                                       else held]).all()
    assert enough in image.unfinished
    assert bool(image.unfinished) == bool(enough)


@pytest.mark.parametrize("compression", [None, "zlib"])
@pytest.mark.parametrize(("lines", "held"), [
    ("images=20\nslices=5\nframes=4", 4), ("images=3\nchannels=3", 2), ("images=6\nchannels=3\nslices=2", 2),
])
def test_less_than_one_whole_moment_is_refused(tmp_path, compression, lines, held):
    tifffile.imwrite(tmp_path / "a.tif", STACK[:held], metadata=None, compression=compression,
                     photometric="minisblack", description=f"ImageJ=1.54f\n{lines}\n")
    with pytest.raises(FileError, match="names more pages than it holds"):
        open_image(tmp_path / "a.tif")


@pytest.mark.parametrize("compression", [None, "zlib"])
def test_colours_that_are_counted_as_channels_are_no_missing_planes(tmp_path, compression):
    """As Bio-Formats describes them."""
    stack = RNG.integers(0, 256, (5, 40, 50, 3), np.uint8)
    tifffile.imwrite(tmp_path / "a.tif", stack, metadata=None, compression=compression, photometric="rgb",
                     description="ImageJ=1.54f\nimages=5\nchannels=3\nslices=5\n")
    image = open_image(tmp_path / "a.tif")
    assert (image.frame() == np.moveaxis(stack, -1, 0)).all()
    assert not image.unfinished


def test_a_file_of_an_ome_set_gives_only_what_it_holds(tmp_path):
    """Otherwise a folder with a set of n files would hold each plane n times."""
    uuids = [f"urn:uuid:00000000-0000-0000-0000-00000000000{number}" for number in range(2)]
    planes = "".join(
        f'<TiffData FirstT="{number}" IFD="0" PlaneCount="1">'
        f'<UUID FileName="t{number}.ome.tif">{uuid}</UUID></TiffData>'
        for number, uuid in enumerate(uuids)
    )
    xml = OME.format(order="XYCZT", c=1, t=2, z=1).replace("<TiffData/>", planes)
    xml = xml.replace('<Channel ID="Channel:0:1" SamplesPerPixel="1"/>', "")
    for number, uuid in enumerate(uuids):
        own = xml.replace("<OME ", f'<OME UUID="{uuid}" ')
        tifffile.imwrite(tmp_path / f"t{number}.ome.tif", STACK[number], metadata=None, description=own)
    for number in range(2):
        image = open_image(tmp_path / f"t{number}.ome.tif")
        assert (image.array() == STACK[number]).all()
        assert image.frames == 1
        assert image.pixel_size == pytest.approx((0.325, 0.325))


OME_OF_TWO = """<?xml version="1.0" encoding="UTF-8"?>
<OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06"{own}>{images}</OME>"""
ONE_OF_TWO = """<Image ID="Image:{number}"><Pixels ID="Pixels:{number}" DimensionOrder="XYCZT" Type="uint8" SizeC="1"
SizeT="1" SizeX="{x}" SizeY="{y}" SizeZ="1" PhysicalSizeX="{size}" PhysicalSizeY="{size}">
<Channel ID="Channel:{number}:0" Name="{name}" SamplesPerPixel="1"/>
<TiffData IFD="{page}" PlaneCount="1">{uuid}</TiffData></Pixels></Image>"""


@pytest.mark.parametrize("by_uuid", [True, False])
def test_each_file_of_an_ome_set_has_the_pixel_size_of_its_own_image(tmp_path, by_uuid):
    sizes, uuids = (0.65, 0.325), ("urn:uuid:a", "urn:uuid:b")
    images = "".join(
        ONE_OF_TWO.format(number=number, x=50, y=40, size=size, name=f"stain {number}", page=0,
                          uuid=f'<UUID FileName="p{number}.ome.tif">{uuid}</UUID>')
        for number, (size, uuid) in enumerate(zip(sizes, uuids, strict=True))
    )
    for number, uuid in enumerate(uuids):
        xml = OME_OF_TWO.format(own=f' UUID="{uuid}"' if by_uuid else "", images=images)
        tifffile.imwrite(tmp_path / f"p{number}.ome.tif", STACK[number], metadata=None, description=xml)
    for number, size in enumerate(sizes):
        image = open_image(tmp_path / f"p{number}.ome.tif")
        assert image.pixel_size == (size, size)
        assert (image.frame()[0] == STACK[number]).all()


@pytest.mark.parametrize("large_first", [True, False])
@pytest.mark.parametrize("described_in_turn", [True, False])
def test_a_picture_beside_its_overview_has_the_pixel_size_of_its_own_image(tmp_path, large_first, described_in_turn):
    pictures = [(GREY, 0.65), (GREY[::4, ::4], 2.6)][:: 1 if large_first else -1]
    described = [
        ONE_OF_TWO.format(number=page, x=picture.shape[1], y=len(picture), size=size, name="DAPI", page=page, uuid="")
        for page, (picture, size) in enumerate(pictures)
    ]
    xml = OME_OF_TWO.format(own="", images="".join(described[:: 1 if described_in_turn else -1]))
    with tifffile.TiffWriter(tmp_path / "a.ome.tif") as writer:
        for page, (picture, _) in enumerate(pictures):
            writer.write(picture, metadata=None, description=None if page else xml)
    image = open_image(tmp_path / "a.ome.tif")
    assert image.pixel_size == (0.65, 0.65)
    assert (image.frame()[0] == GREY).all()


@pytest.mark.parametrize(("resolution", "unit", "expected"), [
    ((20000, 40000), "centimeter", (0.25, 0.5)), ((300, 300), "inch", None), ((72, 72), "inch", None),
    ((20000, 20000), "none", None),
])
def test_resolution_tags_count_if_a_microscope_could_have_written_them(tmp_path, resolution, unit, expected):
    tifffile.imwrite(tmp_path / "a.tif", GREY, metadata=None, resolution=resolution, resolutionunit=unit)
    assert open_image(tmp_path / "a.tif").pixel_size == expected


@pytest.mark.parametrize("compression", [None, "tiff_lzw"])
def test_pages_without_a_word_follow_in_time(tmp_path, compression):
    first, *rest = map(PIL.Image.fromarray, STACK)
    first.save(tmp_path / "a.tif", save_all=True, append_images=rest, compression=compression)
    assert (open_image(tmp_path / "a.tif").array()[:, 0] == STACK).all()
    volume = open_image(tmp_path / "a.tif", axes="zyx", pixel_size=(2, 0.5, 0.5))
    assert (volume.frames, volume.space, volume.pixel_size) == (1, (5, 40, 50), (2, 0.5, 0.5))
    assert (volume.frame()[0] == STACK).all()
    channels = open_image(tmp_path / "a.tif", axes="CYX", channels="abcde")
    assert (channels.frame() == STACK).all()
    assert channels.channels == tuple("abcde")


def test_a_single_plane_fits_any_axes(tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", GREY)
    assert open_image(tmp_path / "a.tif", axes="TYX").space == (40, 50)
    assert open_image(tmp_path / "a.tif", axes="XY").space == (50, 40)


def test_pictures_that_make_no_stack_are_refused(tmp_path):
    with tifffile.TiffWriter(tmp_path / "a.tif") as writer:
        writer.write(GREY, metadata=None)
        writer.write(GREY[:35, :42], metadata=None)
    with pytest.raises(FileError, match="holds 2 pictures"):
        open_image(tmp_path / "a.tif")


def test_a_thumbnail_is_passed_over(tmp_path):
    with tifffile.TiffWriter(tmp_path / "a.tif") as writer:
        writer.write(COLOURS[:9, :11], metadata=None)
        writer.write(GREY, metadata=None)
    assert (open_image(tmp_path / "a.tif").frame()[0] == GREY).all()


def test_volumes_in_tiles(tmp_path):
    """Against the chunks as zarr sees them."""
    volume = RNG.integers(0, 9, (20, 70, 80), np.uint16)
    tifffile.imwrite(tmp_path / "a.tif", volume, tile=(16, 32, 32), compression="zlib", volumetric=True,
                     metadata={"axes": "ZYX"})
    box = (slice(3, 19), slice(30, 66), slice(5, 41))
    with tifffile.imread(tmp_path / "a.tif", aszarr=True) as store:
        expected = zarr.open_array(store, mode="r")[box]
    assert (open_image(tmp_path / "a.tif").region(0, box)[0] == expected).all()


def test_only_the_tiles_under_a_region_are_read(tmp_path):
    """All other tiles are ruined: whoever decodes one of them stumbles."""
    whole = RNG.integers(0, 256, (512, 512), np.uint8)
    tifffile.imwrite(tmp_path / "a.tif", whole, tile=(64, 64), compression="zlib")
    with tifffile.TiffFile(tmp_path / "a.tif") as tif:
        page = tif.pages.first
        segments = list(zip(page.dataoffsets, page.databytecounts, strict=True))
    needed = {8 * row + column for row in (1, 2) for column in (3, 4)}
    with (tmp_path / "a.tif").open("r+b") as file:
        for number, (start, length) in enumerate(segments):
            if number not in needed:
                file.seek(start)
                file.write(b"\xff" * length)
    image = open_image(tmp_path / "a.tif")
    box = (slice(64, 192), slice(192, 320))
    assert (image.region(0, box)[0] == whole[box]).all()
    with pytest.raises(FileError, match=r"a\.tif cannot be read"):
        image.region(0, (slice(64, 193), slice(192, 320)))
