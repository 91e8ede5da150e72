"""Opens pickles that strangers made: only classes of the libraries that models are made of."""

import importlib
import pickle
from typing import Any

PACKAGES = {
    "sklearn", "numpy", "scipy", "pandas", "lightgbm", "xgboost", "catboost", "category_encoders", "imblearn",
    "sklearn_pandas", "joblib", "collections",
}  # fmt: skip
# What pickles call besides: these build arrays and objects, and nothing else.
FUNCTIONS = {
    "copyreg._reconstructor", "_codecs.encode",
    "numpy.core.multiarray._reconstruct", "numpy.core.multiarray.scalar",
    "numpy._core.multiarray._reconstruct", "numpy._core.multiarray.scalar",
    "numpy.core.numeric._frombuffer", "numpy._core.numeric._frombuffer",
    "numpy.random.__RandomState_ctor", "numpy.random._pickle.__randomstate_ctor",
    "numpy.random._pickle.__bit_generator_ctor", "numpy.random._pickle.__generator_ctor",
    "sklearn.tree._tree.Tree", "sklearn.neighbors._kd_tree.newObj", "sklearn.neighbors._ball_tree.newObj",
    "sklearn.neighbors.kd_tree.newObj", "sklearn.neighbors.ball_tree.newObj",
    "pandas._libs.internals._unpickle_block", "pandas.core.indexes.base._new_Index",
    "sklearn.metrics._dist_metrics.newObj", "sklearn.neighbors._dist_metrics.newObj",
    "sklearn.neighbors.dist_metrics.newObj",
}  # fmt: skip
# Scores that selectors of features keep.
SCORES = {"f_classif", "f_regression", "chi2", "mutual_info_classif", "mutual_info_regression"}
BUILTINS = {
    "object", "set", "frozenset", "list", "dict", "tuple", "slice", "range", "complex", "bytearray", "int",
    "float", "bool", "str", "bytes",
}  # fmt: skip


def is_harmless(module: str, found: Any) -> bool:
    """A class, or one of NumPy's functions of numbers; none that opens files."""
    numpy = importlib.import_module("numpy")
    root = module.split(".")[0]
    if root == "numpy" and not module.startswith("numpy.random"):
        kinds = numpy.generic, numpy.dtype
        return found is numpy.ndarray or isinstance(found, numpy.ufunc) or (isinstance(found, type) and issubclass(found, kinds))
    if root == "joblib" or module.startswith("sklearn.externals.joblib"):
        return "numpy_pickle" in module and isinstance(found, type)
    return isinstance(found, type) and not module.startswith(("pandas.io", "scipy.io", "sklearn.datasets"))


def class_of(module: str, name: str) -> Any:
    if module in ("builtins", "__builtin__") and name in BUILTINS:
        return getattr(importlib.import_module("builtins"), name)
    # Cython leaves out where its module is.
    module = {"_loss": "sklearn._loss._loss", "copy_reg": "copyreg"}.get(module, module)
    root = module.split(".")[0]
    whole = module + "." + name
    if root in PACKAGES or whole in FUNCTIONS:
        found = getattr(importlib.import_module(module), name)
        score = module.startswith("sklearn.feature_selection.") and name in SCORES
        # Of Cython's classes, which it makes by functions.
        made = root in ("sklearn", "pandas") and name.startswith("__pyx_unpickle_")
        if whole in FUNCTIONS or score or made or is_harmless(module, found):
            return found
    raise pickle.UnpicklingError("%s is not one of the classes that are opened" % whole)


def opened(path: str) -> Any:
    """What a file of pickle or joblib holds."""
    try:
        import joblib
        from joblib import numpy_pickle
    except ImportError:
        from sklearn.externals import joblib  # type: ignore
        from sklearn.externals.joblib import numpy_pickle  # type: ignore
    unpickler = numpy_pickle.NumpyUnpickler
    unpickler.find_class = lambda self, module, name: class_of(module, name)
    # A pickle of before NumPy arrays took another way has another reader, which is not made careful.
    numpy_pickle.load_compatibility = None
    return joblib.load(path)
