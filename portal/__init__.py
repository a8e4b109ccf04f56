"""The floor every room stands on: settings, URLs, Celery, health, audit trail and stored files."""

from portal.celery import app as celery_app

__all__ = ["celery_app"]
