"""The n-th input of a seed: a program by the grammar, a program with mistakes, or mere bytes."""

from __future__ import annotations

from pathlib import Path
from random import Random

from fuzzing.grammar import Grammar

ROOT = Path(__file__).parent.parent.parent
TESTS = ROOT / "tests"
KINDS = ("program", "mutant", "bytes")
LONGEST = 2_000
FRAGMENTS = [
    *"+-*/%@^&|~'\"()[]{},:;.=<>!\\#\n\t xyfeπ√²'",
    "//",
    "**",
    "==",
    "~=",
    " in ",
    " not ",
    " if ",
    " else ",
    "lambda x: ",
    "for x in ",
    "while ",
    "try:\n",
    "except:\n",
    "def f(x):\n",
    "return ",
    "    ",
    "f'{",
    "}'",
    "''",
    '"""',
    "1e999",
    "2^63",
    "1j",
    "nan",
    "None",
    "...",
    "*",
    "0x",
    "1_",
    ".sum()",
    ".backward()",
    ".grad",
    "__class__",
    "sin",
    "grad(",
    "raise ",
    "with no_grad():\n",
    "\u202e",
    "\ufeff",
    "ﬁ",
    "\r",
    "\0",
    "⏎",
    "import ",
    "class A:\n",
    "yield ",
    "x = ",
    "print(",
]


def corpus() -> list[str]:
    """The texts of the case files and of the examples."""
    found = [path.read_text(encoding="utf-8") for path in sorted(TESTS.glob("examples/*.grad"))]
    for path in sorted(TESTS.glob("cases/*.grad")):
        lines: list[str] = []
        for row in [*path.read_text(encoding="utf-8").splitlines(), ""]:
            if row[:2] in ("> ", "| "):
                lines.append(row[2:])
                continue
            if lines:
                found.append("\n".join(lines))
                lines = []
            text, arrow, _ = row.partition("  => ")
            if arrow and not row.startswith("#"):
                found.append(text.rstrip().replace("⏎", "\n"))
    return found


CORPUS = corpus()


def made(seed: int, number: int) -> bytes:
    """The input of this number, which depends on nothing else."""
    random = Random(f"{seed}:{number}")
    kind = KINDS[number % len(KINDS)]
    if kind == "program":
        return Grammar(random).program().encode()[:LONGEST]
    if kind == "mutant":
        return mutant(random).encode(errors="surrogatepass")[:LONGEST]
    return noise(random)


def mutant(random: Random) -> str:
    text = random.choice(CORPUS)
    if random.random() < 0.2:
        text += "\n" + random.choice(CORPUS)
    for _ in range(random.randint(1, 4)):
        at = random.randint(0, len(text))
        until = min(len(text), at + random.choice((0, 0, 1, 1, 2, 5, 20)))
        other = random.choice(CORPUS)
        start = random.randint(0, len(other))
        new = random.choice(
            [
                "",
                random.choice(FRAGMENTS),
                text[at:until] * 2,
                other[start : start + random.randint(1, 30)],
            ]
        )
        text = text[:at] + new + text[until:]
    return text


def noise(random: Random) -> bytes:
    length = random.randint(0, 80)
    if random.random() < 0.3:
        return random.randbytes(length)
    if random.random() < 0.5:
        return "".join(random.choice(FRAGMENTS) for _ in range(length // 4)).encode()
    return bytes(random.choice(b"()[]{}'\"+-*/^.,:;=<> \n\txyf0123456789e") for _ in range(length))
