import logging
import re

_TOKEN = re.compile("@REGEX@")


def mask(text):
    return _TOKEN.sub(lambda found: (found[1] or found[3]) + "@MASK@", text)


class Formatter(logging.Formatter):
    """Masks the line as it is written: message, arguments and traceback."""

    def format(self, record):
        return mask(super().format(record))


def install(logger=None):
    """Masks what the handlers of `logger` write from now on, whatever formats it."""
    for handler in (logger or logging.getLogger()).handlers:
        formatter = handler.formatter or logging.Formatter()
        inner = formatter.format
        formatter.format = lambda record, inner=inner: mask(inner(record))
        handler.setFormatter(formatter)
