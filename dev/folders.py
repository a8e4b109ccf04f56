"""Where the launcher keeps things, and whether it can."""

import os
import re
import shutil
import socket
import tempfile
from dataclasses import dataclass
from pathlib import Path

from dev.trouble import Trouble

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / ".cache"
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"

TEMP_PREFIX = "portal-"
# The kernel allows 107 bytes for a socket's path; the longest name put in is /.s.PGSQL.5432.lock.
SOCKET_FOLDER_LIMIT = 80


@dataclass(frozen=True)
class Data:
    """One data folder: everything a set of embedded servers and the portal on it write."""

    root: Path

    @property
    def pg(self) -> Path:
        return self.root / "pg"

    @property
    def redis(self) -> Path:
        return self.root / "redis"

    @property
    def media(self) -> Path:
        return self.root / "media"

    @property
    def static(self) -> Path:
        return self.root / "static"

    @property
    def log(self) -> Path:
        return self.root / "log"

    @property
    def run(self) -> Path:
        return self.root / "run"

    @property
    def mail(self) -> Path:
        return self.root / "mail"

    @property
    def state(self) -> Path:
        return self.run / "state.json"

    def is_there(self) -> bool:
        """True when the folder exists; raises Trouble when something else stands in its place."""
        try:
            if self.root.is_dir():
                return True
            if self.root.exists():
                raise Trouble(f"The data folder {self.root} is a file; move it away and start again.")
        except OSError as error:
            raise Trouble(
                f"The data folder {self.root} cannot be reached ({error.strerror}); "
                "make it reachable for you or move it away, and start again."
            ) from None
        if self.root.is_symlink():
            raise Trouble(
                f"The data folder {self.root} is a link to {os.readlink(self.root)}, which is not there; "
                "make that folder or remove the link, and start again."
            )
        return False

    def make(self) -> None:
        """Creates the folder and its parts; raises Trouble when that is impossible."""
        self.is_there()
        try:
            self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
            for part in (self.redis, self.media, self.static, self.log, self.run, self.mail):
                part.mkdir(mode=0o700, exist_ok=True)
                check_writable(part)
            check_writable(self.root)
        except FileExistsError as error:
            raise Trouble(f"{error.filename} is a file where a folder belongs; move it away.") from None
        except OSError as error:
            raise Trouble(
                f"The data folder cannot be used: {error.filename} ({error.strerror}); "
                "make it writable for you or move it away, and start again."
            ) from None


def check_writable(folder: Path) -> None:
    """Raises OSError naming the folder when no file can be made in it."""
    try:
        handle, name = tempfile.mkstemp(prefix=".try-", dir=folder)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(folder)) from None
    os.close(handle)
    os.unlink(name)


def demo_data() -> Data:
    """The data folder of `make run` and `make manage`."""
    return Data(ROOT / ".data")


def temp_root() -> str:
    """A folder for temporary files whose path is short enough for sockets."""
    usual = tempfile.gettempdir()
    return usual if fits_socket(Path(usual) / "portal-12345678") else "/tmp"  # noqa: S108


def make_temp() -> Path:
    """A fresh private folder with a short path."""
    return Path(tempfile.mkdtemp(prefix=TEMP_PREFIX, dir=temp_root()))


def fits_socket(folder: Path) -> bool:
    """Short and plain enough to stand in a socket path and, unquoted, in a URL."""
    return len(os.fsencode(folder)) <= SOCKET_FOLDER_LIMIT and bool(
        re.fullmatch(r"[\w/.-]+", str(folder), re.A)
    )


def can_hold_socket(folder: Path) -> bool:
    """False on file systems without sockets (some shared folders of virtual machines)."""
    name = folder / "try.sock"
    name.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.bind(str(name))
        except OSError:
            return False
    name.unlink(missing_ok=True)
    return True


def socket_folder(data: Data) -> Path:
    """The data folder's own `run` where it can hold sockets, else a fresh private temporary one."""
    if fits_socket(data.run) and can_hold_socket(data.run):
        return data.run
    return make_temp()


def remove_temp(folder: Path) -> None:
    """Removes a folder made by `make_temp` and nothing else."""
    if folder.name.startswith(TEMP_PREFIX) and folder.parent == Path(temp_root()):
        shutil.rmtree(folder, ignore_errors=True)
