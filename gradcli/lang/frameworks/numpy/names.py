"""Which operations of the table numpy has elsewhere or not at all."""

# Those that `numpy` itself does not have.
MISSING = frozenset(
    (
        *("adaptive_avg_pool1d", "adaptive_max_pool1d", "adaptive_max_pool2d", "alpha_dropout"),
        *("bilinear", "col2im", "conv3d", "conv_transpose1d", "conv_transpose2d", "dropout1d"),
        *("dropout2d", "im2col", "instance_norm", "interpolate", "multi_margin_loss"),
        *("multilabel_soft_margin_loss", "pixel_shuffle", "pixel_unshuffle", "rms_norm"),
        *("scaled_dot_product_attention", "soft_margin_loss"),
        *("adaptive_avg_pool2d", "addcdiv", "addcmul", "addmm", "argcummax", "argcummin"),
        *("avg_pool1d", "avg_pool2d", "batch_norm", "bce", "bce_with_logits", "beta"),
        *("betainc", "betaln", "binary_cross_entropy", "binary_cross_entropy_with_logits"),
        *("broadcast_tensors", "cartesian_prod", "cat", "cdist", "celu", "chain_matmul"),
        *("cholesky", "cholesky_solve", "chunk", "clamp", "clone", "cond", "conv1d", "conv2d"),
        *("cosine_embedding", "cosine_embedding_loss", "cosine_similarity", "cross_entropy"),
        *("cross_entropy_loss", "cummax", "cummin", "cumulative_trapezoid", "det"),
        *("diag_embed", "digamma", "div", "dropout", "eigh", "eigvalsh", "elu", "embedding"),
        *("entr", "eq", "erf", "erfc", "erfcinv", "erfcx", "erfinv", "exp1", "expand"),
        *("expand_as", "expi", "expit", "expm", "fft2", "fftn", "fftshift", "flatten", "frac"),
        *("gamma", "gammainc", "gammaincc", "gammaln", "gather", "gaussian_nll"),
        *("gaussian_nll_loss", "ge", "gelu", "ger", "glu", "group_norm", "gt", "hardshrink"),
        *("hardsigmoid", "hardswish", "hardtanh", "hinge", "hinge_embedding"),
        *("hinge_embedding_loss", "hinge_loss", "huber", "huber_loss", "i0e", "i1", "i1e"),
        *("ifft", "ifft2", "ifftn", "ifftshift", "igamma", "igammac", "index_add"),
        *("index_select", "inv", "inverse", "irfft", "iv", "j0", "j1", "jn", "jv", "k0", "k0e"),
        *("k1", "k1e", "kl_div", "kn", "kthvalue", "kv", "l1", "l1_loss", "lambertw"),
        *("layer_norm", "lbeta", "le", "leaky_relu", "lerp", "lgamma", "linear", "ln"),
        *("log_ndtr", "log_sigmoid", "log_softmax", "logcumsumexp", "logdet", "loggamma"),
        *("logit", "logsigmoid", "logsumexp", "lstsq", "lt", "lu", "margin_ranking"),
        *("margin_ranking_loss", "masked_fill", "masked_select", "matrix_exp", "matrix_norm"),
        *("matrix_power", "matrix_rank", "max_pool1d", "max_pool2d", "mish", "movedim", "mse"),
        *("mse_loss", "mul", "multi_dot", "multigammaln", "mvlgamma", "narrow", "ndtr"),
        *("ndtri", "ne", "neg", "nll", "nll_loss", "norm", "normalize", "one_hot"),
        *("pairwise_distance", "permute", "pinv", "pinverse", "poisson_nll"),
        *("poisson_nll_loss", "polygamma", "prelu", "psi", "qr", "relu", "relu6"),
        *("repeat_interleave", "reshape_as", "rfft", "rsqrt", "scatter", "scatter_add", "selu"),
        *("sgn", "sigmoid", "silu", "sliding_window_view", "slogdet", "smooth_l1"),
        *("smooth_l1_loss", "softmax", "softmin", "softplus", "softshrink", "softsign"),
        *("solve", "solve_triangular", "sub", "svd", "svdvals", "swish", "t", "take_along_dim"),
        *("tanhshrink", "threshold", "topk", "trapz", "triplet_margin", "triplet_margin_loss"),
        *("unbind", "unflatten", "unfold", "unsqueeze", "vector_norm", "view", "view_as"),
        *("xlog1py", "xlogy", "y0", "y1", "yn", "yv", "zeta"),
    )
)

# `numpy.linalg`
LINALG = frozenset(
    (
        *("cholesky", "cond", "cross", "det", "diagonal", "eigh", "eigvalsh", "inv", "lstsq"),
        *("matmul", "matrix_norm", "matrix_power", "matrix_rank", "multi_dot", "norm", "outer"),
        *("pinv", "qr", "slogdet", "solve", "svd", "svdvals", "tensordot", "trace"),
        "vector_norm",
    )
)

# `numpy.fft`
FFT = frozenset(
    (
        *("fft", "fft2", "fftn", "fftshift", "ifft", "ifft2", "ifftn", "ifftshift", "irfft"),
        "rfft",
    )
)
