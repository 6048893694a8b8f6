"""What the trail's codes mean, for people: kinds of objects, readings, causes of refusal."""

from matchhub.core.labels import N_

OBJECTS = {
    "attachment": N_("文件"),
    "consent": N_("授权"),
    "credit_case": N_("信贷案件"),
    "deal": N_("交易"),
    "engagement": N_("辅导"),
    "external_identity": N_("单位账号"),
    "installation": N_("城市设置"),
    "introduction": N_("对接"),
    "invitation": N_("邀请"),
    "legal_text": N_("文本"),
    "meeting": N_("会面"),
    "membership": N_("成员身份"),
    "need": N_("需求"),
    "nda_acceptance": N_("保密约定"),
    "notice": N_("通知"),
    "offer": N_("意向或产品"),
    "organization": N_("机构"),
    "outcome": N_("成果"),
    "profile": N_("资料"),
    "residency": N_("入驻"),
    "sign_in_rule": N_("登录规则"),
    "suggestion": N_("推荐"),
    "user": N_("人员"),
    "user_session": N_("登录"),
}
READINGS = {
    "attachment:read": N_("打开文件"),
    "attachment:download": N_("下载文件"),
    "contact:read": N_("查看联系人"),
}
CAUSES = {
    "forbidden": N_("没有权限"),
    "not_found": N_("不在可见范围"),
    "sign_in_refused": N_("手机、邮箱或密码不对"),
    "sign_in_limited": N_("登录试得太多"),
    "code_refused": N_("验证码不对"),
    "code_reused": N_("验证码重复使用"),
    "second_factor_limited": N_("验证码试得太多"),
    "password_limited": N_("密码试得太多"),
    "reset_code_refused": N_("重置码不对"),
    "reset_request_limited": N_("找回密码试得太多"),
    "reset_limited": N_("重置码试得太多"),
    "registration_limited": N_("注册试得太多"),
    "provider_refused": N_("单位账号登录未完成"),
    "provider_unknown": N_("单位账号没有账户"),
    "provider_limited": N_("单位账号登录试得太多"),
}
