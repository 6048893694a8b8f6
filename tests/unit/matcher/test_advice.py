import pytest

from matchhub.matcher import Counts, equity, Matcher, Table


def funds(*tickets, **more):
    return Table.of(
        range(len(tickets)),
        numbers={"ticket_min": list(tickets), "reply_days": [3] * len(tickets)},
        sets={"industries": [["health"]] * len(tickets), "rounds": [["a"]] * len(tickets), **more},
    )


def need(amount=None, industries=("health",), rounds=("a",)):
    return Table.of(
        ["青禾医疗"],
        numbers={"amount_min": [amount], "amount_max": [amount]},
        sets={"industries": [list(industries)], "round": [list(rounds)]},
    )


def fitted(offers):
    return Matcher(equity()).fit(need(), offers)


def test_the_counter_divides_all_offers():
    offers = funds(1e6, 1e6, 1e8, must=[None, ["region"], ["amount"]], regions=[None, ["420000"], None])

    assert fitted(offers).count(need(2e6), offers) == Counts(fit=1, maybe=1, failed=1)


def test_a_need_that_says_nothing_fits_nobody_for_certain():
    offers = funds(1e6, 1e6)

    assert fitted(offers).count(need(None, (), ()), offers) == Counts(fit=0, maybe=2, failed=0)


def test_an_offer_counts_the_needs_that_fit_it(needs, offers):
    matcher = Matcher(equity()).fit(needs, offers)

    counts = matcher.count(needs, offers.take([0]))

    assert counts.fit == 1
    assert counts.fit + counts.maybe + counts.failed == len(needs)


def test_the_counter_counts_what_the_list_shows(needs, offers):
    matcher = Matcher(equity()).fit(needs, offers)
    counts = matcher.count(needs.take([0]), offers)
    shown = matcher.rank(needs.take([0]), offers, k=99).by_need

    assert counts.fit + counts.maybe <= len(shown)
    assert counts.fit + counts.maybe + counts.failed == len(offers)


def test_the_missing_fact_that_most_offers_ask_for_comes_first():
    offers = funds(1e6, 1e6, None, regions=[["420000"], None, None])

    told = fitted(offers).additions(need(None), offers)

    assert [(addition.feature, addition.offers) for addition in told.additions] == [("amount", 2), ("region", 1)]
    assert told.additions[0].effect == pytest.approx(2 * told.additions[0].weight)


def test_a_fact_that_is_told_is_not_asked_for_again():
    offers = funds(1e6)

    assert fitted(offers).additions(need(1e6), offers).additions == ()


def test_raising_the_amount_is_suggested_with_how_many_more_it_gives():
    offers = funds(1e6, 1e7, 1e7, must=[None, ["amount"], ["amount"]])

    told = fitted(offers).additions(need(2e6), offers)

    assert [(lever.column, lever.value, lever.more) for lever in told.levers] == [("amount_max", 1e7, 2)]


def test_a_lever_keeps_its_promise():
    offers = funds(1e6, 1e7, 1e7, must=[None, ["amount"], ["amount"]])
    matcher = fitted(offers)
    asked = need(2e6)
    lever = matcher.additions(asked, offers).levers[0]

    moved = asked.with_numbers(lever.column, [lever.value])

    assert matcher.count(moved, offers).fit == matcher.count(asked, offers).fit + lever.more


def test_no_lever_where_no_amount_is_told():
    offers = funds(1e6, 1e7)

    assert fitted(offers).additions(need(None), offers).levers == ()


def test_the_fact_that_would_change_the_list_comes_first_though_fewer_ask_for_it():
    """All twenty ask for a region, and all for the same; ten ask for a round that only they take."""
    offers = Table.of(
        range(20),
        sets={
            "industries": [["health"]] * 20,
            "regions": [["420000"]] * 20,
            "rounds": [None] * 10 + [["b"]] * 10,
        },
    )  # fmt: skip
    asked = Table.of(["青禾医疗"], sets={"industries": [["health"]]})
    peers = Table.of(
        range(3), sets={"industries": [["health"]] * 3, "round": [["b"], ["b"], None], "region": [["420704"]] * 3}
    )
    matcher = Matcher(equity()).fit(asked, offers)

    plain = matcher.additions(asked, offers).additions
    tried = matcher.additions(asked, offers, peers=peers).additions

    assert plain[0].feature == "region"
    assert [(one.feature, one.effect) for one in tried] == [("round", 10.0), ("region", 0.0)]


def test_what_is_supposed_is_what_the_list_would_really_be():
    offers = Table.of(range(20), sets={"industries": [["health"]] * 20, "rounds": [["a"]] * 10 + [["b"]] * 10})
    asked = Table.of(["青禾医疗"], sets={"industries": [["health"]]})
    peers = Table.of(range(2), sets={"industries": [["health"]] * 2, "round": [["b"]] * 2})
    matcher = Matcher(equity()).fit(asked, offers)

    addition = matcher.additions(asked, offers, peers=peers).additions[0]

    told = Table.of(["青禾医疗"], sets={"industries": [["health"]], "round": [["b"]]})
    before, after = (set(matcher.rank(one, offers, 10).by_need.offer.tolist()) for one in (asked, told))
    assert (addition.feature, addition.effect) == ("round", len(after - before) * 1.0)
    assert addition.effect == 10


def test_where_no_peer_speaks_nothing_is_supposed():
    offers = funds(1e6, 1e6)
    silent = Table.of(["x"], sets={"industries": [None]})

    told = fitted(offers).additions(need(None), offers, peers=silent).additions

    assert {one.effect for one in told} == {0.0}
