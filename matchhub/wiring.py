"""The one screen that may import every feature: blueprints, places, who listens to which news, notice kinds, jobs."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from flask import current_app, Flask

from matchhub import mail
from matchhub.accounts import news as accounts_news
from matchhub.accounts.queries import STEWARDSHIP
from matchhub.accounts.services import kinds as account_kinds
from matchhub.accounts.services import robots as account_robots
from matchhub.accounts.views import development, identity, provider, taking
from matchhub.accounts.views import digest as account_digest
from matchhub.accounts.views import layout as account_layout
from matchhub.accounts.views import routes as account_views
from matchhub.console import views as console_views
from matchhub.console.administration import views as administration_views
from matchhub.console.auditing import queries as auditing_queries
from matchhub.console.auditing import views as auditing_views
from matchhub.console.modelling import queries as modelling_queries
from matchhub.console.modelling import views as modelling_views
from matchhub.console.personal import views as personal_views
from matchhub.console.public import styleguide as public_pages
from matchhub.core import dictionaries, digests, ledger, news, outbox, pages, texts, ui
from matchhub.core.jobs import Job
from matchhub.core.labels import N_, NP_
from matchhub.core.links import LINKS
from matchhub.core.paging import TOTALS
from matchhub.core.policy import Actor
from matchhub.core.ui import Place
from matchhub.disclosure import news as disclosure_news
from matchhub.disclosure import services as disclosure_services
from matchhub.disclosure import views as disclosure_views
from matchhub.events import jobs as events_jobs
from matchhub.events import models as events_models
from matchhub.events import news as events_news
from matchhub.events import notices as events_notices
from matchhub.events import services as events_services
from matchhub.events import views as events_views
from matchhub.events.notices import guests as events_guest_notices
from matchhub.events.notices import invitations as events_invitation_notices
from matchhub.events.notices import pitches as events_pitch_notices
from matchhub.events.views import tracked as events_tracked
from matchhub.importing import views as importing_views
from matchhub.introductions import jobs as introductions_jobs
from matchhub.introductions import news as introductions_news
from matchhub.introductions import notices as introductions_notices
from matchhub.introductions import services as introductions_services
from matchhub.introductions import views as introductions_views
from matchhub.introductions.views import digest as introductions_digest
from matchhub.listings import jobs as listings_jobs
from matchhub.listings import news as listings_news
from matchhub.listings import notices as listings_notices
from matchhub.listings import services as listings_services
from matchhub.listings import views as listings_views
from matchhub.listings.enums import PairingKind
from matchhub.matches import engine as matches_engine
from matchhub.matches import jobs as matches_jobs
from matchhub.matches import models as matches_models
from matchhub.matches import news as matches_news
from matchhub.matches import notices as matches_notices
from matchhub.matches import views as matches_views
from matchhub.matches.queries.proposals import PROPOSALS
from matchhub.matches.queries.searches import LISTS, SearchableList
from matchhub.matches.services import listing_news as matches_listing_news
from matchhub.matches.services import pushes as matches_pushes
from matchhub.matches.services import searches as matches_searches
from matchhub.matches.views import fresh as matches_fresh
from matchhub.matches.views.pushes import FATES
from matchhub.mentoring import models as mentoring_models
from matchhub.mentoring import news as mentoring_news
from matchhub.mentoring import notices as mentoring_notices
from matchhub.mentoring import services as mentoring_services
from matchhub.mentoring import views as mentoring_views
from matchhub.oversight import jobs as oversight_jobs
from matchhub.oversight import models as oversight_models
from matchhub.oversight import news as oversight_news
from matchhub.oversight import notices as oversight_notices
from matchhub.oversight import views as oversight_views
from matchhub.oversight.queries.kept import kept_front, known_total
from matchhub.oversight.queries.pushed import became_of_pushes
from matchhub.oversight.services.figures import MORE
from matchhub.pipelines import models as pipelines_models
from matchhub.pipelines import news as pipelines_news
from matchhub.pipelines import notices as pipelines_notices
from matchhub.pipelines import services as pipelines_services
from matchhub.pipelines import views as pipelines_views
from matchhub.pipelines.views.tracker import ELSEWHERE
from matchhub.profiles import models as profiles_models
from matchhub.profiles import news as profiles_news
from matchhub.profiles import notices as profiles_notices
from matchhub.profiles import policy as profiles_policy
from matchhub.profiles import services as profiles_services
from matchhub.profiles import views as profiles_views
from matchhub.profiles.queries import DIRECTORIES, Directory
from matchhub.profiles.queries.residencies import carriers_of
from matchhub.profiles.queries.suiting import SUITING
from matchhub.profiles.views import directories as profiles_directories
from matchhub.settings import Settings

# --- tables that nothing else here imports --------------------------------------------------------------------

TABLES = (
    dictionaries,
    ledger,
    texts,
    profiles_models,
    matches_models,
    pipelines_models,
    mentoring_models,
    events_models,
    oversight_models,
)

# --- blueprints ------------------------------------------------------------------------------------------------

BLUEPRINTS = (
    account_views.bp,
    console_views.bp,
    administration_views.bp,
    auditing_views.bp,
    personal_views.bp,
    modelling_views.bp,
    public_pages.bp,
    profiles_views.bp,
    listings_views.bp,
    matches_views.bp,
    disclosure_views.bp,
    introductions_views.bp,
    pipelines_views.bp,
    mentoring_views.bp,
    events_views.bp,
    oversight_views.bp,
    importing_views.bp,
)

# --- the five places of each role (PAGES 1) --------------------------------------------------------------------

TODAY = Place(NP_("place", "今日"), "home", "console.home")
REVIEWS = Place(
    NP_("place", "审核"), "clipboard-check", "console.review_queue", ("console.review", "console.return_review")
)
FIGURES = Place(NP_("place", "成效"), "chart-bar", "console.funnel", ("console.funnel_list",))
DIRECTORY_PAGES = tuple(
    f"profiles.{name}" for listed in DIRECTORIES.values() for name in (listed.path, listed.kind.value)
)
SUGGESTIONS = Place(NP_("place", "推荐"), "bulb", "matches.suggestions", ("matches", *DIRECTORY_PAGES))
ANSWERS = Place(
    NP_("place", "推荐"), "bulb", "matches.suggestions", ("matches", "introductions")
)  # of those who are asked
EVENTS = Place(NP_("place", "活动"), "calendar-event", "events.index", ("events",))
ENTERPRISES = Place(NP_("place", "企业名录"), "building", "profiles.enterprises", DIRECTORY_PAGES)
TARGET_PAGES = tuple(f"oversight.{name}" for name in ("target", "target_versions", "set_target", "bulletin"))
TARGETS = Place(NP_("place", "目标"), "target", "oversight.targets", TARGET_PAGES)
MONITORING = Place(NP_("place", "监测"), "activity", "oversight.unanswered", ("introductions", "modelling"))
ADMINISTERED_MEMBERS = tuple(
    f"administration.{name}" for name in ("organization", "new_organization", "people", "person", "issue_reset_code")
)
ADMINISTERED_RULES = (
    *(
        f"administration.{name}"
        for name in (
            "dictionary",
            "dictionary_entry",
            "installation",
            "texts",
            "text",
            "new_text",
            "publish_text",
            "sign_in_rules",
            "add_sign_in_rule",
        )
    ),
    "modelling",
    "events.templates",
    "events.template",
)
RESIDENCY_PAGES = ("profiles.residencies", "profiles.residency", "profiles.roster")
PLACES: dict[str, tuple[Place, ...]] = {
    "enterprise": (
        TODAY,
        Place(NP_("place", "需求"), "clipboard-list", "listings.needs", ("listings",)),
        SUGGESTIONS,
        Place(NP_("place", "进展"), "list-check", "pipelines.tracker", ("pipelines", "introductions", "mentoring")),
        EVENTS,
    ),
    "investor": (
        TODAY,
        ANSWERS,
        Place(NP_("place", "看板"), "layout-kanban", "pipelines.board", ("pipelines",)),
        Place(NP_("place", "意向"), "target", "listings.offers", ("listings",)),
        EVENTS,
    ),
    "bank": (
        TODAY,
        ANSWERS,
        Place(NP_("place", "案件"), "briefcase", "pipelines.cases", ("pipelines",)),
        Place(NP_("place", "产品"), "building-bank", "listings.offers", ("listings",)),
        EVENTS,
    ),
    "mentor": (
        TODAY,
        ANSWERS,
        Place(NP_("place", "辅导"), "school", "mentoring.engagements", ("mentoring",)),
        Place(NP_("place", "时间"), "calendar", "listings.offers", ("listings",)),
        EVENTS,
    ),
    "carrier": (
        TODAY,
        Place(NP_("place", "企业"), "building", "console.firms", (*RESIDENCY_PAGES, REVIEWS.endpoint, *REVIEWS.also)),
        Place(NP_("place", "撮合"), "send", "matches.pushes", ("matches", "oversight", "introductions")),
        EVENTS,
        FIGURES,
    ),
    "district_officer": (TODAY, REVIEWS, ENTERPRISES, FIGURES, MONITORING),
    "city_officer": (TODAY, REVIEWS, TARGETS, FIGURES, MONITORING),
    "administrator": (
        Place(NP_("place", "概况"), "layout-dashboard", "administration.overview"),
        Place(NP_("place", "机构"), "building", "administration.organizations", ADMINISTERED_MEMBERS),
        Place(NP_("place", "规则"), "adjustments", "administration.dictionaries", ADMINISTERED_RULES),
        Place(NP_("place", "通知"), "mail", "administration.outbox"),
        Place(NP_("place", "运行"), "server", "administration.jobs"),
    ),
    "auditor": (
        Place(NP_("place", "概况"), "layout-dashboard", "auditing.overview"),
        Place(NP_("place", "记录"), "history", "auditing.events", ("auditing.refusals",)),
        Place(NP_("place", "授权"), "key", "auditing.consents"),
    ),
    "visitor": (
        Place(NP_("place", "首页"), "home", "console.home"),
        EVENTS,
        Place(NP_("place", "导师"), "school", "profiles.mentors", ("profiles.mentor",)),
        Place(NP_("place", "怎么用"), "help", "public.guides_index", ("public.guide",)),
        Place(NP_("place", "登录"), "user", "accounts.session_form"),
    ),
}

# --- notices ---------------------------------------------------------------------------------------------------

NOTICE_KINDS: tuple[outbox.NoticeKind, ...] = (
    *account_kinds.ALL,
    digests.WEEKLY,
    *profiles_notices.NOTICE_KINDS,
    *listings_notices.KINDS,
    *introductions_notices.KINDS,
    *pipelines_notices.KINDS,
    *mentoring_notices.KINDS,
    *matches_notices.KINDS,
    matches_searches.FOUND,
    *events_guest_notices.addressed(events_notices.KINDS),
    *events_guest_notices.KINDS,
    *events_pitch_notices.KINDS,
    *events_invitation_notices.KINDS,
    *oversight_notices.KINDS,
)

# --- jobs of the worker ----------------------------------------------------------------------------------------

PAGES_KEPT = timedelta(days=30)


def sweep_pages(now: datetime) -> int:
    """Remove the pictures of documents that nobody has opened for long; they are drawn again when somebody does."""
    settings: Settings = current_app.extensions["matchhub"]
    return pages.sweep(settings.pages_dir, older_than=(now - PAGES_KEPT).timestamp())


PAGES_SWEPT = Job("document_pages", sweep_pages, N_("清理看过的材料页面"), hour=4)
JOBS: tuple[Job, ...] = (
    PAGES_SWEPT, mail.DELIVERY, mail.DIGESTS, *listings_jobs.JOBS, *matches_jobs.JOBS, *introductions_jobs.JOBS,
    *events_jobs.JOBS, *oversight_jobs.JOBS,
)  # fmt: skip

# --- what an agreement starts, by kind of pairing ---------------------------------------------------------------

ACCEPT_HANDLERS: dict[PairingKind, Callable[..., Any]] = {
    PairingKind.EQUITY: pipelines_services.open_deal,
    PairingKind.CREDIT: pipelines_services.open_case,
    PairingKind.MENTORING: mentoring_services.open_engagement,
}


def connect(app: Flask) -> None:
    """Put the features together. Start-up fails here when a kind of pairing lacks its accept handler."""
    if missing := set(PairingKind) - set(ACCEPT_HANDLERS):
        raise LookupError(f"no accept handler for {', '.join(sorted(missing))}")
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    outbox.KINDS.add(*NOTICE_KINDS)
    digests.AUTHORS.of_chapters = [introductions_digest.chapter, matches_fresh.chapter, account_digest.chapter]
    LISTS.add(matches_fresh.SUGGESTIONS, *map(directory_search, DIRECTORIES.values()))
    LINKS.use([app.config["SECRET_KEY"], *app.config["SECRET_KEY_FALLBACKS"]])
    app.extensions["matchhub_jobs"] = JOBS
    held: Settings = app.extensions["matchhub"]
    matches_engine.keep_at(app.config["SQLALCHEMY_DATABASE_URI"], held.data_dir, held.compute)
    listen()
    ui.NAVIGATION.places_of = places_of
    ui.NAVIGATION.viewer_of = account_layout.viewer
    ask_above()
    identity.init_app(app)
    account_layout.init_app(app)
    provider.init_app(app)
    taking.init_app(app)
    if app.extensions["matchhub"].is_development:
        app.register_blueprint(development.bp)


def ask_above() -> None:
    """Who answers the questions of lower features."""
    STEWARDSHIP.carriers_of = carriers_of
    TOTALS.of = known_total
    MORE.of_trail = auditing_queries.trail_figures
    FATES.counts, FATES.front = became_of_pushes, kept_front
    ELSEWHERE.rows = events_tracked.rows
    SUITING.owners = matches_engine.owners_of_suited
    PROPOSALS.read = modelling_queries.proposals


def directory_search(listed: Directory) -> SearchableList:
    """A directory as a list whose filter can be saved."""
    return SearchableList(
        listed.path, listed.title, f"/{listed.path}",
        lambda actor: profiles_policy.POLICY.allows(profiles_policy.Permission.BROWSE, actor),
        lambda actor, query, span: profiles_directories.new_on(listed, actor, query, span.since),
    )  # fmt: skip


def listen() -> None:
    """Who hears what, in this order, in the publisher's transaction."""
    news.NEWSROOM.clear()
    news.subscribe(outbox.NoticeWritten, account_robots.tell_groups)
    _profiles_listen()
    _listings_listen()
    _matches_listen()
    _introductions_listen()
    _events_listen()


def _matches_listen() -> None:
    """What changes is compared again, in the background."""
    heard = matches_listing_news
    news.subscribe(listings_news.NeedPublished, heard.need_changed)
    news.subscribe(listings_news.NeedChanged, heard.need_changed)
    news.subscribe(listings_news.NeedUnavailable, heard.need_unavailable)
    news.subscribe(listings_news.OfferPublished, heard.offer_changed)
    news.subscribe(listings_news.OfferChanged, heard.offer_changed)
    news.subscribe(listings_news.OfferUnavailable, heard.offer_unavailable)
    news.subscribe(matches_news.PairsPushed, matches_notices.on_pushed)
    news.subscribe(oversight_news.PairReminded, oversight_notices.on_reminded)
    news.subscribe(profiles_news.ProfileChanged, heard.firm_changed)
    news.subscribe(profiles_news.ResidencyChanged, heard.firm_changed)
    news.subscribe(profiles_news.BlockChanged, heard.firm_changed)


def _introductions_listen() -> None:
    """Agreements open deals, credit cases and engagements, endings end them; the two parties are told."""
    told = introductions_news
    news.subscribe(told.RequestDelivered, introductions_notices.on_delivered)
    news.subscribe(told.IntroductionAccepted, start_what_was_agreed, introductions_notices.on_accepted)
    news.subscribe(told.IntroductionDeclined, introductions_notices.on_declined)
    news.subscribe(told.IntroductionEnded, end_what_was_started, introductions_notices.on_ended)
    news.subscribe(told.MessageWritten, introductions_notices.on_message)
    news.subscribe(told.MeetingChanged, introductions_notices.on_meeting)
    news.subscribe(told.MeetingHeld, note_meeting)
    news.subscribe(disclosure_news.ConsentWithdrawn, end_for_consent)
    news.subscribe(accounts_news.OrganizationClaimed, start_clocks)
    news.subscribe(accounts_news.OrganizationClosed, end_introductions, disclosure_services.follow_closure)
    news.subscribe(
        accounts_news.OrganizationMerged,
        disclosure_services.follow_merge,
        introductions_services.follow_merge,
        pipelines_services.follow_merge,
        pipelines_services.cases_follow_merge,
        pipelines_services.outcomes_follow_merge,
        mentoring_services.follow_merge,
        events_services.follow_merge,
    )
    news.subscribe(listings_news.NeedUnavailable, introductions_services.follow_need)
    news.subscribe(listings_news.OfferUnavailable, introductions_services.follow_offer)
    news.subscribe(pipelines_news.OutcomeChanged, pipelines_notices.on_outcome)
    news.subscribe(pipelines_news.OutcomeConfirmed, mentoring_services.finish_with, pipelines_notices.on_confirmed)
    news.subscribe(pipelines_news.CaseChanged, pipelines_notices.on_case)
    news.subscribe(mentoring_news.SessionChanged, mentoring_notices.on_session)
    news.subscribe(mentoring_news.EngagementChanged, mentoring_notices.on_engagement)


def _events_listen() -> None:
    """People hear of their place, of changes, and before the start."""
    news.subscribe(events_news.RegistrationChanged, events_services.follow_registration, events_notices.on_registration)
    news.subscribe(events_news.ChangeDue, events_notices.on_change)
    news.subscribe(events_news.CallDue, events_pitch_notices.on_call)
    news.subscribe(events_news.ReminderDue, events_notices.on_reminder)
    news.subscribe(events_news.MeetingsTold, events_notices.on_meetings)
    news.subscribe(events_news.FeedbackDue, events_notices.on_feedback)
    news.subscribe(events_news.FollowUpDue, events_notices.on_follow_up)
    news.subscribe(pipelines_news.OutcomeConfirmed, events_services.follow_result)
    news.subscribe(introductions_news.IntroductionRequested, events_services.follow_request)
    news.subscribe(introductions_news.IntroductionEnded, events_services.follow_ending)
    news.subscribe(introductions_news.IntroductionDeclined, events_services.follow_ending)
    news.subscribe(events_news.EventHeld, events_services.present_by_plan)
    news.subscribe(events_news.PitchTimed, events_pitch_notices.on_timed)
    news.subscribe(events_news.ApplicationChanged, events_pitch_notices.on_application)
    news.subscribe(events_news.InvitationDue, events_invitation_notices.on_invitation)
    news.subscribe(events_news.ReviewerNamed, events_pitch_notices.on_reviewer)
    news.subscribe(events_news.JurorNamed, events_pitch_notices.on_juror)
    news.subscribe(events_news.GuestAsked, events_guest_notices.on_guest)
    news.subscribe(events_news.AvailabilityAsked, events_guest_notices.on_availability)
    news.subscribe(accounts_news.AddressProven, take_guest_places_over)
    news.subscribe(accounts_news.PersonErased, forget_person)


def take_guest_places_over(item: accounts_news.AddressProven, *, now: datetime) -> None:
    events_services.take_over_all(item.user.id, item.email, now=now)


def forget_person(item: accounts_news.PersonErased, *, now: datetime) -> None:
    events_services.forget_person(item.user_id, item.addresses, now=now)
    profiles_services.forget_contact(item.addresses, now=now)
    matches_searches.forget_searches(item.user_id, now=now)
    pipelines_services.forget_views(item.user_id, now=now)


def start_what_was_agreed(item: introductions_news.IntroductionAccepted, *, now: datetime) -> None:
    ACCEPT_HANDLERS[item.introduction.kind](item.introduction, now=now)


def end_what_was_started(item: introductions_news.IntroductionEnded, *, now: datetime) -> None:
    pipelines_services.end_with(item.introduction.id, now=now)
    pipelines_services.end_case_with(item.introduction.id, now=now)
    mentoring_services.end_with(item.introduction.id, now=now)


def note_meeting(item: introductions_news.MeetingHeld, *, now: datetime) -> None:
    pipelines_services.note_meeting(item.meeting.introduction_id, now=now)


def end_for_consent(item: disclosure_news.ConsentWithdrawn, *, now: datetime) -> None:
    introductions_services.end_for_consent(item.consent, now=now)
    events_services.end_for_consent(item.consent, now=now)


def start_clocks(item: accounts_news.OrganizationClaimed, *, now: datetime) -> None:
    introductions_services.start_clocks(item.organization.id, now=now)


def end_introductions(item: accounts_news.OrganizationClosed, *, now: datetime) -> None:
    introductions_services.end_all_of(item.organization.id, now=now)


def _profiles_listen() -> None:
    """Profiles follow their organizations; firms and carriers are told."""
    news.subscribe(accounts_news.OrganizationRegistered, profiles_services.on_registered)
    news.subscribe(accounts_news.OrganizationVerified, profiles_services.on_verified)
    news.subscribe(accounts_news.OrganizationClosed, profiles_services.on_closed)
    news.subscribe(accounts_news.OrganizationMerged, profiles_services.on_merged)
    news.subscribe(profiles_news.ProfileSubmitted, profiles_notices.on_submitted)
    news.subscribe(profiles_news.ProfilePublished, profiles_notices.on_published)
    news.subscribe(profiles_news.ProfileReturned, profiles_notices.on_returned)
    news.subscribe(profiles_news.ResidencyAsked, profiles_notices.on_asked)
    news.subscribe(profiles_news.ResidencyAnswered, profiles_notices.on_answered)
    news.subscribe(profiles_news.ComplaintMade, profiles_notices.on_complained)
    news.subscribe(profiles_news.ComplaintAnswered, profiles_notices.on_complaint_answered)


def _listings_listen() -> None:
    """Needs and offers follow their owners; the owners are told."""
    news.subscribe(profiles_news.ResidencyChanged, listings_services.follow_residency)
    news.subscribe(accounts_news.OrganizationClosed, listings_services.follow_closure)
    news.subscribe(accounts_news.OrganizationMerged, listings_services.follow_merge, matches_pushes.follow_merge)
    news.subscribe(listings_news.NeedSubmitted, listings_notices.tell_submitted)
    news.subscribe(listings_news.NeedBrought, listings_notices.tell_brought)
    news.subscribe(listings_news.NeedReturned, listings_notices.tell_returned)
    news.subscribe(listings_news.NeedApproved, listings_notices.tell_approved)
    news.subscribe(listings_news.NeedExpiring, listings_notices.tell_need_expiring)
    news.subscribe(listings_news.NeedExpired, listings_notices.tell_need_expired)
    news.subscribe(listings_news.OfferExpiring, listings_notices.tell_offer_expiring)
    news.subscribe(listings_news.OfferExpired, listings_notices.tell_offer_expired)


def places_of(actor: Actor) -> Sequence[Place]:
    """The places of the actor's role; bureau roles by role, the others by the kind of their organization."""
    if not actor.is_known:
        return PLACES["visitor"]
    return PLACES.get(actor.role, ()) or PLACES.get(actor.organization_kind, (TODAY,))
