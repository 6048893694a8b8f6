"""The administrator's pages, and the two addresses that watch over the processes."""

import matchhub.console.administration.views.dictionaries
import matchhub.console.administration.views.health
import matchhub.console.administration.views.installation
import matchhub.console.administration.views.organizations
import matchhub.console.administration.views.overview
import matchhub.console.administration.views.people
import matchhub.console.administration.views.running
import matchhub.console.administration.views.sign_in_rules
import matchhub.console.administration.views.texts  # noqa: F401 -- each registers its views
from matchhub.console.administration.views.blueprint import bp

__all__ = ["bp"]
