"""`python -m ccip_core.don CONFIG`: one oracle until SIGTERM or Ctrl-C."""

from __future__ import annotations

import sys
from pathlib import Path

from ccip_core.deployment import DeploymentError
from ccip_core.don.config import OracleConfigError
from ccip_core.don.process import run_oracle


def main() -> int:
    """The command's exit code; 2 on bad input."""
    if len(sys.argv) != 2:
        sys.stderr.write("usage: python -m ccip_core.don CONFIG\n")
        return 2
    try:
        run_oracle(Path(sys.argv[1]))
    except (OracleConfigError, DeploymentError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except OSError as error:
        sys.stderr.write(f"port: {error.strerror}; choose another one, or 0 for any\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
