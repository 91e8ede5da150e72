"""sklearn.feature_extraction.text"""

from typing import Any, Dict, Iterator

import numpy
from sklearn.feature_extraction.text import (
    CountVectorizer,
    HashingVectorizer,
    TfidfTransformer,
    TfidfVectorizer,
)
from sklearn.pipeline import make_pipeline

from cases.case import TEXTS, UNSEEN, Case

ANALYZERS: Dict[str, Dict[str, Any]] = {
    "default": {},
    "bigrams": {"ngram_range": (1, 2)},
    "only_trigrams": {"ngram_range": (3, 3)},
    "char": {"analyzer": "char", "ngram_range": (1, 3)},
    "char_wb": {"analyzer": "char_wb", "ngram_range": (2, 4)},
    "char_cased": {"analyzer": "char", "lowercase": False, "ngram_range": (2, 2)},
    "english": {"stop_words": "english"},
    "own_stop_words": {"stop_words": ["how", "to", "array"], "ngram_range": (1, 2)},
    "accents_unicode": {"strip_accents": "unicode"},
    "accents_ascii": {"strip_accents": "ascii", "analyzer": "char_wb", "ngram_range": (1, 2)},
    "cased": {"lowercase": False},
    "one_letter": {"token_pattern": r"(?u)\b\w+\b"},
    "captured": {"token_pattern": r"(?u)\b(\w)\w+\b"},
    "non_space": {"token_pattern": r"\S+"},
    "ascii_words": {"token_pattern": r"[a-zA-Z]{2,}", "ngram_range": (1, 2)},
}
FITTED: Dict[str, Dict[str, Any]] = {
    "max_features": {"max_features": 9},
    "min_df": {"min_df": 2},
    "max_df": {"max_df": 0.2},
    "vocabulary": {"vocabulary": ["json", "array", "how", "unused"]},
    "vocabulary_dict": {"vocabulary": {"json": 1, "array": 0, "clone": 2}},
}
WEIGHTS: Dict[str, Dict[str, Any]] = {
    "sublinear": {"sublinear_tf": True},
    "norm_l1": {"norm": "l1"},
    "norm_none": {"norm": None},
    "no_idf": {"use_idf": False},
    "not_smooth": {"smooth_idf": False},
    "binary": {"binary": True},
    "float32": {"dtype": numpy.float32},
    "float32_norm_l1": {"dtype": numpy.float32, "norm": "l1"},
    "all": {"sublinear_tf": True, "norm": "l1", "smooth_idf": False, "ngram_range": (1, 2)},
}


def cases() -> Iterator[Case]:
    for name, options in {**ANALYZERS, **FITTED, "binary": {"binary": True}}.items():
        counter = CountVectorizer(**options).fit(TEXTS)
        yield Case("count_" + name, counter, UNSEEN, ("transform",), exact=True)
    for name, options in {**ANALYZERS, **FITTED, **WEIGHTS}.items():
        yield Case("tfidf_" + name, TfidfVectorizer(**options).fit(TEXTS), UNSEEN, ("transform",))
    # Counts of which numpy rounds the logarithm otherwise than a libm does.
    many = TEXTS + ["json " * 7 + "array " * 37 + "element " * 47, "javascript " * 217]
    for name, options in {"": {}, "_l1": {"norm": "l1"}, "_plain": {"norm": None, "use_idf": False}}.items():
        options.update(sublinear_tf=True, dtype=numpy.float32)
        yield Case("tfidf_float32_sublinear" + name, TfidfVectorizer(**options).fit(TEXTS), many, ("transform",))
    single = make_pipeline(CountVectorizer(dtype=numpy.float32), TfidfTransformer(sublinear_tf=True))
    yield Case("transformer_float32", single.fit(TEXTS), many, ("transform",))
    hashing: Dict[str, Dict[str, Any]] = {
        **ANALYZERS,
        "no_sign": {"alternate_sign": False},
        "norm_l1": {"norm": "l1"},
        "norm_none": {"norm": None},
        "binary": {"binary": True, "norm": None},
        "float32": {"dtype": numpy.float32},
    }
    for name, options in hashing.items():
        for features in (7, 512):
            hasher = HashingVectorizer(n_features=features, **options)
            yield Case("hash_%d_%s" % (features, name), hasher, UNSEEN, ("transform",))
    for name, options in {"default": {}, **WEIGHTS}.items():
        if "dtype" in options or name in ("binary", "all"):
            continue
        steps = make_pipeline(CountVectorizer(), TfidfTransformer(**options)).fit(TEXTS)
        yield Case("transformer_" + name, steps, UNSEEN, ("transform",))
    steps = make_pipeline(HashingVectorizer(n_features=64), TfidfTransformer()).fit(TEXTS)
    yield Case("transformer_hashed", steps, UNSEEN, ("transform",))
