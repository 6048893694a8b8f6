"""Kinds and states of events, seats, registrations, pitches and invitations."""

from matchhub.core.labels import Labelled, N_


class EventType(Labelled):
    """What kind of event; each has a template."""

    ROADSHOW = "roadshow", N_("项目路演")
    SALON = "salon", N_("创业沙龙")
    FORUM = "forum", N_("主题论坛")
    TRAINING = "training", N_("创业培训")
    EXPRESS = "express", N_("科技人才金融服务直通车")
    FINANCE_INTO_INCUBATOR = "finance_into_incubator", N_("科技金融进孵化器")
    EXCHANGE = "exchange", N_("联盟双向交流")
    MATCHING_SESSION = "matching_session", N_("成果对接会")
    STUDY_TOUR = "study_tour", N_("考察学习")
    CONTEST = "contest", N_("创业大赛")


class EventMode(Labelled):
    """Where people take part."""

    ON_SITE = "on_site", N_("线下")
    ONLINE = "online", N_("线上")
    HYBRID = "hybrid", N_("线上线下同步")


class Audience(Labelled):
    """Who finds the event: drafts are found by their host alone, whatever this says."""

    PUBLIC = "public", N_("公开")
    MEMBERS = "members", N_("认证机构可见")
    INVITED = "invited", N_("仅受邀者可见")


class EventState(Labelled):
    """Stored. That it is full is told from its seats and never stored: the row would lie between two requests."""

    DRAFT = "draft", N_("草稿"), "grey"
    PUBLISHED = "published", N_("报名中"), "green"
    CLOSED = "closed", N_("已截止报名"), "amber"
    HELD = "held", N_("已举办"), "blue"
    FOLLOWED_UP = "followed_up", N_("已跟进"), "green"
    ARCHIVED = "archived", N_("已归档"), "grey"
    CANCELLED = "cancelled", N_("已取消"), "red"


AHEAD_STATES = frozenset({EventState.PUBLISHED, EventState.CLOSED})
SHOWN_STATES = frozenset(EventState) - {EventState.DRAFT}
OVER_STATES = frozenset({EventState.HELD, EventState.FOLLOWED_UP, EventState.ARCHIVED})


class AgendaKind(Labelled):
    """What happens in an item of the agenda; `pitches` holds the line-up, `meetings` the 1:1 plan."""

    WELCOME = "welcome", N_("开场")
    TALK = "talk", N_("分享")
    PITCHES = "pitches", N_("路演")
    PANEL = "panel", N_("讨论")
    MEETINGS = "meetings", N_("一对一会谈")
    BREAK = "break", N_("茶歇")
    OTHER = "other", N_("其他")


class SeatRole(Labelled):
    """As what somebody takes part: each event gives its roles seats of their own."""

    INVESTOR = "investor", N_("投资机构")
    BANK = "bank", N_("银行")
    ENTERPRISE = "enterprise", N_("企业")
    MENTOR = "mentor", N_("导师")
    CARRIER = "carrier", N_("载体")
    GUEST = "guest", N_("嘉宾")
    PUBLIC = "public", N_("公众")


class PriorityRule(Labelled):
    """The declared order of a waiting list; within a rank whoever came first."""

    ARRIVAL = "arrival", N_("先到先得")
    FIRST_TIMERS = "first_timers", N_("近一年没来过的优先，其次先到先得")
    VERIFIED = "verified", N_("认证机构优先，其次先到先得")


class RegistrationState(Labelled):
    """One person at one event. Who is registered, offered a seat or attended holds a seat; nobody else does."""

    PENDING = "pending", N_("待审核"), "blue"
    REGISTERED = "registered", N_("已报名"), "green"
    WAITLISTED = "waitlisted", N_("候补中"), "amber"
    OFFERED = "offered", N_("待你确认"), "amber"
    DECLINED = "declined", N_("已放弃"), "grey"
    LAPSED = "lapsed", N_("已过期"), "grey"
    REFUSED = "refused", N_("未通过"), "grey"
    CANCELLED = "cancelled", N_("已取消"), "grey"
    ATTENDED = "attended", N_("已到场"), "green"
    NO_SHOW = "no_show", N_("未到场"), "grey"


SEATED_STATES = frozenset({RegistrationState.REGISTERED, RegistrationState.OFFERED, RegistrationState.ATTENDED})
OPEN_REGISTRATIONS = frozenset({
    RegistrationState.PENDING, RegistrationState.REGISTERED, RegistrationState.WAITLISTED, RegistrationState.OFFERED,
})  # fmt: skip
AGAIN_STATES = frozenset({
    RegistrationState.CANCELLED, RegistrationState.DECLINED, RegistrationState.LAPSED,
})  # fmt: skip


class RegistrationSource(Labelled):
    """How somebody came onto the list."""

    SELF = "self", N_("本人报名")
    INVITATION = "invitation", N_("受邀")
    ORGANIZER = "organizer", N_("组织者登记")
    WALK_IN = "walk_in", N_("现场登记")


class FieldKind(Labelled):
    """What a question of the registration form takes."""

    TEXT = "text", N_("一行文字")
    LONG_TEXT = "long_text", N_("多行文字")
    CHOICE = "choice", N_("单选")
    CHOICES = "choices", N_("多选")
    NUMBER = "number", N_("数字")
    DATE = "date", N_("日期")
    YES_NO = "yes_no", N_("是或否")
    EMAIL = "email", N_("邮箱")
    PHONE = "phone", N_("手机")


class DayPart(Labelled):
    """Parts of a day in which people say to be free."""

    MORNING = "morning", N_("上午")
    AFTERNOON = "afternoon", N_("下午")
    EVENING = "evening", N_("晚上")

    @classmethod
    def of(cls, hour: int) -> "DayPart":
        """The part in which something begins."""
        return cls.MORNING if hour < 12 else cls.AFTERNOON if hour < 18 else cls.EVENING


class EventPart(Labelled):
    """What of one event can go on to the others of its series."""

    AGENDA = "agenda", N_("议程")
    QUESTIONS = "questions", N_("报名表")
    RULES = "rules", N_("规则")


class Rhythm(Labelled):
    """How a series repeats: every so many weeks, or on the nth weekday of every so many months."""

    WEEKLY = "weekly", N_("按周")
    MONTHLY = "monthly", N_("按月")


class HolidayRule(Labelled):
    """What becomes of a date on which people do not work (or, at the weekend, on which they do)."""

    SKIP = "skip", N_("跳过这一次")
    NEXT_WORKDAY = "next_workday", N_("顺延到下一个工作日")
    KEEP = "keep", N_("照常举办")


class SeriesState(Labelled):
    """Whether a series goes on."""

    ACTIVE = "active", N_("进行中"), "green"
    ENDED = "ended", N_("已结束"), "grey"


class ApplicationState(Labelled):
    """A firm asks to pitch with a need that it has. What its carrier recommends waits for the firm, who alone can say so."""

    RECOMMENDED = "recommended", N_("待企业确认"), "amber"
    SUBMITTED = "submitted", N_("评审中"), "blue"
    SELECTED = "selected", N_("已入选"), "green"
    RESERVE = "reserve", N_("候补"), "amber"
    REJECTED = "rejected", N_("未入选"), "grey"
    WITHDRAWN = "withdrawn", N_("已撤回"), "grey"


class TieKind(Labelled):
    """Why somebody must not review a firm. `other` does not say what: not all ties are for the organizer to know."""

    SAME = "same", N_("同一机构")
    PORTFOLIO = "portfolio", N_("已投或在谈")
    SHAREHOLDER = "shareholder", N_("股东")
    MENTOR = "mentor", N_("辅导关系")
    RECOMMENDED = "recommended", N_("由其机构推荐")
    OTHER = "other", N_("利益关系")


APPLIED_STATES = frozenset(ApplicationState) - {ApplicationState.RECOMMENDED, ApplicationState.WITHDRAWN}


class PitchState(Labelled):
    """An entry of the line-up."""

    PROPOSED = "proposed", N_("待公布"), "blue"
    CONFIRMED = "confirmed", N_("已确认"), "green"
    RESERVE = "reserve", N_("候补"), "amber"
    PRESENTED = "presented", N_("已路演"), "green"
    DROPPED = "dropped", N_("已退出"), "grey"


class InvitationState(Labelled):
    """A personal invitation to an event."""

    DRAFT = "draft", N_("待发出"), "grey"
    SENT = "sent", N_("待回应"), "blue"
    ACCEPTED = "accepted", N_("已接受"), "green"
    DECLINED = "declined", N_("已婉拒"), "grey"
    LAPSED = "lapsed", N_("已过期"), "grey"
    WITHDRAWN = "withdrawn", N_("已撤回"), "grey"


class CheckInWay(Labelled):
    """How somebody was let in."""

    SCAN = "scan", N_("扫码")
    NAME = "name", N_("姓名")
    PHONE = "phone", N_("手机尾号")
    WALK_IN = "walk_in", N_("现场登记")


class FeedKind(Labelled):
    """What a calendar subscription holds."""

    PERSON = "person", N_("我的日程")
    SERIES = "series", N_("系列活动")


class AnnouncementKind(Labelled):
    """What all concerned are told."""

    MOVED = "moved", N_("时间或地点有变")
    CANCELLED = "cancelled", N_("活动取消")
    LINEUP = "lineup", N_("阵容有变")
    CALL = "call", N_("征集项目")


class RoundState(Labelled):
    """The meetings one to one of an event, from the wishes to the day."""

    COLLECTING = "collecting", N_("收集意愿"), "blue"
    PLANNED = "planned", N_("待发布"), "amber"
    PUBLISHED = "published", N_("已发布"), "green"


class MeetingSide(Labelled):
    """The two sides of a table: who gives (money, advice) and who asks."""

    GIVER = "giver", N_("投资机构、银行和导师")
    FIRM = "firm", N_("企业")


GIVER_ROLES = frozenset({SeatRole.INVESTOR, SeatRole.BANK, SeatRole.MENTOR})


class WishKind(Labelled):
    """Whom somebody wants to meet. A no is final and silent: nobody reads it, nothing hints at it."""

    MUST = "must", N_("一定要见")
    GLADLY = "gladly", N_("愿意见")
    NO = "no", N_("不见")


class MeetingOutcome(Labelled):
    """What became of a planned meeting."""

    PLANNED = "planned", N_("已安排"), "blue"
    MET = "met", N_("已见面"), "green"
    MISSED = "missed", N_("没见成"), "grey"


class JuryState(Labelled):
    """Whether scores are still taken; until it is closed nobody reads another's."""

    SCORING = "scoring", N_("评分中"), "blue"
    CLOSED = "closed", N_("已出结果"), "green"


class Entry(Labelled):
    """What became of an attempt to come in."""

    IN = "in", N_("已签到"), "green"
    AGAIN = "again", N_("重复"), "amber"
    NO_SEAT = "no_seat", N_("没有席位"), "red"
    OTHER_EVENT = "other_event", N_("不是本场"), "red"
    UNKNOWN = "unknown", N_("没找到"), "red"


class QuestionKind(Labelled):
    """What a question after the event takes."""

    RATING = "rating", N_("一到五分")
    YES_NO = "yes_no", N_("是或否")
    TEXT = "text", N_("一句话")


class ContactSource(Labelled):
    """How two found each other at an event."""

    MEETING = "meeting", N_("一对一会谈")
    INTEREST = "interest", N_("对路演感兴趣")
    INTRODUCTION = "introduction", N_("会后提出的对接")


class ContactEnd(Labelled):
    """Why nobody is asked any more."""

    RESULT = "result", N_("有结果"), "green"
    DECLINED = "declined", N_("没有下文"), "grey"


class FollowUpAnswer(Labelled):
    """What became of it, in one tap."""

    WAITING = "waiting", N_("还没联系上"), "amber"
    TALKING = "talking", N_("在谈"), "blue"
    AGREED = "agreed", N_("谈成了"), "green"
    NOTHING = "nothing", N_("没有下文"), "grey"


FOLLOW_UP_DAYS = (7, 30, 90, 180)
