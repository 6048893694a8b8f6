"""The states of an introduction and of a meeting, as tables."""

from matchhub.core.labels import N_
from matchhub.core.workflow import Transition, Workflow
from matchhub.introductions.enums import IntroductionState as S
from matchhub.introductions.enums import MeetingState as M
from matchhub.introductions.policy import Permission, POLICY

WORKFLOW = Workflow(
    "introduction",
    POLICY,
    (
        Transition("accept", N_("同意并开放"), {S.REQUESTED}, S.ACCEPTED, Permission.ANSWER),
        Transition("decline", N_("婉拒"), {S.REQUESTED}, S.DECLINED, Permission.ANSWER, needs_reason=True),
        Transition("withdraw", N_("撤回申请"), {S.REQUESTED}, S.WITHDRAWN, Permission.WITHDRAW),
        Transition("expire", N_("到期"), {S.REQUESTED}, S.EXPIRED, Permission.EXPIRE),
        Transition("revoke", N_("终止对接"), {S.ACCEPTED}, S.REVOKED, Permission.REVOKE),
        Transition("close", N_("结束对接"), {S.ACCEPTED}, S.CLOSED, Permission.CLOSE, needs_reason=True),
    ),
)

MEETINGS = Workflow(
    "meeting",
    POLICY,
    (
        Transition("accept", N_("接受时间"), {M.PROPOSED}, M.ACCEPTED, Permission.ANSWER_MEETING),
        Transition("decline", N_("改约"), {M.PROPOSED}, M.DECLINED, Permission.ANSWER_MEETING),
        Transition("cancel", N_("取消会面"), {M.PROPOSED, M.ACCEPTED}, M.CANCELLED, Permission.CANCEL_MEETING),
        Transition("report", N_("记录见面"), {M.ACCEPTED}, M.HELD, Permission.REPORT_MEETING),
    ),
)
