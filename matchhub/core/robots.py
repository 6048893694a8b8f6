"""Group robots of WeCom, DingTalk and Feishu: an organization's group chat is told that there is something to look at.

A robot's address is a secret: only its token is kept, sealed. What is posted to is built from the official addresses of
the library, so that no typed address is ever opened.
"""

import base64
import hashlib
import hmac
import re
import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
from apprise.plugins.dingtalk import NotifyDingTalk
from apprise.plugins.feishu import NotifyFeishu
from apprise.plugins.wecombot import NotifyWeComBot
from sqlalchemy import ForeignKey, JSON, String
from sqlalchemy.orm import Mapped, mapped_column

from matchhub.core import errors
from matchhub.core.db import Base, enum_type, Timestamped, UtcDateTime, Versioned
from matchhub.core.labels import Labelled, N_

TIMEOUT_SECONDS = 5
LONGEST_TEXT = 2000  # characters: the smallest of the three limits is 2048 bytes of text in WeCom, ours are far below
TOKEN = re.compile(r"[A-Za-z0-9_-]{8,128}")
PLAIN_TOKEN = re.compile(r"[A-Za-z0-9]{8,128}")


class RobotKind(Labelled):
    """Whose group chat it is."""

    WECOM = "wecom", N_("企业微信")
    DINGTALK = "dingtalk", N_("钉钉")
    FEISHU = "feishu", N_("飞书")


class GroupRobot(Timestamped, Versioned, Base):
    """A robot in a group chat of an organization, set by its owner; token and signing secret are sealed."""

    __tablename__ = "group_robot"

    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"), index=True)
    kind: Mapped[RobotKind] = mapped_column(enum_type(RobotKind))
    name: Mapped[str] = mapped_column(String(40))
    locale: Mapped[str] = mapped_column(String(8), default="zh")
    sealed_token: Mapped[str] = mapped_column(String(400))
    sealed_secret: Mapped[str] = mapped_column(String(400), default="")
    topics: Mapped[list[str]] = mapped_column(JSON, default=list)
    created_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_error: Mapped[str] = mapped_column(String(200), default="")


@dataclass(frozen=True, slots=True)
class Route:
    """Where a kind of robot listens, and where its token stands in the address that people copy."""

    host: str
    path: str
    parameter: str = ""  # of the query; '' where the token is the last part of the path
    token: re.Pattern[str] = TOKEN


ROUTES = {
    RobotKind.WECOM: Route("qyapi.weixin.qq.com", "/cgi-bin/webhook/send", "key"),
    RobotKind.DINGTALK: Route("oapi.dingtalk.com", "/robot/send", "access_token", PLAIN_TOKEN),
    RobotKind.FEISHU: Route("open.feishu.cn", "/open-apis/bot/v2/hook/"),
}


class RobotRefusal(Exception):
    """The robot's service said no, or did not answer; the text holds no secret."""

    def __init__(self, words: str, *, permanent: bool = False) -> None:
        super().__init__(words)
        self.permanent = permanent


def token_in(kind: RobotKind, address: str) -> str:
    """The token in the address that the group chat shows. Raises Invalid for any other address."""
    route, wrong = ROUTES[kind], errors.Invalid(N_("粘贴群机器人给出的完整地址，以 https 开头"), field="address")
    try:
        parts = urlsplit(address.strip())
        official = parts.scheme == "https" and parts.netloc == route.host
    except ValueError as error:
        raise wrong from error
    if not official:
        raise wrong
    if route.parameter:
        found = parse_qs(parts.query).get(route.parameter, [""])[0] if parts.path == route.path else ""
    else:
        found = parts.path.removeprefix(route.path).rstrip("/") if parts.path.startswith(route.path) else ""
    if not route.token.fullmatch(found):
        raise wrong
    return found


class _Answered:
    """What the library leaves to us: it takes every 200 for a success, though these services refuse within a 200."""

    timestamp_of = staticmethod(time.time)

    def post(self, url: str, payload: dict[str, Any], params: dict[str, str] | None = None) -> None:
        """Send and read the answer. Raises RobotRefusal."""
        try:
            answer = requests.post(url, json=payload, params=params, timeout=TIMEOUT_SECONDS, allow_redirects=False)
        except requests.RequestException as error:
            raise RobotRefusal(type(error).__name__) from None  # the error's own text repeats the address
        if answer.status_code != requests.codes.ok:
            raise RobotRefusal(f"HTTP {answer.status_code}", permanent=answer.status_code in (400, 401, 403, 404))
        code = _code_of(answer)
        if code:
            raise RobotRefusal(f"code {code}", permanent=code not in BUSY)


BUSY = frozenset({-1, 45009, 130101, 410100, 9499, 11232})
"""Codes that mean: too many messages just now, or a fault of theirs. Everything else will not get better by itself."""


def _code_of(answer: requests.Response) -> int:
    try:
        said = answer.json()
        return int(said.get("errcode", said.get("code", 0)))
    except (ValueError, TypeError, AttributeError):
        raise RobotRefusal("an answer that is not JSON") from None


class WeComRobot(_Answered, NotifyWeComBot):
    """企业微信: no signature, the key is the secret."""

    def send(self, body: str, title: str = "", **more: Any) -> bool:
        self.post(self.api_url, {"msgtype": "text", "text": {"content": body}})
        return True


class DingTalkRobot(_Answered, NotifyDingTalk):
    """钉钉: HMAC of the time in milliseconds, keyed with the secret, in the query."""

    def send(self, body: str, title: str = "", **more: Any) -> bool:
        params = None
        if self.secret:
            moment = str(round(self.timestamp_of() * 1000))
            params = {"timestamp": moment, "sign": _signature(self.secret, f"{moment}\n{self.secret}")}
        self.post(self.notify_url.format(token=self.token), {"msgtype": "text", "text": {"content": body}}, params)
        return True


class FeishuRobot(_Answered, NotifyFeishu):
    """飞书: an HMAC over nothing, keyed with time and secret, in the body; the library knows no signature."""

    secret = ""

    def send(self, body: str, title: str = "", **more: Any) -> bool:
        payload: dict[str, Any] = {"msg_type": "text", "content": {"text": body}}
        if self.secret:
            moment = str(int(self.timestamp_of()))
            payload |= {"timestamp": moment, "sign": _signature(f"{moment}\n{self.secret}", "")}
        self.post(self.notify_url.format(token=self.token).rstrip("/"), payload)
        return True


def _signature(key: str, text: str) -> str:
    return base64.b64encode(hmac.new(key.encode(), text.encode(), hashlib.sha256).digest()).decode()


def say(kind: RobotKind, *, token: str, secret: str, text: str, instead: str = "") -> None:
    """Post `text` to a group. Raises RobotRefusal. `instead`: scheme and host of a receiver on this machine, for tests."""
    robot: Any
    if kind is RobotKind.WECOM:
        robot = WeComRobot(key=token)
        robot.api_url = _elsewhere(robot.api_url, instead)
    elif kind is RobotKind.DINGTALK:
        robot = DingTalkRobot(token=token, secret=secret or None)
        robot.notify_url = _elsewhere(robot.notify_url, instead)
    else:
        robot = FeishuRobot(token=token)
        robot.secret = secret
        robot.notify_url = _elsewhere(robot.notify_url, instead)
    robot.send(body=text[:LONGEST_TEXT])


def _elsewhere(url: str, instead: str) -> str:
    """The official address, or the same path on the receiver that the settings allow."""
    parts = urlsplit(url)
    if parts.netloc not in {route.host for route in ROUTES.values()}:
        raise RobotRefusal("not an official address", permanent=True)
    return url.replace(f"{parts.scheme}://{parts.netloc}", instead.rstrip("/"), 1) if instead else url
