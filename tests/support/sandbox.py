"""A sandbox as container engines and service managers make it: a system call is refused to a process and to all it starts."""

import ctypes
import errno
import platform
from typing import Final

COPY_FILE_RANGE: Final = {"x86_64": 326, "aarch64": 285}
NO_NEW_PRIVILEGES, FILTERED, BY_PROGRAM = 38, 22, 2  # prctl's numbers
LOAD, EQUALS, RETURN = 0x20, 0x15, 0x06  # instructions of the kernel's filter programs
REFUSE, ALLOW = 0x00050000, 0x7FFF0000


class Step(ctypes.Structure):
    _fields_ = (("code", ctypes.c_ushort), ("yes", ctypes.c_ubyte), ("no", ctypes.c_ubyte), ("value", ctypes.c_uint))


class Steps(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("first", ctypes.POINTER(Step)))


def refuse_copy_file_range() -> None:
    """From now on, and for ever. Errors: OSError where the kernel takes no filter."""
    number = COPY_FILE_RANGE[platform.machine()]
    steps = [(LOAD, 0, 0, 0), (EQUALS, 0, 1, number), (RETURN, 0, 0, REFUSE | errno.EPERM), (RETURN, 0, 0, ALLOW)]
    program = Steps(len(steps), (Step * len(steps))(*(Step(*step) for step in steps)))
    kernel = ctypes.CDLL(None, use_errno=True)
    if kernel.prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0) or kernel.prctl(FILTERED, BY_PROGRAM, ctypes.byref(program)):
        raise OSError(ctypes.get_errno(), "no filter")
