"""What the targets count."""

from matchhub.core.labels import Labelled, N_


class Indicator(Labelled):
    """A figure that the action plan sets a target for."""

    CARRIERS = "carriers", N_("科技企业孵化载体")
    AREA = "area", N_("载体总面积")
    FIRMS = "firms", N_("在孵企业")
    PROVINCIAL = "provincial", N_("省级载体")
    NATIONAL = "national", N_("国家级载体")


DEFINITIONS: dict[Indicator, str] = {
    Indicator.CARRIERS: N_("已核验的载体；一个统一社会信用代码只算一家，没有代码的按机构计"),
    Indicator.AREA: N_("这些载体资料里的总面积之和，没填的不计"),
    Indicator.FIRMS: N_("入驻状态为「在孵」的企业；一个统一社会信用代码只算一家，没有代码的按机构计"),
    Indicator.PROVINCIAL: N_("级别为省级或标准级的载体"),
    Indicator.NATIONAL: N_("级别为国家级（旧）或卓越级的载体"),
}
LEVELS: dict[Indicator, tuple[str, ...]] = {
    Indicator.PROVINCIAL: ("province", "standard"),
    Indicator.NATIONAL: ("national", "excellence"),
}
COUNTED_IN: dict[Indicator, str] = {
    Indicator.CARRIERS: N_("%(count)s 家"),
    Indicator.AREA: N_("%(count)s 平方米"),
    Indicator.FIRMS: N_("%(count)s 家"),
    Indicator.PROVINCIAL: N_("%(count)s 家"),
    Indicator.NATIONAL: N_("%(count)s 家"),
}
