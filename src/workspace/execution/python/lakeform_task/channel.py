"""Reports events to the workspace as JSON lines on file descriptor 3, and marks in the output where the output of a cell starts."""

import json
import os
import sys
import threading

_lock = threading.Lock()
_mark = b""
_fd = 3


def open_channel(nonce):
    global _mark
    _mark = b"\x1d" + nonce.encode() + b":"
    os.set_inheritable(_fd, False)


def send(event, **fields):
    data = (json.dumps({"event": event, **fields}, default=str) + "\n").encode("utf-8", "surrogatepass")
    with _lock:
        while data:
            data = data[os.write(_fd, data) :]


def flush():
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError, AttributeError):
            pass  # closed or replaced by the user's code


def mark(cell):
    """Marks all following output as output of the cell."""
    flush()
    for fd in (1, 2):
        try:
            os.write(fd, _mark + str(cell).encode() + b"\x1d")
        except OSError:
            pass  # closed by the user's code
