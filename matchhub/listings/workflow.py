"""The lives of a need and of an offer."""

from matchhub.core.labels import N_
from matchhub.core.workflow import Transition, Workflow
from matchhub.listings.enums import NeedState, OfferState
from matchhub.listings.policy import Permission, POLICY

N, O = NeedState, OfferState  # noqa: E741 -- two tables read side by side

NEEDS = Workflow(
    "need",
    POLICY,
    (
        Transition("submit", N_("提交审核"), {N.DRAFT, N.RETURNED}, N.SUBMITTED, Permission.EDIT_NEED),
        Transition("publish", N_("发布需求"), {N.DRAFT, N.RETURNED}, N.OPEN, Permission.EDIT_NEED),
        Transition("recall", N_("撤回修改"), {N.SUBMITTED}, N.DRAFT, Permission.EDIT_NEED),
        Transition("approve", N_("通过"), {N.SUBMITTED}, N.OPEN, Permission.CHECK_NEED),
        Transition("return", N_("退回"), {N.SUBMITTED}, N.RETURNED, Permission.CHECK_NEED, needs_reason=True),
        Transition("pause", N_("暂停"), {N.OPEN}, N.PAUSED, Permission.EDIT_NEED),
        Transition("resume", N_("恢复"), {N.PAUSED}, N.OPEN, Permission.EDIT_NEED),
        Transition("renew", N_("续期"), {N.OPEN, N.EXPIRED}, N.OPEN, Permission.EDIT_NEED),
        Transition("meet", N_("标为已解决"), {N.OPEN, N.PAUSED, N.EXPIRED}, N.MET, Permission.MEET_NEED),
        Transition(
            "close",
            N_("结束需求"),
            {N.DRAFT, N.SUBMITTED, N.RETURNED, N.OPEN, N.PAUSED, N.EXPIRED},
            N.CLOSED,
            Permission.EDIT_NEED,
            needs_reason=True,
        ),
        Transition("expire", N_("到期"), {N.OPEN, N.PAUSED}, N.EXPIRED, Permission.EXPIRE),
        Transition(
            "shut",
            N_("随机构关闭"),
            {N.DRAFT, N.SUBMITTED, N.RETURNED, N.OPEN, N.PAUSED, N.EXPIRED},
            N.CLOSED,
            Permission.EXPIRE,
        ),
    ),
)

OFFERS = Workflow(
    "offer",
    POLICY,
    (
        Transition("publish", N_("发布意向"), {O.DRAFT}, O.OPEN, Permission.EDIT_OFFER),
        Transition("pause", N_("暂停"), {O.OPEN}, O.PAUSED, Permission.EDIT_OFFER),
        Transition("resume", N_("恢复"), {O.PAUSED}, O.OPEN, Permission.EDIT_OFFER),
        Transition("renew", N_("续期"), {O.OPEN, O.EXPIRED}, O.OPEN, Permission.EDIT_OFFER),
        Transition("close", N_("结束意向"), {O.DRAFT, O.OPEN, O.PAUSED, O.EXPIRED}, O.CLOSED, Permission.EDIT_OFFER),
        Transition("expire", N_("到期"), {O.OPEN, O.PAUSED}, O.EXPIRED, Permission.EXPIRE),
        Transition("shut", N_("随机构关闭"), {O.DRAFT, O.OPEN, O.PAUSED, O.EXPIRED}, O.CLOSED, Permission.EXPIRE),
    ),
)
