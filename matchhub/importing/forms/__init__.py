"""The upload, and the table read through the forms of the pages."""

from collections.abc import Iterator, Sequence

from flask_babel import lazy_gettext as _
from flask_wtf.file import FileField
from wtforms import BooleanField

from matchhub.core.policy import Actor
from matchhub.core.sheets import Cell
from matchhub.core.ui import speaking
from matchhub.core.web import Form
from matchhub.importing.forms.cells import written
from matchhub.importing.forms.columns import columns_of, fields_of, forms_of, raw_of
from matchhub.importing.forms.reading import weigh, Weighed
from matchhub.importing.kinds import Column, ImportKind, Whose
from matchhub.importing.queries import changeable_rows


class TableForm(Form):
    """A filled-in table."""

    file = FileField(_("填好的表格"))

    def validate(self, extra_validators: object = None) -> bool:
        good: bool = super().validate(extra_validators)
        if not self.file.data:
            self.file.errors = [str(_("请选择一个文件"))]
            return False
        return good


class ConfirmForm(Form):
    """What else is to happen to what comes in."""

    publish = BooleanField(_("写完整的直接发布"))
    invite = BooleanField(_("发邮件请他们来认领"))


def written_rows(kind: ImportKind, whose: Whose, columns: Sequence[Column], actor: Actor) -> Iterator[list[Cell]]:
    """The stored rows as lines that can be read again, in Chinese words."""
    for row in changeable_rows(kind, whose, actor):
        with speaking("zh"):
            fields = {made.short_name: made for form in forms_of(kind, row=row) for made in fields_of(form)}
        own: dict[str, Cell] = {"id": row.id, "organization": row.organization.name, "uscc": row.organization.uscc}
        yield [
            own[column.name] if column.name in own
            else written(column, raw_of(fields[column.name]), fields[column.name].data)
            for column in columns
        ]  # fmt: skip


__all__ = ["ConfirmForm", "TableForm", "Weighed", "columns_of", "weigh", "written_rows"]
