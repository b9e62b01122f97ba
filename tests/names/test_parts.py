"""A name cut into parts: numbers with their units, and what only looks like it."""

import pytest

from morula.names.parts import cut


@pytest.mark.parametrize(("name", "minutes"), [
    ("2h", 120), ("0.5h", 30), ("1,5h", 90), ("90 min", 90), ("30s", 0.5), ("3d", 4320), ("00d02h30m", 150),
    ("1h30min", 90), ("72hpf", 4320), ("2days", 2880), ("x_12hrs", 720),
    ("2 weeks", 20160), ("250ms", 250 / 60_000),
    ("t250ms", 250 / 60_000), ("T2h", 120), ("t01d02h", 1560), ("4Std", 240), ("3 Stunden", 180), ("1 Stunde", 60),
    ("2Tage", 2880), ("2 Wochen", 20160), ("30sek", 0.5), ("1 semaine", 10080), ("2jours", 2880), ("3 heures", 180),
])
def test_times_in_units(name, minutes):
    assert [part.value for part in cut(name) if part.kind == "duration"] == [minutes]


@pytest.mark.parametrize("name", ["3D", "2DG", "h2b", "12", "5x", "a2h", "2021-13-01T10-00-00", "20211301_100000",
                                  "13.13.2021", "06.08.2021", "1.2.3", "06.08.21",
                                  "T2D", "t2x"])
def test_what_is_no_time(name):
    assert not [part for part in cut(name) if part.kind in ("duration", "clock")]


@pytest.mark.parametrize("name", [
    "2021-08-06T11-39-00", "2021-08-06T11:39:00Z", "20210806T113900", "20210806_113900", "2021-08-06 11.39.00",
    "2021-08-06_11-39", "2021y08m06d_11h39m", "x_2021.08.06-11h39", "2021-08-06T11-39-00.500Z",
    "06.08.2021_11.39", "wt_6.8.2021 11:39:00",
])
def test_clocks_however_they_are_written(name):
    [clock] = [part for part in cut(name) if part.kind == "clock"]
    assert clock.value == 27137499  # date -u -d '2021-08-06 11:39' +%s, by 60


@pytest.mark.parametrize(("name", "words"), [
    ("r01c02f03p04", ["f", "p"]), ("T0001F002L01A01Z01C01", ["t", "f", "l", "a", "z", "c"]), ("w1Cy3", ["w"]),
    ("C2C12", []), ("heart7", []), ("site 2", ["site"]), ("site-2", ["site"]), ("t=3", ["t"]), ("xy2", ["xy"]),
    ("A01f00d1", ["f", "d"]), ("deadbeef12", []),
])
def test_words_with_their_numbers(name, words):
    assert [part.word for part in cut(name) if part.kind == "word"] == words


@pytest.mark.parametrize(("name", "well"), [("E8", True), ("E8_5", True), ("E8.1", True), ("E8.5", False),
                                            ("wt_E10,25_t3", False)])
def test_the_stage_of_a_mouse_embryo_is_no_well(name, well):
    assert any(part.kind == "well" for part in cut(name)) == well


@pytest.mark.parametrize("name", ["", "_", "a__b", "é_1", "胚胎_t3", "x" * 500, "1" * 400, "t1" * 100])
def test_parts_lie_one_behind_the_other(name):
    ends = [0]
    for part in cut(name):
        assert ends[-1] <= part.start < part.end <= len(name)
        ends.append(part.end)


@pytest.mark.parametrize(("name", "dye"), [
    ("488nm", True), ("405nm", True), ("1064nm", True), ("500nm", False), ("488nM", False), ("100nm", False),
    ("AF647", True), ("Alexa Fluor 647", True), ("alexa_488", True), ("Alexander", False), ("af1", False),
    ("Far-Red", True), ("bright_field", True), ("dark field", False),
])
def test_lights_are_told_from_amounts_and_other_words(name, dye):
    assert [part.kind == "dye" for part in cut(name)] == [True] if dye else \
        all(part.kind != "dye" for part in cut(name))
