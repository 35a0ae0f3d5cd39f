"""Words of other tools, and what they are called here: ops, attributes, activations, keys.

Only exact equivalents are offered.

Words are in lower case without `_`. What the language has not is said so: a hint never offers
something else instead.
"""

# ops as frameworks and articles call them
OPS = {
    "batchnorm": "bn",
    "batchnorm1d": "bn",
    "batchnorm2d": "bn",
    "batchnormalization": "bn",
    "syncbatchnorm": "bn",
    "layernormalization": "layer_norm",
    "groupnormalization": "group_norm",
    "rmsnormalization": "rms_norm",
    "localresponsenorm": "lrn",
    "normalization": "normalize",
    "convolution": "conv",
    "conv2d": "conv",
    "convolution2d": "conv",
    "depthwiseconv2d": "depthwise_conv",
    "dwconv": "depthwise_conv",
    "transposedconv": "conv_transpose",
    "conv2dtranspose": "conv_transpose",
    "convtranspose2d": "conv_transpose",
    "deconv": "conv_transpose",
    "deconvolution": "conv_transpose",
    "transposeconv": "conv_transpose",
    "separableconv2d": "separable_conv",
    "sepconv": "separable_conv",
    "linear": "dense",
    "fc": "dense",
    "fullyconnected": "dense",
    "innerproduct": "dense",
    "multiheadattention": "attention",
    "mha": "attention",
    "mhsa": "attention",
    "selfattention": "attention",
    "silu": "swish",
    "hardsilu": "hard_swish",
    "maxpool2d": "max_pool",
    "maxpooling2d": "max_pool",
    "maxpooling": "max_pool",
    "avgpool2d": "avg_pool",
    "averagepool": "avg_pool",
    "averagepooling": "avg_pool",
    "averagepooling2d": "avg_pool",
    "gap": "global_avg_pool",
    "globalaveragepooling2d": "global_avg_pool",
    "globalaveragepooling": "global_avg_pool",
    "globalaveragepool": "global_avg_pool",
    "gmp": "global_max_pool",
    "globalmaxpooling2d": "global_max_pool",
    "globalmaxpooling": "global_max_pool",
    "concatenate": "concat",
    "cat": "concat",
    "mul": "multiply",
    "sum": "add",
    "sub": "subtract",
    "mean": "average",
    "max": "maximum",
    "zeropadding2d": "pad",
    "zeropadding": "pad",
    "zeropad2d": "pad",
    "cropping2d": "crop",
    "cropping": "crop",
    "upsampling2d": "upsample",
    "upsampling": "upsample",
    "upsamplingnearest2d": "upsample",
    "rescaling": "rescale",
    "stochasticdepth": "drop_path",
    "view": "reshape",
    "resizing": "resize",
    "interpolate": "resize",
    "transpose": "permute",
    "channelshuffle": "shuffle_channels",
    "shuffle": "shuffle_channels",
}

# steps that are written in another way
STEPS = {
    "adaptiveavgpool2d": "`global_avg_pool` is the one with an output of 1x1; others do not "
    "exist here",
    "adaptivemaxpool2d": "`global_max_pool` is the one with an output of 1x1; others do not "
    "exist here",
    "instancenorm": "write `group_norm` with as many `groups` as channels",
    "instancenorm2d": "write `group_norm` with as many `groups` as channels",
    "identity": "leave the step out; as a branch write `[]`",
    "input": "the input is not a step: `input: [32, 32, 3]`",
    "inputlayer": "the input is not a step: `input: [32, 32, 3]`",
    "sequential": "a list of steps is one already",
    **dict.fromkeys(
        ("split", "chunk"),
        "`split: {parts: [left, right]}` names parts of the channels, as a step of a list",
    ),
    "slice": "`slice_channels: {start: 0, channels: 16}` takes some of the channels",
    **dict.fromkeys(
        ("pixelshuffle", "subpixel"),
        "`depth_to_space` makes blocks of pixels from channels, in TensorFlow's order: "
        "PixelShuffle has the pixels of a block innermost",
    ),
    "pixelunshuffle": "`space_to_depth` makes channels from blocks of pixels, in TensorFlow's "
    "order: PixelUnshuffle has the pixels of a block innermost",
    "residual": "`- shortcut` marks where the skip path of a block joins",
    "skip": "`- shortcut` joins the skip path of a block",
}

_SHARED = "each place where a step or a block stands has weights of its own: none are shared"
SIGNAL = "a signal is a map of width 1: `input: [128, 1, 12]`, with kernels such as `[5, 1]`"
# layers that exist for signals, maps and volumes
_OF_DIMENSIONS = (
    "adaptiveavgpool",
    "adaptivemaxpool",
    "averagepooling",
    "avgpool",
    "conv",
    "convolution",
    "convtranspose",
    "cropping",
    "depthwiseconv",
    "globalaveragepooling",
    "globalmaxpooling",
    "maxpool",
    "maxpooling",
    "separableconv",
    "upsampling",
    "zeropadding",
)
_DROPS = "does not exist here: `dropout` drops single values, `drop_path` whole branches"
_TURNED = "is not a step: augmentation belongs in the recipe, under `augment`"
# what the language has not (docs/language-details.md, section 1); the sentence begins with the
# word as it was written
ABSENT = {
    "crossattention": "does not exist here: `attention` is of a tensor with itself",
    "transformer": "does not exist here: write a block of `layer_norm`, `attention`, `add` and "
    "`dense: {per: position}`",
    **dict.fromkeys(
        ("classtoken", "clstoken", "posembed", "positionembedding", "relativepositionbias"),
        "does not exist here: every weight is multiplied with, or added to, what a layer reads; "
        "Keras has no stock layer for learned constants",
    ),
    **dict.fromkeys(
        ("lstm", "gru", "rnn", "embedding", "convlstm2d", "bidirectional"),
        "does not exist here: networks for images only",
    ),
    **dict.fromkeys(
        (*(f"{layer}1d" for layer in _OF_DIMENSIONS), "conv1dtranspose"),
        f"does not exist here: layers work over height and width; {SIGNAL}",
    ),
    **dict.fromkeys(
        (*(f"{layer}3d" for layer in _OF_DIMENSIONS), "conv3dtranspose"),
        "does not exist here: layers work over height and width",
    ),
    **dict.fromkeys(
        ("shared", "sharedlayer", "siamese", "timedistributed", "weightsharing"),
        f"does not exist here: {_SHARED}",
    ),
    **dict.fromkeys(
        (
            "gather",
            "lambda",
            "dot",
            "matmul",
            "einsum",
            "minimum",
        ),
        "does not exist here",
    ),
    **dict.fromkeys(
        (
            "spatialdropout2d",
            "dropout2d",
            "alphadropout",
            "gaussiandropout",
            "gaussiannoise",
            "dropblock",
        ),
        _DROPS,
    ),
    **dict.fromkeys(
        ("reflectionpad2d", "replicationpad2d"), "does not exist here: `pad` puts zeros"
    ),
    **dict.fromkeys(
        ("weightnorm", "spectralnorm", "spectralnormalization"),
        "does not exist here: norms are `bn`, `layer_norm`, `group_norm`, `rms_norm` and `lrn`",
    ),
    **dict.fromkeys(
        ("randomflip", "randomcrop", "randomrotation", "randomzoom", "mixup", "cutmix", "cutout"),
        _TURNED,
    ),
}

# activations, as steps and as values
ACTIVATIONS = {
    "silu": "swish",
    "hardsilu": "hard_swish",
    "hardswish": "hard_swish",
    "hardsigmoid": "hard_sigmoid",
    "lrelu": "leaky_relu",
}
NO_ACTIVATIONS = (
    "celu",
    "rrelu",
    "softplus",
    "softsign",
    "logsoftmax",
    "logsigmoid",
    "glu",
    "swiglu",
    "geglu",
    "hardtanh",
    "exponential",
    "maxout",
    "crelu",
    "threshold",
    "hardshrink",
)

# initialisers that have settings here, with those that Keras takes if none are given
INITS = {
    **dict.fromkeys(("normal", "randomnormal"), "{normal: {std: 0.05}}"),
    "truncatednormal": "{truncated_normal: {std: 0.05}}",
    **dict.fromkeys(("uniform", "randomuniform"), "{uniform: {limit: 0.05}}"),
    "constant": "{constant: {value: 0.0}}",
    "variancescaling": "{variance_scaling: {scale: 1.0}}",
}

# attributes of ops; the last word is ours
ATTRIBUTES = {
    "kernelsize": "kernel",
    "filtersize": "kernel",
    "ksize": "kernel",
    "poolsize": "size",
    "windowsize": "size",
    "strides": "stride",
    "dilationrate": "dilation",
    "outchannels": "filters",
    "channels": "filters",
    "numfilters": "filters",
    "nbfilter": "filters",
    "features": "filters",
    "outfeatures": "units",
    "nodes": "units",
    "neurons": "units",
    "numheads": "heads",
    "nheads": "heads",
    "keydim": "head_channels",
    "headdim": "head_channels",
    "dimhead": "head_channels",
    "valuedim": "value_channels",
    "outputshape": "units",
    "usebias": "bias",
    "kernelinitializer": "init",
    "initializer": "init",
    "weightinit": "init",
    "alphainitializer": "slope_init",
    "gammainitializer": "gamma_init",
    "kernelregularizer": "l2",
    "weightdecay": "l2",
    "regularizer": "l2",
    "depthmultiplier": "multiplier",
    "p": "rate",
    "prob": "rate",
    "dropoutrate": "rate",
    "eps": "epsilon",
    "alpha": "slope",
    "negativeslope": "slope",
    "keepdims": "keep_dims",
    "targetshape": "shape",
    "var": "variance",
    "factor": "scale",
    "nonlinearity": "activation",
    "act": "activation",
    "scalefactor": "size",
}
# by which layers elsewhere say whose weights they take, and what they know of positions
NO_ATTRIBUTES = {
    **dict.fromkeys(
        (
            "reuse",
            "share",
            "shared",
            "sharedweights",
            "shareweights",
            "sharewith",
            "tie",
            "tied",
            "tiedweights",
            "tieweights",
            "weightsfrom",
        ),
        _SHARED,
    ),
    **dict.fromkeys(
        (
            "alibi",
            "positionbias",
            "relative",
            "relativebias",
            "relativepositionbias",
            "relativepositions",
            "relpos",
            "rope",
            "rotary",
        ),
        "attention has no positions here: Keras has no stock layer for learned constants",
    ),
}
# of ops that have no `kernel`
WINDOWS = {
    "kernelsize": "size",
    "kernel": "size",
    "ksize": "size",
    "filtersize": "size",
}
