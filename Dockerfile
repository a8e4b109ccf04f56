# The portal for production: web, worker, beat and one-off commands are the same image.
# Build: docker compose build

FROM node:20-bookworm-slim AS frontend
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --omit=optional

FROM python:3.11-slim-bookworm AS packages
COPY requirements.txt /build/
RUN python -m venv /opt/venv \
    && /opt/venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r /build/requirements.txt

FROM python:3.11-slim-bookworm
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=portal.settings \
    MEDIA_ROOT=/srv/media \
    STATIC_ROOT=/srv/static
# /srv/media is open to reading: nginx sends the files from there and runs as another user.
RUN groupadd --gid 10001 portal \
    && useradd --uid 10001 --gid portal --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin portal \
    && install -d -o portal -g portal -m 0755 /srv/media \
    && install -d -o portal -g portal -m 0755 /srv/static /srv/app
WORKDIR /srv/app
COPY --from=packages /opt/venv /opt/venv
COPY . .
COPY --from=frontend /build/node_modules node_modules
# Collecting needs settings that load, and none of these values ends up in the image.
RUN python -m compileall -q . \
    && SECRET_KEY=only-for-collectstatic DATABASE_URL=postgres://nobody@localhost/none \
       REDIS_URL=redis://localhost:6379/0 ALLOWED_HOSTS=localhost \
       python manage.py collectstatic --noinput --verbosity 0 --ignore "echarts.[!m]*"
USER portal
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=4 \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/readyz', timeout=4)"]
# Worker files in memory: gunicorn's heartbeat must not wait for a disk. No log of requests: nginx keeps one,
# which leaves out the addresses of calendars; whoever knows such an address may read the calendar.
CMD ["gunicorn", "portal.wsgi:application", "--bind", "0.0.0.0:8000", "--worker-class", "gthread", \
     "--workers", "2", "--threads", "8", "--timeout", "120", "--graceful-timeout", "30", \
     "--max-requests", "5000", "--max-requests-jitter", "500", "--worker-tmp-dir", "/dev/shm", \
     "--no-control-socket"]
