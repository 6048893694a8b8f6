"""What can be opened to somebody, and why."""

from matchhub.core.labels import Labelled, N_


class FieldGroup(Labelled):
    """A group of confidential fields that is opened as a whole."""

    IDENTITY = "identity", N_("机构名称")
    CONTACT = "contact", N_("联系人信息")
    MATERIALS = "materials", N_("企业材料")
    TERMS = "terms", N_("融资金额与条件")


class Relation(Labelled):
    """What the viewer is to the subject."""

    STRANGER = "stranger", N_("公众")
    MEMBER = "member", N_("认证机构")
    ASKED = "asked", N_("有意向方")
    CONSENTED = "consented", N_("双方同意")
    STEWARD = "steward", N_("载体与主管部门")
    OWN = "own", N_("本机构")
