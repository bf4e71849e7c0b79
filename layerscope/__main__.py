"""The program, as the console script and ``python -m layerscope`` start it."""

from __future__ import annotations

import gc
import os
import sys
from typing import NoReturn


def main() -> NoReturn:
    """Run, flush, and leave without taking the entries apart one by one."""
    gc.disable()  # a command is over before its cycles weigh anything; its imports make thousands of objects
    from layerscope.cli import cannot_write, run
    from layerscope.oci import SWITCH_INTERVAL_S

    sys.setswitchinterval(SWITCH_INTERVAL_S)
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by whoever started us
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: PTH123, SIM115
    code = run(sys.argv[1:])
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError as error:
        code = cannot_write(error)
    os._exit(code)


if __name__ == "__main__":
    main()
