"""Times the published PIPs on PyTorch: peer.py WEIGHTS_PY PACK BUDGET_S FRAMES SIZES POINTS VARIANTS [ITERATIONS]

WEIGHTS_PY: tests/golden/formula_weights.py. PACK: a golden window pack of `pips`, checked before anything is timed.
SIZES: HxW,HxW. POINTS: N,N. VARIANTS: some of eager, score-maps, fp16, compiled; the first and compiled run at every size, the
others at the first one (cases.py). What the budget leaves out is named.
Every new frame costs a whole window of eight, as published: one frame goes from host to device, the forward pass runs, all
points of the newest frame come back. Prints one JSON object a line, as soon as it is known: {"device": ...},
{"ceiling": ...}, {"check": ...}, {"row": ...}, {"note": ...}. On the CPU where there is no GPU (and says so).
"""
import contextlib
import importlib.util
import json
import struct
import sys
import time

try:
    import numpy as np
    import torch
except ImportError as missing:
    print(json.dumps({'note': f'PyTorch is missing: module={missing.name}; pip install torch numpy'}))
    sys.exit(3)

from cases import named, ordered
from pips import Pips, WINDOW

TYPES = {'F32': np.float32, 'U8': np.uint8, 'I32': np.int32, 'I64': np.int64}
# Pixels: TF32 convolutions (PyTorch's default on a GPU) and float16 lose most; twice bfloat16 autocast's distance on the CPU.
TOLERANCE = 0.7
PEAK = 8192  # side of the matrices of the large product
COPY = 1 << 30


def say(**line):
    print(json.dumps(line), flush=True)


def read(path):
    """-> arrays by name, metadata of a safetensors file."""
    with open(path, 'rb') as f:
        data = f.read()
    (length,) = struct.unpack('<Q', data[:8])
    header = json.loads(data[8:8 + length])
    metadata = header.pop('__metadata__', {})
    arrays = {}
    for name, entry in header.items():
        begin, end = (8 + length + offset for offset in entry['data_offsets'])
        arrays[name] = np.frombuffer(data[begin:end], TYPES[entry['dtype']]).reshape(entry['shape'])
    return arrays, metadata


def formula(path, seed):
    spec = importlib.util.spec_from_file_location('formula_weights', path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return {name: torch.from_numpy(values) for name, values in module.state(seed).items()}


class Peer:
    """One variant, loaded and on its device."""

    def __init__(self, variant, state, device, stride):
        self.variant, self.device = variant, device
        self.model = Pips(stride, score_maps=variant == 'score-maps').eval()
        self.model.load_state_dict(state)
        self.model.to(device)
        self.run = torch.compile(self.model) if variant == 'compiled' else self.model

    def window(self, queries, frames, iterations):
        half = contextlib.nullcontext()
        if self.variant == 'fp16':
            half = torch.autocast(self.device, torch.float16 if self.device == 'cuda' else torch.bfloat16)
        with torch.inference_mode(), half:
            coords, visible = self.run(queries, frames.float(), iterations)
            return coords.float().cpu(), visible.float().cpu()

    def check(self, pack, metadata):
        """Largest distance from the pack in pixels."""
        frames = torch.from_numpy(pack['frames'].copy()).permute(0, 3, 1, 2).to(self.device)
        queries = torch.from_numpy(pack['queries'].copy()).to(self.device)
        coords, _ = self.window(queries, frames, int(metadata['iterations']))
        return float((coords - torch.from_numpy(pack['coords'][-1].copy())).norm(dim=-1).max())

    def latencies(self, height, width, points, iterations, most, seconds):
        """Milliseconds of each frame, warm."""
        random = np.random.default_rng(1)
        host = [torch.from_numpy(random.integers(0, 256, (3, height, width), np.uint8)) for _ in range(WINDOW)]
        if self.device == 'cuda':
            host = [frame.pin_memory() for frame in host]
        ring = torch.stack(host).to(self.device)
        at = random.uniform(8, (width - 9, height - 9), (points, 2)).astype(np.float32)
        queries = torch.from_numpy(at).to(self.device)
        for _ in range(3):
            self.window(queries, ring, iterations)
        found, began = [], time.perf_counter()
        while len(found) < most and (len(found) < 3 or time.perf_counter() - began < seconds):
            start = time.perf_counter()
            newest = host[len(found) % WINDOW].to(self.device, non_blocking=True)
            ring = torch.cat([ring[1:], newest[None]])
            self.window(queries, ring, iterations)
            found.append(1e3 * (time.perf_counter() - start))
        return found


def row(peer, height, width, points, iterations, millis):
    ordered = sorted(millis)

    def percentile(percent):
        return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]

    say(row=dict(model='pips', engine='pytorch', variant=peer.variant,
                 precision='fp16' if peer.variant == 'fp16' else 'f32', height=height, width=width, points=points,
                 iterations=iterations, frames=len(millis), p50_ms=percentile(50), p95_ms=percentile(95),
                 p99_ms=percentile(99), worst_ms=ordered[-1]))


def ceilings():
    """What the device reaches through PyTorch: a large copy, a large matrix product on random numbers."""
    source = torch.randint(0, 255, (COPY,), dtype=torch.uint8, device='cuda')
    target = torch.empty_like(source)
    seconds = timed(lambda: target.copy_(source))
    say(ceiling=dict(name='copy', by='pytorch', gb_per_s=2 * COPY / seconds / 1e9))
    for name, kind in (('fp16', torch.float16), ('bf16', torch.bfloat16)):
        a, b = (torch.randn(PEAK, PEAK, device='cuda', dtype=kind) for _ in range(2))
        seconds = timed(lambda: a @ b)
        say(ceiling=dict(name='matmul-' + name, by='pytorch', tflop_per_s=2 * PEAK ** 3 / seconds / 1e12))


def timed(work, runs=10):
    """Seconds of one, median of 5 times `runs` between events."""
    for _ in range(3):
        work()
    found = []
    for _ in range(5):
        begin, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        begin.record()
        for _ in range(runs):
            work()
        end.record()
        end.synchronize()
        found.append(begin.elapsed_time(end) / 1e3 / runs)
    return sorted(found)[2]


def main():
    weights, pack_path, budget, most, sizes, points, variants = sys.argv[1:8]
    deadline = time.monotonic() + float(budget)
    device = 'cuda' if torch.cuda.is_available() else 'cpu'
    name = torch.cuda.get_device_name() if device == 'cuda' else 'the CPU: no GPU'
    say(device=dict(name=name, type=device, torch=torch.__version__, cuda=torch.version.cuda,
                    tf32='convolutions' if torch.backends.cudnn.allow_tf32 else 'no'))
    if device == 'cuda':
        ceilings()
    pack, metadata = read(pack_path)
    iterations = int(sys.argv[8]) if len(sys.argv) > 8 else 6
    state = formula(weights, int(metadata['weights_seed']))
    sizes = [tuple(int(n) for n in size.split('x')) for size in sizes.split(',')]
    points = [int(n) for n in points.split(',')]
    variants = variants.split(',')
    cases = ordered(variants, sizes, points)
    peer, left_out, unmeasured, compiled_in = None, [], [], 0
    for done, case in enumerate(cases):
        variant, height, width, count = case
        left = deadline - time.monotonic()
        # A new size is compiled anew, which takes about as long as the first.
        if left <= (compiled_in if variant == 'compiled' else 0):
            unmeasured.append(case)
            continue
        if variant in left_out:
            continue
        if peer is None or peer.variant != variant:
            try:
                began = time.monotonic()
                peer = Peer(variant, state, device, int(metadata['stride']))
                worst = peer.check(pack, metadata)
                compiled_in = time.monotonic() - began if variant == 'compiled' else compiled_in
            except Exception as failure:  # a compiler that is not there, for one: no reason to lose the others
                left_out.append(variant)
                say(note=f'{variant} is left out: {type(failure).__name__}: {str(failure).strip().splitlines()[:1]}')
                continue
            say(check=dict(variant=variant, pack=pack_path.rsplit('/', 1)[-1], worst_px=worst, met=worst <= TOLERANCE))
            if not worst <= TOLERANCE:
                sys.exit(1)
        try:
            millis = peer.latencies(height, width, count, iterations, int(most), left / (len(cases) - done))
        except torch.cuda.OutOfMemoryError:
            torch.cuda.empty_cache()
            say(note=f'device memory is not enough: variant={variant}, size={height}x{width}, points={count}')
            continue
        row(peer, height, width, count, iterations, millis)
    if unmeasured:
        say(note=f'budget is used up: not_measured={named(unmeasured)}; give more seconds')


main()
