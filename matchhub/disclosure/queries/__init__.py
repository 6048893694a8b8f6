"""Who may see what of whom, what was opened to whom, and who looked."""

from matchhub.disclosure.queries.consents import (
    ATTACHMENT,
    consents_given,
    consents_received,
    consents_with,
    CONTACT_READ,
    Given,
    given_to,
    last_viewed,
    opening_contact,
    shown_names,
    standing_counts,
    text_versions,
    visible_consent,
)
from matchhub.disclosure.queries.materials import (
    acceptances_of,
    is_sitting,
    latest_acceptance,
    Material,
    missing_promise,
    non_disclosure_of,
    opened_to,
    Promise,
    promise_for,
    Reading,
    readings_by,
    SITTING,
    sitting,
    viewer_names,
    views_of,
    visible_acceptance,
)
from matchhub.disclosure.queries.visible import ALL_GROUPS, Subject, Visible, visible_fields, visible_of

__all__ = [
    "ALL_GROUPS", "ATTACHMENT", "CONTACT_READ", "SITTING", "Given", "Material", "Promise", "Reading", "Subject", "Visible",
    "acceptances_of", "consents_given", "consents_received", "consents_with", "given_to", "is_sitting", "last_viewed",
    "latest_acceptance", "missing_promise", "non_disclosure_of", "opened_to", "opening_contact", "promise_for",
    "readings_by", "shown_names", "sitting", "standing_counts", "text_versions", "viewer_names", "views_of",
    "visible_acceptance", "visible_consent", "visible_fields", "visible_of",
]  # fmt: skip
