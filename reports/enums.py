"""States of what goes out."""

from django.db.models import TextChoices


class BulletinState(TextChoices):
    DRAFT = "draft", "待修改"
    TO_SIGN = "to_sign", "待签发"
    SENT = "sent", "已印发"
    DISCARDED = "discarded", "不印发"

    @classmethod
    def open(cls) -> tuple["BulletinState", ...]:
        """Somebody still has something to do with it."""
        return (cls.DRAFT, cls.TO_SIGN)
