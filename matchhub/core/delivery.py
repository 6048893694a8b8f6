"""Sending mail that is due: claimed by a conditional update, one failure stops nobody else, a re-send keeps its id.

SMTP cannot promise "exactly once": a crash between the server's answer and our note sends again, with the same
Message-ID, so that the reader's mailbox can tell.
"""

import logging
import smtplib
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import default as email_policy
from email.utils import format_datetime
from itertools import groupby
from typing import Protocol
from urllib.parse import unquote, urlsplit

from sqlalchemy import ColumnElement, or_, select, update

from matchhub.core import audit, errors
from matchhub.core.administration import Permission, POLICY
from matchhub.core.db import db, unit_of_work, writes
from matchhub.core.labels import N_
from matchhub.core.outbox import MailState, Notice
from matchhub.core.policy import Actor
from matchhub.core.robots import RobotRefusal

logger = logging.getLogger("matchhub.delivery")

BATCH = 50
LEASE = timedelta(seconds=120)
MAX_ATTEMPTS = 8
FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=4)
TIMEOUT_SECONDS = 20
PERMANENT = 500
CONTROL = ("\r", "\n", "\0")
LONG_LINES = email_policy.clone(max_line_length=998)  # an address folded into encoded words is no address any more


@dataclass(frozen=True, slots=True)
class Letter:
    """A notice in the words of its recipient."""

    subject: str
    text: str
    html: str
    unsubscribe_url: str = ""


class Transport(Protocol):
    """What hands one message over; raises smtplib.SMTPException or OSError."""

    def send(self, message: EmailMessage) -> None: ...


Render = Callable[[Notice], Letter | None]
Quiet = Callable[[Notice, datetime], datetime | None]
Open = Callable[[], Transport]


def compose(notice: Notice, letter: Letter, *, sender: str, sender_name: str, now: datetime) -> EmailMessage:
    """The message to send. Raises ValueError where a header would carry a line break."""
    if any(c in value for c in CONTROL for value in (letter.subject, notice.address, notice.message_id, sender_name)):
        raise ValueError("a header cannot carry a line break")
    message = EmailMessage(LONG_LINES)
    message["Subject"] = letter.subject
    message["From"] = Address(display_name=sender_name, addr_spec=sender)
    message["To"] = Address(addr_spec=notice.address)
    message["Date"] = format_datetime(now)
    message["Message-ID"] = notice.message_id
    message["Auto-Submitted"] = "auto-generated"
    if letter.unsubscribe_url:  # RFC 8058: the mail program posts to it, after its own button
        message["List-Unsubscribe"] = f"<{letter.unsubscribe_url}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(letter.text)
    message.add_alternative(letter.html, subtype="html")
    return message


class SmtpTransport:
    """One SMTP conversation; opened on the first message, opened anew after it broke."""

    def __init__(self, mail_url: str) -> None:
        self._parts = urlsplit(mail_url)
        self._server: smtplib.SMTP | None = None

    def send(self, message: EmailMessage) -> None:
        """Hand one message over."""
        try:
            self._connected().send_message(message)
        except (smtplib.SMTPServerDisconnected, OSError):
            self.close()
            raise

    def close(self) -> None:
        """End the conversation."""
        if self._server is not None:
            with suppress(smtplib.SMTPException, OSError):
                self._server.quit()
            self._server = None

    def _connected(self) -> smtplib.SMTP:
        if self._server is not None:
            return self._server
        parts, verified = self._parts, ssl.create_default_context()
        host = parts.hostname or "127.0.0.1"
        if parts.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(host, parts.port or 465, timeout=TIMEOUT_SECONDS, context=verified)
        else:
            server = smtplib.SMTP(host, parts.port or 25, timeout=TIMEOUT_SECONDS)
        if parts.scheme == "smtp+starttls":
            server.starttls(context=verified)
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
        self._server = server  # only now: a half-secured conversation must not be used by the next message
        return server


@contextmanager
def smtp(mail_url: str) -> Iterator[SmtpTransport]:
    """A transport that is closed at the end."""
    transport = SmtpTransport(mail_url)
    try:
        yield transport
    finally:
        transport.close()


def claim(now: datetime, *, limit: int = BATCH, robots: bool = False) -> list[int]:
    """Take up to `limit` due mails (or words to group robots) for a while; what another worker took is left to it."""
    free = or_(Notice.lease_until.is_(None), Notice.lease_until < now)
    due = select(Notice.id).where(*_waiting(now, robots=robots), free).order_by(Notice.mail_at, Notice.id).limit(limit)
    with unit_of_work() as session:
        taken = session.scalars(
            update(Notice)
            .where(Notice.id.in_(due), Notice.mail_state == MailState.PENDING, free)
            .values(lease_until=now + LEASE, attempts=Notice.attempts + 1)
            .returning(Notice.id)
            .execution_options(synchronize_session=False)
        )
        return sorted(taken)


def deliver(
    now: datetime,
    *,
    transport: Transport,
    render: Render,
    sender: str,
    sender_name: str,
    clock: Callable[[], datetime],
    quiet: Quiet = lambda notice, moment: None,
) -> int:
    """Send one batch of what is due; the number sent. Stops while the lease still covers the message under way.

    `quiet` says until when a recipient wants no mail; such a notice waits, which is no attempt.
    """
    sent, claimed = 0, claim(now)
    for number, notice_id in enumerate(claimed):
        if clock() > now + LEASE - timedelta(seconds=3 * TIMEOUT_SECONDS):
            _release(claimed[number:])
            break
        notice = db.session.get_one(Notice, notice_id)
        if (until := quiet(notice, now)) is not None:
            _note(notice_id, mail_at=until, attempts=notice.attempts - 1)
            continue
        sent += _send_one(notice, transport, render, sender, sender_name, clock)
    return sent


def _release(notice_ids: Sequence[int]) -> None:
    """What there was no time for is anybody's again; it was no attempt."""
    with unit_of_work() as session:
        session.execute(
            update(Notice)
            .where(Notice.id.in_(notice_ids))
            .values(lease_until=None, attempts=Notice.attempts - 1)
            .execution_options(synchronize_session=False)
        )


def _send_one(
    notice: Notice, transport: Transport, render: Render, sender: str, sender_name: str, clock: Callable[[], datetime]
) -> bool:
    try:
        letter = render(notice)
        if letter is None:
            _note(notice.id, mail_state=MailState.CANCELLED)
            return False
        transport.send(compose(notice, letter, sender=sender, sender_name=sender_name, now=clock()))
    except (smtplib.SMTPException, OSError) as error:
        _note_failure(notice, error, now=clock())
        return False
    except Exception as error:  # noqa: BLE001 -- a notice that cannot be written must not stop the others
        logger.warning("notice %s cannot be written: %s", notice.id, type(error).__name__)
        _note(notice.id, mail_state=MailState.FAILED, last_error=f"cannot be written: {type(error).__name__}")
        return False
    _note(notice.id, mail_state=MailState.SENT, sent_at=clock(), last_error="")
    return True


def speak(now: datetime, *, say: Callable[[int, Sequence[Notice]], None], clock: Callable[[], datetime]) -> int:
    """Tell group robots what is due, all of one robot in one message; the number of notices told.

    `say(robot_id, notices)` raises `RobotRefusal` where the group's service does not take it.
    """
    found = [db.session.get_one(Notice, notice_id) for notice_id in claim(now, robots=True)]
    told = 0
    for robot_id, notices in groupby(
        sorted(found, key=lambda row: row.robot_id or 0), key=lambda row: row.robot_id or 0
    ):
        rows = list(notices)
        try:
            say(robot_id, rows)
        except RobotRefusal as refusal:
            for row in rows:
                _note_refusal(row, str(refusal), permanent=refusal.permanent, now=clock())
        else:
            for row in rows:
                _note(row.id, mail_state=MailState.SENT, sent_at=clock(), last_error="")
            told += len(rows)
    return told


def _note(notice_id: int, **values: object) -> None:
    with unit_of_work() as session:
        session.execute(
            update(Notice)
            .where(Notice.id == notice_id)
            .values(lease_until=None, **values)
            .execution_options(synchronize_session=False)
        )


def _note_failure(notice: Notice, error: Exception, *, now: datetime) -> None:
    code, words = _answer_of(error)
    text = f"{code or ''} {type(error).__name__} {words}".replace("\r", " ").replace("\n", " ").strip()[:300]
    logger.warning("mail of notice %s failed: %s %s", notice.id, code or "", type(error).__name__)
    _note_refusal(notice, text, permanent=code >= PERMANENT, now=now)


def _note_refusal(notice: Notice, text: str, *, permanent: bool, now: datetime) -> None:
    if permanent or notice.attempts >= MAX_ATTEMPTS:
        _note(notice.id, mail_state=MailState.FAILED, last_error=text)
        return
    with unit_of_work() as session:
        row = session.get_one(Notice, notice.id)
        row.last_error, row.lease_until = text, now + wait_after(row.attempts)


def wait_after(attempts: int) -> timedelta:
    """How long to wait after so many attempts: 1, 2, 4 … minutes, at most 4 hours."""
    return min(FIRST_WAIT * 2 ** max(0, attempts - 1), LONGEST_WAIT)


def _answer_of(error: Exception) -> tuple[int, str]:
    """The server's code and words; 0 where it did not answer. A wrong password is ours to mend: tried again."""
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return 0, str(error.smtp_code)
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, words = next(iter(error.recipients.values()))
        return code, _words(words)
    if isinstance(error, smtplib.SMTPConnectError | smtplib.SMTPHeloError):
        return 0, str(error.smtp_code)
    if isinstance(error, smtplib.SMTPResponseException):
        return error.smtp_code, _words(error.smtp_error)
    return 0, ""


def _words(answer: bytes | str) -> str:
    return answer.decode(errors="replace") if isinstance(answer, bytes) else answer


def keep_to_the_bell(now: datetime) -> int:
    """Without a mail server: what is due stays in the bell only. The number of notices."""
    with unit_of_work() as session:
        result = session.execute(
            update(Notice)
            .where(*_waiting(now))
            .values(mail_state=MailState.NONE, lease_until=None)
            .execution_options(synchronize_session=False)
        )
        return int(result.rowcount)  # type: ignore[attr-defined]


def has_due(now: datetime, *, robots: bool = False) -> bool:
    """Whether any mail (or word to a group robot) waits: asked before the write lock is."""
    return db.session.scalar(select(Notice.id).where(*_waiting(now, robots=robots)).limit(1)) is not None


def _waiting(now: datetime, *, robots: bool = False) -> tuple[ColumnElement[bool], ...]:
    to_robot = Notice.robot_id.is_not(None) if robots else Notice.robot_id.is_(None)
    return Notice.mail_state == MailState.PENDING, Notice.mail_at <= now, to_robot


@writes
def retry(notice: Notice, *, actor: Actor, now: datetime) -> None:
    """Put a failed mail back into the queue, under its old Message-ID."""
    POLICY.check(Permission.OPERATE, actor, notice)
    if notice.mail_state is not MailState.FAILED:
        raise errors.Conflict(N_("已经处理过了，现在是「%(state)s」"), state=notice.mail_state)
    notice.mail_state, notice.attempts, notice.lease_until = MailState.PENDING, 0, None
    audit.record(actor, "notice:retry", notice)


@writes
def retry_all(*, actor: Actor, now: datetime) -> int:
    """Put every failed mail back into the queue, as after an outage of the mail server; how many they were."""
    POLICY.check(Permission.OPERATE, actor)
    failed = db.session.scalars(select(Notice).where(Notice.mail_state == MailState.FAILED)).all()
    for notice in failed:
        notice.mail_state, notice.attempts, notice.lease_until = MailState.PENDING, 0, None
    audit.record(actor, "notice:retry-all", None, count=len(failed))
    return len(failed)


@writes
def give_up(notice: Notice, *, actor: Actor, now: datetime) -> None:
    """Put a failed mail away: it will not be sent."""
    POLICY.check(Permission.OPERATE, actor, notice)
    if notice.mail_state is not MailState.FAILED:
        raise errors.Conflict(N_("已经处理过了，现在是「%(state)s」"), state=notice.mail_state)
    notice.mail_state = MailState.CANCELLED
    audit.record(actor, "notice:give_up", notice)
