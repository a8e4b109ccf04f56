"""Which account PostgreSQL runs as: it refuses root, and `make run` must work for root."""

import hashlib
import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dev.folders import Data
from dev.trouble import Trouble

USER_NAMESPACE = ["unshare", "--user", "--map-user=1000", "--map-group=1000"]
ROOTS_STORE = Path("/var/lib/portal-local")


@dataclass(frozen=True)
class Account:
    """How to start PostgreSQL's programs: where they are, where its data are and as whom it runs."""

    binaries: Path
    pg: Path
    prefix: list[str] = field(default_factory=list)
    uid: int | None = None
    gid: int | None = None

    def popen_options(self) -> dict[str, Any]:
        """Options for subprocess that change the account."""
        return {} if self.uid is None else {"user": self.uid, "group": self.gid, "extra_groups": []}

    def give(self, path: Path) -> None:
        """Hands a file or folder to the account."""
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)


def choose(data: Data, binaries: Path) -> Account:
    """Picks the account: oneself; for root a user namespace, or else an unprivileged user."""
    plain = Account(binaries, data.pg)
    if os.geteuid() != 0:
        return plain
    spaced = Account(binaries, data.pg, prefix=USER_NAMESPACE)
    if works(spaced):
        return spaced
    uid, gid = unprivileged(data)
    dropped = Account(binaries, data.pg, uid=uid, gid=gid)
    if works(dropped):
        return dropped
    return moved(data, dropped)


def works(account: Account) -> bool:
    """True when the account can run PostgreSQL and write next to (or in) its folder."""
    folder = account.pg if account.pg.exists() else account.pg.parent
    if account.uid is not None and folder != account.pg:
        # Root makes the folder and gives it away, so being able to walk there is enough.
        test = "-x"
    else:
        test = "-w"
    script = f'test {test} "$1" && exec "$2" --version'
    command = [*account.prefix, "sh", "-c", script, "sh", str(folder), str(account.binaries / "postgres")]
    try:
        answer = subprocess.run(command, capture_output=True, cwd="/", **account.popen_options())
    except (OSError, subprocess.SubprocessError):
        return False
    return answer.returncode == 0


def unprivileged(data: Data) -> tuple[int, int]:
    """The user and group root drops to: whoever owns the data already, else nobody."""
    for path in (data.pg, data.root, data.root.parent):
        if path.exists() and path.stat().st_uid != 0:
            return path.stat().st_uid, path.stat().st_gid
    nobody = pwd.getpwnam("nobody")
    return nobody.pw_uid, nobody.pw_gid


def moved(data: Data, account: Account) -> Account:
    """For a checkout that the user cannot reach (under /root): a store of root's own, one per checkout."""
    store = ROOTS_STORE / hashlib.sha256(os.fsencode(data.root)).hexdigest()[:16]
    binaries = copy_binaries(account.binaries, store)
    elsewhere = Account(binaries, store / "data" / "pg", uid=account.uid, gid=account.gid)
    elsewhere.pg.parent.mkdir(mode=0o711, exist_ok=True)
    if not works(elsewhere):
        raise Trouble(
            "PostgreSQL refuses to run as root, and neither a user namespace nor an unprivileged user can be used "
            "here; run make as an ordinary user, or set DATABASE_URL to a PostgreSQL server."
        )
    return elsewhere


def copy_binaries(source: Path, store: Path) -> Path:
    """Copies PostgreSQL's programs to where everybody can run them; returns the new folder."""
    home = source.parent
    target = store / f"{home.name}-{(source / 'postgres').stat().st_size}"
    if not target.exists():
        store.mkdir(mode=0o711, parents=True, exist_ok=True)
        part = store / "copying"
        shutil.rmtree(part, ignore_errors=True)
        for name in ("bin", "lib", "share"):
            shutil.copytree(home / name, part / name, symlinks=True)
        part.rename(target)
    return target / source.name
