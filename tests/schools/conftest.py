"""Who the tests of the administrators' pages are about."""

import pytest

from schools.enums import Role, UnitKind
from schools.models import User
from tests.factories import MembershipFactory, UnitFactory, person


@pytest.fixture
def staff(place):
    """One person for every role, in the county's section."""
    made = {role: person(role, place.section, name=f"{role.label}示例") for role in Role}
    made["technical"] = User.objects.create_superuser("technical", name="技术账号")
    return made


@pytest.fixture
def elsewhere(db):
    bureau = UnitFactory(name="邻县教育局", kind=UnitKind.BUREAU)
    return MembershipFactory(unit=UnitFactory(name="邻县小学", parent=bureau), user__name="邻示例")


@pytest.fixture
def signed_in(client, staff):
    def sign_in(role):
        client.force_login(staff[role])
        return client

    return sign_in
