"""Which stored files anything refers to, and what becomes of those that nothing does."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, Field, OuterRef, Q, QuerySet

from portal.files import store
from portal.models import StoredFile

FORGOTTEN = timedelta(days=7)  # after the upload; longer than anybody leaves a form open


def referred_to(*, besides: Field | None = None) -> Q:
    """Stored files that any row refers to, in another way than by the foreign key `besides`."""
    condition = Q(pk__in=[])
    for relation in StoredFile._meta.get_fields(include_hidden=True):
        # Relations over a table in between are also relations to that table.
        if (relation.one_to_many or relation.one_to_one) and relation.field != besides:
            rows = relation.field.model._base_manager.filter(**{relation.field.name: OuterRef("pk")})
            condition |= Q(Exists(rows))
    return condition


def sweep(at: datetime) -> int:
    """Remove the bytes of files that were uploaded a week before `at` and became nothing; how many."""
    old = StoredFile.objects.filter(uploaded_at__lte=at - FORGOTTEN, purged_at=None)
    return purge(old.exclude(referred_to()), at=at)


def purge(files: QuerySet[StoredFile], *, at: datetime) -> int:
    """Remove the bytes of `files`, each in a transaction of its own; how many.

    One that somebody holds is passed over. Whoever refers to a file that may be old must hold its row: the
    database looks at foreign keys at the end of a transaction, which may be after we are gone.
    """
    purged = 0
    for pk in list(files.order_by("pk").values_list("pk", flat=True)):
        with transaction.atomic():
            found = StoredFile.objects.select_for_update(skip_locked=True).filter(pk=pk).first()
            # Asked once the row is ours: since the list was read it may have become something.
            if found and files.filter(pk=pk).exists():
                store.purge(found, at=at)
                purged += 1
    return purged
