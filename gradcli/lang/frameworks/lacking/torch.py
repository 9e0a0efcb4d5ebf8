"""Names that torch has and gradcli has not; see scripts/lacking.py."""

NAMES = {
    "torch": """
        AVG AcceleratorError AliasDb Argument ArgumentSpec BFloat16Tensor BenchmarkConfig
        BenchmarkExecutionStats Block BufferDict ByteTensor CallStack Capsule CharTensor Code
        CompilationUnit CompleteArgumentSpec ConcreteModuleTypeBuilder DeepCopyMemoTable
        DeserializationStorageContext DisableTorchFunction DisableTorchFunctionSubclass DispatchKey
        DispatchKeySet ErrorReport Event ExcludeDispatchKeyGuard ExecutionPlan FatalError FileCheck
        FunctionSchema Future GradScaler Gradient Graph GraphExecutorState HalfTensor IODescriptor
        JITException LiteScriptModule LockingLogger LoggerBase ModuleDict Node NoopLogger
        OperatorInfo OutOfMemoryError PRIVATE_OPS ParameterDict PyTorchFileReader PyTorchFileWriter
        SUM ScriptClass ScriptClassFunction ScriptDict ScriptDictIterator ScriptDictKeyIterator
        ScriptFunction ScriptList ScriptListIterator ScriptMethod ScriptModule
        ScriptModuleSerializer ScriptObject ScriptObjectProperty SerializationStorageContext
        ShortTensor StaticModule StorageBase Stream SymBool SymFloat SymInt TYPE_CHECKING Tag
        ThroughputBenchmark TracingState USE_GLOBAL_DEPS USE_RTLD_GLOBAL_WITH_LIBTORCH Use Value
        adaptive_max_pool1d addmv_ adjoint affine_grid_generator alpha_dropout_
        are_deterministic_algorithms_enabled as_strided as_strided_ as_strided_scatter
        bartlett_window batch_norm_backward_reduce batch_norm_elemt batch_norm_gather_stats
        batch_norm_gather_stats_with_counts batch_norm_stats batch_norm_update_stats bfloat16
        binomial bit bits16 bits1x8 bits2x4 bits4x2 bits8 bitwise_left_shift bitwise_right_shift
        blackman_window broadcast_shapes can_cast chalf channel_shuffle channels_last
        channels_last_3d cholesky_inverse choose_qparams_optimized clamp_max_ clamp_min_
        classproperty clear_autocast_cache compile compiled_with_cxx11_abi complex32 conj_physical
        conj_physical_ constant_pad_nd contiguous_format conv_tbc conv_transpose3d convolution
        ctc_loss default_generator dequantize detach_ diagonal_scatter dropout_ dsmm dtype eig
        embedding_bag embedding_renorm_ empty_permuted empty_quantized empty_strided
        feature_alpha_dropout feature_alpha_dropout_ feature_dropout feature_dropout_ fill fix_
        float16 float4_e2m1fn_x2 float8_e4m3fn float8_e4m3fnuz float8_e5m2 float8_e5m2fnuz
        float8_e8m0fnu fork frexp frobenius_norm from_dlpack from_file frombuffer
        fused_moving_avg_obs_fake_quant gcd_ geqrf get_default_device get_deterministic_debug_mode
        get_device get_device_module get_file_path get_float32_matmul_precision
        get_num_interop_threads get_rng_state gradient grid_sampler grid_sampler_2d grid_sampler_3d
        gru gru_cell half hamming_window hann_window has_lapack has_mkl has_openmp has_spectral
        hash_tensor histogram histogramdd hsmm hspmm import_ir_module import_ir_module_from_buffer
        index_fill index_put index_put_ index_reduce init_num_threads initial_seed int1 int2 int3
        int4 int5 int6 int7 int_repr is_anomaly_check_nan_enabled is_anomaly_enabled is_conj
        is_deterministic_algorithms_warn_only_enabled is_distributed is_inference
        is_inference_mode_enabled is_neg is_nonzero is_same_size is_signed is_storage
        is_vulkan_available is_warn_always_enabled isneginf isposinf isreal istft jagged
        kaiser_window layout lcm_ ldexp ldexp_ legacy_contiguous_format lobpcg lstm lstm_cell
        lu_solve lu_unpack masked_scatter max_pool1d_with_indices max_pool3d memory_format
        merge_type_from_type_comment nanquantile native_batch_norm native_channel_shuffle
        native_dropout native_group_norm native_layer_norm native_norm newaxis nextafter
        nonzero_static norm_except_dim nuclear_norm orgqr ormqr parse_ir parse_schema
        parse_type_comment pca_lowrank pdist per_channel_affine per_channel_affine_float_qparams
        per_channel_symmetric per_tensor_affine per_tensor_symmetric
        prepare_multiprocessing_environment preserve_format
        profiler_allow_cudagraph_cupti_lazy_reinit_cuda12 put q_per_channel_axis
        q_per_channel_scales q_per_channel_zero_points q_scale q_zero_point qint32 qint8 qscheme
        quantize_per_channel quantize_per_tensor quantize_per_tensor_dynamic quint2x4 quint4x2
        quint8 range renorm resize_as_ resize_as_sparse_ resolve_conj resolve_neg rnn_relu
        rnn_relu_cell rnn_tanh rnn_tanh_cell rrelu rrelu_ rsub saddmm scatter_reduce seed
        segment_reduce select_scatter set_anomaly_enabled set_default_tensor_type
        set_deterministic_debug_mode set_float32_matmul_precision set_flush_denormal
        set_num_interop_threads set_rng_state set_warn_always slice_inverse slice_scatter smm
        sparse_bsc sparse_bsc_tensor sparse_bsr sparse_bsr_tensor sparse_compressed_tensor
        sparse_coo sparse_coo_tensor sparse_csc sparse_csc_tensor sparse_csr sparse_csr_tensor
        split_with_sizes spmm sspaddmm stft strided svd_lowrank symeig thread_safe_generator
        to_dlpack triangular_solve typename uint1 uint16 uint2 uint3 uint32 uint4 uint5 uint6 uint64
        uint7 unify_type_list unravel_index unsafe_chunk unsafe_split unsafe_split_with_sizes
        view_as_complex wait while_loop
    """,
    "torch.autograd": """
        Mapping NestedIOFunction ProfilerActivity ProfilerConfig ProfilerEvent ProfilerState
        SavedTensor Sequence cast enforce_grad_layout_policy is_multithreading_enabled
        is_tensor_like is_view_replay_enabled kineto_available overload set_multithreading_enabled
        variable
    """,
    "torch.autograd.functional": """

    """,
    "torch.distributions": """
        AbsTransform AffineTransform Binomial CatTransform Cauchy Chi2 ComposeTransform
        ContinuousBernoulli CorrCholeskyTransform CumulativeDistributionTransform Dirichlet
        ExpTransform ExponentialFamily FisherSnedecor GeneralizedPareto Geometric Gumbel HalfCauchy
        HalfNormal IndependentTransform InverseGamma Kumaraswamy LKJCholesky LogisticNormal
        LowRankMultivariateNormal LowerCholeskyTransform MixtureSameFamily Multinomial
        NegativeBinomial OneHotCategorical OneHotCategoricalStraightThrough Pareto
        PositiveDefiniteTransform PowerTransform RelaxedBernoulli RelaxedOneHotCategorical
        ReshapeTransform SigmoidTransform SoftmaxTransform SoftplusTransform StackTransform
        StickBreakingTransform StudentT TanhTransform Transform TransformedDistribution VonMises
        Weibull Wishart biject_to identity_transform register_kl transform_to
    """,
    "torch.fft": """
        Tensor common_args factory_common_args fftfreq hfft hfft2 hfftn ihfft ihfft2 ihfftn irfft2
        irfftn rfft2 rfftfreq rfftn
    """,
    "torch.func": """
        debug_unwrap functionalize rearrange replace_all_batch_norm_modules_
    """,
    "torch.linalg": """
        LinAlgError cholesky_ex common_notes eig eigvals householder_product inv_ex ldl_factor
        ldl_factor_ex ldl_solve lu_factor lu_factor_ex lu_solve solve_ex tensorinv tensorsolve
        vecdot
    """,
    "torch.nn": """
        AdaptiveAvgPool3d AdaptiveLogSoftmaxWithLoss AdaptiveMaxPool3d AvgPool3d Buffer CTCLoss
        ChannelShuffle CircularPad3d ConstantPad3d Container ConvTranspose3d CrossMapLRN2d
        DataParallel Dropout3d FeatureAlphaDropout FractionalMaxPool2d FractionalMaxPool3d LPPool1d
        LPPool2d LPPool3d LazyBatchNorm1d LazyBatchNorm2d LazyBatchNorm3d LazyConv1d LazyConv2d
        LazyConv3d LazyConvTranspose1d LazyConvTranspose2d LazyConvTranspose3d LazyInstanceNorm1d
        LazyInstanceNorm2d LazyInstanceNorm3d LazyLinear LinearCrossEntropyLoss
        LinearCrossEntropyOptions LocalResponseNorm MaxPool3d MaxUnpool1d MaxUnpool2d MaxUnpool3d
        MultiLabelMarginLoss NLLLoss2d RNNBase RNNCellBase RReLU ReflectionPad3d ReplicationPad3d
        SyncBatchNorm TripletMarginWithDistanceLoss UninitializedBuffer UninitializedParameter
        ZeroPad3d factory_kwargs
    """,
    "torch.nn.functional": """
        BroadcastingList1 BroadcastingList2 BroadcastingList3 Callable
        GRID_SAMPLE_INTERPOLATION_MODES GRID_SAMPLE_PADDING_MODES Optional TYPE_CHECKING Tensor
        adaptive_avg_pool3d adaptive_max_pool1d_with_indices adaptive_max_pool2d_with_indices
        adaptive_max_pool3d adaptive_max_pool3d_with_indices affine_grid assert_int_or_pair
        avg_pool3d boolean_dispatch celu_ channel_shuffle conv_tbc conv_transpose3d ctc_loss
        dropout3d elu_ embedding_bag feature_alpha_dropout fractional_max_pool2d
        fractional_max_pool2d_with_indices fractional_max_pool3d fractional_max_pool3d_with_indices
        grid_sample grouped_mm hardtanh_ leaky_relu_ linear_cross_entropy local_response_norm
        lp_pool1d lp_pool2d lp_pool3d max_pool1d_with_indices max_pool2d_with_indices max_pool3d
        max_pool3d_with_indices max_unpool1d max_unpool2d max_unpool3d multi_head_attention_forward
        multilabel_margin_loss native_channel_shuffle pdist relu_ reproducibility_notes rrelu rrelu_
        scaled_grouped_mm scaled_mm selu_ sparse_support_notes tf32_notes threshold_
        triplet_margin_with_distance_loss upsample_bilinear upsample_nearest
    """,
    "torch.nn.init": """
        Callable Literal ParamSpec Tensor TypeVar constant dirac dirac_ eye kaiming_normal
        kaiming_uniform normal orthogonal sparse sparse_ uniform xavier_normal xavier_uniform
    """,
    "torch.nn.utils": """
        clip_grad_norm clip_grads_with_norm_ convert_conv2d_weight_memory_format
        convert_conv3d_weight_memory_format fuse_conv_bn_eval fuse_conv_bn_weights
        fuse_linear_bn_eval fuse_linear_bn_weights remove_spectral_norm remove_weight_norm skip_init
        spectral_norm weight_norm
    """,
    "torch.optim": """
        Adafactor Muon Optimizer SparseAdam swap_in_optimizer_params_and_state
    """,
    "torch.optim.lr_scheduler": """
        Any Counter EPOCH_DEPRECATION_WARNING LRScheduler Literal Optimizer Self SupportsFloat
        TYPE_CHECKING Tensor TypedDict annotations bisect_right cast inf override partial ref wraps
    """,
    "torch.special": """
        Tensor airy_ai bessel_j0 bessel_j1 bessel_y0 bessel_y1 chebyshev_polynomial_t
        chebyshev_polynomial_u chebyshev_polynomial_v chebyshev_polynomial_w common_args
        hermite_polynomial_h hermite_polynomial_he laguerre_polynomial_l legendre_polynomial_p
        modified_bessel_i0 modified_bessel_i1 modified_bessel_k0 modified_bessel_k1 multi_dim_common
        scaled_modified_bessel_k0 scaled_modified_bessel_k1 shifted_chebyshev_polynomial_t
        shifted_chebyshev_polynomial_u shifted_chebyshev_polynomial_v shifted_chebyshev_polynomial_w
        spherical_bessel_j0
    """,
    "torch.testing": """
        FileCheck assert_allclose make_tensor
    """,
    "torch.utils.data": """
        BatchSampler ChainDataset ConcatDataset DFIterDataPipe DataChunk Dataset DistributedSampler
        IterDataPipe IterableDataset MapDataPipe RandomSampler Sampler SequentialSampler
        StackDataset SubsetRandomSampler WeightedRandomSampler argument_validation default_collate
        default_convert functional_datapipe get_worker_info guaranteed_datapipes_determinism
        non_deterministic runtime_validation runtime_validation_disabled
    """,
    "torch.Tensor": """
        addbmm_ addmm_ addmv_ addr_ adjoint apply_ as_strided as_strided_ as_strided_scatter
        as_subclass baddbmm_ bernoulli bfloat16 bitwise_and_ bitwise_left_shift bitwise_left_shift_
        bitwise_not_ bitwise_or_ bitwise_right_shift bitwise_right_shift_ bitwise_xor_ cauchy_
        ccol_indices cdouble cfloat chalf cholesky_inverse coalesce col_indices conj_physical
        conj_physical_ const_data_ptr crow_indices dense_dim dequantize diagonal_scatter dim_order
        eig eq_ fix_ frexp gcd_ ge_ geometric_ geqrf get_device grad_dtype greater_ greater_equal_
        gt_ half hash_tensor histogram index index_copy_ index_fill index_fill_ index_put index_put_
        index_reduce index_reduce_ indices int_repr ipu is_coalesced is_conj is_cpu is_distributed
        is_ipu is_maia is_meta is_mkldnn is_mps is_mtia is_neg is_nested is_nonzero is_pinned
        is_quantized is_same_size is_set_to is_shared is_signed is_sparse is_sparse_csr is_vulkan
        is_xla is_xpu isneginf isposinf isreal istft layout lcm_ ldexp ldexp_ le_ less_ less_equal_
        log_normal_ logical_and_ logical_not_ logical_or_ logical_xor_ lt_ lu_solve map2_ map_
        masked_scatter masked_scatter_ module_load mtia multinomial name nanquantile ne_ new
        new_empty_strided nextafter nextafter_ nonzero_static not_equal_ orgqr ormqr polygamma_ put
        put_ q_per_channel_axis q_per_channel_scales q_per_channel_zero_points q_scale q_zero_point
        qscheme random_ record_stream reinforce renorm renorm_ resize resize_ resize_as resize_as_
        resize_as_sparse_ resolve_conj resolve_neg row_indices scatter_reduce scatter_reduce_
        select_scatter set_ share_memory_ slice_inverse slice_scatter smm sparse_dim sparse_mask
        sparse_resize_ sparse_resize_and_clear_ split_with_sizes squeeze_ sspaddmm stft storage
        storage_type sum_to_size swapaxes_ swapdims_ symeig t_ to_dense to_mkldnn to_padded_tensor
        to_sparse to_sparse_bsc to_sparse_bsr to_sparse_coo to_sparse_csc to_sparse_csr transpose_
        triangular_solve unsafe_chunk unsafe_split unsafe_split_with_sizes unsqueeze_
        untyped_storage values volatile xpu
    """,
}
