"""What somebody chose in the explorer, kept for the next time."""

from __future__ import annotations

import contextlib
import os
import tempfile
from enum import StrEnum
from pathlib import Path

import msgspec

from layerscope.union.tree import Sort

FOLDER_VARIABLE = "LAYERSCOPE_CONFIG_DIR"
_MAX_RECENT = 12


class Columns(StrEnum):
    """Which columns of files are seen, as far as there is room."""

    ALL = "all"
    OWNERS = "mode and owner"
    SIZES = "sizes"


class Settings(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is remembered; ``recent`` are archives and folders that were opened, the last one first."""

    theme: str | None = None
    sort: Sort = Sort.SIZE
    aggregated: bool = True
    columns: Columns = Columns.ALL
    wrap: bool = False
    last_folder: str | None = None
    recent: tuple[str, ...] = ()

    def opened(self, place: str) -> Settings:
        """The settings after an archive was opened; JSON has no place for a name that is not UTF-8."""
        if not is_utf8(place):
            return self
        others = [other for other in self.recent if other != place]
        return msgspec.structs.replace(self, recent=(place, *others)[:_MAX_RECENT])


def is_utf8(name: str) -> bool:
    """Whether a file's name can be written as text."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


class SettingsFile:
    """Where settings are kept between runs."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> tuple[Settings, str | None]:
        """What was kept, else the defaults; and a remark where the file cannot be used."""
        try:
            return msgspec.json.decode(self.path.read_bytes(), type=Settings), None
        except FileNotFoundError:
            return Settings(), None
        except (OSError, msgspec.MsgspecError, UnicodeError) as error:
            return Settings(), f"{self.path}: ignored, it cannot be read: {error}"

    def write(self, settings: Settings) -> None:
        """Keep them, whole or not at all; raises OSError."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=self.path.parent, prefix=f".{self.path.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(msgspec.json.format(msgspec.json.encode(settings), indent=2) + b"\n")
            Path(name).replace(self.path)
        except BaseException:
            with contextlib.suppress(OSError):
                Path(name).unlink()
            raise


def settings_file() -> SettingsFile:
    """The file of this user."""
    return SettingsFile(_folder("state") / "explorer.json")


def config_path() -> Path:
    """The file in which this user may say things, which we never write."""
    return _folder("config") / "config.toml"


def _folder(kind: str) -> Path:
    if given := os.environ.get(FOLDER_VARIABLE):
        return Path(given)
    import platformdirs

    find = platformdirs.user_state_path if kind == "state" else platformdirs.user_config_path
    return find("layerscope", appauthor=False)
