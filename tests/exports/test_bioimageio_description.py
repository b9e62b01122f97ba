"""Who made a model must be said, and how."""

from __future__ import annotations

import pytest

from morula.errors import RequestError
from morula.exports.bioimageio_description import known_license, makers, require_dois
from morula.exports.export_settings import ExportSettings


def test_names_on_github_stand_in_brackets():
    settings = ExportSettings(authors=("Ada Lovelace (ada)", " Mary W. Shelley(@mary-shelley) "), license="MIT")
    assert makers(settings) == [{"name": "Ada Lovelace", "github_user": "ada"},
                                {"name": "Mary W. Shelley", "github_user": "mary-shelley"}]


@pytest.mark.parametrize(("said", "missing"), [
    ({}, "--authors.*--license"), ({"authors": ("Ada (ada)",)}, "--license"), ({"license": "MIT"}, "--authors"),
    ({"authors": ("Ada Lovelace",), "license": "MIT"}, "no name on GitHub"),
    ({"authors": ("Ada/Mary (ada)",), "license": "MIT"}, "no name on GitHub"),
    ({"authors": ("Ada (-ada-)",), "license": "MIT"}, "no name on GitHub"),
    ({"authors": ("Ada\nLovelace (ada)",), "license": "MIT"}, "on one line"),
    ({"authors": ("Ada (ada)\n",), "license": "MIT"}, "on one line"),
    ({"authors": ("Ada (ada)",), "license": ""}, "--license"),
])
def test_what_is_missing_is_said_with_how_it_is_given(said, missing):
    with pytest.raises(RequestError, match=missing):
        makers(ExportSettings(**said))


@pytest.mark.parametrize(("said", "written"), [("mit", "MIT"), (" cc-by-4.0 ", "CC-BY-4.0"), ("BSD-3-Clause",) * 2])
def test_licences_are_written_as_spdx_writes_them(said, written):
    assert known_license(ExportSettings(license=said)) == written


@pytest.mark.parametrize(("said", "near"), [("CC-BY-4", r"CC-BY-4\.0"), ("cc by", "such as"), ("", "CC-BY-4.0, MIT")])
def test_a_licence_that_nobody_could_look_up_is_refused_with_the_nearest(said, near):
    with pytest.raises(RequestError, match=f"'{said}' is none .*{near}") as refused:
        known_license(ExportSettings(license=said))
    assert len(str(refused.value)) < 200


@pytest.mark.parametrize("doi", ["my paper", '10.1038/a b "c"', "10.1038", "10.1038/it's", "10.1038/a\nb"])
def test_papers_are_cited_by_their_dois(doi):
    require_dois(ExportSettings(cite=("10.1007/978-3-319-24574-4_28", "10.1002/(SICI)1097-0258(19980815)17:15<1661>3")))
    with pytest.raises(RequestError, match="no DOI"):
        require_dois(ExportSettings(cite=(doi,)))
