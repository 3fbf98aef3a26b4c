"""Makes the Pyodide bundle that workerd runs Python with, out of npm's `pyodide`.

workerd downloads the released bundles when it starts. With the compatibility flag `python_workers_development` it reads
`pyodide_dev.capnp.bin` instead: a Cap'n Proto message with Pyodide's program, its WebAssembly and Python's library,
where the program calls what workerd offers (`pyodide-internal:builtin_wrappers`) for what its sandbox forbids.
"""

import argparse
import re
import struct
import sys
from pathlib import Path
from typing import NamedTuple

FILE_NAME = "pyodide_dev.capnp.bin"
_PREFIX = "pyodideRuntime-internal:"
_IMPORTS = (
    "import{addEventListener,getRandomValues,location,monotonicDateNow,newWasmModule,patchedLoadLibData,wasmInstantiate}"
    'from"pyodide-internal:builtin_wrappers";\n'
)


class BundleError(RuntimeError):
    """This is another Pyodide than the one that these changes are for."""


class Change(NamedTuple):
    """What is replaced in Pyodide's program, and how often it is there."""

    pattern: str
    replacement: str
    places: int


CHANGES = (
    Change(re.escape("new WebAssembly.Module("), "newWasmModule(", 4),
    Change(re.escape("WebAssembly.instantiate("), "wasmInstantiate(", 2),
    Change(re.escape("Date.now"), "monotonicDateNow", 22),
    Change(re.escape("crypto.getRandomValues(view)"), "getRandomValues(Module,view)", 1),
    Change(re.escape("getMemory(metadata."), "Module.getMemoryPatched(Module,libName,metadata.", 1),
    Change(
        r"function loadLibData\(\)\{.*?\}(?=function getExports\(\))",
        "function loadLibData(){var libData=patchedLoadLibData(Module,libName,flags.rpath);"
        "return flags.loadAsync?Promise.resolve(libData):libData}",
        1,
    ),
    Change(re.escape("export default _createPyodideModule;"), "export{_createPyodideModule};", 1),
)


def adapt(program: str) -> str:
    """Make Pyodide's program run in workerd's sandbox.

    Raises:
        BundleError: a place is not there as often as in the version that these changes are for.
    """
    for change in CHANGES:
        pattern, places = change.pattern, change.places
        program, found = re.subn(pattern, change.replacement, program, flags=re.DOTALL)
        if found != places:
            raise BundleError(
                f"pyodide.asm.mjs has {found} places of {pattern!r}, not {places}: is it another version?"
            )
    return _IMPORTS + program


class Module(NamedTuple):
    """A module of the bundle. `kind` is 0 for a program, 1 for WebAssembly, 2 for data, as workerd's schema has it."""

    name: str
    kind: int
    content: bytes


def serialise(modules: list[Module]) -> bytes:
    """Write the bundle's Cap'n Proto message: a struct of one pointer, to a list of structs of 1 word and 4 pointers.

    The encoding is specified at https://capnproto.org/encoding.html.
    """
    words_each, internal = 5, 2
    head = bytearray(_struct_pointer(0, 0, 1) + _list_pointer(0, 7, len(modules) * words_each))
    head += _struct_pointer(len(modules), 1, 4)
    tail = bytearray()
    heads = len(modules) * words_each
    for number, module in enumerate(modules):
        head += struct.pack("<HHI", internal, module.kind, 0)
        for slot, content in enumerate((module.name.encode() + b"\0", module.content), start=1):
            here = number * words_each + slot + 1
            head += _list_pointer(heads + len(tail) // 8 - here, 2, len(content))
            tail += content + bytes(-len(content) % 8)
        head += bytes(16)
    return struct.pack("<II", 0, (len(head) + len(tail)) // 8) + head + tail


def _struct_pointer(offset: int, data_words: int, pointers: int) -> bytes:
    return struct.pack("<IHH", offset << 2, data_words, pointers)


def _list_pointer(offset: int, element_size: int, count: int) -> bytes:
    return struct.pack("<II", offset << 2 | 1, count << 3 | element_size)


def make(pyodide: Path, target: Path) -> None:
    """Make the bundle of npm's package in this folder. Raises BundleError."""
    program = adapt((pyodide / "pyodide.asm.mjs").read_text(encoding="utf-8"))
    modules = [
        Module(f"{_PREFIX}pyodide.asm", 0, program.encode()),
        Module(f"{_PREFIX}pyodide.asm.wasm", 1, (pyodide / "pyodide.asm.wasm").read_bytes()),
        Module(f"{_PREFIX}python_stdlib.zip", 2, (pyodide / "python_stdlib.zip").read_bytes()),
    ]
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(serialise(modules))


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("pyodide", type=Path, help="the folder of npm's package")
    parser.add_argument("target", type=Path, help="the folder to put the bundle into")
    arguments = parser.parse_args()
    try:
        make(arguments.pyodide, arguments.target / FILE_NAME)
    except (BundleError, OSError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
