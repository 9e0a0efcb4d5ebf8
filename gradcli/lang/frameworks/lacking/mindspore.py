"""Names that mindspore has and gradcli has not; see scripts/lacking.py."""

NAMES = {
    "mindspore": """
        Accuracy BackupAndRestore BleuScore COMPATIBLE COOTensor CSRTensor Callback CheckpointConfig
        Cifar100ToMR Cifar10ToMR ConfusionMatrix ConfusionMatrixMetric ConvertModelUtils
        ConvertNetUtils CosineSimilarity CsvToMR DatasetHelper DeviceCtx Dice
        DynamicLossScaleManager EarlyStopping EnvProfiler Event ExitByRequest F1 FAILED Fbeta
        FileReader FileWriter FixedLossScaleManager FlopsUtilizationCollector Generator
        HausdorffDistance History ImageNetToMR Int JitConfig LAX LambdaCallback Layout
        LearningRateScheduler Loss LossMonitor LossScaleManager MAE MSE MeanSurfaceDistance MemPool
        Metric MindPage MnistToMR Model ModelCheckpoint MsDispatchMode Node OcclusionSensitivity
        OnRequestExit ParallelMode Perplexity PluggableAllocator Precision Profiler QuantDtype ROC
        RSCPluginHandle Recall ReduceLROnPlateau RootMeanSquareDistance RowTensor RunContext STRICT
        SUCCESS ScopedValue SparseTensor Stream StreamCtx StreamLimitCtx SummaryCollector
        SummaryLandscape SummaryRecord Symbol SymbolTree TFRecordToMR TFTCommValue TimeMonitor
        Top1CategoricalAccuracy Top5CategoricalAccuracy TopKCategoricalAccuracy TrainFaultTolerance
        absolute_import async_ckpt_thread_status auc bfloat16 bool build_searched_strategy
        build_train_network byte cdouble cfloat ckpt_to_safetensors comm_exec_order_check
        communication_stream connect_network_with_dataset constexpr current_stream data_sink
        default_generator default_stream dispatch_threads_num double dtype_to_nptype dtype_to_pytype
        empty_cache enable_dynamic export export_split_mindir float float16 float8_e4m3fn
        float8_e5m2 float_ flops_collection from_dlpack from_numpy frombuffer get_algo_parameters
        get_auto_parallel_context get_ckpt_path_with_strategy get_context get_current_device
        get_device_limit get_level get_log_config get_metric_fn get_obj_module_and_name_info
        get_ps_context get_py_obj_dtype get_rng_state get_sdc_detect_result get_seed
        get_stream_limit half hifloat8 initial_seed int int_ intc intp
        is_invalid_or_jit_forbidden_method is_jit_forbidden_module is_tensor jit jit_class
        launch_blocking lazy_inline list_ load load_checkpoint_async load_distributed_checkpoint
        load_mindir load_obf_params_into_net load_segmented_checkpoints long manual_seed
        max_memory_allocated max_memory_reserved memory_allocated memory_replay memory_reserved
        memory_stats memory_summary merge_pipeline_strategys merge_sliced_parameter mindio_preload
        ms_memory_recycle mutable names no_inline number obfuscate_ckpt parameter_broadcast
        pytype_to_dtype qint4x2 rank_list_for_transform rearrange_inputs recompute
        register_saved_tensors_hooks reset_algo_parameters reset_auto_parallel_context
        reset_max_memory_allocated reset_max_memory_reserved reset_peak_memory_stats
        reset_ps_context reset_stream_limit reshard restore_group_info_list run_check
        runtime_execution_order_check safetensors_to_ckpt save_mindir saved_tensors_hooks
        sdc_detect_start sdc_detect_stop seed set_algo_parameters set_auto_parallel_context
        set_cpu_affinity set_cur_stream set_dec_mode set_deterministic set_device_limit set_dump
        set_enc_key set_enc_mode set_kernel_launch_capture set_kernel_launch_group set_memory
        set_mindio_server_info set_ps_context set_recursion_limit set_rng_state set_stream_limit
        shard short single stress_detect string swap_tensors sync_pipeline_shared_parameters
        synchronize tensor_type to_dlpack transform_checkpoint_by_rank transform_checkpoints tuple_
        type_none ubyte uint uint16 uint32 uint64 uintc uintp unified_safetensors use_mem_pool
        ushort
    """,
    "mindspore.nn": """
        ASGD Accuracy AdaFactor AdaMax AdaSumByDeltaWeightWrapCell AdaSumByGradWrapCell Adadelta
        AdamOffload AdaptiveAvgPool3d AdaptiveMaxPool3d AvgPool1dExt AvgPool2dExt AvgPool3d
        AvgPool3dExt BiDense BleuScore CTCLoss CellDict CentralCrop ChannelShuffle ClipByNorm
        ConfusionMatrix ConfusionMatrixMetric ConstantPad3d Conv1dTranspose Conv2dBnAct Conv2dThor
        Conv2dTranspose Conv3d Conv3dTranspose CosineDecayLR DenseBnAct DenseThor DiGamma Dice
        DiceLoss DistributedGradReducer Dropout2dExt Dropout3d DropoutExt DynamicLossScaleUpdateCell
        EmbeddingExt EmbeddingLookup EmbeddingLookupThor EmbeddingThor ExponentialDecayLR F1 FTRL
        FastGelu Fbeta FixedLossScaleUpdateCell FocalLoss ForwardValueAndGrad FractionalMaxPool2d
        FractionalMaxPool3d GetNextSingleOp GradAccumulationCell GraphCell HShrink HSigmoid HSwish
        HausdorffDistance IGamma ImageGradients InstanceNorm1d InstanceNorm2d InstanceNorm3d
        InverseDecayLR Jvp L1LossExt L1Regularizer LARS LBeta LGamma LPPool1d LPPool2d LRN Lamb
        LayerNormExt LazyAdam Linear LogSoftmaxExt Loss LossBase MAE MSE MSSSIM MatDet MatInverse
        MatMul MatrixDiag MatrixDiagPart MatrixSetDiag MaxPool2dExt MaxPool3d MaxUnpool1d
        MaxUnpool2d MaxUnpool3d MeanSurfaceDistance Metric MicroBatchInterleaved Moments
        MultiClassDiceLoss MultiFieldEmbeddingLookup MultilabelMarginLoss NaturalExpDecayLR Norm
        OcclusionSensitivity OneHot OptTFTWrapper Optimizer PReLUExt PSNR Pad ParameterUpdate
        Perplexity PipelineCell PipelineGradReducer PolynomialDecayLR Precision ProximalAdagrad
        RMSELoss ROC RReLU Range Recall ReduceLogSumExp ReflectionPad3d ReplicationPad3d Roll
        RootMeanSquareDistance Rprop SSIM SampledSoftmaxLoss SeLU SoftShrink
        SoftmaxCrossEntropyWithLogits SparseTensorDenseMatmul SparseToDense SyncBatchNorm
        TimeDistributed Top1CategoricalAccuracy Top5CategoricalAccuracy TopKCategoricalAccuracy
        TrainOneStepWithLossScaleCell Tril TripletMarginWithDistanceLoss Triu
        Unfold VirtualDatasetCellTriple Vjp WarmUpLR WithEvalCell WithGradCell
        absolute_import auc cosine_decay_lr exponential_decay_lr get_activation get_metric_fn
        get_metrics inverse_decay_lr names natural_exp_decay_lr no_init_parameters
        piecewise_constant_lr polynomial_decay_lr rearrange_inputs thor warmup_lr
    """,
    "mindspore.ops": """
        ACos AccumulateNV2 Acosh Adam AdamNoUpdateParam AdamWeightDecay AdaptiveAvgPool2D
        AdaptiveAvgPool3D AdaptiveMaxPool2D AdaptiveMaxPool3D AddN Addcdiv Addcmul AdjustHue
        AdjustSaturation AffineGrid AiCPURegOp AkgAscendRegOp AkgGpuRegOp AllGather AllGatherV
        AllReduce AlltoAll AlltoAllV AlltoAllVC Angle ApplyAdaMax ApplyAdadelta ApplyAdagrad
        ApplyAdagradDA ApplyAdagradV2 ApplyAdamWithAmsgrad ApplyAdamWithAmsgradV2 ApplyAddSign
        ApplyCenteredRMSProp ApplyFtrl ApplyGradientDescent ApplyKerasMomentum ApplyMomentum
        ApplyPowerSign ApplyProximalAdagrad ApplyProximalGradientDescent ApplyRMSProp
        ApplyRotaryPosEmb ApproximateEqual ArgMaxWithValue ArgMinWithValue Argmax Argmin Asin Asinh
        Assert Assign AssignAdd AssignSub Atan Atan2 Atanh AvgPool AvgPool3D BCEWithLogitsLoss
        Barrier BartlettWindow BasicLSTMCell BatchISendIRecv BatchMatMul BatchNorm BatchToSpace
        BatchToSpaceND BatchToSpaceNDV2 Bernoulli BesselI0 BesselI0e BesselI1 BesselI1e BesselJ0
        BesselJ1 BesselK0 BesselK0e BesselK1 BesselK1e BesselY0 BesselY1 Betainc BiasAdd
        BinaryCrossEntropy Bincount BitwiseAnd BitwiseOr BitwiseXor BlackmanWindow BoundingBoxDecode
        BoundingBoxEncode Broadcast BroadcastTo Bucketize CTCGreedyDecoder CTCLoss CTCLossV2 Cast
        Cauchy Cdist CeLU Ceil ChannelShuffle CheckNumerics CheckValid Cholesky CholeskyInverse
        CholeskySolve Coalesce Col2Im CollectiveGather CollectiveScatter CombinedNonMaxSuppression
        CompareAndBitpack Complex ComplexAbs ComputeAccidentalHits Concat ConfusionMatrix Conj
        ConjugateTranspose Conv2D Conv2DBackpropInput Conv2DTranspose Conv3D Conv3DTranspose
        CopyWithSlice Cosh CountNonZero CpuRegOp CropAndResize Cross CumProd CumSum Cummax Cummin
        CumulativeLogsumexp Custom CustomOpBuilder CustomRegOp DataFormatDimMap DataFormatVecPermute
        DeformableOffsets Dense Depend DepthToSpace DepthwiseConv2dNative Diag DiagPart Digamma
        Dilation2D DivNoNan Dropout Dropout2D Dropout3D DropoutDoMask DropoutGenMask DtypeToEnum
        DumpGradient DynamicGRUV2 DynamicRNN DynamicShape EditDistance Eig Einsum Elu
        EmbeddingLookup Eps Equal EqualCount Erf Erfc Erfinv EuclideanNorm Expand ExpandDims Expm1
        ExtractGlimpse ExtractImagePatches ExtractVolumePatches Eye FFTWithSize FastGeLU FastGelu
        Fill FillDiagonal FillV2 Fills Flatten FloatStatus Floor FloorDiv FloorMod Fmax Fmin
        ForiLoop FractionalAvgPool FractionalMaxPool FractionalMaxPool3DWithFixedKsize
        FractionalMaxPoolWithFixedKsize FusedAdaFactor FusedAdaFactorWithGlobalNorm
        FusedCastAdamWeightDecay FusedSparseAdam FusedSparseFtrl FusedSparseLazyAdam
        FusedSparseProximalAdagrad FusedWeightScaleApplyMomentum GLU Gamma Gather GatherD GatherNd
        GatherV2 Gcd GeLU GeSwitch Gelu Geqrf Ger GetNext Greater GreaterEqual GridSampler2D
        GridSampler3D GroupTopk HSVToRGB HShrink HSigmoid HSwish HammingWindow Heaviside Histogram
        HistogramFixedWidth HistogramSummary HookBackward HyperMap Hypot IOU Identity IdentityN
        Igamma Igammac Im2Col Imag ImageSummary InTopK IndexAdd IndexFill IndexPut InplaceAdd
        InplaceIndexAdd InplaceSub InplaceUpdate InplaceUpdateV2 InsertGradientOf Inv Invert
        InvertPermutation IsClose IsFinite IsInf IsNan J KLDivLoss L2Loss L2Normalize LARSUpdate LRN
        LSTM LayerNorm Lcm LeftShift Lerp LerpScalar Less LessEqual Lgamma LinSpace ListDiff Log1p
        LogMatrixDeterminant LogNormalReverse LogSoftmax LogSoftmaxExt LogSpace
        LogUniformCandidateSampler LogicalAnd LogicalNot LogicalOr LogicalXor Logit LowerBound
        LpNorm Lstsq LuSolve LuUnpack Map MapCacheIdx MapUniform MaskedFill MaskedScatter
        MaskedSelect MatrixBandPart MatrixDeterminant MatrixDiagPartV3 MatrixDiagV3 MatrixExp
        MatrixInverse MatrixLogarithm MatrixPower MatrixSetDiagV3 MatrixSolve MatrixSolveLs
        MatrixTriangularSolve MaxPool MaxPool3D MaxPool3DWithArgmax MaxPoolWithArgmax
        MaxPoolWithArgmaxV2 MaxUnpool2D MaxUnpool3D Maximum Median Merge Meshgrid Minimum MirrorPad
        Mish Mod Morph MoveTo MulNoNan MultiMarginLoss MultilabelMarginLoss Multinomial
        MultinomialWithReplacement MultitypeFuncGraph Mvlgamma NLLLoss NMSWithMask
        NPUAllocFloatStatus NPUClearFloatStatus NPUGetFloatStatus NanToNum NeighborExchange
        NeighborExchangeV2 NextAfter NoRepeatNGram NonDeterministicInts NonMaxSuppressionV3
        NonMaxSuppressionWithOverlaps NonZero NotEqual NthElement NuclearNorm OneHot Ones OnesLike
        Orgqr Ormqr P2POp PReLU Pack Pad PadV3 Padding PagedAttention PagedAttentionMask
        ParallelConcat ParameterizedTruncatedNormal Partial Pdist Poisson Polar Polygamma
        PopulationCount Primitive PrimitiveWithCheck PrimitiveWithInfer Print Pull Push PyExecute
        PyFunc Qr Quantile RGBToHSV RNNTLoss ROIAlign RaggedRange RandomCategorical
        RandomChoiceWithMask RandomGamma RandomPoisson RandomShuffle Randperm RandpermV2 Range Rank
        ReLU6 Real RealDiv Receive Reciprocal Reduce ReduceAll ReduceAny ReduceOp ReduceProd
        ReduceScatter ReduceScatterV ReduceStd Renorm Reshape ReshapeAndCache Reshard ResizeArea
        ResizeBicubic ResizeBilinearV2 ResizeLinear1D ResizeNearestNeighbor ResizeNearestNeighborV2
        Reusing ReverseSequence ReverseV2 RightShift Rint RmsNorm Roll Round Rsqrt SGD STFT
        SampleDistortedBoundingBoxV2 ScalarCast ScalarSummary ScalarToArray ScalarToTensor
        ScaleAndTranslate Scan ScatterAdd ScatterAddWithAxis ScatterDiv ScatterMax ScatterMin
        ScatterMul ScatterNd ScatterNdAdd ScatterNdDiv ScatterNdMax ScatterNdMin ScatterNdMul
        ScatterNdSub ScatterNdUpdate ScatterNonAliasingAdd ScatterSub ScatterUpdate SeLU
        SearchSorted SegmentMax SegmentMean SegmentMin SegmentProd SegmentSum Select SelectView Send
        Shape SigmoidCrossEntropyWithLogits Sign Sinc Sinh Size Slice SliceGetItem SmoothL1Loss
        SoftMarginLoss SoftShrink Softmax SoftmaxCrossEntropyWithLogits Softplus Softsign Sort
        SpaceToBatch SpaceToBatchND SpaceToDepth SparseApplyAdadelta SparseApplyAdagrad
        SparseApplyAdagradV2 SparseApplyFtrl SparseApplyFtrlV2 SparseApplyProximalAdagrad
        SparseApplyRMSProp SparseGatherV2 SparseSlice SparseSoftmaxCrossEntropyWithLogits
        SparseTensorDenseAdd SparseTensorDenseMatmul SparseToDense Split SplitV SquareSumAll
        SquaredDifference Squeeze Stack StandardLaplace StandardNormal StopGradient StridedSlice
        SubAndFilter Svd TBERegOp TCPStore Tan Tensor TensorAdd TensorDump TensorScatterAdd
        TensorScatterDiv TensorScatterElements TensorScatterMax TensorScatterMin TensorScatterMul
        TensorScatterSub TensorScatterUpdate TensorShape TensorSummary TensorToTuple Tile TopK Trace
        Transpose TransposeExtView TransposeView TridiagonalMatMul Tril TrilIndices
        TripletMarginLoss Triu TriuIndices Trunc TruncateDiv TruncateMod TruncatedNormal
        TupleToArray UniformCandidateSampler UniformInt UniformReal Unique UniqueConsecutive
        UniqueWithPad Unpack UnravelIndex UnsortedSegmentMax UnsortedSegmentMin UnsortedSegmentProd
        UnsortedSegmentSum Unstack UpdateState UpperBound UpsampleNearest3D UpsampleTrilinear3D
        WhileLoop Xdivy Xlogy Zeros ZerosLike Zeta absolute_import accumulate_n
        adaptive_avg_pool2d_ext adaptive_avg_pool3d adaptive_max_pool3d add_flags add_layer_norm
        add_rms_norm addbmm addmv addn addr adjoint affine_grid all_gather all_gather_into_tensor
        all_gather_into_tensor_uneven all_gather_matmul all_gather_object all_reduce all_to_all
        all_to_all_single all_to_all_v_c aminmax approximate_equal argwhere array_reduce
        array_to_scalar augassign_add augassign_div augassign_floordiv augassign_mod augassign_mul
        augassign_sub avg_pool3d baddbmm baddbmm_ext barrier bartlett_window batch_dot
        batch_isend_irecv batch_to_space_nd bernoulli bernoulli_ bernoulli_ext bessel_i0 bessel_i0e
        bessel_i1 bessel_i1e bessel_j0 bessel_j1 bessel_k0 bessel_k0e bessel_k1 bessel_k1e bessel_y0
        bessel_y1 bias_add bidense bitwise_left_shift bitwise_right_shift bitwise_xor
        blackman_window block_diag bmm bool_and bool_eq bool_not bool_or bounding_box_decode
        bounding_box_encode broadcast broadcast_gradient_args broadcast_object_list bucketize
        channel_shuffle check_valid choice_with_mask cholesky_inverse clamp_ clip_by_global_norm
        clip_by_norm coalesce col2im combinations constexpr conv3d conv3d_transpose coo2csr coo_abs
        coo_acos coo_acosh coo_add coo_asin coo_asinh coo_atan coo_atanh coo_ceil coo_concat coo_cos
        coo_cosh coo_exp coo_expm1 coo_floor coo_inv coo_isfinite coo_isinf coo_isnan coo_log
        coo_log1p coo_neg coo_relu coo_relu6 coo_round coo_sigmoid coo_sin coo_sinh coo_softsign
        coo_sqrt coo_square coo_tan coo_tanh coo_tensor_get_dense_shape coo_tensor_get_indices
        coo_tensor_get_values crop_and_resize csr2coo csr_abs csr_acos csr_acosh csr_add csr_asin
        csr_asinh csr_atan csr_atanh csr_ceil csr_cos csr_cosh csr_div csr_exp csr_expm1 csr_floor
        csr_gather csr_inv csr_isfinite csr_isinf csr_isnan csr_log csr_log1p csr_mm csr_mul csr_mv
        csr_neg csr_reduce_sum csr_relu csr_relu6 csr_round csr_sigmoid csr_sin csr_sinh csr_softmax
        csr_softsign csr_sqrt csr_square csr_tan csr_tanh csr_tensor_get_dense_shape
        csr_tensor_get_indices csr_tensor_get_indptr csr_tensor_get_values csr_to_coo csr_to_dense
        ctc_greedy_decoder ctc_loss custom_info_register deepcopy deformable_conv2d dense
        dense_to_sparse_coo dense_to_sparse_csr depend derivative destroy_process_group
        diagonal_scatter dict_getitem dict_setitem diff_ext dist distribute dropout3d dsplit dtype
        dyn_shape eig eigvals einsum_ext embed env_get environ_add environ_create environ_get
        environ_set eps equal erfinv_ exponential_ fast_gelu fftfreq fill fills
        flash_attention_score float_power float_power_ext floor_div floor_mod floordiv floormod fold
        fractional_max_pool2d fractional_max_pool3d full_like fused_infer_attention_score gather_d
        gather_elements gather_into_tensor gather_nd gather_object gcd geqrf geswitch get_backend
        get_global_rank get_group_rank get_process_group_ranks get_rank get_vm_impl_fn
        get_world_size greater greater_equal grid_sample gumbel_softmax hamming_window hann_window
        hastype hfft hfft2 hfftn histc hsplit hyper_add identity ihfft ihfft2 ihfftn in_dict
        incre_flash_attention index_fill init_process_group inplace_add inplace_index_add
        inplace_sigmoid inplace_sub inplace_update intopk iou irecv irfft2 irfftn is_ is_available
        is_complex is_dynamic_sequence_element_unknown is_floating_point is_initialized is_nonzero
        is_not is_sequence_shape_unknown is_sequence_value_unknown is_tensor is_tensor_bool_cond
        isconstant isend isnan_ext isneginf isposinf isreal iter_converter jacfwd jacrev jet jvp
        kaiser_window kernel laplace lcm ldexp less less_equal lightning_indexer linearize
        list_equal list_getitem list_len list_setitem log_matrix_determinant
        log_uniform_candidate_sampler logspace lp_pool1d lp_pool2d lrn lu_solve lu_unpack
        make_coo_tensor make_csr_tensor make_dict make_list make_map_parameter make_range
        make_row_tensor make_row_tensor_inner make_slice make_sparse_tensor make_tuple
        matmul_reduce_scatter matrix_band_part matrix_determinant matrix_diag matrix_diag_part
        matrix_set_diag matrix_solve max_pool3d max_unpool1d max_unpool2d max_unpool3d merge
        mirror_pad mixed_precision_cast mm moe_distribute_combine moe_distribute_dispatch
        moe_init_routing_v2 moe_token_permute moe_token_unpermute move_to ms_hasnext ms_kernel
        ms_next mse_loss_ext msort multi_scale_deformable_attn_function multilabel_margin_loss
        multinomial multinomial_with_replacement mv nanmedian nanquantile new_group nextafter
        nonzero normal normal_ not_equal not_in_dict nsa_compress nsa_compress_attention
        nsa_select_attention numel op_info_register orgqr ormqr padding partial pdist poisson polar
        population_count pows prim_arg_register prim_attr_register print_ prompt_flash_attention
        put_ rand_like randint randint_like randn_like random_ random_categorical random_gamma
        random_poisson randperm range rank recompute_block recv recv_object_list reduce reduce_max
        reduce_mean reduce_min reduce_scatter reduce_scatter_tensor reduce_scatter_tensor_uneven
        reduce_sum reduced_shape ref_to_embed renorm repeat_elements reshape_ reshard reverse
        reverse_sequence rfft2 rfftfreq rfftn ring_attention_update rms_norm
        rotary_position_embedding rotated_iou row_tensor_add row_tensor_get_dense_shape
        row_tensor_get_indices row_tensor_get_values rrelu scalar_add scalar_cast scalar_div
        scalar_eq scalar_floordiv scalar_ge scalar_gt scalar_le scalar_log scalar_lt scalar_max
        scalar_min scalar_mod scalar_mul scalar_ne scalar_pow scalar_sub scalar_to_array
        scalar_to_tensor scalar_uadd scalar_usub scatter_div scatter_max scatter_min scatter_mul
        scatter_nd scatter_nd_add scatter_nd_div scatter_nd_max scatter_nd_min scatter_nd_mul
        scatter_nd_sub scatter_nd_update scatter_object_list scatter_tensor scatter_update
        select_scatter send send_object_list sequence_mask set_comm_ops_inplace shape shape_
        shape_mul shuffle signbit size slice slice_scatter soft_shrink space_to_batch_nd
        sparse_flash_attention sparse_segment_mean speed_fusion_attention standard_laplace std_mean
        stft stop_gradient_ strided_slice string_concat string_eq swapdims swiglu switch
        switch_layer tail tanh_ tensor_add tensor_div tensor_dot tensor_exp tensor_expm1
        tensor_floordiv tensor_ge tensor_gt tensor_le tensor_lt tensor_mod tensor_mul tensor_muls
        tensor_operator_registry tensor_pow tensor_range tensor_scatter_add tensor_scatter_div
        tensor_scatter_elements tensor_scatter_max tensor_scatter_min tensor_scatter_mul
        tensor_scatter_sub tensor_scatter_update tensor_slice tensor_split tensor_sub tensordump
        top_k tril_indices triu_indices truncate_div truncate_mod tuple_div tuple_equal
        tuple_getitem tuple_len tuple_reversed tuple_setitem tuple_to_array type_as typeof uniform
        uniform_ uniform_candidate_sampler unique_consecutive unique_with_pad unsorted_segment_max
        unsorted_segment_min unsorted_segment_prod unsorted_segment_sum unstack upsample var_mean
        vecdot view_as_real vjp vm_impl_registry vmap vsplit xdivy zero_ zip_operation
    """,
    "mindspore.Tensor": """
        addmm_ adjoint approximate_equal argmax_with_value argmin_with_value assign_value_cpp
        bernoulli bfloat16 bitwise_left_shift bitwise_right_shift cauchy cholesky_inverse choose
        const_arg convert_bytes_to_tensor data_sync delete_ delta_seed diagonal_scatter eigvals fill
        fill_diagonal fills flush_from_cache fold from_dlpack from_numpy gather_elements gather_nd
        geqrf get_bytes getitem_index_info half has_init hooks index index_copy_ index_fill
        index_fill_ index_of_parent_ index_put index_put_ init init_data init_finished init_flag
        inplace_update is_init is_meta is_pinned is_shared is_signed isneginf isposinf isreal
        itemset ldexp log_matrix_determinant log_normal lu_solve masked_scatter masked_scatter_
        matrix_determinant move_to multinomial nanquantile nextafter offload offload_file_path orgqr
        ormqr param_info parent_tensor_ put_ random_ random_categorical remove_hook renorm resize
        reverse reverse_sequence scatter_div scatter_max scatter_min scatter_mul scatter_sub
        select_scatter set_ set_cast_dtype set_const_arg set_device_address set_init_flag
        set_param_info setitem_index_info slice_scatter soft_shrink storage strides sum_to_size
        symbolic_shape to_ to_coo to_csr to_dlpack top_k triangular_solve uniform unique_with_pad
        unsorted_segment_max unsorted_segment_min unsorted_segment_prod untyped_storage virtual_flag
        wait_pipeline xdivy
    """,
}
