"""HDF5 and .h5ad files written in place by the libraries that people use."""

import anndata
import h5py
import numpy
import pandas
from scipy import sparse

from cases import Processes, Signal, case, expect, main


@case
def hdf5_is_written_in_place(folder):
    path = f"{folder}/data.h5"
    with h5py.File(path, "w") as f:
        f.create_dataset("grid", data=numpy.zeros((512, 512)), chunks=(64, 64))
        f.create_dataset("log", data=numpy.arange(10), maxshape=(None,), chunks=(16,))
        f.create_dataset("short-lived", data=numpy.ones(100_000))
    with h5py.File(path, "r+") as f:
        f["grid"][100:200, 300:310] = 7.5
        f["log"].resize((5000,))
        f["log"][10:] = numpy.arange(10, 5000)
        del f["short-lived"]
        f["grid"].attrs["unit"] = "m/s"
        f.flush()
        f["grid"][0, 0] = -1
    with h5py.File(path, "r") as f:
        grid = numpy.zeros((512, 512))
        grid[100:200, 300:310] = 7.5
        grid[0, 0] = -1
        assert numpy.array_equal(f["grid"][:], grid), "the slices written in place are there, and nothing else"
        assert numpy.array_equal(f["log"][:], numpy.arange(5000)), "the dataset grew in place"
        expect(sorted(f), ["grid", "log"], "datasets")
        expect(f["grid"].attrs["unit"], "m/s", "attribute")


@case
def hdf5_refuses_a_second_writer(folder):
    """HDF5 protects a file that is open for writing by a lock of the filesystem."""
    path = f"{folder}/data.h5"
    opened, tried = Signal(), Signal()

    def writer():
        with h5py.File(path, "w", locking=True) as f:
            f["x"] = numpy.arange(10)
            opened.give()
            tried.wait()

    def second():
        opened.wait()
        try:
            h5py.File(path, "r+", locking=True).close()
        except BlockingIOError:
            pass
        else:
            raise AssertionError("a second process opened the file for writing")
        finally:
            tried.give()

    with Processes() as processes:
        processes.start(writer)
        processes.start(second)
    with h5py.File(path, "r+", locking=True) as f:
        f["y"] = f["x"][:] * 2


@case
def h5ad_is_written_in_place(folder):
    path = f"{folder}/cells.h5ad"
    cells, genes = 400, 300
    counts = numpy.random.default_rng(7).poisson(1, (cells, genes)).astype("float32")
    anndata.AnnData(
        X=counts,
        obs=pandas.DataFrame({"batch": ["a", "b"] * (cells // 2)}, index=[f"cell{i}" for i in range(cells)]),
        var=pandas.DataFrame(index=[f"gene{i}" for i in range(genes)]),
        layers={"sparse": sparse.csr_matrix(counts)},
    ).write_h5ad(path)

    backed = anndata.read_h5ad(path, backed="r+")
    backed.X[10:20, :] = 42
    backed.obs["group"] = pandas.Categorical(["g1"] * cells)
    backed.write()
    backed.file.close()

    counts_now = counts.copy()
    counts_now[10:20, :] = 42
    after = anndata.read_h5ad(path)
    assert numpy.array_equal(after.X, counts_now), "the rows written in place are there, and nothing else"
    expect(after.obs["group"].tolist(), ["g1"] * cells, "the new column")
    assert numpy.array_equal(after.layers["sparse"].toarray(), counts), "the layer is as it was"


if __name__ == "__main__":
    main()
