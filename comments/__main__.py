"""python -m comments: the desk's decisions, and the service itself, from a terminal."""

import sys

from comments.cli import main

sys.exit(main())
