import struct

import pytest

from pyodide_bundle import CHANGES, BundleError, Module, adapt, serialise

PLACES = [
    "new WebAssembly.Module(x);" * 4,
    "WebAssembly.instantiate(x);" * 2,
    "Date.now();" * 22,
    "return view=>crypto.getRandomValues(view)};",
    "getMemory(metadata.memorySize+memAlign);",
    "function loadLibData(){if(a){return b}}function getExports(){}",
    "export default _createPyodideModule;",
]


def test_the_program_calls_what_the_sandbox_offers() -> None:
    program = adapt("".join(PLACES))

    assert program.startswith("import{")
    assert not any(word in program for word in ("WebAssembly.", "Date.now", "crypto.", "export default"))
    assert "{var libData=patchedLoadLibData(Module,libName,flags.rpath);" in program
    assert program.endswith("export{_createPyodideModule};")


@pytest.mark.parametrize("missing", range(len(CHANGES)))
def test_another_pyodide_is_refused(missing: int) -> None:
    places = [*PLACES[:missing], *PLACES[missing + 1 :]]

    with pytest.raises(BundleError, match="another version"):
        adapt("".join(places))


def test_the_message_has_each_module_where_its_pointers_say() -> None:
    modules = [Module("first", 0, b"program"), Module("second", 2, bytes(range(250)))]

    message = serialise(modules)

    segments, words = struct.unpack_from("<II", message)
    assert (segments, words * 8 + 8) == (0, len(message))
    assert struct.unpack_from("<IHH", message, 8) == (0, 0, 1)
    assert struct.unpack_from("<II", message, 16) == (1, 10 << 3 | 7)
    assert struct.unpack_from("<IHH", message, 24) == (2 << 2, 1, 4)
    for number, module in enumerate(modules):
        start = 32 + number * 40
        assert struct.unpack_from("<HH", message, start) == (2, module.kind)
        assert _bytes_at(message, start + 8) == module.name.encode() + b"\0"
        assert _bytes_at(message, start + 16) == module.content


def _bytes_at(message: bytes, place: int) -> bytes:
    low, high = struct.unpack_from("<II", message, place)
    begin = place + 8 + (low >> 2) * 8
    assert (low & 3, high & 7) == (1, 2)
    return message[begin : begin + (high >> 3)]
