"""What may not stand in a log: Django names the address of a request gone wrong."""

import logging
import re

# The doors whose address holds a token: /c/, /u/, /v/ and /p/in/.
TOKENS = re.compile(r"(/(?:c|u|v|p/in)/)[A-Za-z0-9_-]{8,}")


class WithoutTokens(logging.Filter):
    """Shorten the tokens in what is logged; let every record through."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Write the token of an address as three dots."""
        said = record.getMessage()
        quiet = TOKENS.sub(r"\1…", said)
        if quiet != said:
            record.msg, record.args = quiet, ()
        return True
