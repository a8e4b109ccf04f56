#!/bin/sh
# Finds a Python 3.11+ and hands over to bootstrap.py. PYTHON=... skips the search.
here=$(dirname "$0")
if [ -n "${PYTHON:-}" ]; then
    if ! command -v "$PYTHON" >/dev/null 2>&1; then
        echo "PYTHON=$PYTHON cannot be found; name an existing Python 3.11 or newer." >&2
        exit 1
    fi
    # Old Pythons pass here too; bootstrap.py tells them what is needed.
    if [ "$("$PYTHON" -c 'print("python")' 2>/dev/null </dev/null)" != python ]; then
        echo "PYTHON=$PYTHON is not a working Python; name an existing Python 3.11 or newer." >&2
        exit 1
    fi
    exec "$PYTHON" "$here/bootstrap.py" "$@"
fi
seen=""
for name in python3 python3.13 python3.12 python3.11 python3.14 python; do
    command -v "$name" >/dev/null 2>&1 || continue
    seen=${seen:-$name}
    # Debian ships Python without the modules that make a virtual environment: prefer a complete one.
    if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null &&
        "$name" -c 'import ensurepip, venv' 2>/dev/null; then
        exec "$name" "$here/bootstrap.py" "$@"
    fi
done
if [ -z "$seen" ]; then
    echo "Python 3.11 or newer is needed and no Python was found on PATH; install it and try again." >&2
    exit 1
fi
# None is suitable: the first one found says what is wrong with it.
for name in python3 python3.13 python3.12 python3.11 python3.14; do
    if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        seen=$name
        break
    fi
done
exec "$seen" "$here/bootstrap.py" "$@"
