"""Which module declares each name, in the order of declaration: written by `scripts/homes.py`.

ROWS       of the op table, by modules of `ops`
ALIASES    other names of rows
FUNCTIONS  what is registered beside the rows, by modules of `functions`
PRIVATE    rows that functions choose and nobody calls by name
IN_PLACE   functions that overwrite their first operand
"""

ROWS = {
    "arithmetic": (
        "add sub rsub mul div neg positive clone pow_scalar pow_tensor pow_base remainder fmod "
        "floor_divide maximum minimum fmax fmin where clip eq ne lt le gt ge logical_and "
        "logical_or logical_not bitwise_and bitwise_or invert isnan isinf isfinite"
    ),
    "gathering": (
        "gather scatter_add last_written scatter index_select index_add embedding masked_fill "
        "one_hot"
    ),
    "shape": (
        "reshape ravel squeeze expand_dims transpose t swapaxes broadcast_to scatter_index getitem "
        "zeros_like ones_like astype"
    ),
    "arranging": "flip roll rot90 tile repeat pad unfold",
    "special": (
        "erf erfc erfinv erfcinv ndtr ndtri logit entr polygamma digamma gamma lgamma loggamma "
        "multigammaln beta lbeta zeta exp1 expi lambertw"
    ),
    "bessel": "jv j0 j1 yv y0 y1 iv i0 i1 kv k0 k1 ive i0e i1e kve k0e k1e",
    "circular": (
        "sin cos tan arcsin arccos arctan arctan2 sinc sinh cosh tanh arcsinh arccosh arctanh "
        "radians degrees"
    ),
    "compound": (
        "xlogy xlog1py lerp addcmul addcdiv frac round_decimals nan_to_num isclose logical_xor"
    ),
    "convolution": (
        "convolve convolution convolution_bias convolution_by_x transposed_convolution "
        "convolution_by_w"
    ),
    "cumulative": "cumsum recurrence cumprod logcumsumexp argcummax cummax argcummin cummin",
    "cutting": "split split_with_sizes unbind",
    "diagonals": "diagonal diag_embed tril triu",
    "elementary": (
        "exp exp2 expm1 log log2 log10 log1p logaddexp logaddexp2 sqrt cbrt rsqrt reciprocal "
        "square hypot sign sgn abs copysign floor ceil trunc rint heaviside conj real imag angle"
    ),
    "reduction": "sum mean prod max max_along argmax min min_along argmin norm2 logsumexp any all",
    "systems": "inv cofactor det slogdet solve solve_triangular pinv",
    "factorization": "cholesky qr lu eigh svd",
    "incomplete": "gamma_density gammainc gammaincc beta_density betainc",
    "joining": "concatenate stack",
    "linalg": "dot mv vm mm bmm addmm linear outer einsum",
    "sigmoidal": "sigmoid logsigmoid softplus silu mish gelu softsign tanhshrink",
    "softmax": "softmax log_softmax glu",
    "likelihood": "nll_loss cross_entropy_slope cross_entropy",
    "loss": (
        "mse_loss huber_loss smooth_l1_loss binary_cross_entropy binary_cross_entropy_with_logits"
    ),
    "matrix_functions": "expm trace cross",
    "neural": (
        "relu leaky_relu prelu threshold hardtanh hardsigmoid hardswish hardshrink softshrink elu "
        "selu celu"
    ),
    "normalization": "native_batch_norm native_layer_norm native_group_norm",
    "norms": "norm_p",
    "ordering": "argsort sort searchsorted bincount first_places unique",
    "pooling": (
        "max_pool_places max_pool_put max_pool_pick max_pool avg_pool avg_pool_spread "
        "adaptive_avg_pool"
    ),
    "spectral": "fft ifft rfft irfft fftshift ifftshift",
    "statistics": "var std nansum count_nonzero",
    "tails": "erfcx log_ndtr",
    "writing": "as_strided copy_slices index_put copy zero fill",
}
ALIASES = {
    "arithmetic": "subtract multiply divide true_divide negative mod clamp",
    "shape": "view unsqueeze permute expand",
    "arranging": "repeat_interleave",
    "special": "psi gammaln mvlgamma betaln",
    "circular": "asin acos atan atan2 asinh acosh atanh deg2rad rad2deg",
    "elementary": "ln absolute fabs round conjugate",
    "reduction": "amax amin",
    "systems": "inverse pinverse",
    "incomplete": "igamma igammac",
    "joining": "cat concat",
    "sigmoidal": "expit log_sigmoid swish",
    "matrix_functions": "matrix_exp",
}
FUNCTIONS = {
    "activations": (
        "allclose around cosine_similarity fix logit normalize pairwise_distance prelu relu6 round "
        "softmin"
    ),
    "arranging": (
        "atleast_1d atleast_2d atleast_3d broadcast_arrays broadcast_tensors cartesian_prod "
        "column_stack diag diagflat dstack expand_as flatten fliplr flipud hstack meshgrid "
        "moveaxis movedim narrow reshape_as roll row_stack select sliding_window_view unflatten "
        "view_as vstack"
    ),
    "attention": "scaled_dot_product_attention",
    "choosing": "chunk matmul max min pow power split where",
    "classification": "cross_entropy cross_entropy_loss nll nll_loss",
    "gathering": (
        "gather index_add index_select masked_fill masked_select scatter scatter_add take "
        "take_along_axis take_along_dim"
    ),
    "layers": (
        "alpha_dropout batch_norm bilinear dropout dropout1d dropout2d embedding group_norm "
        "instance_norm layer_norm linear rms_norm"
    ),
    "losses": (
        "bce bce_with_logits binary_cross_entropy binary_cross_entropy_with_logits "
        "cosine_embedding cosine_embedding_loss gaussian_nll gaussian_nll_loss hinge "
        "hinge_embedding hinge_embedding_loss hinge_loss huber huber_loss kl_div l1 l1_loss "
        "margin_ranking margin_ranking_loss mse mse_loss multi_margin_loss "
        "multilabel_soft_margin_loss poisson_nll poisson_nll_loss smooth_l1 smooth_l1_loss "
        "soft_margin_loss triplet_margin triplet_margin_loss"
    ),
    "matrices": (
        "cholesky cholesky_solve eigh eigvalsh logdet lstsq lu matrix_rank qr solve "
        "solve_triangular svd svdvals"
    ),
    "matrix_norms": "cdist cond matrix_norm norm",
    "orders": "iv jn jv kn kv polygamma yn yv zeta",
    "pools": (
        "adaptive_avg_pool1d adaptive_avg_pool2d adaptive_max_pool1d adaptive_max_pool2d "
        "avg_pool1d avg_pool2d max_pool1d max_pool2d"
    ),
    "products": (
        "chain_matmul cross dot ger inner kron matrix_power multi_dot outer tensordot vander vdot"
    ),
    "reciprocals": "cot coth csc csch sec sech",
    "resampling": "col2im im2col interpolate pixel_shuffle pixel_unshuffle",
    "signals": (
        "conv1d conv2d conv3d conv_transpose1d conv_transpose2d convolve correlate fft2 fftn ifft2 "
        "ifftn"
    ),
    "statistics": (
        "average corrcoef cov cumulative_trapezoid diff kthvalue median nanmax nanmean nanmin "
        "percentile ptp quantile topk trapezoid trapz"
    ),
    "vector_norms": "vector_norm",
}
PRIVATE = (
    "rsub pow_scalar pow_tensor pow_base last_written embedding scatter_index getitem polygamma "
    "zeta jv yv iv kv ive kve round_decimals convolve convolution convolution_bias "
    "convolution_by_x transposed_convolution convolution_by_w recurrence split split_with_sizes "
    "max_along min_along norm2 cofactor solve solve_triangular cholesky qr lu eigh svd "
    "gamma_density beta_density mv vm mm bmm linear nll_loss cross_entropy_slope cross_entropy "
    "mse_loss huber_loss smooth_l1_loss binary_cross_entropy binary_cross_entropy_with_logits "
    "cross prelu native_batch_norm native_layer_norm native_group_norm norm_p first_places "
    "max_pool_places max_pool_put max_pool_pick max_pool avg_pool avg_pool_spread "
    "adaptive_avg_pool as_strided copy_slices index_put copy zero fill"
)
IN_PLACE = (
    "abs_ absolute_ acos_ acosh_ add_ addcdiv_ addcmul_ angle_ arccos_ arccosh_ arcsin_ arcsinh_ "
    "arctan2_ arctan_ arctanh_ asin_ asinh_ atan2_ atan_ atanh_ beta_ betainc_ betaln_ cbrt_ ceil_ "
    "celu_ clamp_ clip_ conj_ conjugate_ copysign_ cos_ cosh_ deg2rad_ degrees_ digamma_ div_ "
    "divide_ elu_ entr_ erf_ erfc_ erfcinv_ erfcx_ erfinv_ exp1_ exp2_ exp_ expi_ expit_ expm1_ "
    "fabs_ floor_ floor_divide_ fmax_ fmin_ fmod_ frac_ gamma_ gammainc_ gammaincc_ gammaln_ gelu_ "
    "hardshrink_ hardsigmoid_ hardswish_ hardtanh_ heaviside_ hypot_ i0_ i0e_ i1_ i1e_ igamma_ "
    "igammac_ j0_ j1_ k0_ k0e_ k1_ k1e_ lambertw_ lbeta_ leaky_relu_ lerp_ lgamma_ ln_ log10_ "
    "log1p_ log2_ log_ log_ndtr_ log_sigmoid_ logaddexp2_ logaddexp_ loggamma_ logit_ logsigmoid_ "
    "maximum_ minimum_ mish_ mod_ mul_ multigammaln_ multiply_ mvlgamma_ nan_to_num_ ndtr_ ndtri_ "
    "neg_ negative_ positive_ pow_ power_ psi_ rad2deg_ radians_ real_ reciprocal_ relu_ "
    "remainder_ rint_ round_ rsqrt_ selu_ sgn_ sigmoid_ sign_ silu_ sin_ sinc_ sinh_ softplus_ "
    "softshrink_ softsign_ sqrt_ square_ sub_ subtract_ swish_ tan_ tanh_ tanhshrink_ threshold_ "
    "true_divide_ trunc_ xlog1py_ xlogy_ y0_ y1_"
)
