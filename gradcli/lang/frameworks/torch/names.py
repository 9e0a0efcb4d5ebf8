"""Which operations of the table have a place in PyTorch, and where."""

# Those that `torch` itself does not have.
MISSING = frozenset(
    (
        *("adaptive_max_pool1d", "adaptive_max_pool2d", "col2im", "dropout1d", "dropout2d"),
        *("im2col", "interpolate", "multi_margin_loss", "multilabel_soft_margin_loss"),
        *("scaled_dot_product_attention", "soft_margin_loss"),
        *("adaptive_avg_pool2d", "argcummax", "argcummin", "around", "astype", "average"),
        *("avg_pool2d", "bce", "bce_with_logits", "beta", "betainc", "betaln"),
        *("binary_cross_entropy", "broadcast_arrays", "cbrt", "conjugate", "convolve"),
        *("correlate", "cosine_embedding", "cross_entropy", "cross_entropy_loss", "degrees"),
        *("eigh", "eigvalsh", "elu", "entr", "erfcinv", "erfcx", "exp1", "expand", "expand_as"),
        *("expand_dims", "expi", "expit", "expm", "fabs", "fft2", "fftn", "fftshift", "gamma"),
        *("gammainc", "gammaincc", "gammaln", "gaussian_nll", "gaussian_nll_loss", "gelu"),
        *("glu", "hardsigmoid", "hardswish", "hardtanh", "hinge", "hinge_embedding"),
        *("hinge_loss", "huber", "huber_loss", "i0e", "i1", "i1e", "ifft", "ifft2", "ifftn"),
        *("ifftshift", "inv", "invert", "irfft", "iv", "j0", "j1", "jn", "jv", "k0", "k0e"),
        *("k1", "k1e", "kn", "kv", "l1", "l1_loss", "lambertw", "lbeta", "leaky_relu"),
        *("linear", "ln", "log_ndtr", "log_sigmoid", "loggamma", "logsigmoid"),
        *("margin_ranking", "matrix_norm", "mish", "mod", "mse", "mse_loss", "multi_dot"),
        *("multigammaln", "nanmax", "nanmin", "ndtr", "ndtri", "nll", "nll_loss", "normalize"),
        *("one_hot", "pad", "percentile", "pinv", "poisson_nll", "power", "psi", "ptp"),
        *("radians", "relu6", "repeat", "reshape_as", "rfft", "rint", "silu"),
        *("sliding_window_view", "smooth_l1", "smooth_l1_loss", "softmin", "softplus"),
        *("softshrink", "softsign", "solve_triangular", "svdvals", "swish", "take_along_axis"),
        *("tanhshrink", "triplet_margin", "unfold", "vector_norm", "view", "view_as"),
        *("xlog1py", "y0", "y1", "yn", "yv", "zeta"),
    )
)

# `torch.nn.functional`
FUNCTIONAL = frozenset(
    (
        *("adaptive_avg_pool1d", "adaptive_avg_pool2d", "adaptive_max_pool1d"),
        *("adaptive_max_pool2d", "avg_pool1d", "avg_pool2d", "batch_norm", "bilinear"),
        *("binary_cross_entropy", "binary_cross_entropy_with_logits", "celu", "conv1d"),
        *("conv3d", "conv_transpose1d", "conv_transpose2d", "instance_norm", "interpolate"),
        *("pixel_shuffle", "pixel_unshuffle", "rms_norm", "scaled_dot_product_attention"),
        *("conv2d", "cosine_embedding_loss", "cosine_similarity", "cross_entropy", "dropout"),
        *("elu", "embedding", "gaussian_nll_loss", "gelu", "glu", "group_norm", "hardshrink"),
        *("hardsigmoid", "hardswish", "hardtanh", "hinge_embedding_loss", "huber_loss"),
        *("kl_div", "l1_loss", "layer_norm", "leaky_relu", "linear", "log_softmax"),
        *("logsigmoid", "margin_ranking_loss", "max_pool1d", "max_pool2d", "mish", "mse_loss"),
        *("nll_loss", "normalize", "one_hot", "pad", "pairwise_distance", "poisson_nll_loss"),
        *("prelu", "relu", "relu6", "selu", "sigmoid", "silu", "smooth_l1_loss", "softmax"),
        *("softmin", "softplus", "softshrink", "softsign", "tanh", "tanhshrink", "threshold"),
        "triplet_margin_loss",
    )
)

# `torch.linalg`
LINALG = frozenset(
    (
        *("cholesky", "cond", "cross", "det", "diagonal", "eigh", "eigvalsh", "inv", "lstsq"),
        *("lu", "matmul", "matrix_exp", "matrix_norm", "matrix_power", "matrix_rank"),
        *("multi_dot", "norm", "pinv", "qr", "slogdet", "solve", "solve_triangular", "svd"),
        *("svdvals", "vander", "vector_norm"),
    )
)

# `torch.fft`
FFT = frozenset(
    (
        *("fft", "fft2", "fftn", "fftshift", "ifft", "ifft2", "ifftn", "ifftshift", "irfft"),
        "rfft",
    )
)

# `torch.special`
SPECIAL = frozenset(
    (
        *("digamma", "entr", "erf", "erfc", "erfcx", "erfinv", "exp2", "expit", "expm1"),
        *("gammainc", "gammaincc", "gammaln", "i0", "i0e", "i1", "i1e", "log1p", "log_ndtr"),
        *("log_softmax", "logit", "logsumexp", "multigammaln", "ndtr", "ndtri", "polygamma"),
        *("psi", "round", "sinc", "softmax", "xlog1py", "xlogy", "zeta"),
    )
)

# Functions of `torch` that overwrite their operand.
IN_PLACE = frozenset(
    (
        *("abs_", "acos_", "acosh_", "arccos_", "arccosh_", "arcsin_", "arcsinh_", "arctan_"),
        *("arctanh_", "asin_", "asinh_", "atan_", "atanh_", "ceil_", "celu_", "clamp_"),
        *("clip_", "cos_", "cosh_", "deg2rad_", "erf_", "erfc_", "exp2_", "exp_", "expm1_"),
        *("fill_", "floor_", "frac_", "i0_", "log10_", "log1p_", "log2_", "log_", "logit_"),
        *("nan_to_num_", "neg_", "negative_", "rad2deg_", "reciprocal_", "relu_", "round_"),
        *("rsqrt_", "selu_", "sigmoid_", "sin_", "sinc_", "sinh_", "sqrt_", "square_", "tan_"),
        *("tanh_", "threshold_", "trunc_", "xlogy_", "zero_"),
    )
)
