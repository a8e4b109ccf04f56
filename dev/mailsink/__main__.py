"""`python -m dev.mailsink FOLDER SMTP_PORT HTTP_PORT`: takes messages until it is told to stop."""

import signal
import sys
from pathlib import Path

from dev.mailsink import mail, web
from dev.mailsink.store import Store


def main(folder: Path, smtp_port: int, http_port: int) -> None:
    store = Store(folder / "messages.sqlite3")
    post = mail.server(store, smtp_port)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    post.start()
    try:
        with web.Server(store, http_port) as browser:
            browser.serve_forever()
    finally:
        post.stop()
        store.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
