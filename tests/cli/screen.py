"""What a terminal shows after what was written to it: the few sequences that we use, and no others."""

from __future__ import annotations

import re

from tests.cli.terminal import cells

_PIECES = re.compile(r"\x1b\[([?0-9;]*)([A-Za-z])|([\r\n])|([^\x1b\r\n]+)")


class Screen:
    """Lines and a cursor. Raises ValueError for a sequence that it does not know."""

    def __init__(self, columns: int = 80) -> None:
        self.lines = [""]
        self.widest = 0
        self.frames = 0
        self.cursor_shown = True
        self._columns = columns
        self._row = self._column = 0

    def write(self, text: str) -> None:
        """Take in what was written; a line may not reach the last column."""
        place = 0
        for match in _PIECES.finditer(text):
            if match.start() != place:
                break
            place = match.end()
            parameter, command, control, letters = match.groups()
            if letters:
                self._letters(letters)
            elif control:
                self._control(control)
            else:
                self._command(command, parameter)
        if place != len(text):
            raise ValueError(f"unknown: {text[place:]!r}")

    @property
    def text(self) -> str:
        """What can be seen, without blank lines at the end."""
        return "\n".join(line.rstrip() for line in self.lines).rstrip("\n")

    @property
    def at_line_start(self) -> bool:
        """Whether whatever comes next begins a line of its own."""
        return self._column == 0

    def _letters(self, letters: str) -> None:
        line = self.lines[self._row].ljust(self._column)
        self.lines[self._row] = line[: self._column] + letters + line[self._column + len(letters) :]
        self._column += len(letters)
        self.widest = max(self.widest, cells(self.lines[self._row].rstrip()))
        if self.widest >= self._columns:
            raise ValueError(f"wider than {self._columns - 1} columns: {letters!r}")

    def _control(self, control: str) -> None:
        self._column = 0
        if control == "\n":
            self._row += 1
            if self._row == len(self.lines):
                self.lines.append("")

    def _command(self, command: str, parameter: str) -> None:
        match command, parameter:
            case "K", "":
                self.lines[self._row] = self.lines[self._row][: self._column]
            case "J", "":
                self.lines[self._row] = self.lines[self._row][: self._column]
                del self.lines[self._row + 1 :]
            case "A", count if count.isdigit() and 0 < int(count) <= self._row:
                self._row -= int(count)
            case (("l" | "h"), "?25"):
                self.cursor_shown = command == "h"
                self.frames += not self.cursor_shown
            case "m", _:
                pass
            case _:
                raise ValueError(f"unknown: ESC [ {parameter} {command}")
