"""Which account PostgreSQL runs as: it refuses root, and `make run` must work for root."""

import hashlib
import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass, field, replace
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
    spaced = replace(plain, prefix=USER_NAMESPACE)
    if can_run(spaced) and can_use(spaced):
        return spaced
    uid, gid = unprivileged(data)
    return reachable(data, replace(plain, uid=uid, gid=gid))


def can_run(account: Account) -> bool:
    """True when the account can start PostgreSQL's programs."""
    return all(
        succeeds(account, [str(account.binaries / name), "--version"]) for name in ("postgres", "initdb")
    )


def can_use(account: Account) -> bool:
    """True when the account can write its folder, or at least walk to where root will make it."""
    if account.pg.exists():
        return succeeds(account, ["test", "-w", str(account.pg)])
    return succeeds(account, ["test", "-w" if account.uid is None else "-x", str(account.pg.parent)])


def succeeds(account: Account, command: list[str]) -> bool:
    """Runs a command as the account; False when it fails or cannot be run at all."""
    try:
        answer = subprocess.run(
            [*account.prefix, *command], capture_output=True, cwd="/", **account.popen_options()
        )
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


def reachable(data: Data, account: Account) -> Account:
    """Moves what the user cannot reach (a checkout under /root) into a store of root's own."""
    if data.root.stat().st_uid == 0:
        data.root.chmod(0o711)
    if not can_run(account):
        account = replace(account, binaries=copy_binaries(account.binaries))
    if not can_use(account):
        store = ROOTS_STORE / hashlib.sha256(os.fsencode(data.root)).hexdigest()[:16]
        store.mkdir(mode=0o711, parents=True, exist_ok=True)
        account = replace(account, pg=store / "pg")
    if not (can_run(account) and can_use(account)):
        raise Trouble(
            "PostgreSQL refuses to run as root, and neither a user namespace nor an unprivileged user can "
            "be used here; run make as an ordinary user, or set DATABASE_URL to a PostgreSQL server."
        )
    return account


def copy_binaries(source: Path) -> Path:
    """Copies PostgreSQL's programs to where everybody can run them; returns the new `bin` folder."""
    home = source.parent
    package = home.parent
    target = ROOTS_STORE / f"{home.name}-{(source / 'postgres').stat().st_size}"
    if not target.exists():
        ROOTS_STORE.mkdir(mode=0o755, parents=True, exist_ok=True)
        part = ROOTS_STORE / f"copying-{os.getpid()}"
        for name in ("bin", "lib", "share"):
            shutil.copytree(home / name, part / package.name / home.name / name, symlinks=True)
        libraries = package.with_name(f"{package.name}.libs")  # found by its place beside the package
        if libraries.is_dir():
            shutil.copytree(libraries, part / libraries.name, symlinks=True)
        part.rename(target)
    return target / package.name / home.name / source.name
