"""The states of a profile and of a residency."""

from matchhub.core.labels import N_
from matchhub.core.workflow import Transition, Workflow
from matchhub.profiles.enums import ComplaintState as C
from matchhub.profiles.enums import ProfileState as S
from matchhub.profiles.enums import ResidencyStatus as R
from matchhub.profiles.policy import Permission, POLICY

PROFILES = Workflow(
    "profile",
    POLICY,
    (
        Transition("submit", N_("提交审核"), {S.DRAFT, S.RETURNED}, S.SUBMITTED, Permission.SUBMIT),
        Transition("publish", N_("通过"), {S.SUBMITTED}, S.PUBLISHED, Permission.REVIEW),
        Transition("return", N_("退回"), {S.SUBMITTED, S.PUBLISHED}, S.RETURNED, Permission.REVIEW, needs_reason=True),
        Transition(
            "archive", N_("归档"), {S.DRAFT, S.SUBMITTED, S.PUBLISHED, S.RETURNED}, S.ARCHIVED, Permission.ARCHIVE
        ),
    ),
)

RESIDENCIES = Workflow(
    "residency",
    POLICY,
    (
        Transition("admit", N_("同意入驻"), {R.APPLIED}, R.ADMITTED, Permission.ANSWER_RESIDENCY),
        Transition("refuse", N_("不同意"), {R.APPLIED}, R.REFUSED, Permission.ANSWER_RESIDENCY, needs_reason=True),
        Transition("withdraw", N_("撤回申请"), {R.APPLIED}, R.EXITED, Permission.WITHDRAW),
        Transition("incubate", N_("转为在孵"), {R.ADMITTED}, R.INCUBATING, Permission.ANSWER_RESIDENCY),
        Transition("graduate", N_("毕业"), {R.ADMITTED, R.INCUBATING}, R.GRADUATED, Permission.ANSWER_RESIDENCY),
        Transition(
            "exit", N_("迁出"), {R.ADMITTED, R.INCUBATING}, R.EXITED, Permission.ANSWER_RESIDENCY, needs_reason=True
        ),
        Transition("move", N_("转到其他载体"), {R.ADMITTED, R.INCUBATING}, R.EXITED, Permission.MOVE),
    ),
    attribute="status",
)

COMPLAINTS = Workflow(
    "complaint",
    POLICY,
    (Transition("answer", N_("答复投诉"), {C.OPEN}, C.ANSWERED, Permission.ANSWER_COMPLAINT, needs_reason=True),),
)
