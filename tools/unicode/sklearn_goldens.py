"""Writes what scikit-learn makes of sentences: src/text/testdata/sklearn_goldens.txt.

    python3.11 sklearn_goldens.py > ../../src/text/testdata/sklearn_goldens.txt   # scikit-learn 1.9.1

With file names as arguments their lines are the sentences instead, and only digests of the terms
are written. Fields are separated by tabs, with the escapes of regex_goldens.py:

  python <release>
  doc <text>                      numbered from 0
  analyzer <name=value>...        what follows are the terms of each document under these parameters
  terms <doc> <term>...           or
  digest <doc> <number of terms> <FNV-1a 64 of the terms, each followed by a 0 byte>
  vocabulary <term>...            of a CountVectorizer() fitted on all documents, by column
  idf <value>...                  of a TfidfTransformer() fitted on the counts
  rows <name=value>...            what follows are rows of a vectorizer with these parameters
  row <doc> <column>:<value>...   values as C99 hexadecimal floats
"""

import sys

import numpy as np
from sklearn.feature_extraction.text import (
    CountVectorizer,
    HashingVectorizer,
    TfidfTransformer,
    TfidfVectorizer,
)

DOCUMENTS = [
    "",
    " ",
    "a",
    "The quick brown fox jumps over the lazy dog; the dog does not mind.",
    "it's a well-known \"trick\", isn't it? x_1 = y2 * 3.14 (see #42)",
    "Der Fluß fließt über die Straße, ÄÖÜ äöü",
    "Crème brûlée, naïve café, déjà vu; NFD: Cre\u0300me bru\u0302le\u0301e",
    "İstanbul'da IŞIK ve ışık, ĞÜŞİÖÇ ğüşiöç",
    "ΟΔΥΣΣΕΥΣ ὈΔΥΣΣΕΎΣ Σ ΑΣ. ΑΣΑ ς",
    "Быстрая коричневая лиса, ЁЖ и ёж",
    "हिन्दी में एक छोटा वाक्य है",
    "ภาษาไทยไม่มีช่องว่างระหว่างคำ น้ำ",
    "日本語の文は ｶﾀｶﾅ と 漢字、ひらがな。",
    "한국어 문장은 띄어쓰기가 있다. \u1112\u1161\u11ab\u1100\u116e\u11a8",
    "العربية لُغَةٌ جميلة ١٢٣",
    "עברית שָׁלוֹם",
    "x² + y₂ = ½ of Ⅷ ① ﬁne ﬂow ㎏ ™",
    "emoji 😀 inside wo😀rd 👩\u200d👩\u200d👧 flags 🇩🇪",
    "line one\r\nline two\r\n\r\nline\tthree\n",
    "no\u00a0break\u2003spaces \u3000 and\x1cseparators\x85next  two   three",
    "zero\u200bwidth soft\u00adhyphen joiner\u200c",
    "dup dup Dup DUP dup, the THE the; a b a b ab ab",
    "αʼΣ α\u0345Σ\u0301 A\u00b7Σ Σ\u0301",
    "𐐀𐐁 𝐀𝐁𝐂 𝟘𝟙 Ⓐⓑ",
    "to be or not to be that is the question and the answer",
]

ANALYZERS = [
    {},
    {"lowercase": False},
    {"strip_accents": "unicode"},
    {"strip_accents": "ascii"},
    {"lowercase": False, "strip_accents": "unicode"},
    {"ngram_range": (1, 2)},
    {"ngram_range": (2, 3), "stop_words": "english"},
    {"stop_words": ["the", "dup", "и", "να"]},
    {"token_pattern": r"(?u)\b\w+\b"},
    {"token_pattern": r"\S+", "ngram_range": (1, 3)},
    {"token_pattern": r"(?u)\b(\w)\w*\b"},
    {"token_pattern": r"[\w']+|[.,;!?]", "ngram_range": (1, 2)},
    {"analyzer": "char"},
    {"analyzer": "char", "ngram_range": (2, 4)},
    {"analyzer": "char", "ngram_range": (1, 2), "lowercase": False},
    {"analyzer": "char", "ngram_range": (3, 3), "strip_accents": "unicode"},
    {"analyzer": "char_wb"},
    {"analyzer": "char_wb", "ngram_range": (2, 5)},
    {"analyzer": "char_wb", "ngram_range": (3, 20), "strip_accents": "ascii"},
]

ROWS = [
    ("count", CountVectorizer, {}),
    ("count", CountVectorizer, {"binary": True}),
    ("tfidf", TfidfVectorizer, {}),
    ("tfidf", TfidfVectorizer, {"sublinear_tf": True, "norm": "l1"}),
    ("tfidf", TfidfVectorizer, {"use_idf": False, "binary": True}),
    ("tfidf", TfidfVectorizer, {"norm": None, "sublinear_tf": True}),
    ("hashing", HashingVectorizer, {}),
    ("hashing", HashingVectorizer, {"n_features": 16, "norm": "l1"}),
    ("hashing", HashingVectorizer, {"n_features": 7, "norm": None, "alternate_sign": False}),
    ("hashing", HashingVectorizer, {"n_features": 5, "norm": "l2", "binary": True}),
]


def fnv1a(data):
    value = 0xCBF29CE484222325
    for byte in data:
        value = ((value ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return "%016x" % value


def escaped(text):
    for raw, written in (("\\", "\\\\"), ("\t", "\\t"), ("\n", "\\n"), ("\r", "\\r")):
        text = text.replace(raw, written)
    return text


def write(*fields):
    line = "\t".join(escaped(str(field)) for field in fields) + "\n"
    sys.stdout.buffer.write(line.encode())


def settings(parameters):
    for name, value in parameters.items():
        if name == "ngram_range":
            yield "ngram_min=%d" % value[0]
            yield "ngram_max=%d" % value[1]
        elif isinstance(value, list):
            yield from ("stop_word=" + word for word in value)
        else:
            yield "%s=%s" % (name, value)


def write_terms(documents, in_full):
    for parameters in ANALYZERS:
        write("analyzer", *settings(parameters))
        analyze = CountVectorizer(**parameters).build_analyzer()
        for number, document in enumerate(documents):
            terms = analyze(document)
            if in_full and "analyzer" not in parameters:
                write("terms", number, *terms)
            else:
                data = "".join(term + "\0" for term in terms).encode()
                write("digest", number, len(terms), fnv1a(data))


def write_rows(documents):
    counter = CountVectorizer().fit(documents)
    write("vocabulary", *counter.get_feature_names_out())
    idf = TfidfTransformer().fit(counter.transform(documents)).idf_
    write("idf", *(float(value).hex() for value in idf))
    for kind, vectorizer, parameters in ROWS:
        write("rows", "kind=" + kind, *settings(parameters))
        if kind == "hashing":
            rows = vectorizer(**parameters).transform(documents)
        else:
            rows = vectorizer(**parameters).fit(documents).transform(documents)
        for number in range(rows.shape[0]):
            here = slice(rows.indptr[number], rows.indptr[number + 1])
            cells = zip(rows.indices[here], rows.data[here].astype(np.float64))
            write("row", number, *("%d:%s" % (column, float(v).hex()) for column, v in cells))


def main():
    documents = DOCUMENTS
    if len(sys.argv) > 1:
        documents = []
        for name in sys.argv[1:]:
            with open(name, encoding="utf-8", newline="\n") as file:
                documents += file.read().split("\n")
    write("python", "%d.%d" % sys.version_info[:2])
    for document in documents:
        write("doc", document)
    write_terms(documents, in_full=len(sys.argv) == 1)
    write_rows(documents)


main()
