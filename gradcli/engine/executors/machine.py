"""Programs of real numbers as machine code, for x86-64 under the System V convention.

A straight line of SSE2 instructions over one frame of memory: the inputs, the outputs, constants
and intermediate values, a float64 or a mask of 64 equal bits each. Functions are the C library's.
Only the rows' code is written, and numbers.

The processor notes what was invalid, overflowed or divided by zero. Then the caller calculates with
numpy, whose warnings are wanted. (Instructions: Intel 64 and IA-32 Architectures Software
Developer's Manual, volume 2; the convention: System V ABI, AMD64 supplement, 3.2.)
"""

from __future__ import annotations

import ast
import ctypes
import math
import mmap
import platform
import struct
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import NamedTuple

from gradcli.engine.executors.code import STATIC, letters, parsed
from gradcli.engine.program import Program, Value

Executor = Callable[..., Sequence[float] | None]

# Opcodes, of a register and a place in memory, or of two registers.
LOAD, STORE, SQRT, COMPARE = b"\xf2\x0f\x10", b"\xf2\x0f\x11", b"\xf2\x0f\x51", b"\xf2\x0f\xc2"
AND, AND_NOT, OR, XOR = b"\x66\x0f\x54", b"\x66\x0f\x55", b"\x66\x0f\x56", b"\x66\x0f\x57"
ARITHMETIC: dict[type[ast.operator], bytes] = {
    ast.Add: b"\xf2\x0f\x58",
    ast.Mult: b"\xf2\x0f\x59",
    ast.Sub: b"\xf2\x0f\x5c",
    ast.Div: b"\xf2\x0f\x5e",
}
COMMUTATIVE = (ast.Add, ast.Mult)
# Predicates of COMPARE, and whether the operands change places.
EQUAL, LESS, LESS_EQUAL, UNORDERED, UNEQUAL = range(5)
COMPARISONS: dict[type[ast.cmpop], tuple[int, bool]] = {
    ast.Eq: (EQUAL, False),
    ast.NotEq: (UNEQUAL, False),
    ast.Lt: (LESS, False),
    ast.LtE: (LESS_EQUAL, False),
    ast.Gt: (LESS, True),
    ast.GtE: (LESS_EQUAL, True),
}
# The control word with every exception masked and none noted; the bits of those that count.
QUIET, NOTED = 0x1F80, 0b1101
SIGN, ONES = 1 << 63, (1 << 64) - 1
START = b"\xf3\x0f\x1e\xfa\x53\x48\x89\xfb"  # endbr64; push rbx; mov rbx, rdi
END = b"\x5b\xc3"  # pop rbx; ret
SAVE_CONTROL, LOAD_CONTROL = (b"\x0f\xae", 3), (b"\x0f\xae", 2)


class Unwritten(Exception):
    """Something that has no instructions here."""


class Place(NamedTuple):
    """Where a value stands in the frame, and whether it is a mask instead of a number."""

    slot: int
    mask: bool = False


class Assembler:
    """Writes instructions. Register 0 is where things are calculated; what it holds is noted.

    frame    the bytes of each slot as the calculation begins
    free     slots that nothing reads any more
    scratch  slots taken for what is being written
    """

    def __init__(self, slots: int) -> None:
        self.code = bytearray(START)
        self.frame = [bytes(8)] * slots
        self.constants: dict[bytes, int] = {}
        self.free: list[int] = []
        self.scratch: list[int] = []
        self.held = -1

    # ---- instructions ----

    def memory(self, opcode: bytes, register: int, slot: int) -> None:
        self.code += opcode + bytes([0x83 | register << 3]) + struct.pack("<i", 8 * slot)

    def registers(self, opcode: bytes, target: int, source: int) -> None:
        self.code += opcode + bytes([0xC0 | target << 3 | source])

    def load(self, register: int, slot: int) -> None:
        if register or slot != self.held:
            self.memory(LOAD, register, slot)
        if not register:
            self.held = -1

    def store(self, slot: int) -> None:
        self.memory(STORE, 0, slot)
        self.held = slot

    def call(self, function: str) -> None:
        self.code += b"\x48\xb8" + struct.pack("<Q", address_of(function)) + b"\xff\xd0"

    # ---- slots ----

    def constant(self, content: float) -> Place:
        return Place(self.bits(struct.pack("<d", content)))

    def bits(self, content: bytes) -> int:
        slot = self.constants.get(content)
        if slot is None:
            slot = self.constants[content] = len(self.frame)
            self.frame.append(content)
        return slot

    def stored(self, *, mask: bool = False) -> Place:
        """Register 0, in a slot of its own."""
        if not self.free:
            self.free.append(len(self.frame))
            self.frame.append(bytes(8))
        slot = self.free.pop()
        self.scratch.append(slot)
        self.store(slot)
        return Place(slot, mask)

    # ---- expressions ----

    def value(self, tree: ast.expr, names: Mapping[str, Place]) -> Place:
        match tree:
            case ast.Constant(value=bool() as content):
                return Place(self.bits(struct.pack("<Q", ONES if content else 0)), mask=True)
            case ast.Constant(value=int() | float() as content):
                return self.constant(content)
            case ast.Name(id=name):
                return names.get(name) or self.constant({"inf": math.inf, "nan": math.nan}[name])
            case ast.UnaryOp(op=ast.USub()):
                return self.bitwise(XOR, self.number(tree.operand, names).slot, SIGN)
            case ast.UnaryOp(op=ast.Not()):
                return self.bitwise(XOR, self.mask(tree.operand, names), ONES, mask=True)
            case ast.BinOp() if type(tree.op) in ARITHMETIC:
                return self.arithmetic(tree, names)
            case ast.Compare(ops=[op]):
                a, b = (self.number(x, names).slot for x in (tree.left, *tree.comparators))
                predicate, turned = COMPARISONS[type(op)]
                return self.compared(*((b, a) if turned else (a, b)), predicate)
            case ast.BoolOp(values=[first, second]):
                both = self.mask(first, names), self.mask(second, names)
                self.load(0, both[0])
                self.load(1, both[1])
                self.registers(AND if isinstance(tree.op, ast.And) else OR, 0, 1)
                return self.stored(mask=True)
            case ast.IfExp():
                return self.choice(tree, names)
            case ast.Call(func=ast.Name(id=name)):
                return self.called(name, [self.number(x, names).slot for x in tree.args])
        raise Unwritten

    def number(self, tree: ast.expr, names: Mapping[str, Place]) -> Place:
        """A value; of a condition 1 or 0."""
        return self.counted(self.value(tree, names))

    def counted(self, place: Place) -> Place:
        if not place.mask:
            return place
        (one,) = struct.unpack("<Q", struct.pack("<d", 1.0))
        return self.bitwise(AND, place.slot, one)

    def mask(self, tree: ast.expr, names: Mapping[str, Place]) -> int:
        """A condition; of a number, whether it is not 0."""
        place = self.value(tree, names)
        if place.mask:
            return place.slot
        return self.compared(place.slot, self.constant(0.0).slot, UNEQUAL).slot

    def bitwise(self, opcode: bytes, slot: int, bits: int, *, mask: bool = False) -> Place:
        self.load(0, slot)
        self.load(1, self.bits(struct.pack("<Q", bits)))
        self.registers(opcode, 0, 1)
        return self.stored(mask=mask)

    def arithmetic(self, tree: ast.BinOp, names: Mapping[str, Place]) -> Place:
        a, b = (self.number(x, names).slot for x in (tree.left, tree.right))
        if b == self.held and isinstance(tree.op, COMMUTATIVE):
            a, b = b, a
        self.load(0, a)
        self.memory(ARITHMETIC[type(tree.op)], 0, b)
        return self.stored()

    def compared(self, a: int, b: int, predicate: int) -> Place:
        self.load(0, a)
        self.memory(COMPARE, 0, b)
        self.code.append(predicate)
        return self.stored(mask=True)

    def choice(self, tree: ast.IfExp, names: Mapping[str, Place]) -> Place:
        a, b = (self.value(x, names) for x in (tree.body, tree.orelse))
        if a.mask != b.mask:
            raise Unwritten
        self.load(0, self.mask(tree.test, names))
        self.load(1, a.slot)
        self.load(2, b.slot)
        self.registers(AND, 1, 0)
        self.registers(AND_NOT, 0, 2)
        self.registers(OR, 0, 1)
        return self.stored(mask=a.mask)

    def called(self, name: str, operands: Sequence[int]) -> Place:
        x = operands[0]
        if name == "isnan":
            return self.compared(x, x, UNORDERED)
        if name in ("fabs", "isinf", "isfinite"):
            size = self.bitwise(AND, x, ONES ^ SIGN)
            infinity = self.constant(math.inf).slot
            if name == "fabs":
                return size
            return self.compared(size.slot, infinity, EQUAL if name == "isinf" else LESS)
        if name == "sqrt":
            self.memory(SQRT, 0, x)
            return self.stored()
        for register, slot in reversed([*enumerate(operands)]):
            self.load(register, slot)
        self.call(name)
        return self.stored()


# ---- programs -----------------------------------------------------------------------------------


def machine_code(program: Program) -> Executor | None:
    """A function of the program's inputs, floats, that gives its outputs as floats.

    It gives None where an operation was invalid, overflowed or divided by zero. There is no such
    function on other machines, where memory must not be run, or if the program has other rows.
    """
    if platform.machine() not in ("x86_64", "AMD64") or sys.platform == "win32":
        return None
    try:
        assembler = assembled(program)
        run = runnable(bytes(assembler.code))
    except (Unwritten, OSError, AttributeError):  # AttributeError: a C library without a function
        return None
    count, content = len(program.inputs), b"".join(assembler.frame)
    given = struct.Struct(f"<{count}d")
    returned = struct.Struct(f"<{len(program.outputs)}dQ")
    frames: list[tuple[ctypes.Array[ctypes.c_char], int]] = []

    def execute(*inputs: float) -> Sequence[float] | None:
        try:
            frame, address = frames.pop()
        except IndexError:  # every thread needs one
            frame = ctypes.create_string_buffer(content, len(content))
            address = ctypes.addressof(frame)
        given.pack_into(frame, 0, *inputs)
        run(address)
        *found, noted = returned.unpack_from(frame, 8 * count)
        frames.append((frame, address))
        return None if noted & NOTED else found

    return execute


def assembled(program: Program) -> Assembler:
    """The frame begins with the inputs, the outputs and what the processor has noted."""
    values, outputs = program.values, program.outputs
    flags = len(program.inputs) + len(outputs)
    control = flags + 1
    assembler = Assembler(control + 1)
    assembler.memory(*SAVE_CONTROL, control)
    assembler.memory(*LOAD_CONTROL, assembler.bits(struct.pack("<Q", QUIET)))
    last = {j: k for k, value in enumerate(values) for j in value.operands}
    last |= dict.fromkeys(outputs, len(values))
    places: dict[int, Place] = {k: Place(at) for at, k in enumerate(program.inputs.values())}
    for k, value in enumerate(values):
        if value.op is None:
            if not value.name:
                places[k] = assembler.value(ast.Constant(value.constant.item()), {})
            continue
        if not value.op.code:
            raise Unwritten
        place = assembler.value(parsed(value.op.code), named(value, places, assembler))
        if place.slot not in assembler.scratch:  # an operand, as it is
            assembler.load(0, place.slot)
            place = assembler.stored(mask=place.mask)
        places[k] = place
        assembler.scratch.remove(place.slot)
        dead = {j for j in value.operands if last[j] == k and values[j].op is not None}
        assembler.free += [*assembler.scratch, *(places[j].slot for j in dead)]
        assembler.scratch.clear()
    for at, k in enumerate(outputs):
        assembler.load(0, assembler.counted(places[k]).slot)
        assembler.store(len(program.inputs) + at)
    assembler.memory(*SAVE_CONTROL, flags)
    assembler.memory(*LOAD_CONTROL, control)
    assembler.code += END
    return assembler


def named(value: Value, places: Mapping[int, Place], assembler: Assembler) -> dict[str, Place]:
    """What the letters of a row's code stand for."""
    assert value.op is not None
    found = {x: places[k] for x, k in zip(letters(value.op), value.operands, strict=False)}
    for letter, number in zip(STATIC, value.static, strict=False):
        if isinstance(number, int | float):
            found[letter] = assembler.constant(number)
    return found


@cache
def address_of(function: str) -> int:
    """Of a function of the C library."""
    address = ctypes.cast(ctypes.CDLL(None)[function], ctypes.c_void_p).value
    assert address is not None
    return address


def runnable(code: bytes) -> Callable[[int], None]:
    """A function of an address, from its instructions: in memory that is written, then run."""
    memory = mmap.mmap(-1, len(code), mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    memory.write(code)
    address = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    protect = ctypes.CDLL(None, use_errno=True).mprotect
    protect.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
    if protect(address, len(code), mmap.PROT_READ | mmap.PROT_EXEC):
        raise OSError(ctypes.get_errno(), "memory must not be run")
    function = ctypes.PYFUNCTYPE(None, ctypes.c_void_p)(address)
    function.memory = memory  # type: ignore[attr-defined]  # which lives as long as it
    return function
