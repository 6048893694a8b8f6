"""What the trail's codes of actions mean, for people: "outcome:enter" reads 录入; the object stands in the next column."""

from functools import cache

from matchhub.accounts.workflow import MEMBERSHIP, ORGANIZATION
from matchhub.core.labels import Labelled, N_
from matchhub.core.workflow import Workflow
from matchhub.events.workflow import APPLICATIONS, EVENTS, REGISTRATIONS
from matchhub.introductions import workflow as introductions
from matchhub.listings.workflow import NEEDS, OFFERS
from matchhub.mentoring.workflow import ENGAGEMENTS, SESSIONS
from matchhub.pipelines.workflow import CASES, OUTCOMES, STAGES
from matchhub.profiles.workflow import COMPLAINTS, PROFILES, RESIDENCIES

WORKFLOWS: tuple[Workflow, ...] = (
    MEMBERSHIP, ORGANIZATION, PROFILES, RESIDENCIES, COMPLAINTS, NEEDS, OFFERS, introductions.WORKFLOW,
    introductions.MEETINGS, STAGES, CASES, OUTCOMES, ENGAGEMENTS, SESSIONS, EVENTS, REGISTRATIONS, APPLICATIONS,
)  # fmt: skip

EXACT = {
    "session:open": N_("登录"),
    "session:end": N_("退出登录"),
    "session:prove": N_("再次确认身份"),
    "list:take": N_("下载名单"),
    "user:erase": N_("注销并删除个人信息"),
    "address:erase": N_("依申请删除个人信息"),
    "personal:look-up": N_("查个人信息"),
    "introduction:accept": N_("同意对接"),
    "introduction:ask": N_("申请对接"),
    "introduction:write": N_("发留言"),
    "introduction:withdraw": N_("撤回申请"),
    "password:change": N_("修改密码"),
    "password:reset": N_("重置密码"),
    "availability:state": N_("说明空闲时间"),
    "address:change": N_("修改邮箱或手机"),
    "user:unlock": N_("解除登录限制"),
    "target:set": N_("设定目标"),
    "texts:accept": N_("接受条款"),
    "search:found": N_("搜索有新结果"),
    "pitch:name": N_("同意公开署名"),
    "profile:bring": N_("导入资料"),
    "roster:apply": N_("写入名单"),
    "import:apply": N_("写入表格"),
    "stage_clock:put_on": N_("切换到下一项"),
    "notice:read": N_("读过通知"),
    "attachment:add": N_("上传文件"),
    "consent:end": N_("授权结束"),
    "consent:give": N_("给出授权"),
    "consent:withdraw": N_("撤回授权"),
    "robot:try": N_("试发消息"),
}
VERBS = {
    "accept": N_("接受"),
    "accept-claim": N_("同意认领"),
    "activate": N_("启用"),
    "add": N_("添加"),
    "admit": N_("放行入场"),
    "again": N_("再次到门口"),
    "adopt": N_("采用"),
    "agenda": N_("改议程"),
    "alert": N_("改提醒"),
    "answer": N_("作答"),
    "apply": N_("申请"),
    "approval": N_("改报名审批"),
    "ask": N_("提出申请"),
    "ask-availability": N_("询问空闲时间"),
    "assign": N_("指派跟进人"),
    "bring": N_("导入"),
    "capacity": N_("改席位数"),
    "change": N_("修改"),
    "choose": N_("设置"),
    "choose-date": N_("选定日期"),
    "claim": N_("认领"),
    "close": N_("关闭"),
    "confirm": N_("确认"),
    "copy": N_("复制"),
    "create": N_("新建"),
    "crowd": N_("生成示例数据"),
    "decline": N_("婉拒"),
    "delay": N_("调整延误"),
    "disable": N_("关闭验证"),
    "discard": N_("丢弃"),
    "dismiss": N_("解除"),
    "draft": N_("保存草稿"),
    "drop": N_("移出"),
    "edit": N_("编辑"),
    "enable": N_("开启验证"),
    "end": N_("结束"),
    "end-by-rule": N_("按规则结束"),
    "end-others": N_("退出其他设备"),
    "end_sessions": N_("退出全部设备"),
    "enter": N_("录入"),
    "feedback": N_("表态"),
    "feedback_undo": N_("撤销表态"),
    "feedback_withdrawal": N_("收回表态"),
    "forget": N_("删除"),
    "found": N_("设立"),
    "give": N_("授权"),
    "give-by-rule": N_("按规则给予"),
    "give_up": N_("放弃重发"),
    "goal": N_("设目标"),
    "goal-open": N_("目标重新打开"),
    "goal-reached": N_("目标达成"),
    "hand_in": N_("交出评分"),
    "hold_refusal": N_("暂缓发出婉拒"),
    "import": N_("导入"),
    "interest": N_("声明利益关系"),
    "issue-code": N_("发放重置码"),
    "join": N_("加入"),
    "lapse": N_("逾期"),
    "leave": N_("退出"),
    "link": N_("关联"),
    "lock": N_("锁定"),
    "log": N_("记录"),
    "make": N_("提交"),
    "make-by-rule": N_("按规则建立"),
    "membership": N_("切换机构"),
    "merge": N_("随机构合并"),
    "missing": N_("标为未到"),
    "move": N_("改期或转移"),
    "name": N_("指定"),
    "note": N_("写备注"),
    "open": N_("打开"),
    "outcome": N_("记录结果"),
    "place": N_("移动位置"),
    "plan": N_("安排"),
    "present": N_("已上台"),
    "propose": N_("提议时间"),
    "publish": N_("发布"),
    "push": N_("推送"),
    "put_on": N_("切换到下一项"),
    "raise": N_("上移"),
    "read": N_("读过"),
    "read-all": N_("全部读过"),
    "recommend": N_("推荐"),
    "refuse-claim": N_("不同意认领"),
    "register": N_("登记"),
    "release": N_("解除"),
    "remind": N_("提醒"),
    "remove": N_("移除"),
    "rename": N_("改名"),
    "renew": N_("更新"),
    "renew-codes": N_("更换恢复码"),
    "reorder": N_("调整顺序"),
    "replace": N_("更换"),
    "request": N_("申请加入"),
    "require": N_("要求保密约定"),
    "reset": N_("重置"),
    "reset-request": N_("申请找回密码"),
    "reset-unknown": N_("为未知地址找回密码"),
    "retire": N_("停用"),
    "retry": N_("重发"),
    "retry-all": N_("全部重发"),
    "revoke": N_("撤销"),
    "role": N_("改角色"),
    "rules": N_("改规则"),
    "save": N_("保存"),
    "say": N_("表示感兴趣"),
    "scope": N_("调整归属"),
    "second-factor": N_("通过两步验证"),
    "send": N_("发出"),
    "set": N_("设定"),
    "settle-owner": N_("确定负责人"),
    "spread": N_("套用到后面各场"),
    "start": N_("开始填写"),
    "step_up": N_("候补补上"),
    "stop": N_("谢绝再邀请"),
    "swap": N_("对换"),
    "take-leave": N_("退订"),
    "take-over": N_("转到账户"),
    "take_back": N_("收回"),
    "tick": N_("勾选材料"),
    "tie": N_("声明利益关系"),
    "try": N_("试用"),
    "undo": N_("撤销"),
    "undo_message": N_("撤回留言"),
    "undo_refusal": N_("撤回婉拒"),
    "unlink": N_("解除关联"),
    "unlock": N_("解锁"),
    "unname": N_("收回公开署名"),
    "upload": N_("上传表格"),
    "waive": N_("取消保密约定"),
    "walk_in": N_("现场登记"),
    "withdraw": N_("撤回"),
    "write": N_("写下"),
}


def words_of(code: str) -> str:
    """The msgid of an action; '' where there is none: a button's word, or what was done, the verb for all objects last."""
    return EXACT.get(code) or _moves().get(code) or VERBS.get(code.partition(":")[2], "")


def state_words(code: str, state: str) -> str:
    """The msgid of a state that this action left or reached; '' where the action moves no state."""
    return _states().get(code.partition(":")[0], {}).get(state, "")


@cache
def _moves() -> dict[str, str]:
    """Words of all transitions."""
    return {f"{flow.name}:{row.action}": row.label for flow in WORKFLOWS for row in flow.rows.values()}


@cache
def _states() -> dict[str, dict[str, str]]:
    """Words of all states, by the name of the workflow."""
    kinds: dict[str, type[Labelled]] = {flow.name: type(next(iter(flow.rows.values())).target) for flow in WORKFLOWS}
    return {name: {state.value: state.label for state in kind} for name, kind in kinds.items()}
