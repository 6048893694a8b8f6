"""The reviewer's forms."""

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import SelectField, SelectMultipleField, TextAreaField, ValidationError, validators

from matchhub.console.queries.reviews import ReviewKind
from matchhub.core.web import Form, row_id

BULK = frozenset({ReviewKind.ORGANIZATION, ReviewKind.NEED})  # a profile is read before it is let through
AT_ONCE = 50


class ReturnForm(Form):
    """Why something goes back: the item, what to do, by when. A reason is a button of its own: one keystroke."""

    reason_code = SelectField(_("哪里要改"), choices=[], default="")
    reason = TextAreaField(_("怎么改"), validators=[validators.Length(max=400)])


def chosen_item(value: object) -> tuple[ReviewKind, int]:
    """kind:id as the checkbox sends it. Raises ValueError for anything else, and for what is not let through in bulk."""
    kind, _colon, number = str(value).partition(":")
    if ReviewKind(kind) not in BULK:
        raise ValueError(kind)
    return ReviewKind(kind), row_id(number)


class BulkForm(Form):
    """What a reviewer ticked in the queue."""

    items = SelectMultipleField(_("要通过的"), validate_choice=False)

    def validate_items(self, field: SelectMultipleField) -> None:
        """At least one, not more than a screen, and no profile among them."""
        if not field.data:
            raise ValidationError(gettext("先勾选要通过的"))
        if len(field.data) > AT_ONCE:
            raise ValidationError(gettext("一次最多通过 %(most)s 项", most=AT_ONCE))
        try:
            self.chosen = [chosen_item(value) for value in dict.fromkeys(field.data)]
        except ValueError as error:
            raise ValidationError(gettext("资料要逐份看，不能一起通过")) from error
