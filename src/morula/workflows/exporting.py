"""A trained model becomes a file that other programs read."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from morula.cards import Card, Shown
from morula.errors import OutputError, RequestError
from morula.files import ensure_writable, whole_file, write_text
from morula.settings import with_fields

if TYPE_CHECKING:
    from morula.exports.export_settings import ExportSettings


@dataclass(frozen=True, repr=False)
class Exported(Shown):
    """What was written.

    Attributes:
        out: the file.
        page: how it is used; None where that is in the file itself.
        size: of the file, bytes.
    """

    out: Path
    page: Path | None
    size: int

    @property
    def card(self) -> Card:
        return Card("Exported", [("file", f"{self.out}, {self.size / 1e6:.1f} MB"),
                                 ("how it is used", str(self.page or "in the file itself"))])


def export(
    model: str | Path, out: str | Path, settings: ExportSettings | None = None, **fields: Any
) -> Exported:
    """Write a model as a file for other programs, and a page beside it that says how it is used there.

    Args:
        model: the model file, or the name of a model that comes with Morula.
        out: the file to write.
        settings: what it becomes.
        fields: single values of `ExportSettings`, over those of `settings`.

    Raises:
        ModelError: the model file cannot be used, or its network has a layer that the file cannot hold.
        OutputError: there is such a file already, it is a model, or it cannot be written.
        RequestError: a library is missing, the size is none that the network takes, the name has another ending, or
            a package lacks its authors or its licence.
    """
    from morula.exports.export_request import ExportRequest
    from morula.exports.export_settings import ExportSettings
    from morula.exports.quoting import UNSEEN
    from morula.exports.targets import FORMS, require_libraries, require_told_to_packages, target_of
    from morula.exports.usage_page import usage_page
    from morula.models.builtin import model_file
    from morula.models.file import is_model, read_model
    from morula.models.model import Model

    (settings,) = with_fields(fields, settings or ExportSettings())
    out = Path(out)
    target = target_of(out, settings.to)
    form, settings = FORMS[target], settings.model_copy(update={"to": target})
    require_libraries(target)
    require_told_to_packages(settings)
    if UNSEEN.search(out.name):
        raise RequestError(f"--out {out.name!r}: the name has a line break or a control character. Leave it out.")
    page = None if form.has_page else out.with_name(f"{out.name}.md")
    for path in filter(None, (out, page)):
        ensure_writable(path)
        if is_model(path):  # perhaps the one that is exported
            raise OutputError(f"{path} is a model of Morula, over which nothing is exported: nobody could make it "
                              "again from that. Choose another name with --out.")
        if path.exists() and not settings.overwrite:
            raise OutputError(f"{path} exists already. Choose another name with --out, or give --overwrite.")
    known = Model.load(model)
    picture = read_model(model_file(model)).self_test["input"][0].numpy()
    request = ExportRequest(known, picture, settings, out.name)
    with whole_file(out) as temporary:
        form.write(temporary, request)
        if page is not None:
            write_text(page, usage_page(known, request.usage, target, out.name))
    return Exported(out, page, out.stat().st_size)
