"""Sparse matrices of arrays that are known to fit: scipy's checks take longer than most of what one need asks of them."""

from __future__ import annotations

from copy import copy
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse._sparsetools import csc_matvec, csr_matvec

_EMPTY = sparse.csr_matrix((0, 0), dtype=np.float32)


def csr(
    data: NDArray[np.float32], indices: NDArray[Any], indptr: NDArray[Any], shape: tuple[int, int]
) -> sparse.csr_matrix:
    """The matrix of these arrays, not looked through and not copied; places as 32-bit numbers, as scipy has them."""
    found = copy(_EMPTY)
    found.data, found._shape = data, shape
    found.indices, found.indptr = indices.astype(np.int32, copy=False), indptr.astype(np.int32, copy=False)
    return found


def one_hot(codes: NDArray[np.int64], width: int) -> sparse.csr_matrix:
    """(n, width) ones; an empty row for -1."""
    held = codes >= 0
    places = codes[held]
    ends = np.zeros(len(codes) + 1, dtype=np.int32)
    np.cumsum(held, out=ends[1:])
    return csr(np.ones(len(places), np.float32), places, ends, (len(codes), width))


def spread(block: NDArray[np.float32], matrix: sparse.csr_matrix) -> NDArray[np.float32]:
    """(n, m) the product of an (n, r) dense block with an (r, m) csr matrix of the same floats."""
    if len(block) != 1 or block.dtype != matrix.dtype:
        return np.ascontiguousarray(block @ matrix)  # rows lie together, so that they are added up as a single one is
    found = np.zeros((1, matrix.shape[1]), dtype=block.dtype)
    rows, columns = matrix.shape
    csc_matvec(columns, rows, matrix.indptr, matrix.indices, matrix.data, np.ascontiguousarray(block[0]), found[0])
    return found


def times(matrix: sparse.csr_matrix, vector: NDArray[np.float32]) -> NDArray[np.float32]:
    """(n,) the product of an (n, r) csr matrix with an (r,) vector of the same floats."""
    found = np.zeros(matrix.shape[0], dtype=np.float32)
    csr_matvec(*matrix.shape, matrix.indptr, matrix.indices, matrix.data, vector, found)
    return found


def added(total: NDArray[np.float32], matrix: sparse.csr_matrix, row: int, weight: NDArray[np.float32]) -> None:
    """Add one row of a csr matrix, times a weight (an array of one number), to the (m,) `total`, where it lies."""
    csc_matvec(len(total), 1, matrix.indptr[row : row + 2], matrix.indices, matrix.data, weight, total)
