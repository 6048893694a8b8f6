import numpy as np
import pytest

from matchhub.matcher import DottedTree, Kin, Ladder, RegionTree, Same

REGIONS = RegionTree({"EZ-GD": "420700"})


@pytest.mark.parametrize(
    ("code", "path"),
    [
        ("420704", ("CN", "42", "4207", "420704")),
        ("420700", ("CN", "42", "4207")),
        ("420000", ("CN", "42")),
        ("100000", ("CN",)),
        ("EZ-GD", ("CN", "42", "4207", "EZ-GD")),
        ("EZ-LK", ("EZ-LK",)),
    ],
)
def test_a_district_lies_in_its_city_in_its_province_in_the_country(code, path):
    assert REGIONS.path(code) == path


@pytest.mark.parametrize(
    ("asked", "offered", "nearness"),
    [
        ("420704", "420704", 1),
        ("420704", "420000", 1),
        ("EZ-GD", "420700", 1),
        ("420704", "420702", 0.6),
        ("420704", "420100", 0.3),
        ("420704", "310115", 0.1),
        ("420000", "420704", 0.3),
        ("EZ-LK", "420000", 0),
    ],
)
def test_who_covers_a_province_covers_its_districts_but_not_the_other_way(asked, offered, nearness):
    kin = Kin(REGIONS, (0, 0.1, 0.3, 0.6))

    assert kin.nearness((asked,), (offered,))[0, 0] == pytest.approx(nearness)


@pytest.mark.parametrize(
    ("asked", "offered", "nearness"),
    [
        ("new_materials.carbon_fibre", "new_materials.carbon_fibre", 1),
        ("new_materials.carbon_fibre", "new_materials", 1),
        ("new_materials.carbon_fibre", "new_materials.membranes", 0.6),
        ("new_materials", "new_materials.membranes", 0.6),
        ("new_materials", "health", 0),
    ],
)
def test_a_sub_industry_is_near_its_siblings_and_inside_its_parent(asked, offered, nearness):
    assert Kin(DottedTree(), (0, 0.6)).nearness((asked,), (offered,))[0, 0] == pytest.approx(nearness)


def test_rounds_fall_off_by_the_step_and_a_strategic_round_is_near_itself_only():
    ladder = Ladder(("seed", "angel", "a", "b"), step=0.5, reach=2)

    near = ladder.nearness(("seed", "strategic"), ("seed", "angel", "a", "b", "strategic"))

    np.testing.assert_allclose(near, [[1, 0.5, 0.25, 0, 0], [0, 0, 0, 0, 1]])


def test_plain_codes_are_the_same_or_not():
    assert Same().nearness(("a", "b"), ("b",)).tolist() == [[0], [1]]
