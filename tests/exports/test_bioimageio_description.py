"""Who made a model must be said, and how."""

from __future__ import annotations

import pytest

from morula.errors import RequestError
from morula.exports.bioimageio_description import makers, require_known
from morula.exports.export_settings import ExportSettings


def test_names_on_github_stand_in_brackets():
    settings = ExportSettings(authors=("Ada Lovelace (ada)", " Mary W. Shelley(@mary-shelley) "), license="MIT")
    assert makers(settings) == [{"name": "Ada Lovelace", "github_user": "ada"},
                                {"name": "Mary W. Shelley", "github_user": "mary-shelley"}]


@pytest.mark.parametrize(("said", "missing"), [
    ({}, "--authors.*--license"), ({"authors": ("Ada (ada)",)}, "--license"), ({"license": "MIT"}, "--authors"),
    ({"authors": ("Ada Lovelace",), "license": "MIT"}, "no name on GitHub"),
    ({"authors": ("Ada/Mary (ada)",), "license": "MIT"}, "no name on GitHub"),
])
def test_what_is_missing_is_said_with_how_it_is_given(said, missing):
    with pytest.raises(RequestError, match=missing):
        makers(ExportSettings(**said))


@pytest.mark.parametrize(("said", "refused"), [({"license": "CC-BY-4"}, r"'CC-BY-4' is none .* CC-BY-4\.0"),
                                               ({"license": "cc by"}, "such as"), ({"cite": ("my paper",)}, "no DOI")])
def test_what_nobody_could_look_up_is_refused(said, refused):
    require_known(ExportSettings(license="BSD-3-Clause", cite=("10.1007/978-3-319-24574-4_28",)))
    with pytest.raises(RequestError, match=refused):
        require_known(ExportSettings(**said))
