# Writes the fixtures of SafeTensorsTest and NpyTest with the formats' own libraries, as an oracle from outside:
#
#   pip install numpy safetensors && python3 make-fixtures.py
#
# The files here were made with numpy 2.4.6 and safetensors 0.8.0.
import os

import numpy as np
from safetensors.numpy import save_file

os.chdir(os.path.dirname(os.path.abspath(__file__)))

save_file(
    {
        "conv1.weight": (np.arange(24, dtype=np.float32) - 11.5).reshape(2, 3, 2, 2),
        "images": np.arange(250, 256, dtype=np.uint8).reshape(1, 2, 3),
        "labels": np.array([3, -1, 9], dtype=np.int64),
        "mask": np.array([[True, False], [False, True]]),
        "scalar": np.array(0.1, dtype=np.float32),
        "empty": np.zeros((0, 5), dtype=np.float32),
    },
    "python.safetensors",
    {"accuracy": "91.5 %", "policy": "twn"},
)

# Values -6.0 to 5.5 in steps of a half, which every type but the unsigned and the whole ones holds.
halves = (np.arange(24) / 2 - 6).reshape(2, 3, 4)
whole = (np.arange(24) - 12).reshape(2, 3, 4)
for dtype in ["<f2", ">f2", "<f4", ">f4", "<f8", ">f8"]:
    np.save("halves-" + ("le" if dtype[0] == "<" else "be") + dtype[1:] + ".npy", halves.astype(dtype))
for dtype in ["i1", "<i2", ">i2", "<i4", ">i4", "<i8", ">i8"]:
    np.save("whole-" + ("be" if dtype[0] == ">" else "le") + dtype[-2:] + ".npy", whole.astype(dtype))
np.save("bytes.npy", np.arange(250, 256, dtype=np.uint8))
np.save("fortran.npy", np.asfortranarray(halves.astype("<f4")))
np.save("scalar.npy", np.float64(2.5))
np.save("empty.npy", np.zeros((0, 3), dtype=np.float32))
np.save("mask.npy", whole[0] % 3 == 0)
np.save("mask-fortran.npy", np.asfortranarray(whole[0] % 3 == 0))
np.save("complex.npy", np.array([1 + 2j]))
np.save("text.npy", np.array(["a", "bc"]))
np.save("object.npy", np.array([None, 1], dtype=object), allow_pickle=True)
np.save("struct.npy", np.array([(1, 2.0)], dtype=[("a", "<i4"), ("b", "<f8")]))
for version in [(1, 0), (2, 0), (3, 0)]:
    with open("version%d.npy" % version[0], "wb") as f:
        np.lib.format.write_array(f, halves.astype("<f4"), version=version)
arrays = {"conv1.weight": halves.astype("<f4"), "conv1.ifm": whole[0] % 3 == 0, "empty": np.zeros((0, 3))}
np.savez("stored.npz", **arrays)
np.savez_compressed("deflated.npz", **arrays)
