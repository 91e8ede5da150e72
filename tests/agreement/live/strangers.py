"""Rows for models that others fitted: of what the model itself says of its input, drawn at random."""

from typing import Any, Dict, Iterator, List, Optional

import numpy as np
import pandas as pd

ROWS = 60


def parts_of(model: Any, seen: Optional[Dict[int, Any]] = None) -> Iterator[Any]:
    """The model and what it holds, the first step first."""
    seen = {} if seen is None else seen
    if id(model) in seen:
        return
    seen[id(model)] = model
    if isinstance(model, (list, tuple)):
        for each in model:
            yield from parts_of(each, seen)
    elif isinstance(model, np.ndarray) and model.dtype == object:
        for each in model.flat:
            yield from parts_of(each, seen)
    elif hasattr(model, "get_params") or hasattr(model, "num_feature"):
        yield model
        for name, value in list(vars(model).items()):
            if name in ("steps", "transformer_list", "estimators_", "best_estimator_", "base_estimator_", "estimator_"):
                yield from parts_of(value, seen)


def words_of(model: Any) -> List[str]:
    for part in parts_of(model):
        vocabulary = getattr(part, "vocabulary_", None)
        if isinstance(vocabulary, dict):
            return sorted(str(each) for each in vocabulary)
    return []


def width_of(model: Any) -> Optional[int]:
    for part in parts_of(model):
        if callable(getattr(part, "num_feature", None)):
            return int(part.num_feature())
        if isinstance(getattr(part, "feature_names_", None), list):
            return len(part.feature_names_)
        for name in ("n_features_in_", "n_features_", "_n_features"):
            if isinstance(getattr(part, name, None), (int, np.integer)):
                return int(getattr(part, name))
        for name in ("scale_", "mean_", "coef_", "theta_", "components_", "_fit_X", "cluster_centers_"):
            shape = np.shape(getattr(part, name, None))
            if shape:
                return int(shape[-1])
        if np.shape(getattr(part, "shape_fit_", None)):
            return int(part.shape_fit_[1])
    return None


def texts(random: Any, words: List[str]) -> List[str]:
    drawn = [" ".join(random.choice(words, random.randint(1, 25))) for _ in range(ROWS)]
    return drawn + ["", "nobody has seen these, 42 of them"]


def numbers(random: Any, model: Any, width: int) -> Any:
    """Near what it was fitted with, where that shows; of all magnitudes else."""
    centre, spread = np.zeros(width), 10.0 ** random.randint(-1, 4, width)
    for part in parts_of(model):
        mean, scale = getattr(part, "mean_", None), getattr(part, "scale_", None)
        if np.shape(mean) == (width,) and np.shape(scale) == (width,):
            centre, spread = mean, scale
            break
        low, high = getattr(part, "data_min_", None), getattr(part, "data_max_", None)
        if np.shape(low) == (width,) and np.shape(high) == (width,):
            centre, spread = (low + high) / 2, (high - low) / 2
            break
        tree = getattr(part, "tree_", None)
        if tree is not None:
            for feature in range(width):
                cuts = tree.threshold[tree.feature == feature]
                if len(cuts):
                    centre[feature], spread[feature] = cuts.mean(), np.ptp(cuts) + abs(cuts.mean()) / 4
            break
        theta = getattr(part, "theta_", None)
        if np.ndim(theta) == 2 and np.shape(theta)[1] == width:
            centre, spread = theta.mean(axis=0), np.ptp(theta, axis=0) + 1e-3
            break
    drawn = centre + spread * random.randn(ROWS, width)
    whole = random.rand(width) < 0.3
    drawn[:, whole] = np.round(drawn[:, whole])
    return drawn


def column_of(random: Any, transformer: Any, position: int) -> Any:
    for part in parts_of(transformer):
        categories = getattr(part, "categories_", None)
        if categories is not None and position < len(categories):
            return random.choice(np.asarray(categories[position], dtype=object), ROWS)
    return np.round(random.randn(ROWS) * 50 + 100, 2)


def frame(random: Any, columns: Any) -> Any:
    """Columns that a ColumnTransformer names, each as the transformer of it was fitted."""
    known: Dict[Any, Any] = {}
    names = getattr(columns, "feature_names_in_", getattr(columns, "_feature_names_in", None))
    for _, transformer, chosen in columns.transformers_:
        chosen = [chosen] if isinstance(chosen, (str, int)) else list(chosen)
        for position, column in enumerate(chosen):
            name = names[column] if isinstance(column, (int, np.integer)) and names is not None else column
            if name not in known or hasattr(transformer, "categories_"):
                known[name] = column_of(random, transformer, position)
    order = list(names) if names is not None else sorted(known)
    made = pd.DataFrame({name: known.get(name, np.round(random.randn(ROWS), 3)) for name in order})
    return made if names is not None or not all(isinstance(name, (int, np.integer)) for name in order) else made.to_numpy(dtype=object)


def rows_for(model: Any) -> Any:
    """None where the model does not say what it takes."""
    random = np.random.RandomState(0)
    parts = list(parts_of(model))
    columns = next((part for part in parts if hasattr(part, "transformers_")), None)
    if columns is not None:
        return frame(random, columns)
    words = words_of(model)
    if words and not hasattr(model, "coef_"):
        return texts(random, words)
    width = width_of(model)
    if width is None or not 0 < width < 100000:
        return None
    drawn = numbers(random, model, width)
    names = next((part.feature_names_in_ for part in parts[:1] if hasattr(part, "feature_names_in_")), None)
    return drawn if names is None or len(names) != width else pd.DataFrame(drawn, columns=names)
