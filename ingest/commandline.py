"""What all command lines share: wrong usage and failures are one line on stderr and an exit code."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import Any

from ingest.errors import BadInput, PolicyQAError


class Parser(argparse.ArgumentParser):
    """Wrong usage is one line and exit code 2, like any other bad input."""

    def error(self, message: str) -> Any:
        """Raise instead of printing usage."""
        raise BadInput(f"{self.prog}：命令写法不对（{message}）；加 --help 看用法")


def run_command(main: Any, argv: Sequence[str] | None) -> int:
    """Run a command line; failures become one line on stderr and an exit code."""
    try:
        return int(main(argv) or 0)
    except PolicyQAError as error:
        print(" ".join(str(error).split()), file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("已中断，索引没有改变", file=sys.stderr)
        return 1
    except BrokenPipeError:
        sys.stderr.close()
        return 1
    except Exception as error:  # the last resort: one line instead of a traceback
        print(f"出现意外错误：{type(error).__name__}: {' '.join(str(error).split())[:300]}", file=sys.stderr)
        return 1
