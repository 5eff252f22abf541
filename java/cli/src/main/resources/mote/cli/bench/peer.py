"""Runs the published PIPs for mote bench: peer.py CHECKOUT WEIGHTS PACK VARIANT

CHECKOUT: github.com/aharley/pips. WEIGHTS, PACK: safetensors. VARIANT: eager, bf16 (autocast), compiled, compiled-bf16.
Prints `ready SECONDS` after the first two windows, compiling included, then for every line of standard input runs one
window and prints `window SECONDS WORST_PX`, the largest distance of a point from the pack.
"""
import contextlib
import json
import os
import struct
import sys
import time
import types

import torch

TYPES = {"F32": torch.float32, "U8": torch.uint8, "I32": torch.int32, "I64": torch.int64}


def read(path):
    """-> tensors by name, metadata."""
    with open(path, "rb") as f:
        data = f.read()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    metadata = header.pop("__metadata__", {})
    tensors = {}
    for name, entry in header.items():
        begin, end = (8 + length + offset for offset in entry["data_offsets"])
        flat = torch.frombuffer(bytearray(data[begin:end]), dtype=TYPES[entry["dtype"]])
        tensors[name] = flat.reshape(entry["shape"])
    return tensors, metadata


def module(checkout):
    """The published nets.pips without its calls to cuda(): its forward asks for a GPU, even when compiled for the CPU."""
    sys.path.insert(0, checkout)
    path = os.path.join(checkout, "nets", "pips.py")
    with open(path) as f:
        source = f.read().replace(".cuda()", "")
    loaded = types.ModuleType("nets.pips")
    sys.modules[loaded.__name__] = loaded
    exec(compile(source, path, "exec"), loaded.__dict__)
    return loaded


def main():
    checkout, weights, pack, variant = sys.argv[1:]
    published = module(checkout)
    began = time.perf_counter()
    tensors, metadata = read(pack)
    model = published.Pips(S=8, stride=int(metadata["stride"])).eval()
    model.load_state_dict(read(weights)[0])
    run = torch.compile(model) if variant.startswith("compiled") else model
    half = torch.autocast("cpu", torch.bfloat16) if variant.endswith("bf16") else contextlib.nullcontext()
    frames = tensors["frames"].permute(0, 3, 1, 2)[None]
    queries = tensors["queries"][None].float()

    def window():
        start = time.perf_counter()
        with torch.inference_mode(), half:
            coords = run(queries, frames.float(), iters=int(metadata["iterations"]))[0][-1]
        seconds = time.perf_counter() - start
        worst = (coords[0].float() - tensors["coords"][-1]).norm(dim=-1).max()
        return seconds, float(worst)

    window()
    window()
    print("ready %.3f" % (time.perf_counter() - began), flush=True)
    for _ in sys.stdin:
        print("window %.6f %.6f" % window(), flush=True)


main()
