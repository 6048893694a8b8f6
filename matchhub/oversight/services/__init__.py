"""What oversight changes: targets, and who is asked to move."""

from matchhub.oversight.services.reminders import PAUSE, remind
from matchhub.oversight.services.targets import set_target

__all__ = ["PAUSE", "remind", "set_target"]
