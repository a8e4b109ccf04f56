"""What production is made of: no secret leaves the machine, nginx can read, the portal is no superuser."""

import os

from dev.folders import ROOT


def lines(name):
    return [line.strip() for line in (ROOT / name).read_text().splitlines()]


def test_keys_and_passwords_stay_out_of_git_and_of_the_image():
    assert {"/deploy/tls/", "/deploy/production.env", ".env"} <= set(lines(".gitignore"))
    assert {"deploy/tls", "deploy/production.env", ".env", "**/.env"} <= set(lines(".dockerignore"))


def test_nginx_may_walk_into_the_uploaded_files():
    made = [line for line in lines("Dockerfile") if "install -d" in line and "/srv/media" in line]
    assert made
    assert all("-m 0755" in line for line in made)
    assert "chmod 0755 /srv/media" in (ROOT / "compose.yaml").read_text()


def test_nginx_refuses_in_chinese_what_is_too_large():
    said = (ROOT / "deploy" / "413.html").read_text()
    assert "一次上传的内容超过200 MB，请减少文件或分几次上传。" in said
    assert "style" not in said
    assert "error_page 413 /413.html;" in lines("deploy/nginx.conf")
    assert "./deploy/413.html:/usr/share/nginx/portal/413.html:ro" in (ROOT / "compose.yaml").read_text()


def test_nginx_lets_through_what_the_portal_allows(settings):
    limit = next(line for line in lines("deploy/nginx.conf") if line.startswith("client_max_body_size 2"))
    assert int(limit.split()[1].rstrip("m;")) * 1024**2 > settings.UPLOAD_MAX_REQUEST_BYTES


def test_nginx_tells_the_address_that_it_saw_itself():
    assert "proxy_set_header X-Forwarded-For $remote_addr;" in lines("deploy/nginx.conf")
    assert 'PROXY_COUNT: "1"' in lines("compose.yaml")


def test_the_portal_is_not_superuser_of_its_database():
    compose = (ROOT / "compose.yaml").read_text()
    assert "POSTGRES_USER: postgres" in compose
    assert "postgres://portal:${POSTGRES_PASSWORD" in compose
    assert "./deploy/postgres-init.sh:/docker-entrypoint-initdb.d/" in compose
    script = ROOT / "deploy" / "postgres-init.sh"
    assert os.access(script, os.X_OK)
    assert "CREATE ROLE portal LOGIN NOSUPERUSER" in script.read_text()


def test_the_addresses_of_calendars_are_in_no_log():
    found = lines("deploy/nginx.conf")
    place = found.index("location ~ ^/calendar/.+\\.ics$ {")
    assert found[place + 1] == "access_log off;"
    assert [line for line in lines("Dockerfile") if "access-log" in line] == []
