"""Whether a window can be shown here, found out before Qt would end the whole program over it."""

from __future__ import annotations

import ctypes
import importlib
import os
import sys
from pathlib import Path

# What Debian calls the libraries that Qt loads; packaging/debian-qt.sh installs the same ones.
QT_PACKAGES = (
    "libegl1 libgl1 libglib2.0-0 libxkbcommon0 libxkbcommon-x11-0 libdbus-1-3 libfontconfig1 libxcb-cursor0 "
    "libxcb-icccm4 libxcb-image0 libxcb-keysyms1 libxcb-randr0 libxcb-render-util0 libxcb-shape0 libxcb-xinerama0 "
    "libxcb-xkb1 fonts-dejavu-core"
)


def why_no_window() -> str | None:
    """Why no window can be shown here, with the packages to install, as one message; None if one can."""
    missing = _missing_library()
    if missing is not None:
        return (
            f"No window can be shown: a system library that Qt needs is missing ({missing}). On Debian and Ubuntu, "
            f"install them with: sudo apt-get install {QT_PACKAGES}"
        )
    if not _has_display():
        return (
            f"No window can be shown: there is no display ({_what_was_tried()}). A virtual one will do: "
            f"sudo apt-get install xvfb {QT_PACKAGES}, then start with: xvfb-run tuner-gui"
        )
    return None


def _missing_library() -> str | None:
    """The loader's words on the first library that cannot be loaded."""
    try:
        importlib.import_module("PySide6.QtWidgets")
    except ImportError as error:
        return str(error)
    if _chosen_platform() not in ("", "xcb") or not _is_x11_or_wayland() or not os.environ.get("DISPLAY"):
        return None
    # Qt loads this one by itself, and aborts the program where a library is missing.
    package = importlib.import_module("PySide6").__file__
    plugin = Path(str(package)).parent / "Qt" / "plugins" / "platforms" / "libqxcb.so"
    return _loading_error(plugin) if plugin.exists() else None


def _loading_error(library: Path) -> str | None:
    try:
        ctypes.CDLL(str(library))
    except OSError as error:
        return str(error)
    return None


def _is_x11_or_wayland() -> bool:
    return sys.platform not in ("win32", "darwin")


def _chosen_platform() -> str:
    """The platform that the person asked Qt for: offscreen, vnc, xcb, …; empty if none."""
    return os.environ.get("QT_QPA_PLATFORM", "").split(";")[0].split(":")[0]


def _has_display() -> bool:
    if not _is_x11_or_wayland() or _chosen_platform() not in ("", "xcb", "wayland"):
        return True
    return _wayland_answers() or _x11_answers()


def _wayland_answers() -> bool:
    name = os.environ.get("WAYLAND_DISPLAY")
    if not name:
        return False
    socket = Path(os.environ.get("XDG_RUNTIME_DIR", "/nowhere")) / name
    return socket.exists()


def _x11_answers() -> bool:
    if not os.environ.get("DISPLAY"):
        return False
    try:
        xcb = ctypes.CDLL("libxcb.so.1")
    except OSError:
        return True  # Qt may bring its own; it then says what is wrong
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connect.argtypes = [ctypes.c_char_p, ctypes.c_void_p]
    xcb.xcb_connection_has_error.argtypes = [ctypes.c_void_p]
    xcb.xcb_disconnect.argtypes = [ctypes.c_void_p]
    connection = xcb.xcb_connect(None, None)
    try:
        return not xcb.xcb_connection_has_error(connection)
    finally:
        xcb.xcb_disconnect(connection)


def _what_was_tried() -> str:
    tried = [
        f"{name}={os.environ[name]} does not answer" for name in ("DISPLAY", "WAYLAND_DISPLAY") if name in os.environ
    ]
    return ", ".join(tried) or "neither DISPLAY nor WAYLAND_DISPLAY is set"
