"""The sink of `make run`: it takes what a mail server and robots take, keeps it, and shows it safely."""

import smtplib
import threading
from email.message import EmailMessage

import pytest
import requests
from aiosmtpd.controller import Controller

from dev import checks, environment
from dev.mailsink import mail, pages, store, web

PHONE = "http://127.0.0.1:8000/work/"


@pytest.fixture
def kept(tmp_path):
    kept = store.Store(tmp_path / "messages.sqlite3")
    yield kept
    kept.close()


@pytest.fixture
def post(kept):
    controller: Controller = mail.server(kept, checks.free_port())
    controller.start()
    yield controller.port
    controller.stop()


@pytest.fixture
def address(kept):
    with web.Server(kept, 0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def letter(subject: str = "今日待办", body: str = f"请报送：\n{PHONE}\n", to: str = "school001@example.com"):
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = "portal@localhost", to, subject
    made.set_content(body)
    return made


def send(port: int, *letters: EmailMessage) -> None:
    with smtplib.SMTP("127.0.0.1", port) as line:
        for one in letters:
            line.send_message(one)


def subjects(kept: store.Store, tab: str = store.MAILS, **asked: object) -> list[str]:
    return [row.subject for row in kept.page(tab, **asked)]


def test_a_mail_is_taken_and_read_in_the_browser(post, address):
    send(post, letter())
    listed = requests.get(address, timeout=5).text
    assert [word in listed for word in ("今日待办", "school001@example.com", "portal@localhost")] == [
        True
    ] * 3
    shown = requests.get(f"{address}/mails/1", timeout=5).text
    assert f'请报送：\n<a href="{PHONE}" rel="noreferrer">{PHONE}</a></pre>' in shown


def test_newest_come_first_and_some_are_found_by_receiver_or_title(post, kept):
    send(post, letter("甲"), letter("乙", to="head001@example.com"), letter("丙"))
    assert subjects(kept) == ["丙", "乙", "甲"]
    assert (subjects(kept, asked="head001"), subjects(kept, asked="丙")) == (["乙"], ["丙"])
    assert (subjects(kept, asked="%"), subjects(kept, asked="_")) == ([], [])


def test_what_was_taken_survives_a_restart(tmp_path, post, kept):
    send(post, letter())
    again = store.Store(tmp_path / "messages.sqlite3")
    assert subjects(again) == ["今日待办"]
    again.close()


def test_the_oldest_make_room_on_their_own_tab(tmp_path):
    small = store.Store(tmp_path / "small.sqlite3", kept=3)
    for number in range(5):
        small.take(store.MAILS, sender="甲", receiver="乙", subject=str(number), body="")
    small.take(store.GROUPS, sender="甲", receiver="乙", subject="群", body="")
    assert (subjects(small), subjects(small, store.GROUPS)) == (["4", "3", "2"], ["群"])
    small.close()


def test_long_lists_come_in_pages(kept, address):
    for number in range(store.PER_PAGE + 1):
        kept.take(store.MAILS, sender="甲", receiver="乙", subject=f"第{number}封", body="")
    second = requests.get(f"{address}/mails?page=2", timeout=5).text
    assert ("第0封" in second, "第1封" in second) == (True, False)
    assert f"共{store.PER_PAGE + 1}条，第2/2页" in second


@pytest.mark.parametrize(
    "raw",
    [
        b"Subject: \xff\xfe\r\n\r\n\xff\xfe",
        b"Content-Type: text/plain; charset=none-such\r\n\r\nwords",
        b"Content-Type: multipart/mixed\r\n\r\nno boundary",
        b"From: <<>>\r\nSubject: =?utf-8?b?!!!?=\r\n\r\n",
        b"",
    ],
)
def test_a_mail_that_cannot_be_read_is_taken_all_the_same(post, kept, raw):
    with smtplib.SMTP("127.0.0.1", post) as line:
        line.sendmail("a@example.com", ["b@example.com"], raw)
    assert kept.page(store.MAILS)[0].receiver == "b@example.com"


def test_nothing_that_comes_is_markup(post, kept, address):
    evil = "<script>alert(1)</script>\"'&"
    send(post, letter(evil, f'{evil} javascript:alert(1) https://a.example/"onclick=x'))
    kept.take(store.MAILS, sender=evil, receiver=evil, subject=evil, body=evil)
    for path in ("", "/mails/1", "/mails/2", f"/mails?q={evil}"):
        answer = requests.get(f"{address}{path}", timeout=5)
        assert ("<script" in answer.text, 'href="javascript' in answer.text) == (False, False)
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'self'")
    assert pages.linked('https://a.example/"x').startswith('<a href="https://a.example/" rel')


ROBOTS = [
    ("/robot/send?timestamp=1&access_token=abc&sign=x", {"msgtype": "text", "text": {"content": "尚有12所"}}),
    ("/cgi-bin/webhook/send?key=abc", {"msgtype": "text", "text": {"content": "尚有12所"}}),
    ("/open-apis/bot/v2/hook/abc", {"msg_type": "text", "content": {"text": "尚有12所"}}),
]


@pytest.mark.parametrize(("path", "said"), ROBOTS)
def test_robots_are_answered_with_success_in_their_own_words(path, said, address, kept):
    answer = requests.post(f"{address}{path}", json=said, timeout=5).json()
    assert answer.get("errcode", answer.get("code")) == 0
    row = kept.one(store.GROUPS, 1)
    assert (row.subject, row.body, row.receiver) == ("尚有12所", "尚有12所", "工作群 abc")
    listed = requests.get(f"{address}/groups", timeout=5).text
    assert "尚有12所" in listed


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/mails/1", 404),
        ("/mails/../../secret_key", 404),
        ("/%2e%2e/%2e%2e/etc/passwd", 404),
        ("/messages.sqlite3", 404),
        ("/mails/99999999999999999999", 404),
        ("/mails?page=0", 200),
        ("/mails?page=-1", 200),
        ("/style.css", 200),
    ],
)
def test_no_path_leads_to_a_file(address, path, status):
    asked = requests.Request("GET", address).prepare()
    asked.url = f"{address}{path}"
    assert requests.Session().send(asked, timeout=5).status_code == status


def test_only_a_browser_that_means_this_machine_is_answered(address):
    def asked(host: str, **post: object) -> int:
        return requests.request(
            "POST" if post else "GET",
            address + "/robot/send?access_token=a",
            headers={"Host": host},
            timeout=5,
            **post,
        ).status_code

    assert (asked("portal.example"), asked("127.0.0.1.evil.example")) == (421, 421)
    assert (asked("portal.example", json={}), asked("localhost:1", json={})) == (421, 200)
    assert asked("localhost", data=b'{"text": {}}') == 415
    assert asked("localhost", json={"text": "x" * 70_000}) == 413
    assert asked("localhost", json=[]) == 400


def test_ports_that_are_taken_are_passed_by():
    sink = environment.Sink.beside(checks.free_port())
    with web.Server(None, sink.http):
        other = environment.Sink.beside(sink.http - 1)
    assert other.http not in (sink.http, sink.smtp)
    assert environment.Sink.beside(65535).http < 65536


def test_the_demo_sends_to_the_sink_and_links_to_the_portal(tmp_path, monkeypatch):
    for name in ("EMAIL_URL", "CSRF_TRUSTED_ORIGINS", "DINGTALK_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("WECOM_URL", "http://robots.example")
    data = environment.Data(tmp_path)
    sink = environment.Sink(smtp=8002, http=8001)
    made = environment.for_demo(data, {}, environment.with_sink(sink, "http://127.0.0.1:8000"))
    wanted = {
        "EMAIL_URL": "smtp://127.0.0.1:8002",
        "CSRF_TRUSTED_ORIGINS": "http://127.0.0.1:8000",
        "DINGTALK_URL": "http://127.0.0.1:8001",
        "WECOM_URL": "http://robots.example",
        "FEISHU_URL": "http://127.0.0.1:8001",
    }
    assert {name: made[name] for name in wanted} == wanted
