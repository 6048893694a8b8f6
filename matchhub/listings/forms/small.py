"""The short forms beside a listing: giving back, ending, filtering."""

from flask_babel import lazy_gettext as _
from wtforms.validators import Length

from matchhub.core.fields import CodeField, FilledIn, WordsField
from matchhub.core.web import Form
from matchhub.listings.enums import NeedState, PairingKind
from matchhub.listings.forms.shared import labelled_choices


class ReturnForm(Form):
    """Why a need is given back."""

    reason = WordsField(_("要改什么"), [FilledIn(_("请写明原因")), Length(max=500, message=_("不要超过 500 个字"))])


class ClosureForm(Form):
    """Why a need ends."""

    reason = CodeField(_("原因"), [FilledIn(_("请选择原因"))], dictionary="closing_reasons")


def state_choices() -> list[tuple[str, str]]:
    """The states of a need that others may see, for a filter."""
    return [(code, word) for code, word in labelled_choices(NeedState).items() if code != NeedState.DRAFT.value]


def kind_choices() -> list[tuple[str, str]]:
    """The kinds of pairing, for a filter."""
    return list(labelled_choices(PairingKind).items())
