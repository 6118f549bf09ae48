"""How well a model does on labelled images, through the runtime.

| file | what |
|---|---|
| `class_folders.py` | the labelled images of a folder, and which part of a data set they are |
| `evaluate.py` | classifies them and counts |
| `counts.py` | what is counted while images are classified |
| `evaluation.py` | the result: accuracy, scores of each class, confusion, calibration, mistakes |
"""

from edgebin.runtime.evaluate.evaluate import evaluate
from edgebin.runtime.evaluate.evaluation import Bin, ClassScore, Evaluation, Mistake

__all__ = ["Bin", "ClassScore", "Evaluation", "Mistake", "evaluate"]
