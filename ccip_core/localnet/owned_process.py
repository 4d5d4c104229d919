"""A child process that belongs to us from its first to its last breath.

* It leads a session of its own: Ctrl-C in the parent's terminal reaches the parent alone, which then stops its children
  in order.
* It does not outlive the parent, not even one that was killed: a shell waits on a pipe whose other end the parent
  holds, and ends the child when the pipe closes without a word. (PR_SET_PDEATHSIG would be tied to the thread that
  started it, not to the process, and is Linux alone.)
* It is awaited, not guessed: `wait_for` returns when it has said what it says once it is ready, on a pipe that only we
  hold, so whatever else listens on this machine can't answer in its place.
"""

from __future__ import annotations

import subprocess
import threading
import time
from collections import deque
from typing import IO, TYPE_CHECKING, Self

if TYPE_CHECKING:
    import re
    from collections.abc import Mapping, Sequence

_STOP_S_MAX = 5.0
_LINES_KEPT = 200
_GUARD = 'read -r word || kill -TERM "$0" 2>/dev/null'


class ProcessFailedError(RuntimeError):
    """The child ended or stayed silent; the text holds its own last lines."""


class OwnedProcess:
    """A running child. Ends with `stop`, with the parent, or by itself."""

    def __init__(self, name: str, command: Sequence[str], *, environment: Mapping[str, str] | None = None) -> None:
        self.name = name
        self._output: deque[str] = deque(maxlen=_LINES_KEPT)
        self._said = threading.Condition()
        self._is_silent = False
        self._process = subprocess.Popen(  # noqa: S603 - our own command, no shell
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env=environment,
        )
        self._guard = subprocess.Popen(  # noqa: S603 - a fixed shell line and our own child's pid
            ("/bin/sh", "-c", _GUARD, str(self._process.pid)),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._drain = threading.Thread(target=self._read_output, name=f"output-of-{name}", daemon=True)
        self._drain.start()

    @property
    def pid(self) -> int:
        """Of the child itself, not of a shell around it."""
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """Whether it has not ended yet."""
        return self._process.poll() is None

    @property
    def output(self) -> str:
        """The last lines that it printed, for people."""
        with self._said:
            return "".join(self._output)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def wait_for(self, pattern: re.Pattern[str], timeout_s: float) -> re.Match[str]:
        """Wait until it prints a line that matches; the first such match.

        Raises:
            ProcessFailedError: it ended before, or said nothing of the kind in time.
        """
        deadline_s = time.monotonic() + timeout_s
        with self._said:
            while True:
                found = next((match for line in self._output if (match := pattern.search(line))), None)
                if found:
                    return found
                if self._is_silent or not self._said.wait(deadline_s - time.monotonic()):
                    said = "".join(self._output)[-1_000:] or "it said nothing"
                    raise ProcessFailedError(f"{self.name} did not start: {said}")

    def stop(self) -> None:
        """End it, by its id: SIGTERM, and SIGKILL when it does not listen. May be called twice."""
        self.ask_to_stop()
        try:
            self._process.wait(_STOP_S_MAX)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._dismiss_guard()
        self._drain.join(_STOP_S_MAX)

    def ask_to_stop(self) -> None:
        """SIGTERM without waiting: several children end side by side."""
        self._process.terminate()

    def kill(self) -> None:
        """SIGKILL: no farewell, as a crash would have it."""
        self._process.kill()
        self._process.wait()
        self._dismiss_guard()

    def _dismiss_guard(self) -> None:
        """Tell the guard that the process is gone: its pid may soon be another's."""
        if self._guard.returncode is None:
            try:
                self._guard.communicate(b"stopped\n", _STOP_S_MAX)
            except (BrokenPipeError, subprocess.TimeoutExpired):
                self._guard.kill()
                self._guard.wait()

    def _read_output(self) -> None:
        pipe: IO[bytes] | None = self._process.stdout
        assert pipe is not None
        with pipe:
            for line in pipe:
                with self._said:
                    self._output.append(line.decode(errors="replace"))
                    self._said.notify_all()
        with self._said:
            self._is_silent = True
            self._said.notify_all()
