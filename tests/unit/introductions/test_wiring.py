"""What an agreement starts is known before the first request."""

import pytest
from flask import Flask

from matchhub import wiring


def test_start_up_fails_when_a_kind_of_pairing_lacks_its_accept_handler(monkeypatch):
    monkeypatch.setattr(wiring, "ACCEPT_HANDLERS", {})

    with pytest.raises(LookupError, match="equity"):
        wiring.connect(Flask("x"))
