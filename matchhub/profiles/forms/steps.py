"""One form per step of a profile, built from the facts of that step."""

from collections.abc import Callable, Mapping
from typing import Any, cast

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, HiddenField
from wtforms.validators import Length, Optional, Regexp

from matchhub.accounts.enums import OrganizationKind
from matchhub.core import dictionaries
from matchhub.core.db import db
from matchhub.core.dictionaries import Entry
from matchhub.core.fields import (
    CodeChipsField,
    CodeField,
    CodesField,
    DayField,
    LineField,
    LinesField,
    TwoLevelCodesField,
    WanField,
    WholeField,
    WordsField,
)
from matchhub.core.installation import required
from matchhub.core.web import Form
from matchhub.profiles.models import Qualification
from matchhub.profiles.queries import fields_of

MOBILE = r"^\+?[0-9][0-9 ()\-]{5,18}$"
EMAIL = r"^[^@\s<>,;\"']{1,64}@[A-Za-z0-9.\-]{3,180}$"
WEBSITE = r"^https?://[^\s\"'<>]{3,180}$"
HINTS: dict[str, Any] = {
    "one_liner": _("60 字以内：做什么，给谁用"),
    "industries": _("选到小类最好，最多 8 项，第一项是主行业"),
    "revenue_yuan": _("最近一个完整年度，不对外公开"),
    "rd_expense_yuan": _("最近一个完整年度，不对外公开"),
    "trl": _("1 是想法，9 是量产"),
    "contact_name": _("联系人信息只在双方同意后开放"),
    "summary": _("两三句话写产品和客户，不写融资"),
    "website": _("以 https:// 开头"),
    "account_managers": _("每行写一位，审核的人和双方同意的企业能看到"),
    "branch": _("例如鄂城支行"),
    "interests": _("持股、任职、亲属关系等，没有就写「无」；审核的人和双方同意的企业能看到"),
    "hides_from_public": _("认证机构仍能看到你；没有登录的人看不到"),
    "years": _("在本专业工作的年数"),
}
Make = Callable[[Any], Any]


def _line(longest: int) -> Make:
    return lambda label: LineField(label, [Length(max=longest, message=_("不要超过 %(max)d 个字"))])


def _words(longest: int) -> Make:
    return lambda label: WordsField(label, [Length(max=longest, message=_("不要超过 %(max)d 个字"))])


def _shaped(pattern: str, message: object) -> Make:
    return lambda label: LineField(label, [Optional(), Regexp(pattern, message=cast(str, message))])


def _whole(high: int, low: int = 0) -> Make:
    return lambda label: WholeField(label, low=low, high=high)


def _code(dictionary: str) -> Make:
    return lambda label: CodeField(label, dictionary=dictionary)


def _chips(dictionary: str) -> Make:
    return lambda label: CodeChipsField(label, dictionary=dictionary)


def _served(entry: Entry) -> bool:
    """The city of this installation and its parts."""
    city = required(db.session()).city_region
    return city in (entry.code, entry.parent)


FIELD_MAKERS: dict[str, Make] = {
    "industries": lambda label: TwoLevelCodesField(label, dictionary="industries", most=8),
    "one_liner": _line(60),
    "one_liner_en": _line(160),
    "stage": _chips("company_stages"),
    "established_on": DayField,
    "founded_on": DayField,
    "certified_on": DayField,
    "region_code": _code("regions"),
    "address": _line(200),
    "website": _shaped(WEBSITE, _("按这样填写网址：https://example.com")),
    "summary": _words(3000),
    "summary_en": _words(6000),
    "team": _words(3000),
    "founder_traits": lambda label: CodesField(label, dictionary="founder_traits"),
    "trl": _whole(9, 1),
    "staff": _whole(1_000_000),
    "revenue_yuan": WanField,
    "rd_expense_yuan": WanField,
    "aum_yuan": WanField,
    "invention_patents": _whole(100_000),
    "other_ip": _whole(100_000),
    "qualifications": lambda label: CodesField(label, dictionary="qualifications"),
    "fund_type": _chips("fund_types"),
    "carrier_type": _chips("carrier_types"),
    "carrier_level": _chips("carrier_levels"),
    "carrier_focus": _chips("carrier_focus"),
    "total_area_m2": _whole(100_000_000),
    "incubation_area_m2": _whole(100_000_000),
    "workstations": _whole(1_000_000),
    "bank_type": _chips("bank_types"),
    "branch": _line(120),
    "districts_served": lambda label: CodesField(label, dictionary="regions", keep=_served),
    "account_managers": lambda label: LinesField(label, most=50, longest=60),
    "category": _chips("mentor_categories"),
    "topics": lambda label: CodesField(label, dictionary="mentor_topics"),
    "employer_kind": _chips("employer_kinds"),
    "employer": _line(160),
    "post": _line(60),
    "title": _line(60),
    "education": _chips("educations"),
    "years": _whole(70),
    "honours": _words(1000),
    "interests": _words(1000),
    "hides_from_public": BooleanField,
    "contact_name": _line(60),
    "contact_title": _line(60),
    "contact_mobile": _shaped(MOBILE, _("核对手机号，例如 138 0000 0000")),
    "contact_email": _shaped(EMAIL, _("核对邮箱，例如 name@example.com")),
    "contact_wechat": _line(60),
}


class StepForm(Form):
    """What all steps have: the version that the page was made from, and where to go back to."""

    is_draft = True
    version = HiddenField(id="version")
    next = HiddenField()
    names: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()

    def values(self) -> dict[str, Any]:
        """What was entered, by field name; the main industry of before stays first."""
        found = {name: self._fields[name].data for name in self.names}
        if "industries" in found:
            found["industries"] = _in_old_order(found["industries"] or [], self._fields["industries"].object_data or [])
        return found

    def certificates(self) -> list[dict[str, Any]]:
        """The certificates of the qualifications that are ticked."""
        return [
            {
                "code": code,
                "certificate_number": self._fields[f"number_{code}"].data,
                "valid_until": self._fields[f"until_{code}"].data,
            }
            for code in self.codes
            if code in (self._fields["qualifications"].data or [])
        ]

    def typed(self, form: Mapping[str, Any]) -> dict[str, list[str]]:
        """What a draft keeps: the fields of this step and nothing else."""
        allowed = set(self._fields) - {"csrf_token", "version", "next"}
        return {name: list(form.getlist(name)) for name in form if name in allowed}  # type: ignore[attr-defined]


def _in_old_order(chosen: list[str], before: list[str]) -> list[str]:
    return [code for code in before if code in chosen] + [code for code in chosen if code not in before]


def step_form(kind: OrganizationKind, step: int) -> type[StepForm]:
    """The form class of one step."""
    facts = fields_of(kind, step)
    members: dict[str, Any] = {fact.name: FIELD_MAKERS[fact.name](_(fact.label)) for fact in facts}
    codes: tuple[str, ...] = ()
    if "qualifications" in members:
        codes = tuple(entry.code for entry in dictionaries.snapshot().entries("qualifications"))
        for code in codes:
            members[f"number_{code}"] = LineField(_("证书编号"), [Length(max=80)])
            members[f"until_{code}"] = DayField(_("有效期至"))
    names = tuple(fact.name for fact in facts)
    return cast(type[StepForm], type("ProfileStep", (StepForm,), {**members, "names": names, "codes": codes}))


def stored_certificates(rows: list[Qualification]) -> dict[str, Any]:
    """The certificates as the form's values."""
    found: dict[str, Any] = {}
    for row in rows:
        found[f"number_{row.code}"], found[f"until_{row.code}"] = row.certificate_number, row.valid_until
    return found
