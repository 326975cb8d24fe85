"""Runs one task of a local workspace. argv[1] is a folder for compiled modules, so that nothing is written next to this file."""

import sys

# This folder comes last, so that its modules do not hide those of the user.
_here = sys.path.pop(0)
sys.pycache_prefix = sys.argv[1]
sys.path.append(_here)

from lakeform_task import main  # noqa: E402

sys.pycache_prefix = None
# Compiled modules must not be written to mapped folders.
sys.dont_write_bytecode = True
main.run()
