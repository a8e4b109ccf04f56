"""Small tools of the installer: logged commands, and stamps that say what a folder was filled from."""

import hashlib
import subprocess
from pathlib import Path

from dev.folders import ROOT


def run_logged(command: list[str], log: Path, environment: dict[str, str] | None = None) -> int:
    """Runs a command with everything it prints in `log`."""
    with log.open("wb") as out:
        answer = subprocess.run(
            command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT
        )
    return answer.returncode


def last_line(log: Path) -> str:
    """The last line of a log that is not empty."""
    lines = [line.strip() for line in log.read_text(errors="replace").splitlines() if line.strip()]
    return lines[-1] if lines else "it gave no reason."


def fingerprint(name: str) -> str:
    """Identifies the contents of a file of the checkout."""
    return hashlib.sha256((ROOT / name).read_bytes()).hexdigest()


def stamp_file(folder: Path, name: str, purpose: str = "installed") -> Path:
    return folder / f".{purpose}-{Path(name).stem}"


def stamped(folder: Path, name: str, purpose: str = "installed") -> bool:
    """True when `folder` was last filled from the present contents of `name`."""
    try:
        return stamp_file(folder, name, purpose).read_text() == fingerprint(name)
    except OSError:
        return False


def stamp(folder: Path, name: str, purpose: str = "installed") -> None:
    """Notes that `folder` now holds what `name` asks for."""
    folder.mkdir(exist_ok=True)
    stamp_file(folder, name, purpose).write_text(fingerprint(name))
