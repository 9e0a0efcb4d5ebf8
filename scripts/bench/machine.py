"""What the figures were measured on."""

from __future__ import annotations

import os
import platform
import re
from functools import cache
from importlib import metadata
from pathlib import Path

PACKAGES = {
    "numpy": "numpy",
    "torch": "PyTorch",
    "jax": "JAX",
    "autograd": "autograd",
    "casadi": "CasADi",
    "sympy": "sympy",
    "numexpr": "numexpr",
}


@cache
def processor() -> dict[str, str]:
    """What Linux tells of the first one."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    return dict(re.findall(r"^(.+?)\s*: (.*)$", text.partition("\n\n")[0], re.MULTILINE))


def has_avx512() -> bool:
    return "avx512f" in processor().get("flags", "").split()


def described(seed: int) -> str:
    """The processor, the versions and the seed."""
    model = processor().get("model name", platform.machine())
    vectors = " with AVX-512" if has_avx512() else ""
    versions = [f"Python {platform.python_version()}"]
    for package, name in PACKAGES.items():
        try:
            versions.append(f"{name} {metadata.version(package)}")
        except metadata.PackageNotFoundError:
            continue
    return f"{model}{vectors}, {os.cpu_count()} cores; {', '.join(versions)}; seed {seed}."
