"""Made-up cases may take as long as they need: what is slow is found by benchmarks, not by a busy machine."""

from hypothesis import settings

settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")
