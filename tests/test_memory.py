from __future__ import annotations

import ctypes
import subprocess
import sys
from pathlib import Path

import pytest

from livetalk import memory

PROGRAM = """
import ctypes, re, sys, threading
from livetalk.memory import share_heap
if sys.argv[1] == "shared":
    share_heap()
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
libc.malloc.argtypes = libc.free.argtypes = None
gate = threading.Barrier(8)
def work():
    libc.malloc(ctypes.c_size_t(1000))
    gate.wait()
threads = [threading.Thread(target=work) for _ in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
libc.fopen.restype = ctypes.c_void_p
out = libc.fopen(sys.argv[2].encode(), b"w")
libc.malloc_info(0, ctypes.c_void_p(out))
libc.fclose(ctypes.c_void_p(out))
print(len(re.findall("<heap nr", open(sys.argv[2]).read())))
"""


def heaps(mode: str, file: str) -> int:
    """How many heaps eight threads that allocate have between them."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, mode, file], capture_output=True, text=True, check=True
    )
    return int(done.stdout)


@pytest.mark.skipif(
    sys.platform == "win32" or not hasattr(ctypes.CDLL(None), "mallopt"), reason="needs glibc's allocator"
)
def test_threads_allocate_from_one_heap_when_they_are_told_to(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("heaps")
    assert heaps("own", str(folder / "own.xml")) > 1
    assert heaps("shared", str(folder / "shared.xml")) == 1


SETTLED = """
import gc, weakref
from livetalk.memory import settle
loaded = [[] for _ in range(400_000)]
settle()
class Connection: pass
connection = Connection()
connection.itself = connection
gc.collect(1)
gc.collect(1)
gone = weakref.ref(connection)
del connection
made = [[] for _ in range(90_000)]
print(gone() is None)
"""


def test_what_refers_to_itself_is_found_soon_however_much_was_loaded() -> None:
    done = subprocess.run([sys.executable, "-c", SETTLED], capture_output=True, text=True, check=True)
    assert done.stdout == "True\n"


ENDED = """
import gc, weakref
from livetalk.memory import let_go, settle
gc.disable()
class Connection: pass
def ended():
    connection = Connection()
    connection.itself = connection
    return weakref.ref(connection)
early = ended()
let_go()
print(early() is None)
settle()
late = ended()
let_go()
print(late() is None)
"""


def test_an_ended_connection_is_let_go_of_at_once_when_all_is_loaded() -> None:
    done = subprocess.run([sys.executable, "-c", ENDED], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_pages_that_came_from_the_disk_are_counted_as_the_system_counts_them() -> None:
    before = memory.pages_read()
    after_the_name = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
    assert before <= int(after_the_name[9]) <= memory.pages_read()
