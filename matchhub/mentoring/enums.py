"""States of an engagement and of a session."""

from matchhub.core.labels import Labelled, N_


class EngagementState(Labelled):
    """A mentor and a firm work together."""

    ACTIVE = "active", N_("辅导中"), "blue"
    PAUSED = "paused", N_("已暂停"), "amber"
    FINISHED = "finished", N_("已完成"), "green"
    ENDED = "ended", N_("已结束"), "grey"


OPEN_STATES = (EngagementState.ACTIVE, EngagementState.PAUSED)


class SessionState(Labelled):
    """The mentor logs a session; its hours count once the firm has confirmed it."""

    LOGGED = "logged", N_("待确认"), "blue"
    CONFIRMED = "confirmed", N_("已确认"), "green"
    DISPUTED = "disputed", N_("有异议"), "red"
    WITHDRAWN = "withdrawn", N_("已撤回"), "grey"
