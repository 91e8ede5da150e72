"""Writes what this Python's str says of every code point, for generate.py.

Runs on CPython 3.6 and newer with nothing installed. Output, one record per line:

  python 3.11
  digest <property> <FNV-1a 64 over all code points but the surrogates>
  run <first> <last> <word> <space> <decimal> <sigma> <combining> <lower minus itself>
  nfkd <code point> <code point>...        (Hangul syllables left out: they are algorithmic)

All numbers but `run`'s flags are hexadecimal or signed decimal as Python prints them. `sigma` is
what str.lower() reveals of a character beside a capital sigma: 1 = looked through
(Case_Ignorable), 2 = a letter with case (Cased and not Case_Ignorable), 0 = neither.
"""

import sys
import unicodedata

FINAL_SIGMA = "\u03c2"
POINTS = [c for c in range(0x110000) if not 0xD800 <= c <= 0xDFFF]


def fnv1a(data):
    value = 0xCBF29CE484222325
    for byte in data:
        value = ((value ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return value


def sigma_class(char):
    if (char + "\u03a3").lower()[-1] == FINAL_SIGMA:
        return 2
    return 1 if ("A" + char + "\u03a3").lower()[-1] == FINAL_SIGMA else 0


def sigma_bits(char):
    """Four contexts of a capital sigma, to prove str.lower() as a whole."""
    return (
        ((char + "\u03a3").lower()[-1] == FINAL_SIGMA)
        | (("A" + char + "\u03a3").lower()[-1] == FINAL_SIGMA) << 1
        | (("A\u03a3" + char).lower()[1] == FINAL_SIGMA) << 2
        | (("A\u03a3" + char + "A").lower()[1] == FINAL_SIGMA) << 3
    )


def is_word(char):
    return char.isalnum() or char == "_"


def nfkd(char):
    return unicodedata.normalize("NFKD", char)


def digests():
    chars = [chr(c) for c in POINTS]
    yield "word", bytes(is_word(c) for c in chars)
    yield "space", bytes(c.isspace() for c in chars)
    yield "decimal", bytes(c.isdecimal() for c in chars)
    yield "combining", bytes(unicodedata.combining(c) for c in chars)
    yield "sigma", bytes(sigma_bits(c) for c in chars)
    yield "lower", "".join(c.lower() for c in chars).encode()
    yield "nfkd", "".join(nfkd(c) for c in chars).encode()


def properties(point):
    char = chr(point)
    low = char.lower()
    if len(low) != 1:
        # The one character whose lower case is two; unicode.cc knows it by name.
        assert (point, low) == (0x130, "i\u0307")
        low = char
    return (
        int(is_word(char)),
        int(char.isspace()),
        int(char.isdecimal()),
        sigma_class(char),
        unicodedata.combining(char),
        ord(low) - point,
    )


def main():
    print("python", "%d.%d" % sys.version_info[:2])
    for name, data in digests():
        print("digest", name, "%016x" % fnv1a(data))
    first, held = 0, properties(0)
    for point in range(1, 0x110000):
        here = properties(point)
        if here != held:
            print("run", "%x" % first, "%x" % (point - 1), *held)
            first, held = point, here
    print("run", "%x" % first, "10ffff", *held)
    for point in POINTS:
        full = nfkd(chr(point))
        if full != chr(point) and not 0xAC00 <= point <= 0xD7A3:
            print("nfkd", "%x" % point, *["%x" % ord(c) for c in full])


main()
