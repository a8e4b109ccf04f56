"""The one way the launcher fails: a single clear sentence and an exit code, never a traceback."""

import sys

# Exit code of dev.prepare when its standard output is the sentence of a Trouble.
REFUSED = 3


class Trouble(Exception):
    """Something the user can understand and mend; the message is one English sentence."""

    def __init__(self, sentence: str, code: int = 1) -> None:
        super().__init__(sentence)
        self.code = code


def say(sentence: str) -> None:
    """Prints a progress line at once; a closed terminal is no reason to fail."""
    try:
        print(sentence, flush=True)
    except OSError:
        pass


def complain(sentence: str) -> None:
    """Prints the sentence of a failure to standard error."""
    try:
        print(sentence, file=sys.stderr, flush=True)
    except OSError:
        pass
