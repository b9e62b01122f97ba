"""Files as a failing disk, a careless program or somebody who means harm would leave them, from a seed.

An original is a small file as another program, or Morula, writes it. A mutant is an original that was cut, of which
bits were flipped, or in which sizes lie. What cannot be made by chance is in `traps`.
"""

from __future__ import annotations

import json
import random
import re
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import nibabel
import numpy as np
import tifffile
from PIL import Image as Picture
from roifile import ImagejRoi

GREY = np.random.default_rng(0).integers(0, 255, (40, 48)).astype(np.uint8)
LABELS = np.kron(np.arange(4, dtype=np.uint8).reshape(2, 2), np.ones((20, 24), np.uint8))
SIZES = (0, 1, -1, 2**15, 2**16 - 1, 2**31 - 1, 2**31, 2**32 - 1, 2**63 - 1)
"""What a header may say, and nobody has."""
WORDS = ("0", "-1", "2147483648", "9223372036854775808", "1e308", "NaN", "Infinity", "null", "true", '""', "[]", "{}",
         '"\\ud800"', "[[[[]]]]", "0.5")
NUMBER = re.compile(rb"-?\d+(?:\.\d+)?")


def _tiff(**how: object) -> Callable[[Path], None]:
    return lambda path: tifffile.imwrite(path, GREY, **how)


def _stack(**how: object) -> Callable[[Path], None]:
    return lambda path: tifffile.imwrite(path, np.stack([GREY, GREY[::-1], GREY[:, ::-1]]), **how)


def _picture(mode: str, **how: object) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        grey = Picture.fromarray(GREY)
        (grey.quantize(16) if mode == "P" else grey.convert(mode)).save(path, **how)

    return write


def _deep_colours(path: Path) -> None:
    import imagecodecs

    path.write_bytes(imagecodecs.png_encode(np.stack([GREY.astype(np.uint16) * 200] * 3, axis=-1)))


def _czi(packing: str | None = None) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        from pylibCZIrw.czi import create_czi

        path.unlink(missing_ok=True)
        with create_czi(str(path), compression_options=packing) as file:
            for left in (0, 24):
                file.write(np.ascontiguousarray(GREY[:, left : left + 24, None]), location=(left, 0))
            file.write_metadata("a", scale_x=5e-7, scale_y=5e-7)

    return write


def _text(data: object) -> Callable[[Path], None]:
    return lambda path: path.write_text(data if isinstance(data, str) else json.dumps(data))


def _rois(path: Path) -> None:
    rois = [ImagejRoi.frompoints([[x, 5], [x + 9, 5], [x + 9, 15]], name=f"r{x}") for x in (2, 20)]
    if path.suffix == ".roi":
        rois[0].tofile(path)
    else:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
            for roi in rois:
                packed.writestr(f"{roi.name}.roi", roi.tobytes())


def _parquet(path: Path) -> None:
    from morula.objects.tables import write_columns

    write_columns(path, {"image": ["a", "b", "c"], "area": np.array([1.5, 2.5, 4.0]), "object": np.arange(3)})


def _calibration(path: Path) -> None:
    from morula.measures.intervals import Calibration, write_calibration

    write_calibration(path.parent, Calibration())


def _checkpoint(path: Path) -> None:
    import torch

    from morula.learning.checkpoint import write_checkpoint

    write_checkpoint(path, {"course": "a", "step": 3}, {"network.a": torch.ones(3), "average.a": torch.ones(3)})


def _model() -> bytes:
    from morula.models.builtin import model_file

    return model_file("gastruloid").read_bytes()


CORNERS = [[2, 2], [20, 2], [20, 20], [2, 20]]
LABELME = {"version": "5.5.0", "flags": {}, "imagePath": "a.png", "imageData": None, "imageHeight": 40,
           "imageWidth": 48, "shapes": [
               {"label": "cell", "points": CORNERS, "group_id": 1, "description": "", "shape_type": "polygon",
                "flags": {}, "mask": None},
               {"label": "cell", "points": [[9, 9], [12, 12]], "group_id": None, "shape_type": "circle", "flags": {}}]}
COCO = {"images": [{"id": 1, "file_name": "a.png", "height": 40, "width": 48}],
        "categories": [{"id": 1, "name": "cell"}],
        "annotations": [
            {"id": 1, "image_id": 1, "category_id": 1, "bbox": [2, 2, 18, 18], "area": 324, "iscrowd": 0,
             "segmentation": [[2, 2, 20, 2, 20, 20]]},
            {"id": 2, "image_id": 1, "category_id": 1, "bbox": [0, 0, 9, 9], "area": 9, "iscrowd": 1,
             "segmentation": {"size": [40, 48], "counts": [100, 50, 1770]}},
            {"id": 3, "image_id": 1, "category_id": 1, "bbox": [0, 0, 9, 9], "area": 9, "iscrowd": 1,
             "segmentation": {"size": [40, 48], "counts": "T3j1fg0"}}]}
GEOJSON = {"type": "FeatureCollection", "features": [
    {"type": "Feature", "id": "a", "geometry": {"type": "Polygon", "coordinates": [[*CORNERS, CORNERS[0]]],
                                                "plane": {"c": -1, "z": 0, "t": 0}},
     "properties": {"objectType": "annotation", "classification": {"name": "cell", "color": [1, 2, 3]}}}]}
CVAT = ('<?xml version="1.0" encoding="utf-8"?>\n<annotations><version>1.1</version><image id="0" name="a.png" '
        'width="48" height="40"><polygon label="cell" source="manual" points="2.0,2.0;20.0,2.0;20.0,20.0" z_order="0">'
        '</polygon><mask label="cell" source="manual" occluded="0" rle="3, 5, 4" left="1" top="2" '
        'width="4" height="3" z_order="0"></mask><ellipse label="cell" cx="9" cy="9" rx="3" ry="4" '
        'z_order="1"></ellipse></image></annotations>')
FRAMES = ("file,frame,mask,model,expected IoU,IoU low,IoU high,objects,area,centre,certainty,flags,source,"
          "cleaned,seen\n"
          "a.tif,0,a.tif,0123456789abcdef,0.9,0.8,0.95,1,300,20.0 20.0,0.9912,,../a.tif,,\n"
          "c.tif,1,c.tif,0123456789abcdef,0.9,0.8,0.95,1,300,20.0 20.0,0.9912,no object; blurred,../c.tif,,\n")
MEASURES = "image,frame,object,class,area,solidity\na,0,1,body,300,0.9\na,1,1,body,320,0.91\nb,0,1,body,,0.8\n"
JOB = {"id": "001700000000000", "kind": "train", "asked": {"minutes": 2}, "state": "done", "done": 3, "total": 10,
       "words": "loss 0.2", "seconds": 1.5, "left": None, "sentences": ["a"], "error": None, "result": {}}
FACTS = {"plain.tif": [[1, 2, 0], {"name": "plain.tif", "frames": 1, "slices": 1, "height": 40, "width": 48,
                                   "channels": ["grey"], "pixel_size": [0.5, 0.5], "type": "uint8", "problem": None}]}
PROJECT = {"classes": [{"name": "body", "colour": "#1b9e77"}], "objects": False, "pixel_size": 0.5}
NOTES = {"touched": [0], "finished": [0], "interpolated": [], "locked": {"0": [1]}, "reviews": {"0": "accepted"},
         "behind": False, "highest": 1, "written": [1, 2], "digest": "00"}

ORIGINALS: Mapping[str, tuple[str, Callable[[Path], None]]] = {
    "plain.tif": ("image", _tiff()),
    "strips.tif": ("image", _tiff(rowsperstrip=7, compression="zlib", predictor=True)),
    "tiles.tif": ("image", _tiff(tile=(16, 16), compression="zstd")),
    "lzw.tif": ("image", _tiff(compression="lzw", rowsperstrip=9)),
    "packbits.tif": ("image", _tiff(compression="packbits")),
    "lzma.tif": ("image", _tiff(compression="lzma")),
    "jpeg.tif": ("image", _tiff(compression="jpeg", tile=(16, 16))),
    "jpeg 2000.tif": ("image", _tiff(compression="jpeg2000", tile=(32, 32))),
    "jpeg xr.tif": ("image", _tiff(compression="jpegxr")),
    "jpeg xl.tif": ("image", _tiff(compression="jpegxl")),
    "png.tif": ("image", _tiff(compression="png")),
    "lerc.tif": ("image", _tiff(compression="lerc")),
    "webp.tif": ("image", lambda path: tifffile.imwrite(path, np.stack([GREY] * 3, -1), compression="webp")),
    "big.tif": ("image", _tiff(bigtiff=True, compression="zlib")),
    "big endian.tif": ("image", _tiff(byteorder=">", photometric="miniswhite")),
    "colours.tif": ("image", lambda path: tifffile.imwrite(path, np.stack([GREY] * 3), photometric="rgb")),
    "imagej.tif": ("image", _stack(imagej=True, metadata={"axes": "TYX", "unit": "um"}, resolution=(2, 2))),
    "pages.tif": ("image", _stack(compression="zlib", metadata={"axes": "TYX"})),
    "ome.ome.tif": ("image", _stack(metadata={"axes": "ZYX", "PhysicalSizeX": 0.5})),
    "grey.png": ("image", _picture("L")),
    "colours.png": ("image", _picture("RGB")),
    "palette.png": ("image", _picture("P")),
    "transparent.png": ("image", _picture("LA")),
    "deep.png": ("image", _deep_colours),
    "a.jpg": ("image", _picture("RGB", dpi=(300, 300))),
    "progressive.jpg": ("image", _picture("L", progressive=True)),
    "grey.bmp": ("image", _picture("L")),
    "colours.bmp": ("image", _picture("RGB")),
    "bits.bmp": ("image", _picture("1")),
    "a.npy": ("image", lambda path: np.save(path, GREY)),
    "volume.nii": ("image", lambda path: nibabel.save(nibabel.Nifti1Image(LABELS[..., None], np.eye(4)), path)),
    "volume.nii.gz": ("image", lambda path: nibabel.save(nibabel.Nifti2Image(GREY[..., None], np.eye(4)), path)),
    "tiles.czi": ("image", _czi()),
    "packed.czi": ("image", _czi("zstd1:ExplicitLevel=1")),
    "labelme.json": ("drawn", _text(LABELME)),
    "coco.json": ("drawn", _text(COCO)),
    "qupath.geojson": ("drawn", _text(GEOJSON)),
    "cvat.xml": ("drawn", _text(CVAT)),
    "one.roi": ("drawn", _rois),
    "several.zip": ("drawn", _rois),
    "frames.csv": ("frames", _text(FRAMES)),
    "measures.csv": ("table", _text(MEASURES)),
    "measures.parquet": ("table", _parquet),
    "res_track.txt": ("lifetimes", _text("1 0 5 0\n2 6 9 1\n3 6 8 1\n")),
    "calibration.json": ("calibration", _calibration),
    "job.json": ("job", _text(JOB)),
    "images.json": ("facts", _text(FACTS)),
    "change.npz": ("arrays", lambda path: np.savez_compressed(path, a=GREY, said=np.array("[]"))),
    "working.npy": ("working copy", lambda path: np.save(path, LABELS[None])),
    "a.checkpoint": ("checkpoint", _checkpoint),
    "labelmap.txt": ("cvat masks", _text("# label:color_rgb:parts:actions\nbackground:0,0,0::\ncell:250,50,83::\n")),
    "morula.json": ("project", _text(PROJECT)),
    "notes.json": ("notes", _text(NOTES)),
    "model.safetensors": ("model", lambda path: path.write_bytes(_model())),
}
"""What is read, and how such a file is written, by its name."""


def mutant(data: bytes, name: str, rng: random.Random) -> tuple[str, bytes]:
    """What was done to an original, and what became of it."""
    text = Path(name).suffix in (".json", ".geojson", ".xml", ".csv")
    ways = {"cut": cut, "flipped": flipped, "lying": lying_words if text else lying, "repeated": repeated,
            "torn": torn}
    how = rng.choice([*ways, "flipped", "lying"])
    return how, ways[how](data, rng)


def cut(data: bytes, rng: random.Random) -> bytes:
    """Shorter, most often near its beginning or its end, where the structure is."""
    return data[: _place(data, rng)]


def flipped(data: bytes, rng: random.Random) -> bytes:
    """With 1 to 64 bits the other way round."""
    changed = bytearray(data)
    for _ in range(rng.choice([1, 1, 2, 4, 16, 64])):
        changed[_place(data, rng)] ^= 1 << rng.randrange(8)
    return bytes(changed)


def lying(data: bytes, rng: random.Random) -> bytes:
    """With a number in it that is none of anything."""
    changed = bytearray(data)
    for _ in range(rng.choice([1, 1, 2])):
        width = rng.choice([2, 4, 8])
        place = _place(data, rng) // 2 * 2
        size = rng.choice(SIZES) % 2 ** (8 * width)
        changed[place : place + width] = size.to_bytes(width, rng.choice(["little", "big"]))
    return bytes(changed[: len(data)])


def lying_words(data: bytes, rng: random.Random) -> bytes:
    """With something else where a number was."""
    places = list(NUMBER.finditer(data))
    if not places:
        return b""
    for found in sorted(rng.sample(places, min(len(places), rng.choice([1, 1, 2, 5]))), key=lambda it: -it.start()):
        data = data[: found.start()] + rng.choice(WORDS).encode() + data[found.end() :]
    return data


def repeated(data: bytes, rng: random.Random) -> bytes:
    """With a piece of it twice."""
    start, end = sorted((_place(data, rng), _place(data, rng)))
    return data[:end] + data[start:]


def torn(data: bytes, rng: random.Random) -> bytes:
    """With a block of zeros, as a disk leaves it whose cable was pulled."""
    start = _place(data, rng)
    length = min(rng.choice([16, 512, 4096]), len(data) - start)
    return data[:start] + bytes(length) + data[start + length :]


def _place(data: bytes, rng: random.Random) -> int:
    near = min(len(data), 400)
    return rng.choice([rng.randrange(near), len(data) - 1 - rng.randrange(near), rng.randrange(len(data))])
