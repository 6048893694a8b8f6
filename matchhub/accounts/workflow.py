"""The states of an organization and of a membership."""

from matchhub.accounts.enums import MembershipState as M
from matchhub.accounts.enums import OrganizationStatus as S
from matchhub.accounts.policy import Permission, POLICY
from matchhub.core.labels import N_
from matchhub.core.workflow import Transition, Workflow

OPEN = frozenset({S.UNVERIFIED, S.PENDING, S.VERIFIED, S.REJECTED})

ORGANIZATION = Workflow(
    "organization",
    POLICY,
    (
        Transition("submit", N_("提交核验"), {S.UNVERIFIED, S.REJECTED}, S.PENDING, Permission.SUBMIT),
        Transition("verify", N_("核验通过"), {S.UNVERIFIED, S.PENDING, S.REJECTED}, S.VERIFIED, Permission.VERIFY),
        Transition("reject", N_("核验不通过"), {S.PENDING}, S.REJECTED, Permission.VERIFY, needs_reason=True),
        Transition("release", N_("退回认领"), {S.PENDING}, S.UNVERIFIED, Permission.VERIFY, needs_reason=True),
        Transition("close", N_("关闭机构"), OPEN, S.CLOSED, Permission.CLOSE),
        Transition("merge", N_("并入另一机构"), OPEN, S.MERGED, Permission.SETTLE),
    ),
    attribute="status",
)

MEMBERSHIP = Workflow(
    "membership",
    POLICY,
    (
        Transition("accept", N_("同意加入"), {M.REQUESTED}, M.ACTIVE, Permission.ANSWER_JOIN),
        Transition("refuse", N_("不同意"), {M.REQUESTED}, M.REFUSED, Permission.ANSWER_JOIN),
        Transition("end", N_("移出机构"), {M.ACTIVE}, M.ENDED, Permission.MANAGE_COLLEAGUE),
        Transition("leave", N_("离开机构"), {M.ACTIVE}, M.ENDED, Permission.LEAVE),
        Transition("withdraw", N_("撤回申请"), {M.REQUESTED}, M.ENDED, Permission.LEAVE),
    ),
)
