"""Who may bring in which tables."""

from enum import StrEnum

from matchhub.accounts.policy import administrator, city_officer, editor, operator, verified
from matchhub.core.policy import Policy
from matchhub.listings.policy import offerer


class Permission(StrEnum):
    """What importing lets people do."""

    IMPORT = "import"
    IMPORT_OWN_OFFERS = "import_own_offers"
    IMPORT_NEEDS_OF_FIRMS = "import_needs_of_firms"
    IMPORT_UNCLAIMED = "import_unclaimed"


own_offers = offerer & editor
needs_of_firms = operator & verified
unclaimed = city_officer | administrator

POLICY = Policy(
    {
        Permission.IMPORT: own_offers | needs_of_firms | unclaimed,
        Permission.IMPORT_OWN_OFFERS: own_offers,
        Permission.IMPORT_NEEDS_OF_FIRMS: needs_of_firms,
        Permission.IMPORT_UNCLAIMED: unclaimed,
    }
)
