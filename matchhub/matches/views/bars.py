"""The waterfall of a pair in the reader's language."""

from flask_babel import gettext

from matchhub.matches import reasons
from matchhub.matches.comparison import Comparison
from matchhub.matches.reasons import Sight
from matchhub.matches.views import wording
from matchhub.matches.views.showing import BarRow


def bar_rows(told: Comparison, seen: Sight) -> list[BarRow]:
    """Whole points that add up to the score; what the reader may not see is one line without a sentence."""
    return [
        BarRow(
            str(gettext(reasons.topic_label(bar.topic, seen))),
            bar.points,
            wording.say(bar.reason) if bar.reason else str(gettext("其余几项合计。")),
            bar.points is None,
        )
        for bar in reasons.waterfall(told, seen)
    ]
