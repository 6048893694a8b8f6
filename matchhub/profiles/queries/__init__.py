"""What others ask of the profiles."""

from matchhub.profiles.queries.attachments import (
    attachments_of,
    is_downloadable,
    material_of,
    own_attachment,
    readable_attachment,
    recorded_attachment,
)
from matchhub.profiles.queries.complaints import block_of, blocks, complaints, own_block, reportable, visible_complaint
from matchhub.profiles.queries.completeness import Completeness, completeness
from matchhub.profiles.queries.differences import differences, snapshot_of
from matchhub.profiles.queries.directory import (
    carriers_among,
    directory,
    DirectoryFilter,
    fact_in_words,
    is_found_by_all,
    listed_as,
    mentors_found_by_all,
    row_in_words,
)
from matchhub.profiles.queries.fields import FactField, fields_of, Step, step_of, steps_of
from matchhub.profiles.queries.kinds import DIRECTORIES, Directory
from matchhub.profiles.queries.profiles import (
    carrier_for_roster,
    display_name,
    own_profile,
    own_round,
    past_rounds_of,
    profile_of,
    profiles_of,
    qualifications_of,
    reviewable_profile,
    subject_of,
    visible_to,
)
from matchhub.profiles.queries.residencies import (
    carriers_to_choose,
    firms_in,
    open_residency_of,
    residencies,
    visible_residency,
)
from matchhub.profiles.queries.search import found_organizations, FoundOrganization

__all__ = [
    "DIRECTORIES",
    "Completeness",
    "Directory",
    "DirectoryFilter",
    "FactField",
    "FoundOrganization",
    "Step",
    "attachments_of",
    "block_of",
    "blocks",
    "carrier_for_roster",
    "carriers_among",
    "carriers_to_choose",
    "complaints",
    "completeness",
    "differences",
    "directory",
    "display_name",
    "fact_in_words",
    "fields_of",
    "firms_in",
    "found_organizations",
    "is_downloadable",
    "is_found_by_all",
    "listed_as",
    "material_of",
    "mentors_found_by_all",
    "open_residency_of",
    "own_attachment",
    "own_block",
    "own_profile",
    "own_round",
    "past_rounds_of",
    "profile_of",
    "profiles_of",
    "qualifications_of",
    "readable_attachment",
    "recorded_attachment",
    "reportable",
    "residencies",
    "reviewable_profile",
    "row_in_words",
    "snapshot_of",
    "step_of",
    "steps_of",
    "subject_of",
    "visible_complaint",
    "visible_residency",
    "visible_to",
]
