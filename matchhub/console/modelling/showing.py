"""A version of the weights in words, what differs between two, and what a trial found; counts of others' lists are rounded."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext, ngettext
from sqlalchemy.orm import Session

from matchhub.console.modelling.queries import Quality
from matchhub.core.labels import N_
from matchhub.core.ui import in_locale, show_date, shown_code
from matchhub.listings.models import Need
from matchhub.matches.engine import default_spec
from matchhub.matches.kinds import Kind
from matchhub.matches.models import MatchingModel, ModelTrial
from matchhub.matches.queries.lists import offers_by_id
from matchhub.matches.queries.weights import Spread
from matchhub.matches.views import wording

FEW_LISTS, ABOUT_LISTS = N_("不足 5 份"), N_("约 %(number)s 份")
FEW_OFFERS, ABOUT_OFFERS = N_("不足 5 家"), N_("约 %(number)s 家")
Row = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Weighed:
    """One line of the table of weights: of 100 points, how many each side gives it (None: it does not weigh there)."""

    label: str
    need: int | None
    offer: int | None


def whole_spec(model: MatchingModel) -> dict[str, Any]:
    """A stored version with what was added to versions later."""
    return {**default_spec(model.kind), **model.spec}


def shares(side: Mapping[str, float]) -> dict[str, int]:
    """Weights as whole points that add up to 100, by the largest remainder."""
    total = sum(side.values())
    exact = {topic: 100 * weight / total for topic, weight in side.items()} if total else {}
    points = {topic: math.floor(part) for topic, part in exact.items()}
    for topic in sorted(exact, key=lambda one: points[one] - exact[one])[: 100 - sum(points.values())]:
        points[topic] += 1
    return points


def weighed(kind: Kind, spec: Mapping[str, Any]) -> list[Weighed]:
    """What is weighed, the heaviest first."""
    need, offer = shares(spec["a"]), shares(spec["b"])
    topics = sorted({*need, *offer}, key=lambda topic: (-need.get(topic, 0) - offer.get(topic, 0), topic))
    return [Weighed(gettext(kind.topics.get(topic, topic)), need.get(topic), offer.get(topic)) for topic in topics]


def numbers(kind: Kind, spec: Mapping[str, Any]) -> list[tuple[str, str]]:
    """All numbers of a version with their names."""
    sides = (("a", N_("企业看重：%(topic)s")), ("b", N_("对方看重：%(topic)s")))
    rows = [
        (gettext(label, topic=gettext(kind.topics.get(topic, topic))), f"{weight:g}")
        for side, label in sides
        for topic, weight in spec[side].items()
    ]
    rows += [
        (gettext(label), ngettext("%(num)s 分", "%(num)s 分", round(100 * spec["cuts"][name])))
        for name, label in (("strong", N_("很契合")), ("good", N_("较契合")), ("look", N_("可一试")))
    ]
    exposure = spec["exposure"]
    return [
        *rows,
        (gettext("分散曝光"), f"{exposure['strength']:g}"),
        (gettext("给没露面的留位"), gettext("每 10 位留 %(number)s 位", number=round(10 * exposure["reserved"]))),
    ]


def changes(kind: Kind, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Row]:
    """(name, before, after) of the numbers that differ."""
    old, new = dict(numbers(kind, before)), dict(numbers(kind, after))
    names = [*new, *(name for name in old if name not in new)]
    return [(name, old.get(name, ""), new.get(name, "")) for name in names if old.get(name) != new.get(name)]


def lists_about(number: int) -> str:
    """A number of lists, rounded."""
    return wording.about(number, FEW_LISTS, ABOUT_LISTS)


def offers_about(number: int) -> str:
    """A number of offers, rounded."""
    return wording.about(number, FEW_OFFERS, ABOUT_OFFERS)


def exposure_rows(spread: Spread) -> list[tuple[str, str]]:
    """Coverage and inequality in plain words."""
    return [
        (gettext("清单"), lists_about(spread.lists)),
        (gettext("供给"), offers_about(spread.offers)),
        (
            gettext("进过前 10 位的"),
            gettext("每 100 家里 %(number)s 家", number=round(100 * spread.coverage))
            if spread.offers >= 20
            else offers_about(spread.offers - spread.never_shown),
        ),
        (gettext("集中程度"), gettext(concentration(spread.gini)) + f" ({spread.gini:.2f})"),
        (gettext("一份清单也没进的"), offers_about(spread.never_shown) if spread.never_shown else gettext("没有")),
    ]


def concentration(gini: float) -> str:
    """What a Gini coefficient means."""
    if gini < 0.4:
        return N_("分布均匀")
    return N_("有些集中") if gini < 0.7 else N_("集中在少数几家")


def most_shown(spread: Spread) -> list[tuple[str, str]]:
    """(name, in how many lists) of the most shown, rounded."""
    return [(str(in_locale(organization, "label")), lists_about(number)) for organization, number in spread.most_shown]


def quality_words(quality: Quality | None, enough: int) -> str:
    """How well the version tells agreed from declined."""
    if quality is None:
        return gettext("匹配引擎正在载入，过一会儿再看。")
    if quality.auc is None or quality.good is None:
        return gettext("同意的和婉拒的对接各满 %(enough)s 个后，这里会比较。", enough=enough)
    return gettext(
        "拿一个双方同意的对接和一个被婉拒的比，100 次里有 %(wins)s 次同意的分更高（50 次等于瞎猜）。"
        "同意的里面，每 10 个约有 %(good)s 个读作较契合以上。",
        wins=round(100 * quality.auc), good=round(10 * quality.good),
    )  # fmt: skip


METHODS = (
    ("matchhub", N_("这个模型")), ("tfidf-cosine", N_("只比文字")), ("recent-popularity", N_("只看近来谁最受欢迎")),
    ("random", N_("随机")),
)  # fmt: skip


def own_words(measured: Mapping[str, Any] | None) -> str:
    """How the version was tried on the own history."""
    if measured is None:
        return gettext("后台还没有用本市的记录考过它，一会儿再看。")
    if measured.get("too_little"):
        return gettext("双方同意的对接还不多，够了以后会用本市的记录考它。")
    return gettext(
        "用本市的记录考它：只许看 %(day)s 之前的，再看之后双方同意的对接有多少排在前 10 位。",
        day=show_date(date.fromisoformat(measured["cut"])),
    )  # fmt: skip


def own_rows(measured: Mapping[str, Any] | None) -> list[tuple[str, str]]:
    """(method, how many of 100 agreed introductions stood in the first ten, with the interval); none before it was tried."""
    if measured is None or measured.get("too_little"):
        return []
    found = [(label, measured["methods"][name]["recall@10"]) for name, label in METHODS]
    return [
        (gettext(label), gettext("每 100 个里 %(number)s 个（%(low)s–%(high)s）", **_hundreds(value)))
        for label, value in found
    ]


def _hundreds(value: Mapping[str, float]) -> dict[str, int]:
    return {name: round(100 * value[key]) for name, key in (("number", "mean"), ("low", "low"), ("high", "high"))}


@dataclass(frozen=True, slots=True)
class Line:
    """One place of a sample list: the name, and whether it is new there."""

    name: str
    mark: str


@dataclass(frozen=True, slots=True)
class Sample:
    """A need's list under both versions."""

    name: str
    before: Sequence[Line]
    after: Sequence[Line]


def found(trial: ModelTrial) -> list[tuple[str, str]]:
    """What a finished trial found, rounded."""
    result = trial.result
    return [
        (gettext("试算的清单"), lists_about(result["lists"])),
        (gettext("第一名会换的"), lists_about(result["first"]) if result["first"] else gettext("没有")),
        (gettext("进前 10 位的新配对"), _tenth(result["came"], result["kept"] + result["came"])),
        (gettext("离开前 10 位的配对"), _tenth(result["went"], result["kept"] + result["went"])),
        (gettext("能露面的供给"), f"{offers_about(result['shown_before'])} → {offers_about(result['shown_after'])}"),
    ]


def _tenth(number: int, of: int) -> str:
    if not number:
        return gettext("没有")
    tenths = round(10 * number / of)
    if not tenths:
        return gettext("每 10 个里不到 1 个")
    return str(ngettext("每 10 个里约 %(num)s 个", "每 10 个里约 %(num)s 个", tenths))


def samples(session: Session, trial: ModelTrial) -> list[Sample]:
    """The lists that change most, needs under their code names."""
    held = trial.result.get("sample", [])
    offers = offers_by_id(session, [one for row in held for one in (*row["before"], *row["after"])])
    made = []
    for row in held:
        need = session.get(Need, row["need"])
        if need is None:
            continue
        old, new = ([one for one in row[name] if one in offers] for name in ("before", "after"))
        names = {one: str(in_locale(offers[one].organization, "label")) for one in {*old, *new}}
        made.append(
            Sample(
                str(shown_code(need.code_name)),
                [Line(names[one], "" if one in new else gettext("离开")) for one in old],
                [Line(names[one], "" if one in old else gettext("新进")) for one in new],
            )
        )
    return made
