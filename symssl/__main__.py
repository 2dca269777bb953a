"""``python -m symssl``, and the program ``symssl``: the command line."""

import signal
import sys

__all__ = ["main"]


def main() -> None:
    """Run the command line of this process; an interrupt is told in a line also while the program is loaded."""
    try:
        from .cli.main import main as run
    except KeyboardInterrupt:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # once is enough
        sys.stderr.write("symssl: interrupted\n")
        sys.exit(130)
    run()


if __name__ == "__main__":
    main()
