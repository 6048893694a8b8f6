"""Business plans that visitors of the demo open: three sheets from what a firm says of itself, no contact in them."""

from datetime import datetime
from typing import Any

from matchhub.core import money
from matchhub.core.paper import Paper

FOOT = "示例城市的样本材料，企业和数字均为虚构"
IPS = {"invention": "发明专利", "utility": "实用新型", "trademark": "商标", "soft_copyright": "软件著作权"}


def business_plan(record: dict[str, Any], now: datetime) -> bytes:
    """A PDF in Chinese: what the firm makes, its figures, its people, what it asks for. Takes a third of a second."""
    need = record["need"]
    paper = Paper(f"{record['short_name']}商业计划书", foot=FOOT, language="zh", made_at=now)
    paper.ln(70)
    paper.say(record["short_name"], size=30, gap=4)
    paper.say(record["one_liner"], size=15, gap=4)
    paper.say(f"商业计划书　{now.year}年{now.month}月", size=11)
    paper.add_page()
    paper.head("我们做什么")
    paper.say(record["summary"], size=12, gap=4)
    paper.head("现在的规模")
    paper.tiles(figures(record))
    paper.head("团队")
    paper.say(record["team"], size=12, gap=4)
    paper.add_page()
    paper.head("这次要什么")
    paper.tiles([("融资金额", asked(need)), ("最多出让", f"{need['equity_max_pct']}%")], most=2)
    paper.say(need["teaser"] + "。", size=12, gap=3)
    paper.say(need["statement"], size=12, gap=3)
    if need.get("excludes"):
        paper.say("；".join(need["excludes"]) + "。", size=12)
    return paper.content()


def asked(need: dict[str, Any]) -> str:
    """The amount in words."""
    return money.show_range(need["amount_min_yuan"], need["amount_max_yuan"], "zh") or ""


def figures(record: dict[str, Any]) -> list[tuple[str, str]]:
    """What is counted, and how much."""
    found = [("人员", f"{record['staff']} 人"), ("上年收入", money.chinese(record["revenue_yuan"]))]
    found.append(("上年研发费用", money.chinese(record["rd_expense_yuan"])))
    return found + [
        (label, f"{record['ips'][kind]} 件") for kind, label in IPS.items() if record.get("ips", {}).get(kind)
    ]
