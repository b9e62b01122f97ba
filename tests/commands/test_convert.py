"""`morula convert`: what it says when it has converted, and when it cannot."""

from __future__ import annotations

from morula.images.read import find_files, open_image


def test_converts_a_folder_and_what_it_wrote_can_be_read(run, drawn, tmp_path):
    done = run("convert", drawn / "images", "--out", tmp_path / "zarrs")
    assert done.exit_code == 0, done.output
    assert f"6 images written to {tmp_path / 'zarrs'}" in done.stdout
    for ours, theirs in zip(find_files(tmp_path / "zarrs"), find_files(drawn / "images"), strict=True):
        assert (open_image(ours).array() == open_image(theirs).array()).all()
        assert open_image(ours).name == open_image(theirs).name
    again = run("convert", drawn / "images", "--out", tmp_path / "zarrs")
    assert again.exit_code == 2
    assert "exists already (6 such)" in " ".join(again.stderr.split())


def test_shards_need_the_version_that_knows_them(run, drawn, tmp_path):
    done = run("convert", drawn / "images", "--out", tmp_path / "zarrs", "--shards")
    assert done.exit_code == 2
    assert "--shards needs --ome-zarr 0.5" in " ".join(done.output.replace("│", " ").split())


def test_a_damaged_image_is_named_and_the_rest_is_converted(run, drawn, tmp_path):
    first, *_ = sorted((drawn / "images").iterdir())
    first.write_bytes(first.read_bytes()[:100])
    done = run("convert", drawn / "images", "--out", tmp_path / "zarrs")
    assert done.exit_code == 1
    assert first.name in done.stderr
    assert "5 images written" in done.stdout
