"""What the payment gateway says, for trying out and for measuring. See --help."""

from __future__ import annotations

import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    from producers.program import main

    sys.exit(main("GATEWAY"))
