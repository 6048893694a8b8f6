"""States of a profile, of a residency, kinds of attachment and of relation."""

from matchhub.core.labels import Labelled, N_


class ProfileState(Labelled):
    """From draft to published, and back with a reason."""

    DRAFT = "draft", N_("草稿"), "grey"
    SUBMITTED = "submitted", N_("审核中"), "blue"
    PUBLISHED = "published", N_("已发布"), "green"
    RETURNED = "returned", N_("已退回"), "red"
    ARCHIVED = "archived", N_("已归档"), "grey"


class ResidencyStatus(Labelled):
    """How a firm stands to a carrier; 在园 and 在孵 are not the same."""

    APPLIED = "applied", N_("申请入驻"), "blue"
    ADMITTED = "admitted", N_("入驻在园"), "green"
    INCUBATING = "incubating", N_("在孵"), "green"
    GRADUATED = "graduated", N_("毕业"), "green"
    EXITED = "exited", N_("迁出"), "grey"
    REFUSED = "refused", N_("未同意"), "grey"


OPEN_RESIDENCY = frozenset({ResidencyStatus.ADMITTED, ResidencyStatus.INCUBATING})


class AttachmentKind(Labelled):
    """What an uploaded file is."""

    DECK = "deck", N_("商业计划书")
    LICENCE = "licence", N_("营业执照")
    CERTIFICATE = "certificate", N_("资质证书")
    OTHER = "other", N_("其他材料")


class ComplaintState(Labelled):
    """A complaint waits, or somebody has answered it."""

    OPEN = "open", N_("待处理"), "amber"
    ANSWERED = "answered", N_("已答复"), "green"


class RelationKind(Labelled):
    """A known tie between two organizations."""

    BLOCKED = "blocked", N_("不再往来")
    PORTFOLIO = "portfolio", N_("已投企业")
    SHAREHOLDER = "shareholder", N_("股东")
