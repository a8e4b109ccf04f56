"""Whether what was taken over from elsewhere has been changed since."""

from django import template

from submissions.services import reusing

register = template.Library()
register.filter("is_reworked", reusing.is_reworked)
