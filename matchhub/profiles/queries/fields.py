"""The facts of a profile as data: label, step, weight in the completeness, how a value is read, what it unlocks."""

from dataclasses import dataclass

from matchhub.accounts.enums import OrganizationKind as Kind
from matchhub.core.labels import N_


@dataclass(frozen=True, slots=True)
class FactField:
    """One fact. `words` names its dictionary; `money` is in 元; weight 0 does not count towards completeness."""

    name: str
    label: str
    step: int
    weight: int = 0
    unlocks: str = ""
    words: str = ""
    money: bool = False
    identity: bool = False  # what a reviewer has vouched for: a change after publication is audited by name
    confidential: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One page of the profile's form."""

    number: int
    title: str


STEPS: dict[Kind, tuple[Step, ...]] = {
    Kind.ENTERPRISE: (
        Step(1, N_("基本情况")),
        Step(2, N_("产品与团队")),
        Step(3, N_("经营数据")),
        Step(4, N_("联系人与材料")),
    ),
    Kind.INVESTOR: (Step(1, N_("基本情况")), Step(2, N_("过往案例")), Step(3, N_("联系人"))),
    Kind.CARRIER: (Step(1, N_("基本情况")), Step(2, N_("联系人"))),
    Kind.BANK: (Step(1, N_("基本情况")), Step(2, N_("联系人"))),
    Kind.MENTOR: (Step(1, N_("专长")), Step(2, N_("经历")), Step(3, N_("联系人"))),
}


def _contact(step: int) -> tuple[FactField, ...]:
    reach = N_("双方同意后，对方才能联系到你")
    return (
        FactField("contact_name", N_("联系人"), step, 4, reach, confidential=True),
        FactField("contact_title", N_("职务"), step, confidential=True),
        FactField("contact_mobile", N_("手机"), step, 4, reach, confidential=True),
        FactField("contact_email", N_("邮箱"), step, confidential=True),
        FactField("contact_wechat", N_("微信"), step, confidential=True),
    )


COMPARES = N_("机构按它筛选，填了才能比")
FIELDS: dict[Kind, tuple[FactField, ...]] = {
    Kind.ENTERPRISE: (
        FactField("industries", N_("行业"), 1, 15, N_("选到小类，推荐会准得多"), words="industries", identity=True),
        FactField("one_liner", N_("一句话介绍"), 1, 8, N_("对方在推荐里先看到这一句")),
        FactField("one_liner_en", N_("一句话介绍（英文）"), 1),
        FactField("stage", N_("发展阶段"), 1, 9, COMPARES, words="company_stages", identity=True),
        FactField("established_on", N_("成立日期"), 1, 5, N_("在孵时间和不少产品的条件要用"), identity=True),
        FactField("region_code", N_("经营地区"), 1, 8, COMPARES, words="regions", identity=True),
        FactField("address", N_("经营地址"), 1, 3, N_("本地产品要核对地址"), identity=True),
        FactField("website", N_("网址"), 1),
        FactField("summary", N_("产品与客户"), 2, 12, N_("用两句话写清楚，才能按内容比对")),
        FactField("summary_en", N_("产品与客户（英文）"), 2),
        FactField("team", N_("团队"), 2, 6, N_("早期机构先看团队")),
        FactField("founder_traits", N_("创始人特点"), 2, 2, N_("有专项支持"), words="founder_traits"),
        FactField("trl", N_("技术成熟度"), 2, 4, N_("说明离量产还有多远")),
        FactField("staff", N_("员工人数"), 2, 4, N_("不少产品按人数定条件")),
        FactField("revenue_yuan", N_("上年收入"), 3, 8, N_("补上后可与贷款产品比对"), money=True),
        FactField("rd_expense_yuan", N_("研发费用"), 3, 10, N_("补上后可与科技类产品比对"), money=True),
        FactField("invention_patents", N_("发明专利"), 3, 5, N_("知识产权类产品要用")),
        FactField("other_ip", N_("其他知识产权"), 3, 1, N_("知识产权类产品要用")),
        FactField(
            "qualifications", N_("资质"), 3, 6, N_("有资质的企业条件更优惠"), words="qualifications", identity=True
        ),
        *_contact(4),
    ),
    Kind.INVESTOR: (
        FactField("fund_type", N_("机构类型"), 1, 10, N_("企业先看类型"), words="fund_types", identity=True),
        FactField("founded_on", N_("成立日期"), 1, 5, N_("企业想知道你做了多久"), identity=True),
        FactField("aum_yuan", N_("管理规模"), 1, 8, N_("企业想知道你投得起多少"), money=True),
        FactField("region_code", N_("所在地区"), 1, 8, COMPARES, words="regions", identity=True),
        FactField("industries", N_("关注行业"), 1, 15, N_("选到小类，推荐会准得多"), words="industries"),
        FactField("one_liner", N_("一句话介绍"), 1, 5, N_("企业在名录里先看到这一句")),
        FactField("website", N_("网址"), 1),
        FactField("summary", N_("介绍"), 1, 12, N_("写清楚投什么、怎么投，才能按内容比对")),
        FactField("summary_en", N_("介绍（英文）"), 1),
        *_contact(3),
    ),
    Kind.CARRIER: (
        FactField("carrier_type", N_("载体类型"), 1, 10, N_("企业按类型找载体"), words="carrier_types", identity=True),
        FactField("carrier_level", N_("级别"), 1, 8, N_("企业按级别找载体"), words="carrier_levels", identity=True),
        FactField("carrier_focus", N_("侧重"), 1, 6, N_("专业载体先推荐给同行企业"), words="carrier_focus"),
        FactField("industries", N_("重点行业"), 1, 6, N_("专业载体先推荐给同行企业"), words="industries"),
        FactField("total_area_m2", N_("总面积（平方米）"), 1, 5, N_("统计要用")),
        FactField("incubation_area_m2", N_("孵化面积（平方米）"), 1, 5, N_("统计要用")),
        FactField("workstations", N_("工位数"), 1, 5, N_("企业想知道还坐得下吗")),
        FactField("certified_on", N_("认定日期"), 1, 5, N_("统计要用"), identity=True),
        FactField("region_code", N_("所在地区"), 1, 8, COMPARES, words="regions", identity=True),
        FactField("address", N_("地址"), 1, 4, N_("企业要找得到你")),
        FactField("one_liner", N_("一句话介绍"), 1, 5, N_("企业在名录里先看到这一句")),
        FactField("website", N_("网址"), 1),
        FactField("summary", N_("介绍"), 1, 8, N_("写清楚能给企业什么")),
        FactField("summary_en", N_("介绍（英文）"), 1),
        *_contact(2),
    ),
    Kind.BANK: (
        FactField("bank_type", N_("银行类型"), 1, 10, N_("企业先看类型"), words="bank_types", identity=True),
        FactField("branch", N_("分支机构"), 1, 6, N_("企业想知道由哪个网点办理"), identity=True),
        FactField("districts_served", N_("服务地区"), 1, 12, N_("企业按地区找银行"), words="regions", identity=True),
        FactField("region_code", N_("所在地区"), 1, 6, COMPARES, words="regions", identity=True),
        FactField("address", N_("地址"), 1, 4, N_("企业要找得到你")),
        FactField("industries", N_("擅长行业"), 1, 6, N_("同行业的企业先看到你"), words="industries"),
        FactField("one_liner", N_("一句话介绍"), 1, 5, N_("企业在名录里先看到这一句")),
        FactField("website", N_("网址"), 1),
        FactField("summary", N_("介绍"), 1, 10, N_("写清楚给什么样的企业贷款")),
        FactField("summary_en", N_("介绍（英文）"), 1),
        FactField("account_managers", N_("客户经理"), 2, 6, N_("案件要交给一位客户经理"), confidential=True),
        *_contact(2),
    ),
    Kind.MENTOR: (
        FactField("category", N_("导师类别"), 1, 10, N_("企业按类别找导师"), words="mentor_categories", identity=True),
        FactField("topics", N_("辅导主题"), 1, 15, N_("推荐先比主题"), words="mentor_topics"),
        FactField("industries", N_("熟悉的行业"), 1, 10, N_("选到小类，推荐会准得多"), words="industries"),
        FactField("region_code", N_("所在地区"), 1, 6, COMPARES, words="regions"),
        FactField("one_liner", N_("一句话介绍"), 1, 5, N_("企业在名录里先看到这一句")),
        FactField("summary", N_("介绍"), 1, 10, N_("写清楚帮过谁、解决了什么，才能按内容比对")),
        FactField("summary_en", N_("介绍（英文）"), 1),
        FactField(
            "employer_kind", N_("单位性质"), 2, 5, N_("企业想知道你从哪里来"), words="employer_kinds", identity=True
        ),
        FactField("employer", N_("工作单位"), 2, 5, N_("审核和利益回避都要用"), identity=True),
        FactField("post", N_("职务"), 2, 3, N_("审核要用"), identity=True),
        FactField("title", N_("职称"), 2, 2, N_("备案要用"), identity=True),
        FactField("education", N_("学历"), 2, 3, N_("备案要用"), words="educations", identity=True),
        FactField("years", N_("从业年限"), 2, 4, N_("备案要用"), identity=True),
        FactField("honours", N_("荣誉"), 2, 2, N_("备案要用")),
        FactField(
            "interests", N_("利益关系声明"), 2, 5, N_("没有就写「无」，避免辅导有利益冲突的企业"), confidential=True
        ),
        *_contact(3),
        FactField("hides_from_public", N_("不在公开的导师名录里出现"), 3),
    ),
}


def steps_of(kind: Kind) -> tuple[Step, ...]:
    """The pages of the form for this kind."""
    return STEPS[kind]


def step_of(kind: Kind, number: int) -> Step | None:
    """One page, or None where the kind has no such page."""
    return next((step for step in STEPS[kind] if step.number == number), None)


def fields_of(kind: Kind, step: int | None = None) -> tuple[FactField, ...]:
    """The facts of this kind, of one step where it is given: the allow-list of what a form may set."""
    return tuple(field for field in FIELDS[kind] if step is None or field.step == step)
