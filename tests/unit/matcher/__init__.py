"""The matcher, without an app."""
