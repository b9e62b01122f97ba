"""Splits that keep together what belongs together."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from morula.errors import RequestError
from morula.images.image import Image
from morula.pairs.pair import Frame, Pair
from morula.pairs.split import FEW, MOST_VALIDATION_FRAMES, Past, folds, portions, split


def frames_of(*files: tuple[str, str, int]) -> list[Frame]:
    """Frames of files given as name, group and number of frames."""
    frames = []
    for name, group, count in files:
        image = Image.from_array(np.zeros((count, 2, 2)), "TYX", name=name)
        frames += [Frame(Pair(image, image, group), index) for index in range(count)]
    return frames


@given(
    st.lists(st.integers(1, 30), min_size=2, max_size=25).filter(lambda sizes: sum(sizes) > FEW),
    st.integers(0, 5),
    st.floats(0.05, 0.5),
)
def test_whole_groups_validate_and_the_rest_trains(sizes, seed, share):
    frames = frames_of(*((f"m{number}x", f"group {number}", size) for number, size in enumerate(sizes)))
    divided = split(frames, share=share, seed=seed)
    training, validation = ({frame.group for frame in part} for part in (divided.training, divided.validation))
    assert training
    assert validation
    assert not training & validation
    assert len(divided.validation) <= MOST_VALIDATION_FRAMES
    again = split(frames, share=share, seed=seed)
    assert [frame.name for frame in again.validation] == [frame.name for frame in divided.validation]
    if set(sizes) == {1}:
        assert len(divided.validation) == min(max(1, round(share * len(frames))), MOST_VALIDATION_FRAMES)


def test_the_seed_chooses():
    frames = frames_of(*((f"m{number}x", f"group {number}", 3) for number in range(20)))
    chosen = {frozenset(frame.group for frame in split(frames, share=0.15, seed=seed).validation) for seed in range(5)}
    assert len(chosen) > 1
    assert all(len(groups) == 3 for groups in chosen)


def test_numbers_without_a_gap_validate_in_a_row():
    divided = split(frames_of(*((f"{number:03}", f"{number:03}", 1) for number in range(20))), share=0.15)
    assert [frame.name for frame in divided.validation] == ["017", "018", "019"]
    assert "slices" in divided.sentence
    assert not divided.by_group
    assert {divided.unit(frame) for frame in (*divided.training, *divided.validation)} == {"017 to 019"}
    gaps = split(frames_of(*((f"{number:03}", f"{number:03}", 1) for number in range(0, 40, 2))))
    assert "seed" in gaps.sentence
    assert all(gaps.unit(frame) == frame.group for frame in gaps.training)


def test_one_movie_validates_on_its_end():
    divided = split(frames_of(("movie", "movie", 20)), share=0.15)
    assert [frame.name for frame in divided.validation] == ["movie[17]", "movie[18]", "movie[19]"]
    assert not divided.by_group
    assert [frame.index for frame in divided.training] == list(range(17))
    assert "flatter" in divided.sentence


def test_one_frame_cannot_validate():
    divided = split(frames_of(("cell", "cell", 1)))
    assert [frame.name for frame in divided.training] == ["cell"]
    assert not divided.validation
    assert "no honest score" in divided.sentence


@pytest.mark.parametrize("count", range(2, FEW + 1))
def test_few_frames_all_train(count):
    divided = split(frames_of(*((f"cell {letter}", letter, 1) for letter in "abcde"[:count])))
    assert len(divided.training) == count
    assert not divided.validation
    assert not divided.by_group
    assert "each is left out of a training once" in divided.sentence


def test_of_a_long_movie_only_a_spread_of_frames_validates():
    divided = split(frames_of(("a", "a", 100), ("b", "b", 200)))
    assert {frame.group for frame in divided.training} == {"b"}
    assert [divided.validation[place].index for place in (0, -1)] == [0, 99]
    assert len(divided.validation) == MOST_VALIDATION_FRAMES
    assert "60 more" in divided.sentence


def test_rare_kinds_train_whatever_the_seed():
    frames = frames_of(*((f"m{number}x", f"group {number}", 1) for number in range(12)))
    for seed in range(20):
        divided = split(frames, share=0.3, seed=seed, rare={"group 3", "group 7"})
        assert not {"group 3", "group 7"} & {frame.group for frame in divided.validation}
        assert len(divided.validation) == 4
        assert divided.by_group
        assert "2 unlike the rest do not validate" in divided.sentence


class TestPast:
    """What validated an earlier model validates again."""

    def frames(self, folder: Path, *names: str, content: str = "") -> list[Frame]:
        """Frames whose groups are the first letters of their names, in files that differ."""
        folder.mkdir(exist_ok=True)
        frames = []
        for name in names:
            path = folder / f"{name}.tif"
            path.write_text(content or name)
            image = Image.from_array(np.zeros((2, 2)), "YX", name=name, path=path)
            frames.append(Frame(Pair(image, image, name[0]), 0))
        return frames

    def past(self, training: list[Frame], validation: list[Frame]) -> Past:
        return Past(frozenset(frame.name for frame in training),
                    {frame.name: frame.pair.image.path for frame in validation})

    def names(self, frames) -> str:
        return " ".join(frame.name for frame in frames)

    @pytest.mark.parametrize("seed", range(6))
    def test_a_group_that_validated_validates_again_with_all_that_joined_it(self, tmp_path, seed):
        known = self.frames(tmp_path, "a1x", "a2x", "b1x", "b2x")
        new = self.frames(tmp_path, "b3x", "c1x", "c2x", "d1x")
        divided = split([*known, *new], share=0.2, seed=seed, past=self.past(known[:2], known[2:]))
        assert self.names(divided.validation) == "b1x b2x b3x"
        assert "3 of them as for the earlier model" in divided.sentence
        more = split([*known, *new], share=0.6, seed=seed, past=self.past(known[:2], known[2:]))
        assert {"b1x", "b2x", "b3x"} < {frame.name for frame in more.validation}

    def test_of_a_group_that_trained_only_what_validated_is_held_out(self, tmp_path):
        known = self.frames(tmp_path, "a1x", "a2x", "a3x", "a4x")
        new = self.frames(tmp_path, "b1x", "b2x")
        divided = split([*known, *new], share=0.1, past=self.past(known[:3], known[3:]))
        assert self.names(divided.validation) == "a4x"
        assert self.names(divided.training) == "a1x a2x a3x b1x b2x"
        alone = split(known, share=0.25, past=self.past(known[1:], known[:1]))
        assert self.names(alone.validation) == "a1x a4x"

    def test_copies_count_and_other_files_of_the_same_name_do_not(self, tmp_path):
        known = self.frames(tmp_path / "known", "a1x", "b1x")
        names = "a1x", "b1x", "c1x", "d1x", "e1x", "f1x"
        copied = self.frames(tmp_path / "copied", *names)
        others = self.frames(tmp_path / "others", *names, content="something else")
        past = self.past(known[:1], known[1:])
        assert self.names(split(copied, past=past).validation) == "b1x"
        seen = {self.names(split(others, seed=seed, past=past).validation) for seed in range(40)}
        assert len(seen) == 6
        known[1].pair.image.path.unlink()
        assert len({self.names(split(copied, seed=seed, past=past).validation) for seed in range(40)}) == 6

    def test_nothing_trains_that_the_earlier_model_was_judged_by(self, tmp_path):
        known = self.frames(tmp_path, "a1x", "a2x", "b1x")
        for frames in (known, known[:1]):
            with pytest.raises(RequestError, match=r"All frames validated the earlier model.*--init"):
                split(frames, past=self.past([], known))


class TestFolds:
    """Every frame validates once, with its whole group."""

    @given(st.lists(st.integers(1, 30), min_size=2, max_size=25), st.integers(2, 8), st.integers(0, 5))
    def test_every_frame_validates_once_and_never_beside_its_group(self, sizes, count, seed):
        frames = frames_of(*((f"m{number}x", f"group {number}", size) for number, size in enumerate(sizes)))
        parts = folds(frames, count, seed=seed)
        assert len(parts) == min(count, len(sizes))
        validated = [frame.name for part in parts for frame in part.validation]
        assert sorted(validated) == sorted(frame.name for frame in frames)
        for part in parts:
            assert part.by_group
            assert len(part.training) + len(part.validation) == len(frames)
        held = [len(part.validation) for part in parts]
        assert max(held) - min(held) <= max(sizes) or len(sizes) <= count
        again = folds(frames, count, seed=seed)
        assert [part.sentence for part in again] == [part.sentence for part in parts]
        assert [part.validation for part in again] == [part.validation for part in parts]

    @pytest.mark.parametrize("pairs", [2, 3, 5])
    def test_of_few_pairs_each_validates_alone(self, pairs):
        letters = "abcde"[:pairs]
        parts = folds(frames_of(*((f"cell {letter}", letter, 1) for letter in letters)), 5)
        assert [[frame.group for frame in part.validation] for part in parts] == [[letter] for letter in letters]
        assert "each group validates alone" in parts[0].sentence

    def test_rare_classes_are_in_every_part(self):
        frames = frames_of(*((f"m{number}x", f"group {number}", 1 + number % 3) for number in range(20)))
        rare = {f"group {number}" for number in (1, 2, 5, 11)}
        shown = {frame.group: {1, 2} if frame.group in rare else {1} for frame in frames}
        for seed in range(10):
            for part in folds(frames, 4, seed=seed, shown=shown):
                assert len({frame.group for frame in part.validation} & rare) == 1

    def test_the_seed_deals(self):
        frames = frames_of(*((f"m{number}x", f"group {number}", 3) for number in range(20)))
        dealt = {frozenset(frame.group for frame in folds(frames, 5, seed=seed)[0].validation) for seed in range(5)}
        assert len(dealt) > 1

    def test_what_may_be_slices_of_one_thing_validates_in_a_row(self):
        numbered = folds(frames_of(*((f"{number:03}", f"{number:03}", 1) for number in range(10))), 3)
        assert [frame.name for frame in numbered[1].validation] == ["004", "005", "006"]
        assert all(part.in_a_row and not part.by_group for part in numbered)
        movie = folds(frames_of(("movie", "movie", 9)), 3)
        assert [frame.index for frame in movie[2].validation] == [6, 7, 8]
        assert "flatter" in movie[0].sentence

    def test_numbers_say_nothing_where_a_person_told_the_groups(self):
        frames = frames_of(*((f"{number:03}", f"{number:03}", 1) for number in range(10)))
        told = folds(frames, 3, told=True)
        assert all(part.by_group for part in told)
        assert sorted(len(part.validation) for part in told) == [3, 3, 4]
        assert [frame.name for frame in told[0].validation] != ["000", "001", "002", "003"]
        assert "seed" in split(frames, told=True).sentence

    def test_what_cannot_be_parted_is_refused(self):
        with pytest.raises(RequestError, match="at least 2 folds"):
            folds(frames_of(("a", "a", 5)), 1)
        with pytest.raises(RequestError, match="single frame"):
            folds(frames_of(("a", "a", 1)), 5)


class TestPortions:
    """A quarter of the groups within half of them."""

    @given(st.lists(st.integers(1, 9), min_size=4, max_size=30), st.integers(0, 5))
    def test_whole_groups_the_quarter_within_the_half(self, sizes, seed):
        frames = frames_of(*((f"m{number}x", f"group {number}", size) for number, size in enumerate(sizes)))
        quarter, half = portions(frames, seed=seed)
        assert quarter
        assert set(map(id, quarter)) < set(map(id, half)) < set(map(id, frames))
        for portion in (quarter, half):
            taken = {frame.group for frame in portion}
            assert len(portion) == sum(frame.group in taken for frame in frames)
        for part, portion in ((4, quarter), (2, half)):
            assert abs(len(portion) - len(frames) / part) <= max(sizes)

    def test_a_rare_class_is_in_the_quarter(self):
        frames = frames_of(*((f"m{number}x", f"group {number}", 2) for number in range(16)))
        shown = {frame.group: {1, 2} if frame.group in ("group 3", "group 11") else {1} for frame in frames}
        for seed in range(5):
            quarter, half = portions(frames, seed=seed, shown=shown)
            assert len({frame.group for frame in quarter} & {"group 3", "group 11"}) == 1
            assert {frame.group for frame in half} >= {"group 3", "group 11"}

    def test_what_may_be_slices_of_one_thing_has_no_quarter_unless_a_person_says_otherwise(self):
        frames = frames_of(*((f"{number:03}", f"{number:03}", 1) for number in range(12)))
        with pytest.raises(RequestError, match=r"as 000 to 011: they count as one group.*--groups '\.\+'"):
            portions(frames)
        assert [len(portion) for portion in portions(frames, told=True)] == [3, 6]

    def test_three_groups_have_no_quarter(self):
        with pytest.raises(RequestError, match="at least 4 groups that train, and there are 3"):
            portions(frames_of(*((letter, letter, 9) for letter in "abc")))


def partly(frames: list[Frame], partial: set[int]) -> list[Frame]:
    """The same frames, of which those with these numbers are partly annotated."""
    return [Frame(replace(frame.pair, partial=frozenset({frame.index} if number in partial else ())), frame.index)
            for number, frame in enumerate(frames)]


def test_what_is_annotated_wholly_validates():
    movie = frames_of(("movie", "one", 30))
    divided = split(partly(movie, set(range(30)) - {3, 9, 14, 20}), share=0.1)
    assert [frame.index for frame in divided.validation] == [14, 20]
    assert len(divided.training) == 28
    alone = split(partly(movie, set(range(29))), share=0.1)
    assert [frame.index for frame in alone.validation] == [26, 27, 28]
    wells = frames_of(*((f"m{number}x", f"group {number}", 3) for number in range(12)))
    for seed in range(5):
        divided = split(partly(wells, set(range(36)) - {5, 16, 28}), share=0.2, seed=seed)
        assert divided.validation
        assert not any(frame.partly_annotated for frame in divided.validation)
        assert any(not frame.partly_annotated for frame in divided.training)
        only = split(partly(wells, set(range(36)) - {5}), share=0.2, seed=seed)
        assert any(not frame.partly_annotated for frame in only.training)
