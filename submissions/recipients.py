"""Who is told that a unit has not handed in: its own people, those who answer for it, the office."""

from collections.abc import Iterable

from django.db.models import Q

from campaigns.enums import LeadershipRole, Told
from campaigns.models import Campaign
from schools.enums import Role
from schools.models import Membership, Unit
from schools.responsibility import answering_for_each

#: Ids of people by the id of a unit.
People = dict[int, set[int]]


def above(told: Told, units: Iterable[Unit], campaign: Campaign) -> People:
    """People outside the units whom a rung tells of them: 包挂领导, 包挂科室 or the office.

    Only people in use; a bounded number of queries however many units.
    """
    units = list(units)
    if told == Told.OFFICE:
        office = _office(campaign)
        return {unit.pk: office for unit in units}
    answers = answering_for_each(units)
    if told == Told.LEADER:
        return {pk: {one.leader.pk for one in found if one.leader} for pk, found in answers.items()}
    sections = {one.section.pk for found in answers.values() for one in found if one.leader is None}
    posts = Membership.objects.in_post().filter(unit__in=sections).select_related("scope")
    staff: dict[int, list[Membership]] = {}
    for post in posts:
        staff.setdefault(post.unit_id, []).append(post)
    return {
        unit.pk: {
            person
            for one in answers[unit.pk]
            if one.leader is None
            for person in _of_section(staff.get(one.section.pk, []), unit)
        }
        for unit in units
    }


def _of_section(posts: list[Membership], unit: Unit) -> set[int]:
    """Those of a section who oversee the unit; where nobody does, its heads and secretaries: the map has
    given them the unit, and they learn no more than that it is late."""
    overseers = {
        post.user_id
        for post in posts
        if post.role in Role.overseeing() and unit.path.startswith(post.scope.path)
    }
    return overseers or {post.user_id for post in posts if post.role in Role.own_unit()}


def _office(campaign: Campaign) -> set[int]:
    """领导小组办公室: its head where one is named, and the people who oversee from the unit it sits in; where
    that is nobody, the host's officers."""
    heads = campaign.leadership.filter(role=LeadershipRole.OFFICE_HEAD, user__is_active=True)
    seated = (
        Membership.objects.in_post(*Role.overseeing()).filter(unit=campaign.office)
        if campaign.office_id
        else []
    )
    found = set(heads.values_list("user", flat=True)) | {post.user_id for post in seated}
    if found:
        return found
    officers = Membership.objects.in_post(Role.OFFICER).filter(Q(scope=campaign.host) | Q(unit=campaign.host))
    return set(officers.values_list("user", flat=True))
