"""Which mail servers may be entered: names and addresses, and in production none on this machine."""

import pytest

from notices.admin import channel_forms
from schools.enums import Role
from tests import pages
from tests.factories import person
from tests.pages import address, errors

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client, place):
    client.force_login(person(Role.SYSTEM, place.section))
    return client


def add_mail(desk, place, host):
    where = f"{address('notices_channel', 'add')}?kind=mail"
    typed = {"unit": place.bureau.pk, "name": "邮件", "host": host, "sender": "a@example.cn"}
    return desk.post(where, pages.filled(desk.get(where), "channel_form", **typed))


@pytest.mark.parametrize(
    ("host", "is_one"),
    [
        ("smtp.example.edu.cn", True),
        ("mail", True),
        ("10.0.8.25", True),
        ("2001:db8::25", True),
        ("a..b", False),
        ("a.-b.cn", False),
        ("a_b.cn", False),
        (f"{'a' * 64}.cn", False),
        ("1.2.3.999", False),
        ("127.1", False),
        ("2130706433", False),
        (":::", False),
        ("fe80::1%eth0", False),
        ("smtp.example.cn.", False),
        ("", False),
    ],
)
def test_which_names_a_server_may_have(host, is_one):
    assert channel_forms.is_host(host) == is_one


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1", "::", "169.254.169.254", "LocalHost"]
)
def test_in_production_this_machine_is_no_mail_server(desk, place, settings, host):
    settings.LOCAL = False
    assert errors(add_mail(desk, place, host)) == [channel_forms.INNER_HOST]
    settings.LOCAL = True
    assert add_mail(desk, place, host).status_code == 302


def test_in_production_a_server_within_the_bureau_is_one(desk, place, settings):
    settings.LOCAL = False
    assert add_mail(desk, place, "192.168.3.25").status_code == 302
