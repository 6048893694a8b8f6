"""Sides, verdicts, feedback and the states of a run."""

from matchhub.core.labels import Labelled, N_


class Side(Labelled):
    """For whom a suggestion was made."""

    NEED = "need", N_("需求方")
    OFFER = "offer", N_("供给方")

    @property
    def other(self) -> "Side":
        """The side that is suggested."""
        return Side.OFFER if self is Side.NEED else Side.NEED


class Verdict(Labelled):
    """Whether all hard rules are known to hold."""

    FITS = "fits", N_("符合"), "green"
    MAY_FIT = "may_fit", N_("可能符合"), "amber"
    FAILS = "fails", N_("暂不能申请"), "grey"


class RunState(Labelled):
    """A run is queued, under way, published or failed."""

    QUEUED = "queued", N_("排队中"), "grey"
    RUNNING = "running", N_("正在比较"), "blue"
    DONE = "done", N_("已完成"), "green"
    FAILED = "failed", N_("没有完成"), "red"


class Alert(Labelled):
    """How often a saved search says that there is something new."""

    NONE = "none", N_("不提醒")
    AT_ONCE = "at_once", N_("马上")
    DAILY = "daily", N_("每天")
    WEEKLY = "weekly", N_("每周一")


class FeedbackKind(Labelled):
    """What somebody says of a suggestion; only to the matcher, never to the other side."""

    INTERESTED = "interested", N_("感兴趣"), "green"
    NOT_FIT = "not_fit", N_("不合适"), "grey"
    LATER = "later", N_("稍后"), "amber"


class Fit(Labelled):
    """What a score is called; the cut points belong to the version of the model."""

    STRONG = "strong", N_("很契合"), "green"
    GOOD = "good", N_("较契合"), "green"
    LOOK = "look", N_("可一试"), "amber"
    NO_FIT = "no_fit", N_("条件不符"), "grey"

    @property
    def level(self) -> int:
        """How many of the meter's four parts are full."""
        return {"strong": 4, "good": 3, "look": 2, "no_fit": 0}[self.value]


class Evidence(Labelled):
    """How much of what is weighed was known of both sides."""

    ENOUGH = "enough", N_("依据充分"), "green"
    FAIR = "fair", N_("依据一般"), "amber"
    THIN = "thin", N_("依据不足"), "grey"

    @property
    def level(self) -> int:
        """2 enough, 1 fair, 0 thin."""
        return {"enough": 2, "fair": 1, "thin": 0}[self.value]
