"""Group robots of an organization: set by its owner, told through the outbox."""

from collections.abc import Collection
from datetime import datetime

from matchhub.accounts.models import Organization
from matchhub.accounts.policy import Permission, POLICY
from matchhub.accounts.queries.robots import robots_of
from matchhub.accounts.services.vault import Vault
from matchhub.core import audit, errors
from matchhub.core.db import db, writes
from matchhub.core.labels import N_
from matchhub.core.outbox import is_written, MailState, Notice, NoticeWritten
from matchhub.core.policy import Actor
from matchhub.core.robots import GroupRobot, RobotKind, RobotRefusal, say, token_in
from matchhub.core.wishes import Topic

PERSONAL = frozenset({Topic.SECURITY, Topic.SEARCHES, Topic.WEEKLY, Topic.EVENTS})
TOPICS = tuple(topic for topic in Topic if topic not in PERSONAL)
"""What a group may hear of: never what concerns one person alone."""
MOST_ROBOTS = 5


@writes
def add_robot(
    organization: Organization,
    kind: RobotKind,
    *,
    address: str,
    secret: str,
    name: str,
    locale: str,
    topics: Collection[Topic],
    vault: Vault,
    actor: Actor,
    now: datetime,
) -> GroupRobot:
    """Let a robot tell a group chat of these topics. Raises Forbidden, Invalid for any address but the official ones."""
    POLICY.check(Permission.MANAGE_ROBOTS, actor, organization)
    token, secret = token_in(kind, address), secret.strip()
    if secret and not (secret.isascii() and secret.isalnum() and len(secret) <= 128):
        raise errors.Invalid(N_("签名密钥只有字母和数字，请完整粘贴"), field="secret")
    if len(robots_of(db.session(), organization.id)) >= MOST_ROBOTS:
        raise errors.Invalid(N_("最多 %(most)s 个群机器人，先移除一个"), most=MOST_ROBOTS)
    robot = GroupRobot(
        organization_id=organization.id,
        kind=kind,
        name=name.strip(),
        locale=locale,
        sealed_token=vault.seal(token),
        sealed_secret=vault.seal(secret) if secret and kind is not RobotKind.WECOM else "",
        topics=_allowed(topics),
        created_by_id=actor.user_id,
    )
    db.session.add(robot)
    db.session.flush()
    audit.record(actor, "robot:add", robot, kind=kind.value)
    return robot


@writes
def change_robot(robot: GroupRobot, *, topics: Collection[Topic], actor: Actor, now: datetime) -> None:
    """Say which topics the group hears of from now on. Raises Forbidden."""
    POLICY.check(Permission.MANAGE_ROBOTS, actor, robot)
    robot.topics = _allowed(topics)
    audit.record(actor, "robot:change", robot, topics=robot.topics)


@writes
def remove_robot(robot: GroupRobot, *, actor: Actor, now: datetime) -> None:
    """Tell this group nothing more, and forget its secrets. Raises Forbidden."""
    POLICY.check(Permission.MANAGE_ROBOTS, actor, robot)
    robot.removed_at, robot.sealed_token, robot.sealed_secret = now, "", ""
    audit.record(actor, "robot:remove", robot)


@writes
def note_trial(robot: GroupRobot, *, error: str, actor: Actor, now: datetime) -> None:
    """Keep how a message to the group went; '' for well. Raises Forbidden."""
    POLICY.check(Permission.TELL_GROUP, actor, robot)
    robot.last_error = error[:200]
    if not error:
        robot.last_sent_at = now
    audit.record(actor, "robot:try", robot, went_well=not error)


def say_to(robot: GroupRobot, text: str, *, vault: Vault, instead: str = "") -> None:
    """Post to the group of a robot; no write, and slow. Raises RobotRefusal."""
    token = vault.open(robot.sealed_token)
    if token is None:
        raise RobotRefusal("its secret cannot be opened: set the robot up anew", permanent=True)
    say(robot.kind, token=token, secret=vault.open(robot.sealed_secret) or "", text=text, instead=instead)


@writes
def tell_groups(item: NoticeWritten, *, now: datetime) -> None:
    """A member is told something: so are the groups of the organization that listen to its topic, once for all members."""
    notice = item.notice
    if notice.organization_id is None or item.kind.topic in PERSONAL:
        return
    for robot in robots_of(db.session(), notice.organization_id):
        if item.kind.topic.value in robot.topics:
            row = _word_to(robot, notice)
            if not is_written(row):
                db.session.add(row)


def _word_to(robot: GroupRobot, notice: Notice) -> Notice:
    """The same news for a group: no values, no path into anything, for a group chat has readers whom nobody checked."""
    return Notice(
        kind=notice.kind,
        robot_id=robot.id,
        recipient_key=f"robot:{robot.id}",
        organization_id=robot.organization_id,
        locale=robot.locale,
        object_type=notice.object_type,
        object_id=notice.object_id,
        bell=False,
        due_at=notice.due_at,
        mail_at=notice.due_at,
        created_at=notice.created_at,
        mail_state=MailState.PENDING,
        request_id=notice.request_id,
    )


def _allowed(topics: Collection[Topic]) -> list[str]:
    return [topic.value for topic in TOPICS if topic in topics]
