"""Who made a model must be said, and how."""

from __future__ import annotations

import pytest

from morula.errors import RequestError
from morula.exports.bioimageio_description import makers
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
