"""Names that numpy has and gradcli has not; see scripts/lacking.py."""

NAMES = {
    "numpy": """
        False_ True_ append apply_along_axis apply_over_axes argpartition argwhere array2string
        array_equiv array_repr array_split array_str asanyarray asarray_chkfinite ascontiguousarray
        asfortranarray asmatrix bartlett base_repr binary_repr bitwise_count bitwise_invert
        bitwise_left_shift bitwise_not bitwise_right_shift bitwise_xor blackman block bmat bool
        broadcast broadcast_shapes busday_count busday_offset busdaycalendar byte bytes_ c_ can_cast
        cdouble character choose clongdouble common_type complex256 complexfloating compress copy
        copyto csingle cumulative_prod cumulative_sum datetime64 datetime_as_string datetime_data
        delete diag_indices diag_indices_from digitize divmod double dsplit dtype ediff1d
        einsum_path empty_like equal errstate euler_gamma extract fill_diagonal flatiter flatnonzero
        flexible float128 float16 float_power floating format_float_positional
        format_float_scientific frexp from_dlpack frombuffer fromfile fromfunction fromiter
        frompyfunc fromregex fromstring gcd generic genfromtxt geomspace get_include
        get_printoptions getbufsize geterr geterrcall gradient greater greater_equal half hamming
        hanning histogram histogram2d histogram_bin_edges histogramdd hsplit index_exp indices
        inexact info insert int_ intc integer interp intersect1d intp is_busday iscomplex
        iscomplexobj isdtype isfortran isin isnat isneginf isposinf isreal isrealobj isscalar
        issubdtype iterable ix_ kaiser lcm ldexp left_shift less less_equal lexsort little_endian
        load loadtxt long longdouble longlong mask_indices matrix matrix_transpose matvec
        may_share_memory memmap mgrid min_scalar_type mintypecode modf nanargmax nanargmin
        nancumprod nancumsum nanmedian nanpercentile nanprod nanquantile nanstd nanvar ndarray
        ndenumerate ndim ndindex nditer nested_iters nextafter nonzero not_equal number object_
        ogrid packbits partition permute_dims piecewise place poly poly1d polyadd polyder polydiv
        polyfit polyint polymul polysub polyval printoptions promote_types put put_along_axis
        putmask r_ ravel_multi_index real_if_close recarray record require resize result_type
        right_shift rollaxis roots s_ save savetxt savez savez_compressed sctypeDict setbufsize
        setdiff1d seterr seterrcall setxor1d shape shares_memory short show_config show_runtime
        signbit signedinteger single size sort_complex spacing str_ test timedelta64 tri
        tril_indices tril_indices_from trim_zeros triu_indices triu_indices_from typecodes typename
        ubyte ufunc uint uint16 uint32 uint64 uintc uintp ulong ulonglong union1d unique_all
        unique_counts unique_inverse unique_values unpackbits unravel_index unsignedinteger unstack
        unwrap ushort vecdot vecmat vectorize void vsplit
    """,
    "numpy.fft": """
        fftfreq hfft ihfft irfft2 irfftn rfft2 rfftfreq rfftn test
    """,
    "numpy.linalg": """
        LinAlgError eig eigvals matrix_transpose tensorinv tensorsolve test vecdot
    """,
    "numpy.random": """
        BitGenerator Generator MT19937 PCG64 PCG64DXSM Philox RandomState SFC64 SeedSequence bytes
        chisquare dirichlet f geometric get_bit_generator get_state gumbel hypergeometric laplace
        logistic lognormal logseries multinomial multivariate_normal negative_binomial
        noncentral_chisquare noncentral_f pareto power random_integers ranf rayleigh sample
        set_bit_generator set_state standard_cauchy standard_exponential standard_gamma standard_t
        test triangular vonmises wald weibull zipf
    """,
    "numpy.testing": """
        BLAS_SUPPORTS_FPE HAS_LAPACK64 HAS_REFCOUNT IS_64BIT IS_EDITABLE IS_INSTALLED IS_MUSL
        IS_PYPY IS_PYSTON IS_WASM IgnoreException KnownFailureException NOGIL_BUILD NUMPY_ROOT
        SkipTest TestCase assert_ assert_approx_equal assert_array_almost_equal
        assert_array_almost_equal_nulp assert_array_compare assert_array_less assert_array_max_ulp
        assert_equal assert_no_gc_cycles assert_no_warnings assert_raises assert_raises_regex
        assert_string_equal assert_warns break_cycles build_err_msg check_support_sve
        clear_and_catch_warnings decorate_methods jiffies measure memusage print_assert_equal
        run_threaded rundocs runstring suppress_warnings tempdir temppath test verbose
    """,
    "numpy.ndarray": """
        argpartition base byteswap choose compress ctypes device dump dumps fill flags flat getfield
        itemsize nbytes nonzero partition put resize setfield setflags strides to_device tobytes
        tofile
    """,
}
