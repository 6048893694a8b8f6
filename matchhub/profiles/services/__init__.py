"""What can be done with profiles, residencies, attachments and rosters."""

from matchhub.profiles.services.attachments import attach, remove_attachment, replace_file
from matchhub.profiles.services.bringing import bring_mentor, bring_organization
from matchhub.profiles.services.complaints import answer_complaint, block, complain, unblock
from matchhub.profiles.services.erasure import forget_contact
from matchhub.profiles.services.merging import on_closed, on_merged
from matchhub.profiles.services.profiles import (
    add_round,
    archive_profile,
    ensure_profile,
    keep_draft,
    on_registered,
    on_verified,
    publish_profile,
    remove_round,
    return_profile,
    save_step,
    submit_profile,
)
from matchhub.profiles.services.residencies import (
    admit,
    apply,
    exit_residency,
    graduate,
    incubate,
    invite_firm,
    move,
    place,
    refuse,
    withdraw_application,
)
from matchhub.profiles.services.roster import apply_roster, keep_roster, RosterOutcome, RosterRow, weigh

__all__ = [
    "RosterOutcome",
    "RosterRow",
    "add_round",
    "admit",
    "answer_complaint",
    "apply",
    "apply_roster",
    "archive_profile",
    "attach",
    "block",
    "bring_mentor",
    "bring_organization",
    "complain",
    "ensure_profile",
    "exit_residency",
    "forget_contact",
    "graduate",
    "incubate",
    "invite_firm",
    "keep_draft",
    "keep_roster",
    "move",
    "on_closed",
    "on_merged",
    "on_registered",
    "on_verified",
    "place",
    "publish_profile",
    "refuse",
    "remove_attachment",
    "remove_round",
    "replace_file",
    "return_profile",
    "save_step",
    "submit_profile",
    "unblock",
    "weigh",
    "withdraw_application",
]
