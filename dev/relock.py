"""`make lock`: compiles requirements*.in and package.json to exact versions. Standard library only.

uv resolves for every platform and Python at once; it lives in .cache and is no dependency. No
address of a registry and no path of this machine gets into the result.
"""

import os
import subprocess
import sys

from dev.folders import CACHE, ROOT
from dev.trouble import Trouble, say

# In this order: a file may be bound by those before it.
FILES = ("requirements", "requirements-local", "requirements-node", "requirements-dev")
OPTIONS = ["--universal", "--python-version", "3.11", "--generate-hashes", "--no-header", "--quiet"]
PRIVATE = ["--no-emit-index-url", "--no-emit-find-links"]


def main() -> int:
    """Returns 0; raises Trouble when a file cannot be compiled. UPGRADE=1 takes the newest versions."""
    tool = find_uv()
    upgrade = ["--upgrade"] if os.environ.get("UPGRADE") else []
    for name in FILES:
        say(f"Compiling {name}.txt ...")
        run([*tool, "pip", "compile", *OPTIONS, *PRIVATE, *upgrade, "-o", f"{name}.txt", f"{name}.in"])
    say("Compiling package-lock.json ...")
    run(["npm", "update" if upgrade else "install", "--package-lock-only"])
    return 0


def find_uv() -> list[str]:
    """The command line of uv, installed in `.cache` when it is not there."""
    home = CACHE / "uv"
    program = home / "bin" / "uv"
    if not program.exists():
        CACHE.mkdir(exist_ok=True)
        run([sys.executable, "-m", "venv", str(home)])
        run([str(home / "bin" / "python"), "-m", "pip", "install", "--quiet", "uv"])
    return [str(program)]


def run(command: list[str]) -> None:
    """Runs a command in the checkout; raises Trouble when it fails."""
    try:
        code = subprocess.run(command, cwd=ROOT).returncode
    except FileNotFoundError:
        raise Trouble(f"{command[0]} is needed to compile the lock files and cannot be found.") from None
    if code:
        raise Trouble(f"{' '.join(command[:3])} failed; what it said is above.", code)
