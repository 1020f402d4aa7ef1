# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Services, by the interface of the service control manager (Windows SDK, winsvc.h)."""

from __future__ import annotations

import ctypes
import time
from collections.abc import Iterator
from contextlib import contextmanager
from ctypes import wintypes
from typing import Any

MANAGER_ALL, SERVICE_ALL = 0xF003F, 0xF01FF
NO_CHANGE = 0xFFFFFFFF
OWN_PROCESS, INTERACTIVE = 0x10, 0x100
WIN32_SERVICES, ALL_STATES = 0x30, 3
CONTROL_STOP = 1
DESCRIPTION = 1
BUFFER_SIZE = 0x8000
PATIENCE = 60.0
"""Seconds that a service may take to start or to stop."""

STATES = ["", "stopped", "start_pending", "stop_pending", "started", "continue_pending", "pause_pending", "paused"]
START_MODES = ["boot", "system", "auto", "manual", "disabled"]
ERROR_CONTROLS = ["ignore", "normal", "severe", "critical"]
ACCEPTED = {1: "stop", 2: "pause_continue", 4: "shutdown", 8: "param_change", 0x100: "pre_shutdown"}
ERROR_SERVICE_DOES_NOT_EXIST, ERROR_SERVICE_NOT_ACTIVE = 1060, 1062


class Configuration(ctypes.Structure):
    _fields_ = (
        ("type", wintypes.DWORD),
        ("start", wintypes.DWORD),
        ("error_control", wintypes.DWORD),
        ("path", wintypes.LPWSTR),
        ("group", wintypes.LPWSTR),
        ("tag", wintypes.DWORD),
        ("dependencies", ctypes.c_void_p),
        ("user", wintypes.LPWSTR),
        ("display_name", wintypes.LPWSTR),
    )


class Status(ctypes.Structure):
    _fields_ = tuple(
        (name, wintypes.DWORD)
        for name in ("type", "state", "accepted", "exit", "service_exit", "checkpoint", "wait_hint", "process", "flags")
    )


class Text(ctypes.Structure):
    _fields_ = (("text", wintypes.LPWSTR),)


class Entry(ctypes.Structure):
    _fields_ = (("name", wintypes.LPWSTR), ("display_name", wintypes.LPWSTR), ("status", wintypes.DWORD * 7))


api = ctypes.WinDLL("advapi32", use_last_error=True)
for function in (api.OpenSCManagerW, api.OpenServiceW, api.CreateServiceW):
    function.restype = ctypes.c_void_p


def names() -> list[str]:
    with _manager() as manager:
        space, needed, count = ctypes.create_string_buffer(BUFFER_SIZE * 8), wintypes.DWORD(), wintypes.DWORD()
        places = (ctypes.byref(needed), ctypes.byref(count), ctypes.byref(wintypes.DWORD()))
        kinds = (WIN32_SERVICES, ALL_STATES)
        _check(api.EnumServicesStatusW(manager, *kinds, space, len(space), *places))
        return [entry.name for entry in (Entry * count.value).from_buffer(space)]


def read(name: str) -> dict[str, Any] | None:
    """What there is to know of a service, in the words of win_service_info; None when there is none of that name."""
    try:
        with _service(name) as service:
            return {"name": name, **_configuration(service), **_status(service), "dependency_of": _dependents(service)}
    except OSError as error:
        if error.winerror == ERROR_SERVICE_DOES_NOT_EXIST:
            return None
        raise


def create(name: str, path: str) -> None:
    with _manager() as manager:
        settings = (SERVICE_ALL, OWN_PROCESS, START_MODES.index("auto"), ERROR_CONTROLS.index("normal"))
        api.CloseServiceHandle(
            ctypes.c_void_p(_check(api.CreateServiceW(manager, name, name, *settings, path, *[None] * 5)))
        )


def change(
    name: str,
    path: str | None = None,
    display_name: str | None = None,
    start_mode: str | None = None,
    error_control: str | None = None,
    description: str | None = None,
) -> None:
    """Change what is not None."""
    start = NO_CHANGE if start_mode is None else START_MODES.index(start_mode)
    control = NO_CHANGE if error_control is None else ERROR_CONTROLS.index(error_control)
    with _service(name) as service:
        _check(api.ChangeServiceConfigW(service, NO_CHANGE, start, control, path, *[None] * 5, display_name))
        if description is not None:
            _check(api.ChangeServiceConfig2W(service, DESCRIPTION, ctypes.byref(Text(description))))


def delete(name: str) -> None:
    with _service(name) as service:
        _check(api.DeleteService(service))


def start(name: str) -> None:
    """Start a service and wait until it runs; a service that ends at once is an error with its own exit code."""
    with _service(name) as service:
        _check(api.StartServiceW(service, 0, None))
        _await(service, "started")


def stop(name: str) -> None:
    """Stop a service and wait until it has ended."""
    with _service(name) as service:
        try:
            _check(api.ControlService(service, CONTROL_STOP, ctypes.byref((wintypes.DWORD * 7)())))
        except OSError as error:
            if error.winerror != ERROR_SERVICE_NOT_ACTIVE:
                raise
        _await(service, "stopped")


def _await(service: ctypes.c_void_p, wanted: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while (status := _status(service))["state"] != wanted:
        if wanted == "started" and status["state"] == "stopped":
            code = status["win32_exitcode"] or 1067  # ERROR_PROCESS_ABORTED
            raise ctypes.WinError(code)
        if time.monotonic() > deadline:
            raise ctypes.WinError(1053)  # ERROR_SERVICE_REQUEST_TIMEOUT
        time.sleep(0.05)


def _configuration(service: ctypes.c_void_p) -> dict[str, Any]:
    space = ctypes.create_string_buffer(BUFFER_SIZE)
    needed = ctypes.byref(wintypes.DWORD())
    _check(api.QueryServiceConfigW(service, space, len(space), needed))
    found = Configuration.from_buffer(space)
    text = ctypes.create_string_buffer(BUFFER_SIZE)
    _check(api.QueryServiceConfig2W(service, DESCRIPTION, text, len(text), needed))
    return {
        "path": found.path,
        "display_name": found.display_name,
        "start_mode": START_MODES[found.start],
        "error_control": ERROR_CONTROLS[found.error_control],
        "username": found.user or "LocalSystem",
        "load_order_group": found.group or "",
        "desktop_interact": bool(found.type & INTERACTIVE),
        "service_type": "win32_own_process" if found.type & OWN_PROCESS else "win32_share_process",
        "description": Text.from_buffer(text).text or "",
    }


def _status(service: ctypes.c_void_p) -> dict[str, Any]:
    status = Status()
    size = ctypes.sizeof(status)
    _check(api.QueryServiceStatusEx(service, 0, ctypes.byref(status), size, ctypes.byref(wintypes.DWORD())))
    return {
        "state": STATES[status.state],
        "controls_accepted": [word for bit, word in ACCEPTED.items() if status.accepted & bit],
        "process_id": status.process,
        "win32_exitcode": status.exit,
        "service_exit_code": status.service_exit,
        "checkpoint": status.checkpoint,
        "wait_hint_ms": status.wait_hint,
    }


def _dependents(service: ctypes.c_void_p) -> list[str]:
    space, needed, count = ctypes.create_string_buffer(BUFFER_SIZE), wintypes.DWORD(), wintypes.DWORD()
    places = (ctypes.byref(needed), ctypes.byref(count))
    _check(api.EnumDependentServicesW(service, ALL_STATES, space, len(space), *places))
    return [entry.name for entry in (Entry * count.value).from_buffer(space)]


@contextmanager
def _manager() -> Iterator[ctypes.c_void_p]:
    handle = ctypes.c_void_p(_check(api.OpenSCManagerW(None, None, MANAGER_ALL)))
    try:
        yield handle
    finally:
        api.CloseServiceHandle(handle)


@contextmanager
def _service(name: str) -> Iterator[ctypes.c_void_p]:
    with _manager() as manager:
        handle = ctypes.c_void_p(_check(api.OpenServiceW(manager, name, SERVICE_ALL)))
        try:
            yield handle
        finally:
            api.CloseServiceHandle(handle)


def _check(result: int) -> int:
    if not result:
        raise ctypes.WinError(ctypes.get_last_error())
    return result
