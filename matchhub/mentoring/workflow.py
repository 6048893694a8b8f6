"""The states of an engagement and of a session, as tables."""

from matchhub.core.labels import N_
from matchhub.core.workflow import Transition, Workflow
from matchhub.mentoring.enums import EngagementState as E
from matchhub.mentoring.enums import OPEN_STATES
from matchhub.mentoring.enums import SessionState as S
from matchhub.mentoring.policy import Permission, POLICY

ENGAGEMENTS = Workflow(
    "engagement",
    POLICY,
    (
        Transition("pause", N_("暂停辅导"), {E.ACTIVE}, E.PAUSED, Permission.PAUSE),
        Transition("resume", N_("恢复辅导"), {E.PAUSED}, E.ACTIVE, Permission.PAUSE),
        Transition("finish", N_("完成辅导"), set(OPEN_STATES), E.FINISHED, Permission.FINISH),
        Transition("end", N_("结束辅导"), set(OPEN_STATES), E.ENDED, Permission.END, needs_reason=True),
    ),
)

SESSIONS = Workflow(
    "mentoring_session",
    POLICY,
    (
        Transition("confirm", N_("确认辅导"), {S.LOGGED}, S.CONFIRMED, Permission.CONFIRM),
        Transition("dispute", N_("有异议"), {S.LOGGED}, S.DISPUTED, Permission.CONFIRM, needs_reason=True),
        Transition("amend", N_("更正记录"), {S.LOGGED, S.DISPUTED}, S.LOGGED, Permission.LOG),
        Transition("withdraw", N_("撤回记录"), {S.LOGGED, S.DISPUTED}, S.WITHDRAWN, Permission.LOG),
    ),
)
