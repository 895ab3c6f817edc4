"""The design's layers: who may import whom, and what importing must not do."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1] / "livetalk"
MODULES = {
    ".".join(path.relative_to(ROOT.parent).with_suffix("").parts).removesuffix(".__init__"): path
    for path in ROOT.rglob("*.py")
}

LAYERS = [
    {"types", "errors", "assets", "worker", "memory", "cancellation", "locks", "faults"},
    {
        "audio",
        "text",
        "language",
        "avatar",
        "face",
        "steady",
        "matting",
        "pictures",
        "devices",
        "marking",
        "metrics",
        "events",
        "models",
    },
    {"protocols", "remote"},
    {
        "pipeline",
        "broadcast",
        "listening",
        "flags",
        "registry",
        "steadfast",
        "avatars",
        "script",
        "background",
    },
    {"settings"},
    {"creation"},
    {"enhancement"},
    {"persona", "state", "turns", "history", "parts"},
    {"stages", "line"},
    {"speech_to_speech"},
    {"conversation"},
    {"session"},
    {"sessions"},
    {"service"},
    {"render"},
    {"server"},
    {"doctor"},
    {"commands"},
    {"cli"},
    {"__main__"},
]
"""lowest first; a module imports its own layer or a lower one"""
PLUGINS = {"engines", "tts", "llm", "stt", "realtime", "tools", "transports"}
MAY_IMPORT_PLUGINS = {("server", "transports"), ("doctor", "transports")}
BELOW_PLUGINS = (
    LAYERS[0] | LAYERS[1] - {"events", "models", "marking", "face", "matting"} | {"protocols", "remote"}
)
ONLY_IN = {"aiortc": {"transports"}, "aioice": {"transports"}, "torch": {"engines", "stt"}}


def imports(path: Path) -> set[str]:
    """All modules that a file imports, anywhere in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return names


def area(module: str) -> str:
    """The part of the package that a module belongs to: the word after `livetalk`."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else ""


def level(name: str) -> int:
    """The layer's number."""
    return next(number for number, names in enumerate(LAYERS) if name in names)


@pytest.mark.parametrize("module", sorted(MODULES))
def test_a_module_imports_only_from_its_own_layer_and_below(module: str) -> None:
    own = area(module)
    for imported in imports(MODULES[module]):
        other = area(imported)
        if not imported.startswith("livetalk") or other in ("", own):
            continue
        if own in PLUGINS:
            assert other in BELOW_PLUGINS, f"{module} is a plugin and imports {imported}"
        elif other in PLUGINS:
            assert (own, other) in MAY_IMPORT_PLUGINS, f"{module} imports the plugin {imported}"
        else:
            assert level(other) <= level(own), f"{module} imports {imported} of a higher layer"


@pytest.mark.parametrize("module", sorted(MODULES))
def test_heavy_packages_stay_in_their_rooms(module: str) -> None:
    for imported in imports(MODULES[module]):
        package = imported.partition(".")[0]
        assert area(module) in ONLY_IN.get(package, {area(module)}), f"{module} imports {package}"


TORCH_ROOM = "livetalk.engines.musetalk."
"""whose modules may load torch when imported, all but those that the registry imports"""
WITHOUT_TORCH = {TORCH_ROOM + name for name in ("engine", "files", "keeping", "preparing", "previewing")}


def test_importing_everything_starts_no_thread_and_loads_no_torch() -> None:
    without = [name for name in MODULES if not name.startswith(TORCH_ROOM) or name in WITHOUT_TORCH]
    modules = [name for name in without if not name.endswith("_worker")]
    program = (
        f"import importlib, sys, threading\nfor name in {modules!r}: importlib.import_module(name)\n"
        "assert threading.active_count() == 1, threading.enumerate()\n"
        "assert 'torch' not in sys.modules, 'torch was loaded'\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("module", sorted(MODULES))
def test_no_module_of_the_package_prints(module: str) -> None:
    tree = ast.parse(MODULES[module].read_text(encoding="utf-8"))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    assert not [call for call in calls if isinstance(call.func, ast.Name) and call.func.id == "print"]
