"""Sides, verdicts, feedback and the states of a run."""

from matchhub.core.labels import Labelled, N_


class Side(Labelled):
    """For whom a suggestion was made."""

    NEED = "need", N_("需求方")
    OFFER = "offer", N_("供给方")


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


class FeedbackKind(Labelled):
    """What somebody says of a suggestion; only to the matcher, never to the other side."""

    INTERESTED = "interested", N_("感兴趣"), "green"
    NOT_FIT = "not_fit", N_("不合适"), "grey"
    LATER = "later", N_("稍后"), "amber"
