"""What the forms of every kind of need and offer share: drafts, versions, cards of fields; they check shape only."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from flask_babel import lazy_gettext as _
from wtforms import Field, HiddenField, SelectField, TextAreaField
from wtforms.validators import Length, ValidationError

from matchhub.core import dictionaries
from matchhub.core.fields import (
    CodeGroup,
    DayField,
    FilledIn,
    LineField,
    offered,
    TwoLevelCodesField,
    WanField,
    WholeField,
    WordsField,
)
from matchhub.core.labels import Labelled, N_
from matchhub.core.ui import site
from matchhub.core.web import Form
from matchhub.listings.enums import TEASER_LENGTH
from matchhub.profiles.models import Attachment

Row = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Card:
    """A titled block of rows; one row holds the names of fields that stand side by side. A folded one opens when used."""

    title: str
    rows: tuple[Row, ...]
    is_folded: bool = False


def labelled_choices(kind: type[Labelled]) -> dict[str, str]:
    """value → translated label of an enumeration."""
    return {member.value: str(_(member.label)) for member in kind}


class RegionsField(TwoLevelCodesField):
    """Regions in two groups: around the city, and the other provinces."""

    def groups(self) -> Iterator[CodeGroup]:
        """Near: the city, what it lies in, its districts and neighbours. Far: the rest."""
        words, chosen = offered(self), set(self.data or ())
        snapshot, city = dictionaries.snapshot(), site()
        home = snapshot.ancestors("regions", city.city_region if city else None)
        parents = snapshot.parents("regions")
        near = [code for code in words if code in home or parents.get(code) in home[:2]]
        far = [code for code in words if code not in near and parents.get(code) in home[2:]]
        for label, codes in ((_("全国、本省、本市"), near), (_("其他省份"), far)):
            picked = frozenset(chosen & set(codes))
            yield CodeGroup("", str(label), [(code, words[code]) for code in codes], picked)


class ListingForm(Form):
    """A form that saves as a draft too: then what is missing may be missing. `version` is the row's, as it was read."""

    cards: ClassVar[tuple[Card, ...]] = ()
    units: ClassVar[Mapping[str, str]] = {}
    is_draft = False
    version = HiddenField()

    @property
    def shown(self) -> tuple[str, ...]:
        """The names of the fields on the cards."""
        return tuple(name for card in self.cards for row in card.rows for name in row)

    @property
    def version_number(self) -> int:
        """The version that the reader saw; 0, which no row has, for nonsense."""
        text = str(self.version.data or "")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0

    def values(self) -> dict[str, Any]:
        """What was typed, by the name of the row's attribute."""
        return {name: self._fields[name].data for name in self.shown}

    def unit_of(self, field: Field) -> str | None:
        """The msgid of the unit beside a field."""
        return self.units.get(field.short_name) or (N_("万元") if isinstance(field, WanField) else None)

    def is_used(self, card: Card) -> bool:
        """Whether something on a folded card is filled in or wrong."""
        fields = [self._fields[name] for row in card.rows for name in row]
        return any(field.errors or field.data not in (None, "", [], ()) for field in fields)


class AmountStep(ListingForm):
    """How much, and by when. A pasted message may fill it in."""

    amount_min_yuan = WanField(_("最少要多少"))
    amount_max_yuan = WanField(_("最多要多少"), [FilledIn(_("填写最多要多少"))])
    needed_by = DayField(_("什么时候要"), [FilledIn(_("填写什么时候要"))])
    pasted_text = TextAreaField(_("粘贴微信消息"), render_kw={"rows": 3, "maxlength": 5000})

    def validate_amount_max_yuan(self, field: WanField) -> None:
        check_range(self.amount_min_yuan.data, field.data)


class StoryForm(ListingForm):
    """What every need tells of itself: industry, one line, a statement, a plan."""

    industries = TwoLevelCodesField(
        _("行业"), [FilledIn(_("选择行业"))], dictionary="industries", most=6, description=_("选到小类，推荐会准得多")
    )
    teaser = LineField(
        _("一句话"),
        [FilledIn(_("用一句话说明，不超过 30 个字")), Length(max=TEASER_LENGTH, message=_("不要超过 30 个字"))],
        description=_("30 字以内。认证机构会看到，不要写名称"),
        render_kw={"maxlength": 60},
    )
    teaser_en = LineField(
        _("一句话（英文）"),
        [Length(max=200, message=_("不要超过 200 个字母"))],
        description=_("给看英文的机构，不写就显示中文"),
        render_kw={"maxlength": 200, "lang": "en"},
    )
    deck_id = SelectField(
        _("商业计划书"),
        coerce=lambda value: int(value) if value else None,
        description=_("从资料里已上传的文件选，双方同意时由你决定给不给看"),
    )

    def __init__(self, *args: Any, files: Sequence[Attachment] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.deck_id.choices = {"": str(_("先不放"))} | {str(file.id): file.file.name for file in files}


class OfferForm(ListingForm):
    """What every offer says: a name, industries, places, how many, how soon."""

    title = LineField(_("名称"), [FilledIn(_("填写名称")), Length(max=80, message=_("不要超过 80 个字"))])
    industries = TwoLevelCodesField(_("行业"), dictionary="industries", most=40, description=_("不选就是没有要求"))
    regions = RegionsField(_("地区"), dictionary="regions", description=_("不选就是没有要求"))
    capacity_per_month = WholeField(_("每月能看几个"), low=1, high=200, description=_("推荐不会超过这个数"))
    reply_days = WholeField(_("几天内答复"), low=1, high=90)
    statement = WordsField(_("说明"), [Length(max=2000, message=_("不要超过 2000 个字"))])
    statement_en = WordsField(_("说明（英文）"), [Length(max=4000, message=_("不要超过 4000 个字符"))])


def check_range(low: int | None, high: int | None) -> None:
    """Raise where the upper end lies below the lower one."""
    if low is not None and high is not None and high < low:
        raise ValidationError(str(_("上限应不低于下限")))


YES_NO = {"yes": True, "True": True, "no": False, "False": False}


def yes_or_no(value: Any) -> bool | None:
    """What a choice between yes and no was; None for neither."""
    return YES_NO.get(str(value))
