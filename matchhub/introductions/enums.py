"""States of an introduction and of a meeting."""

from matchhub.core.labels import Labelled, N_


class IntroductionState(Labelled):
    """One asks, the other answers."""

    REQUESTED = "requested", N_("待回应"), "blue"
    ACCEPTED = "accepted", N_("双方同意"), "green"
    DECLINED = "declined", N_("已婉拒"), "grey"
    EXPIRED = "expired", N_("已过期"), "grey"
    WITHDRAWN = "withdrawn", N_("已撤回"), "grey"
    REVOKED = "revoked", N_("已终止"), "grey"
    CLOSED = "closed", N_("已结束"), "grey"


OPEN_STATES = frozenset({IntroductionState.REQUESTED, IntroductionState.ACCEPTED})


class MeetingState(Labelled):
    """A proposed time, agreed, and whether it took place."""

    PROPOSED = "proposed", N_("待对方确认"), "blue"
    ACCEPTED = "accepted", N_("已约定"), "green"
    DECLINED = "declined", N_("改约"), "grey"
    CANCELLED = "cancelled", N_("已取消"), "grey"
    HELD = "held", N_("已见面"), "green"


class MeetingMode(Labelled):
    """Where they meet."""

    ON_SITE = "on_site", N_("当面")
    ONLINE = "online", N_("线上")
    PHONE = "phone", N_("电话")
