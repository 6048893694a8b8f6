"""One description per kind of organization: what its directory shows, by what it is filtered, and what its page says.

A directory holds what a public register says and what the organization says of itself in public; that a firm seeks
money is in no description here. A further kind is one more entry.
"""

from dataclasses import dataclass, field

from matchhub.accounts.enums import OrganizationKind as Kind
from matchhub.core.labels import N_
from matchhub.profiles.queries.fields import FactField, FIELDS


@dataclass(frozen=True, slots=True)
class Choice:
    """A filter by one dictionary. `name` is the parameter in the address and the column of the profile."""

    name: str
    label: str
    words: str
    listed: bool = False  # the column holds a list of codes
    local: bool = False  # only this city and its parts are offered


@dataclass(frozen=True, slots=True)
class Directory:
    """How one kind is listed and shown. Names are those of columns of its profile."""

    kind: Kind
    path: str  # in the address, and the endpoint of the list
    title: str
    noun: str
    columns: tuple[str, ...]
    choices: tuple[Choice, ...]
    facts: tuple[str, ...]  # for verified members, once the profile is published
    texts: tuple[str, ...] = ("summary",)
    close_facts: tuple[str, ...] = ()  # for those who look after it, those who were let in, and itself
    close_texts: tuple[str, ...] = ()
    figures: tuple[str, ...] = ()  # only with its terms open
    has_industry: bool = True
    public: tuple[str, ...] = ()  # what visitors may read; empty: they may not look at all
    extra: tuple[FactField, ...] = field(default=())

    def fact(self, name: str) -> FactField:
        """A fact by its name."""
        return next(fact for fact in (*self.extra, *FIELDS[self.kind]) if fact.name == name)

    def shown_columns(self, *, as_visitor: bool = False) -> tuple[FactField, ...]:
        """The columns of the list."""
        return tuple(self.fact(name) for name in self.columns if not as_visitor or name in self.public)


STAGE = Choice("stage", N_("发展阶段"), "company_stages")
QUALIFICATION = Choice("qualifications", N_("资质"), "qualifications", listed=True)
FUND_TYPE = Choice("fund_type", N_("机构类型"), "fund_types")
CARRIER_TYPE = Choice("carrier_type", N_("载体类型"), "carrier_types")
CARRIER_LEVEL = Choice("carrier_level", N_("级别"), "carrier_levels")
BANK_TYPE = Choice("bank_type", N_("银行类型"), "bank_types")
SERVED = Choice("districts_served", N_("服务地区"), "regions", listed=True, local=True)
TOPIC = Choice("topics", N_("辅导主题"), "mentor_topics", listed=True)
CATEGORY = Choice("category", N_("导师类别"), "mentor_categories")

DIRECTORIES: dict[Kind, Directory] = {
    directory.kind: directory
    for directory in (
        Directory(
            Kind.ENTERPRISE, "enterprises", N_("企业名录"), N_("企业"),
            columns=("lead_industry", "carrier_id", "qualifications", "one_liner"),
            choices=(STAGE, QUALIFICATION),
            facts=("industries", "carrier_id", "stage", "established_on", "qualifications", "website"),
            texts=(),
            close_texts=("summary", "team"),
            figures=("revenue_yuan", "rd_expense_yuan", "staff", "invention_patents", "other_ip", "trl"),
            extra=(
                FactField("lead_industry", N_("行业"), 0, words="industries"),
                FactField("carrier_id", N_("载体"), 0),
            ),
        ),
        Directory(
            Kind.INVESTOR, "investors", N_("投资机构名录"), N_("投资机构"),
            columns=("fund_type", "industries", "one_liner"),
            choices=(FUND_TYPE,),
            facts=("fund_type", "industries", "aum_yuan", "founded_on", "website"),
        ),
        Directory(
            Kind.BANK, "banks", N_("银行名录"), N_("银行"),
            columns=("bank_type", "branch", "districts_served", "one_liner"),
            choices=(BANK_TYPE, SERVED),
            facts=("bank_type", "branch", "districts_served", "industries", "address", "website"),
            close_facts=("account_managers",),
            has_industry=False,
        ),
        Directory(
            Kind.MENTOR, "mentors", N_("导师名录"), N_("导师"),
            columns=("category", "topics", "industries", "employer_kind", "registered_until", "one_liner"),
            choices=(TOPIC, CATEGORY),
            facts=(
                "category", "topics", "industries", "employer_kind", "employer", "post", "title", "education", "years",
                "registration_number", "registered_until",
            ),
            texts=("summary", "honours"),
            close_texts=("interests",),
            public=("category", "topics", "industries", "employer_kind", "registered_until", "one_liner"),
            extra=(
                FactField("registration_number", N_("备案号"), 0),
                FactField("registered_until", N_("备案有效期至"), 0),
            ),
        ),
        Directory(
            Kind.CARRIER, "carriers", N_("载体名录"), N_("载体"),
            columns=("carrier_type", "carrier_level", "one_liner"),
            choices=(CARRIER_TYPE, CARRIER_LEVEL),
            facts=(
                "carrier_type", "carrier_level", "carrier_focus", "total_area_m2", "incubation_area_m2", "workstations",
                "certified_on", "address", "website",
            ),
        ),
    )
}  # fmt: skip
