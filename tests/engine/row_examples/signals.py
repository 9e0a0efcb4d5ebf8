"""Calls of transforms, convolutions and pools."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradcli.engine.functions import FUNCTIONS as F
from gradcli.engine.functions import TABLE
from gradcli.engine.ops.windows import Layout

# Windows of 2 along one axis; and of 2 x 2 along two, with a stride, a padding and a dilation.
FLAT = Layout((2,), (1,), ((0, 1),), (1,), groups=2)
WIDE = Layout((2, 2), (2, 1), ((0, 1), (0, 0)), (1, 2))
# Which element of each window is the largest.
TAKEN = np.array([[[[0, 3], [1, 2]], [[3, 3], [0, 1]]]], np.int32)


def mixed(z: Any) -> Any:
    """Both parts of a complex result in one real number each."""
    return z.real + 2 * z.imag


EXAMPLES: dict[str, list[tuple[Any, ...]]] = {
    "fft": [
        (lambda x: mixed(F["fft"](x)), (5,)),
        (lambda x: mixed(F["fft"](x + 1j * x * x, axis=0, norm="ortho")), (4, 2)),
        (lambda x: mixed(F["fft"](x, 3, norm="forward")), (2, 5)),
        (lambda x: mixed(F["fft"](x, 6, axis=-2)), (4, 2)),
    ],
    "ifft": [
        (lambda x: mixed(F["ifft"](x)), (5,)),
        (lambda x: mixed(F["ifft"](x + 1j * x * x, 3, axis=0, norm="ortho")), (4, 2)),
        (lambda x: mixed(F["ifft"](x, 6, norm="forward")), (2, 4)),
    ],
    "rfft": [
        (lambda x: mixed(F["rfft"](x)), (5,)),
        (lambda x: mixed(F["rfft"](x, axis=0, norm="ortho")), (4, 2)),
        (lambda x: mixed(F["rfft"](x, 3, norm="forward")), (2, 5)),
        (lambda x: mixed(F["rfft"](x, 6)), (2, 4)),
    ],
    "irfft": [
        (F["irfft"], (4,)),
        (lambda x: F["irfft"](x + 1j * x * x, 5, axis=0), (3, 2)),
        (lambda x: F["irfft"](x + 1j * x * x, 3, norm="forward"), (2, 4)),
        (lambda x: F["irfft"](x + 1j * x * x, 8, norm="ortho"), (2, 3)),
    ],
    "fftshift": [(F["fftshift"], (5,)), (lambda x: F["fftshift"](x, axes=0), (3, 2))],
    "ifftshift": [(F["ifftshift"], (2, 5)), (lambda x: F["ifftshift"](x, (-1,)), (3, 2))],
    "convolve": [
        (F["convolve"], (4,), (3,)),
        (lambda a, b: F["convolve"](a, b, "valid"), (2,), (4,)),
        (lambda a, b: F["convolve"](a, b, "same"), (4,), (3,)),
        (lambda a, b: F["correlate"](a, b, "full"), (3,), (2,)),
    ],
    "convolution": [
        (F["conv1d"], (2, 2, 5), (3, 2, 2)),
        (lambda x, w: F["conv1d"](x, w, stride=2, padding="valid"), (1, 5), (2, 1, 2)),
        (lambda x, w: F["conv2d"](x, w, padding=1, stride=(2, 1)), (2, 2, 4, 3), (2, 2, 3, 2)),
        (lambda x, w: F["conv2d"](x, w, groups=2, dilation=(1, 2)), (1, 4, 2, 3), (2, 2, 1, 2)),
        (lambda x, w: F["conv2d"](x, w, stride=2), (2, 2, 3, 3), (2, 2, 1, 1)),
    ],
    "convolution_bias": [
        (lambda x, w, b: F["conv1d"](x, w, b, padding="same"), (2, 1, 4), (2, 1, 2), (2,)),
        (F["conv2d"], (2, 2, 2, 2), (3, 2, 1, 1), (3,)),
    ],
    "convolution_by_x": [
        (lambda g, w: TABLE["convolution_by_x"](g, w, FLAT, (4,)), (2, 2, 4), (2, 1, 2)),
        (lambda g, w: TABLE["convolution_by_x"](g, w, WIDE, (3, 4)), (2, 2, 2, 2), (2, 2, 2, 2)),
    ],
    "transposed_convolution": [
        (lambda x, w: F["conv_transpose1d"](x, w, stride=2, padding=1), (2, 2, 3), (2, 1, 3)),
        (
            lambda x, w: F["conv_transpose2d"](x, w, None, 2, 1, 1, groups=2, dilation=(1, 2)),
            (1, 2, 2, 2),
            (2, 1, 2, 2),
        ),
        (F["conv_transpose2d"], (2, 1, 2), (2, 3, 1, 2), (3,)),
    ],
    "convolution_by_w": [
        (lambda g, x: TABLE["convolution_by_w"](g, x, FLAT), (2, 2, 4), (2, 2, 4)),
        (lambda g, x: TABLE["convolution_by_w"](g, x, WIDE), (2, 2, 2, 2), (2, 2, 3, 4)),
    ],
    "max_pool": [
        (lambda x: F["max_pool1d"](x, 2), (2, 5)),
        (lambda x: F["max_pool2d"](x, (2, 3), stride=1, padding=(1, 0)), (2, 1, 3, 4)),
        (lambda x: F["max_pool2d"](x, 2, dilation=2), (1, 1, 4, 3)),
        (lambda x: F["max_pool2d"](x, 2, ceil_mode=True), (1, 1, 3, 5)),
    ],
    "max_pool_put": [(lambda g: TABLE["max_pool_put"](g, TAKEN, (3, 4), WIDE), (1, 2, 2, 2))],
    "max_pool_pick": [(lambda x: TABLE["max_pool_pick"](x, TAKEN, WIDE), (1, 2, 3, 4))],
    "avg_pool": [
        (lambda x: F["avg_pool1d"](x, 2, stride=1), (1, 2, 4)),
        (lambda x: F["avg_pool2d"](x, (2, 3), padding=1), (2, 1, 3, 4)),
        (lambda x: F["avg_pool2d"](x, 1, stride=2), (1, 3, 3)),
        (lambda x: F["avg_pool2d"](x, 2, 2, 1, True, False), (1, 3, 4)),
    ],
    "avg_pool_spread": [
        (lambda g: TABLE["avg_pool_spread"](g, (3, 4), WIDE._replace(dilation=(1, 1))), (2, 2, 3)),
    ],
    "adaptive_avg_pool": [
        (lambda x: F["adaptive_avg_pool2d"](x, (2, None)), (1, 2, 3, 2)),
        (lambda x: F["adaptive_avg_pool2d"](x, 3), (2, 5, 4)),
    ],
}
