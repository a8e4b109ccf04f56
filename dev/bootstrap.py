"""What `make` runs first. Keep it readable for very old Pythons: it has to tell them to go."""

import os
import sys

if sys.version_info < (3, 11):
    sys.stderr.write(
        "Python 3.11 or newer is needed, but %s is Python %d.%d; install a newer one "
        "or name it, for example: make run PYTHON=python3.12\n"
        % (sys.executable or "python", sys.version_info[0], sys.version_info[1])
    )
    sys.exit(1)

# The folder of this script must not be importable as top-level modules; the checkout must.
sys.path[0] = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

from dev.install import main  # noqa: E402

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
