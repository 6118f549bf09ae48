"""The table of lowerings: which function turns an ATen call into nodes of the dialect.

Names are those of `torch.export`, without ".default" and without the underscore that marks an
in-place variant; `capture.py` treats both variants alike.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from edgebin.exporter.aten import layers, pools, shapes
from edgebin.exporter.aten.call import Activation, Call

LOWERINGS: Mapping[str, Callable[[Call], Activation]] = {
    "aten.conv2d": layers.conv2d,
    "aten.conv2d.padding": layers.conv2d_named_padding,
    "edgebin.int8_conv2d": layers.int8_conv2d,
    "edgebin.binary_conv2d": layers.binary_conv2d,
    "aten.linear": layers.linear,
    "edgebin.int8_linear": layers.int8_linear,
    "edgebin.binary_linear": layers.binary_linear,
    "aten.batch_norm": layers.batch_norm,
    "edgebin.hwgq": layers.hwgq,
    "aten.relu": layers.relu,
    "aten.softmax.int": layers.softmax,
    "aten.max_pool2d": pools.max_pool2d,
    "aten.avg_pool2d": pools.avg_pool2d,
    "aten.adaptive_avg_pool2d": pools.adaptive_avg_pool2d,
    "aten.adaptive_max_pool2d": pools.adaptive_max_pool2d,
    "aten.mean.dim": pools.mean,
    "aten.add.Tensor": shapes.add,
    "aten.cat": shapes.cat,
    "aten.flatten.using_ints": shapes.reshape,
    "aten.view": shapes.reshape,
    "aten.reshape": shapes.reshape,
    "aten.squeeze": shapes.reshape,
    "aten.squeeze.dim": shapes.reshape,
    "aten.squeeze.dims": shapes.reshape,
    "aten.unsqueeze": shapes.reshape,
    "aten.to.dtype": shapes.cast,
    "aten.dropout": shapes.identity,
    "aten.feature_dropout": shapes.identity,
    "aten.alpha_dropout": shapes.identity,
    "aten.contiguous": shapes.identity,
    "aten.clone": shapes.identity,
    "aten.detach": shapes.identity,
    "aten.alias": shapes.identity,
    "aten.lift_fresh_copy": shapes.identity,
}
