"""Asking, both consents, the thread, proposed meetings."""
