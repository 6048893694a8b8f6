"""Where rows about a person lie and what of them is given out. A test holds that no table with a person is left out."""

from dataclasses import dataclass

from matchhub.core.labels import N_

ADDRESSES = ("email", "mobile")


@dataclass(frozen=True, slots=True)
class Part:
    """One kind of rows: the table, the column that names the person, and what is given out. `addresses`: the columns by which
    somebody without an account is found, too. `via`: the rows hang on rows of that table which are the person's."""

    title: str
    table: str
    by: str
    columns: tuple[str, ...]
    addresses: tuple[str, ...] = ()
    via: str = ""


PARTS = (
    Part(N_("账户"), "user", "id", (
        "name", "email", "mobile", "locale", "created_at", "last_seen_at", "password_changed_at", "totp_enabled_at")),
    Part(N_("所在机构"), "membership", "user_id", ("organization_id", "role", "region_code", "state", "created_at", "ended_at")),
    Part(N_("登录的设备"), "user_session", "user_id", ("created_at", "last_seen_at", "proved_at", "ended_at", "ip", "browser")),
    Part(N_("单位账号"), "external_identity", "user_id", ("issuer", "subject", "created_at", "last_used_at", "ended_at")),
    Part(N_("接受的条款"), "text_acceptance", "user_id", ("text_id", "at", "ip")),
    Part(N_("找回密码"), "password_reset", "user_id", ("kind", "created_at", "used_at")),
    Part(N_("通知设置"), "notice_wish", "user_id", ("topic", "channel", "wanted")),
    Part(N_("免打扰"), "quiet_hours", "user_id", ("is_on", "from_minute", "to_minute", "rest_days")),
    Part(N_("通知"), "notice", "recipient_user_id", ("kind", "address", "due_at", "sent_at", "read_at", "path"), ("address",)),
    Part(N_("收到的邀请"), "invitation", "", ("organization_id", "address", "name", "role", "expires_at", "accepted_at"),
         ("address",)),
    Part(N_("日历订阅"), "feed", "user_id", ("kind", "created_at", "ended_at")),
    Part(N_("保存的搜索"), "saved_search", "user_id", ("name", "list_code", "query", "created_at")),
    Part(N_("保存的视图"), "saved_view", "user_id", ("name", "filters", "created_at")),
    Part(N_("空闲时间"), "availability", "user_id", ("slots", "away", "stated_at")),
    Part(N_("活动报名"), "registration", "user_id", (
        "event_id", "name", "organization_name", "email", "mobile", "state", "answers", "joined_at", "ended_at"), ADDRESSES),
    Part(N_("签到"), "check_in", "registration_id", ("event_id", "way", "at"), via="registration"),
    Part(N_("活动邀请"), "event_invitation", "user_id", (
        "event_id", "name", "email", "mobile", "state", "sent_at", "answered_at"), ADDRESSES),
    Part(N_("访客报名"), "guest_place", "", (
        "event_id", "name", "organization_name", "email", "mobile", "answers", "asked_at", "confirmed_at"), ADDRESSES),
    Part(N_("现场签到员"), "door_keeper", "user_id", ("event_id", "created_at", "ended_at")),
    Part(N_("评委"), "jury_member", "user_id", ("created_at", "dismissed_at")),
    Part(N_("路演评审"), "pitch_review", "reviewer_id", ("scores", "remark", "conflict", "handed_in_at")),
    Part(N_("评审人"), "pitch_reviewer", "user_id", ("event_id", "created_at")),
    Part(N_("后续回访"), "follow_up", "answered_by_id", ("answer", "answered_at")),
    Part(N_("申请的对接"), "introduction", "requested_by_id", ("kind", "purpose", "state", "requested_at")),
    Part(N_("留言"), "message", "author_id", ("body", "at")),
    Part(N_("约见"), "meeting", "proposed_by_user_id", ("starts_at", "place", "note", "state")),
    Part(N_("给出的授权"), "consent", "given_by_id", ("purpose", "groups", "shown_values", "given_at", "expires_at",
                                                  "withdrawn_at")),
    Part(N_("保密约定"), "nda_acceptance", "user_id", ("name", "document_name", "text_version", "at", "ip")),
    Part(N_("看过的材料"), "material_view", "user_id", ("document_name", "opened_at", "last_at", "downloaded_at")),
    Part(N_("上传的文件"), "stored_file", "uploaded_by_id", ("name", "uploaded_at")),
    Part(N_("投诉"), "complaint", "made_by_id", ("reason", "text", "state", "answer", "created_at")),
    Part(N_("辅导记录"), "mentoring_session", "logged_by_user_id", ("held_on", "minutes", "summary", "next_step")),
    Part(N_("对推荐的反馈"), "match_feedback", "by_user_id", ("kind", "reason", "at")),
    Part(N_("推送"), "match_push", "by_user_id", ("note", "at")),
    Part(N_("看板备注"), "deal_note", "author_id", ("at",)),
    Part(N_("资料里的联系人"), "profile", "", (
        "contact_name", "contact_title", "contact_mobile", "contact_email", "contact_wechat"),
         ("contact_email", "contact_mobile")),
    Part(N_("操作记录"), "audit_event", "actor_user_id", ("at", "action", "object_type", "object_id", "ip")),
    Part(N_("安全记录"), "security_event", "actor_user_id", ("at", "kind", "ip")),
)  # fmt: skip

DUTY = "an act for an organization: the trail tells it to the person as well"
SECRET = "a secret or its hash: it tells nothing of the person"
NOT_GIVEN = {  # columns that name a person and are not given out, and why
    **dict.fromkeys(
        (
            "announcement.made_by_id", "board_move.user_id", "check_in.by_user_id", "complaint.answered_by_id",
            "credit_case_document.received_by_id", "credit_case_entry.by_user_id", "deal.assignee_id",
            "event.created_by_id", "event_report.published_by_id", "event_template.created_by_id",
            "group_robot.created_by_id", "introduction.answered_by_id", "invitation.invited_by_id",
            "invitation_wave.sent_by_id", "jury.closed_by_id", "mentoring_session.decided_by_user_id",
            "model_trial.by_user_id", "non_disclosure.required_by_id", "organization.verified_by_id",
            "outcome.confirmed_by_user_id", "outcome.entered_by_user_id", "pair_reminder.by_user_id",
            "password_reset.issued_by_id", "pitch.named_by_id", "pitch_application.applied_by_id",
            "pitch_reviewer.named_by_id", "profile.decided_by_id", "registration.decided_by_id",
            "sign_in_rule.created_by_id", "target.set_by_id",
        ),
        DUTY,
    ),
    "recovery_code.user_id": SECRET,
    "used_code.user_id": SECRET,
}  # fmt: skip

COLUMNS = {
    "action": N_("做了什么"), "address": N_("地址"), "accepted_at": N_("接受时间"), "answer": N_("回答"),
    "answered_at": N_("回答时间"), "answers": N_("表单回答"), "asked_at": N_("提出时间"), "at": N_("时间"),
    "away": N_("不在的日子"), "body": N_("内容"), "browser": N_("浏览器"), "channel": N_("渠道"),
    "confirmed_at": N_("确认时间"), "conflict": N_("利益关系"), "contact_email": N_("联系邮箱"),
    "contact_mobile": N_("联系手机"), "contact_name": N_("联系人姓名"), "contact_title": N_("联系人职务"),
    "contact_wechat": N_("联系微信"), "created_at": N_("建立时间"), "dismissed_at": N_("解除时间"),
    "document_name": N_("文件名"), "downloaded_at": N_("下载时间"), "due_at": N_("应到时间"), "email": N_("邮箱"),
    "ended_at": N_("结束时间"), "event_id": N_("活动"), "expires_at": N_("到期时间"), "filters": N_("筛选"),
    "from_minute": N_("开始分钟"), "given_at": N_("给出时间"), "groups": N_("开放内容"), "handed_in_at": N_("提交时间"),
    "held_on": N_("日期"), "ip": N_("网络地址"), "is_on": N_("是否开启"), "issuer": N_("提供方"),
    "joined_at": N_("报名时间"), "kind": N_("类型"), "last_at": N_("最近时间"), "last_seen_at": N_("上次使用"),
    "last_used_at": N_("上次使用"), "list_code": N_("列表"), "locale": N_("语言"), "minutes": N_("分钟"),
    "mobile": N_("手机"), "name": N_("名称"), "next_step": N_("下一步"), "note": N_("备注"), "object_id": N_("对象编号"),
    "object_type": N_("对象"), "opened_at": N_("打开时间"), "organization_id": N_("机构"),
    "organization_name": N_("机构"), "password_changed_at": N_("改密码时间"), "path": N_("页面"), "place": N_("地点"),
    "proved_at": N_("再次确认时间"), "purpose": N_("用途"), "query": N_("搜索条件"), "read_at": N_("读过时间"),
    "reason": N_("原因"), "region_code": N_("地区"), "remark": N_("评语"), "requested_at": N_("申请时间"),
    "rest_days": N_("休息日"), "role": N_("角色"), "scores": N_("评分"), "sent_at": N_("发出时间"),
    "shown_values": N_("开放的值"), "slots": N_("时段"), "starts_at": N_("开始时间"), "stated_at": N_("填写时间"),
    "state": N_("状态"), "subject": N_("账号标识"), "summary": N_("摘要"), "text": N_("说明"), "text_id": N_("条款"),
    "text_version": N_("条款版本"), "to_minute": N_("结束分钟"), "topic": N_("主题"), "totp_enabled_at": N_("开启两步验证时间"),
    "uploaded_at": N_("上传时间"), "used_at": N_("使用时间"), "wanted": N_("是否要"), "way": N_("方式"),
    "withdrawn_at": N_("撤回时间"),
}  # fmt: skip
