"""Writes what re.findall gives for patterns and texts: src/text/testdata/regex_goldens.txt.

    python3.11 regex_goldens.py [random patterns [seed]] > ../../src/text/testdata/regex_goldens.txt

Any Python from 3.6 on runs it; each line says which it was. Fields are separated by tabs, with \\\\,
\\t, \\n and \\r for what would break a line: release, pattern, text, then the matches, or `error`
instead of text and matches for a pattern that re refuses.
"""

import random
import re
import sys
import warnings

RELEASE = "%d.%d" % sys.version_info[:2]

TEXTS = [
    "",
    "a",
    "aab ab\nb",
    "Hello, world: it's 3.14 or x_1!\n",
    "na\u00efve caf\u00e9 \u0130stanbul \u03a3\u0391\u03a3 \u00b2\u2082\u00bd x\u00b2",
    "\u0939\u093f\u0928\u094d\u0926\u0940 \u0e20\u0e32\u0e29\u0e32 \u65e5\u672c\u8a9e e\u0301t\u00e9",
    "a--b  c\t\u00a0d\u2003e\x1cf \U0001f600ok\U0001f600 \u0663\u0664",
    "user@example.com <b>tag</b> {x} [y] $5 100%",
]

PATTERNS = r"""
(?u)\b\w\w+\b
\b\w+\b
\w+
\w\w+
\b\w{3,}\b
\w{2,}\b
\w+?
(?u)\b\w\w*\b
\S+
[^\s]+
[a-zA-Z]+
(?u)\b[a-zA-Z]{2,}\b
[^\W\d_]+
\b[^\W\d_]+\b
\b[a-z\d]+\b
\b[\w-]{2,}\b
\b\d+\b
\b[a-z]+
[a-z]+\b
\d+
\d+\.\d+|\w+
[\w']+
\w+(?:['-]\w+)*
\b(\w)\w*\b
(\w+)@\w+
#(\w+)|@
<([a-z]+)>
(?:a|ab)(?:c|bcd|)
a*
a*?
|a
a|
\b
\B
^
$
\Z
\A\w+
^.
.$
.+
.*
a{2}
a{,2}
a{1,2}?b
{x}
a{
x{,
[]a]+
[^]a]+
[a-]+
[-a]+
[\d.]+
[\x41-\x5a]+
\u00e9|\x62
[\u0900-\u097f]+
[\b]
\$\d+|\d+%
(?:\w{1,3}){2}
(a|b)+
(?:(a)|b)*c?
(a|ab)(?:b)?
(?:a{0,2}){3}
""".strip().split("\n")


def escaped(text):
    for raw, written in (("\\", "\\\\"), ("\t", "\\t"), ("\n", "\\n"), ("\r", "\\r")):
        text = text.replace(raw, written)
    return text


def write(*fields):
    sys.stdout.buffer.write(("\t".join(map(escaped, fields)) + "\n").encode())


def write_case(pattern, texts):
    try:
        compiled = re.compile(pattern)
    except (re.error, OverflowError):
        write(RELEASE, pattern, "error")
        return
    if compiled.groups > 1:
        write(RELEASE, pattern, "error")
        return
    for text in texts:
        write(RELEASE, pattern, text, *compiled.findall(text))


ATOMS = [
    "a", "b", "c", ".", r"\w", r"\W", r"\d", r"\s", r"\S", "[ab]", "[^a]", "[a-c]", r"[^\w]", "\u00e9",
    r"\b", r"\B", "^", "$", " ", "1", r"[\d_]", r"\A", r"\Z", "x",
]  # fmt: skip
QUANTIFIERS = ["*", "+", "?", "*?", "+?", "??", "{2}", "{1,2}", "{0,1}", "{2,}", "{1,3}?", "{,2}"]
LETTERS = "aabbc 1_\u00e9x\n-"


def random_pattern(rng, depth):
    parts = []
    for _ in range(rng.randint(1, 4)):
        kind = rng.random()
        if depth > 0 and kind < 0.25:
            opening = "(" if rng.random() < 0.15 else "(?:"
            part = opening + random_pattern(rng, depth - 1) + ")"
        else:
            part = rng.choice(ATOMS)
        if rng.random() < 0.35:
            part += rng.choice(QUANTIFIERS)
        parts.append(part)
        if rng.random() < 0.15:
            parts.append("|")
    return "".join(parts)


def main():
    warnings.simplefilter("ignore")
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 150
    rng = random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else 1)
    if len(sys.argv) <= 2:
        for pattern in PATTERNS:
            write_case(pattern, TEXTS)
    for _ in range(count):
        pattern = random_pattern(rng, 3)
        text = "".join(rng.choice(LETTERS) for _ in range(rng.randint(0, 12)))
        write_case(pattern, [text])


main()
