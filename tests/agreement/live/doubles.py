"""What double arithmetic can make of a sum: the true value, and how far from it any order can end.

A sum of n products of doubles is off by at most n roundings of the sum of their magnitudes, whatever the
order and whether or not products are fused with additions. `Near` carries such bounds through the few
operations that kernels and linear models are made of; its values are computed with eleven more bits.
"""

from typing import Any, Union

import numpy as np

# Of one rounding, relative to the number.
UNIT = 2.0**-53
# A function of a library of mathematics is known to so many units.
FUNCTION = 4 * UNIT
# Whether there is a wider type here; where there is none nothing can be said.
WIDE = float(np.finfo(np.longdouble).eps) < UNIT / 512


def wide(values: Any) -> Any:
    return np.asarray(values, dtype=np.longdouble)


class Near:
    """Numbers that doubles were to give, and how far off each can be."""

    def __init__(self, value: Any, off: Any = 0.0) -> None:
        self.value = wide(value)
        self.off = np.broadcast_to(wide(off), self.value.shape)

    @property
    def T(self) -> "Near":
        return Near(self.value.T, self.off.T)

    def allows(self, table: Any) -> Any:
        """Which numbers of a table double arithmetic can have given."""
        with np.errstate(all="ignore"):
            inside = np.abs(wide(table) - self.value) <= self.off * 1.01
        return inside & np.isfinite(self.value) & np.isfinite(self.off)

    def __add__(self, other: "Near") -> "Near":
        value = self.value + other.value
        return Near(value, self.off + other.off + UNIT * (np.abs(value) + self.off + other.off))

    def __neg__(self) -> "Near":
        return Near(-self.value, self.off)

    def __sub__(self, other: "Near") -> "Near":
        return self + -other

    def __mul__(self, other: Union["Near", float]) -> "Near":
        other = other if isinstance(other, Near) else Near(other)
        off = np.abs(self.value) * other.off + self.off * np.abs(other.value) + self.off * other.off
        value = self.value * other.value
        return Near(value, off + UNIT * (np.abs(value) + off))

    def __matmul__(self, other: "Near") -> "Near":
        a, b = np.abs(self.value), np.abs(other.value)
        off = a @ other.off + self.off @ b + self.off @ other.off
        return Near(self.value @ other.value, off + self.value.shape[-1] * UNIT * (a @ b + off))

    def products(self, other: "Near", constant: "Near") -> "Near":
        """Their matrix product and a constant, which may as well be what the sum starts with."""
        least = self @ other
        magnitudes = np.abs(self.value) @ np.abs(other.value)
        most = (self.value.shape[-1] + 1) * UNIT * (np.abs(constant.value) + magnitudes + least.off)
        return Near(least.value + constant.value, least.off + constant.off + most)

    def __pow__(self, degree: float) -> "Near":
        value = self.value**degree
        steep = degree * (np.abs(self.value) + self.off) ** (degree - 1) if degree > 1 else degree
        return Near(value, steep * self.off + (degree + 4) * UNIT * np.abs(value))

    def exp(self) -> "Near":
        value = np.exp(self.value)
        off = value * np.expm1(self.off)
        return Near(value, off + FUNCTION * (value + off))

    def tanh(self) -> "Near":
        least = np.maximum(np.abs(self.value) - self.off, 0)
        return Near(np.tanh(self.value), self.off / np.cosh(least) ** 2 + FUNCTION)

    def root(self) -> "Near":
        """Of what cannot be negative, and is cut off at 0 where it is."""
        value = np.sqrt(self.value)
        least, most = np.sqrt(np.maximum(self.value - self.off, 0)), np.sqrt(self.value + self.off)
        return Near(value, np.maximum(value - least, most - value) + UNIT * most)

    def sum(self, axis: int) -> "Near":
        off = self.off.sum(axis=axis)
        off = off + self.value.shape[axis] * UNIT * (np.abs(self.value).sum(axis=axis) + off)
        return Near(self.value.sum(axis=axis), off)


def quotient(a: Any, b: Any) -> Near:
    """Of doubles as they are."""
    value = wide(a) / wide(b)
    return Near(value, UNIT * np.abs(value))


def inverse(a: Near) -> Near:
    value = 1 / a.value
    return Near(value, a.off / np.maximum(np.abs(a.value) - a.off, 0) * np.abs(value) + UNIT * np.abs(value))


def squares(x: Any, y: Any, expanded: bool) -> Near:
    """Squared distances of rows, as x.x + y.y - 2 x.y or as the sum of squared differences."""
    x, y = wide(x), wide(y)
    value = ((x[:, None] - y[None]) ** 2).sum(axis=2)
    if not expanded:
        return Near(value, (x.shape[1] + 2) * UNIT * value)
    lengths = (x * x).sum(axis=1)[:, None] + (y * y).sum(axis=1)[None]
    return Near(value, (x.shape[1] + 3) * UNIT * (lengths + 2 * np.abs(x) @ np.abs(y).T))
