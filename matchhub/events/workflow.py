"""The states of an event and of a registration, as tables."""

from matchhub.core.labels import N_
from matchhub.core.workflow import Transition, Workflow
from matchhub.events.enums import ApplicationState as A
from matchhub.events.enums import EventState as E
from matchhub.events.enums import OPEN_REGISTRATIONS
from matchhub.events.enums import RegistrationState as R
from matchhub.events.policy import Permission, POLICY

EVENTS = Workflow(
    "event",
    POLICY,
    (
        Transition("publish", N_("发布活动"), {E.DRAFT}, E.PUBLISHED, Permission.ORGANIZE),
        Transition("close", N_("截止报名"), {E.PUBLISHED}, E.CLOSED, Permission.RUN),
        Transition("reopen", N_("重开报名"), {E.CLOSED}, E.PUBLISHED, Permission.ORGANIZE),
        Transition("hold", N_("标为已举办"), {E.PUBLISHED, E.CLOSED}, E.HELD, Permission.RUN),
        Transition("follow_up", N_("跟进完成"), {E.HELD}, E.FOLLOWED_UP, Permission.RUN),
        Transition("archive", N_("归档"), {E.HELD, E.FOLLOWED_UP, E.CANCELLED}, E.ARCHIVED, Permission.ORGANIZE),
        Transition(
            "cancel", N_("取消活动"), {E.PUBLISHED, E.CLOSED}, E.CANCELLED, Permission.ORGANIZE, needs_reason=True
        ),
    ),
)

REGISTRATIONS = Workflow(
    "registration",
    POLICY,
    (
        Transition("seat", N_("通过报名"), {R.PENDING}, R.REGISTERED, Permission.DECIDE),
        Transition("queue", N_("转入候补"), {R.PENDING}, R.WAITLISTED, Permission.DECIDE),
        Transition("refuse", N_("不通过"), {R.PENDING}, R.REFUSED, Permission.DECIDE, needs_reason=True),
        Transition("offer", N_("给出席位"), {R.WAITLISTED}, R.OFFERED, Permission.PROMOTE),
        Transition("accept", N_("确认参加"), {R.OFFERED}, R.REGISTERED, Permission.TAKE_PART),
        Transition("decline", N_("放弃席位"), {R.OFFERED}, R.DECLINED, Permission.TAKE_PART),
        Transition("lapse", N_("逾期未确认"), {R.OFFERED}, R.LAPSED, Permission.PROMOTE),
        Transition("leave", N_("取消报名"), set(OPEN_REGISTRATIONS), R.CANCELLED, Permission.LEAVE),
        Transition(
            "seat_here",
            N_("现场给席位"),
            {R.WAITLISTED, R.OFFERED, R.CANCELLED, R.DECLINED, R.LAPSED},
            R.REGISTERED,
            Permission.LET_IN,
        ),
        Transition("attend", N_("签到"), {R.REGISTERED, R.NO_SHOW}, R.ATTENDED, Permission.LET_IN),
        Transition("undo_attend", N_("撤销签到"), {R.ATTENDED}, R.REGISTERED, Permission.LET_IN),
        Transition("miss", N_("未到场"), {R.REGISTERED}, R.NO_SHOW, Permission.RUN),
    ),
)

APPLICATIONS = Workflow(
    "pitch_application",
    POLICY,
    (
        Transition("agree", N_("同意并申请"), {A.RECOMMENDED}, A.SUBMITTED, Permission.SPEAK_FOR_FIRM),
        Transition("select", N_("入选"), {A.SUBMITTED, A.RESERVE, A.REJECTED}, A.SELECTED, Permission.ORGANIZE),
        Transition("reserve", N_("列为候补"), {A.SUBMITTED, A.SELECTED, A.REJECTED}, A.RESERVE, Permission.ORGANIZE),
        Transition(
            "step_back", N_("换下改为候补"), {A.SELECTED}, A.RESERVE, Permission.ORGANIZE, needs_reason=True
        ),
        Transition("step_up", N_("候补补上"), {A.RESERVE}, A.SELECTED, Permission.PROMOTE),
        Transition("reject", N_("不入选"), {A.SUBMITTED, A.SELECTED, A.RESERVE}, A.REJECTED, Permission.ORGANIZE),
        Transition(
            "withdraw", N_("撤回申请"), {A.RECOMMENDED, A.SUBMITTED, A.SELECTED, A.RESERVE, A.REJECTED}, A.WITHDRAWN,
            Permission.WITHDRAW_APPLICATION,
        ),
    ),
)  # fmt: skip
