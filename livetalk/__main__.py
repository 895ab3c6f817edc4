"""`python -m livetalk`."""

import sys

from livetalk.cli import main

if __name__ == "__main__":
    sys.exit(main())
