"""A torch Dataset or DataLoader of (image, label) pairs as the images of an alternating update."""

from __future__ import annotations

from typing import Any

import torch
from torch.utils.data import DataLoader

from edgebin.errors import DataError
from edgebin.graph.preprocessing import Preprocessing
from edgebin.train.data.batch_check import BatchCheck, read_item, side_and_dtype
from edgebin.train.data.source import DataSet
from edgebin.train.data.tensor_source import DatasetSource
from edgebin.train.data.tensors import TorchData

_ANY_LABEL = 2**31  # the network knows the number of classes, a Dataset may not


def torch_data_set(data: TorchData) -> DataSet:
    """Return the images of a Dataset, or of a DataLoader's Dataset, as a data set.

    Args:
        data: gives pairs of an image, a float32 tensor (3, S, S) as the network gets it, and a
            label, an integer from 0. Of a DataLoader only the Dataset is used: images are chosen by
            number.

    Raises:
        DataError: an item is no such pair, or there is no Dataset with items and a length.
    """
    dataset: Any = data.dataset if isinstance(data, DataLoader) else data
    if not hasattr(dataset, "__getitem__"):
        raise DataError(
            "data: expected a data set, a torch Dataset with items and a length, or a DataLoader "
            f"of one, found {type(dataset).__name__}"
        )
    side, dtype = side_and_dtype(read_item(dataset, 0)[0])
    if dtype != torch.float32:
        raise DataError(
            "data: expected float32 images, normalised as for the network, or what "
            "edgebin.train.tensor_data makes of uint8 ones, found uint8"
        )
    return DataSet(
        classes=(),
        preprocessing=Preprocessing((0.0,) * 3, (1.0,) * 3, resize=side, input_size=side),
        train=DatasetSource(dataset, BatchCheck(side, dtype, _ANY_LABEL)),
        holdout=None,
        test=None,
    )
