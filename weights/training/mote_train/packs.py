"""Parity packs: what a model returns in float64, with its stages, for an engine to be held to.

    python -m mote_train.packs ../mote-s.safetensors ../../tests/golden
"""
import argparse
import copy
import hashlib
import json
import os

import numpy as np
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from . import samples, scenes, textures
from .tracking import WINDOW, encode_video, stream, track

SEED = 20261123
STREAM_ITERATIONS = 2
MOST_OFF = 2e-4  # pixels, a fifth of what an engine may be off: some windows magnify rounding tenfold
WINDOW_AXES = ('frames S,H,W,RGB uint8; queries N,(x,y) pixels, pixel centres at integers, on frame template_frame N; locked N: 1 where frame 0 stays; '
               'start S,N,(x,y); coords iteration,S,N,(x,y) pixels; visibility_logits, confidence_logits S,N of the last iteration; '
               'fmaps S,C,h,w; template.L N,patch pixel,C; correlation.0 N,S,(level, patch pixel, position row by row), scaled; '
               'mixer_input.0 N,S,inputs; mixer_output.0 N,S,(dx,dy,visibility,confidence) as the head gives them')
CHAIN_AXES = ('frames T,H,W,RGB uint8; queries N,(x,y) on frame query_frames N; tracks T,N,(x,y) pixels; visibility_logits, confidence_logits T,N; '
              'before the query frame tracks repeat the query and logits are 0')


def window_inputs(number, height, width, points):
    """8 frames of a scene; locked points (two on corners, two outside the picture) and, from the middle on, unlocked ones with
    templates of other frames and disturbed starts. -> dict of tensors."""
    rng = np.random.RandomState([SEED, number])
    clip = scenes.make_clip([SEED, number], textures.load_tiles(held_out=False), WINDOW, height, width, 3)
    queries = samples.candidates(rng, clip, 0, points)
    queries[:4] = [[0, 0], [width - 1, height - 1], [-6.5, height / 3], [width + 9.25, height + 4]]
    template_frame, start = np.zeros(points, np.int32), np.repeat(queries[None], WINDOW, 0)
    for n in range(points // 2, points):
        template_frame[n] = n % WINDOW
        queries[n] = samples.candidates(rng, clip, n % WINDOW, 2)[0]
        truth, _ = clip.tracks(n % WINDOW, queries[n:n + 1])
        start[:, n:n + 1] = samples.disturbed(rng, truth, height, width)
    locked = (np.arange(points) < points // 2).astype(np.int32)
    return {k: torch.from_numpy(np.ascontiguousarray(v)) for k, v in dict(
        frames=clip.frames, queries=queries.astype(np.float32), template_frame=template_frame, locked=locked,
        start=start.astype(np.float32)).items()}


@torch.no_grad()
def run_window(model, given, iterations):
    """-> dict of the pack's results, in the model's precision."""
    kind, N = model.temb.dtype, len(given['queries'])
    pyramid = encode_video(model, given['frames'])
    queries = given['queries'].to(kind)
    one_by_one = [model.template(pyramid, given['template_frame'][n:n + 1].long(), queries[None, n:n + 1]) for n in range(N)]
    template = [torch.cat(level, 1) for level in zip(*one_by_one)]
    stages = {}
    out = model.refine(pyramid, torch.arange(WINDOW)[None], template, given['start'].to(kind)[None], iterations,
                       given['locked'][None] > 0, stages)
    out = out[:iterations - 1] + out[-1:]  # a fine tracker's iterations count as part of the last
    t = template[0].shape[2]
    correlation = stages['correlation'][0].reshape(WINDOW, N, model.levels, -1, t)
    results = {'coords': torch.stack([xy[0] for xy, _ in out]), 'fmaps': pyramid.maps[0],
               'visibility_logits': out[-1][1][0, ..., 0], 'confidence_logits': out[-1][1][0, ..., 1],
               'correlation.0': correlation.permute(1, 0, 2, 4, 3).flatten(2),
               'mixer_input.0': stages['mixer_input'][0].transpose(0, 1), 'mixer_output.0': stages['mixer_output'][0].transpose(0, 1)}
    if hasattr(model, 'fine'):  # these are the coarse tracker's, which has packs of its own
        results = {k: results[k] for k in ('coords', 'visibility_logits', 'confidence_logits')}
    results.update({f'template.{l}': p[0] for l, p in enumerate(template)})
    return results


def chain_inputs(number, frames, height, width, asked=(0, 5, 11, 26)):
    """Frames of a scene and queries that start on the frames `asked`. -> dict of tensors."""
    rng = np.random.RandomState([SEED, number])
    clip = scenes.make_clip([SEED, number], textures.load_tiles(held_out=False), frames, height, width, 3)
    counts = (6, 2, 2, 2)
    query_frames = np.repeat(asked, counts).astype(np.int32)
    queries = np.concatenate([samples.candidates(rng, clip, q, n) for q, n in zip(asked, counts)])
    return {k: torch.from_numpy(v) for k, v in dict(frames=clip.frames, query_frames=query_frames, queries=queries).items()}


def run_chain(model, given, iterations, hop):
    queries = torch.cat([given['query_frames'][:, None].float(), given['queries']], 1)
    tracks, logits = track(model, given['frames'], queries, iterations, hop)
    return {'tracks': tracks, 'visibility_logits': logits[..., 0], 'confidence_logits': logits[..., 1]}


def run_stream(model, given, iterations):
    queries = torch.cat([given['query_frames'][:, None].float(), given['queries']], 1)
    tracks, logits = stream(model, given['frames'], queries, iterations)
    return {'tracks': tracks, 'visibility_logits': logits[..., 0], 'confidence_logits': logits[..., 1]}


def write(path, given, run, model, metadata):
    """One pack: results in float64, and how far float32 is from them. Written whole or not at all."""
    exact, single = run(copy.deepcopy(model).double(), given), run(model, given)
    way = 'coords' if 'coords' in exact else 'tracks'
    off = (exact[way] - single[way]).norm(dim=-1).max()
    if not off <= MOST_OFF:
        raise SystemExit(f'pack is no yardstick, float32 itself is too far off: path={path}, worst={off:.2g} px, at most {MOST_OFF:.2g}; take another scene')
    metadata['float32_px'] = '%.2g' % off
    tensors = {**given, **{k: v.float() for k, v in exact.items()}}
    save_file({k: v.contiguous() for k, v in tensors.items()}, path + '.part', metadata)
    os.chmod(path + '.part', 0o644)
    os.replace(path + '.part', path)
    print(f'{path}: {os.path.getsize(path) / 1e6:.1f} MB, float32 is {metadata["float32_px"]} px away')


def write_all(model, weights, folder):
    """Two windows, a video and a stream in `folder`, for the weights in file `weights`: mote-window, mote-window-odd, mote-video and
    mote-stream for mote-s, and with another model's name for mote in theirs. One window will do where there is a fine tracker."""
    os.makedirs(folder, exist_ok=True)
    with safe_open(weights, 'pt') as f:
        arch = json.loads(f.metadata()['mote.arch'])
    with open(weights, 'rb') as f:
        digest = hashlib.sha256(f.read()).hexdigest()
    prefix = arch['name'].removesuffix('-s') + '-'
    windows = [('window', 1, (56, 80), 16), ('window-odd', 2, (69, 83), 12)][hasattr(model, 'fine'):]
    iterations, hop = arch['defaults']['iterations'], arch['defaults']['hop']

    def metadata(kind, axes, iterations=iterations):
        return {'kind': kind, 'arch': 'mote', 'mote.arch': json.dumps(arch), 'weights': os.path.basename(weights),
                'weights_sha256': digest, 'iterations': str(iterations), 'stride': str(arch['stride']), 'hop': str(hop), 'axes': axes}
    for name, number, size, points in windows:
        write(os.path.join(folder, prefix + name + '.safetensors'), window_inputs(number, *size, points),
              lambda m, given: run_window(m, given, iterations), model, metadata('window', WINDOW_AXES))
    write(os.path.join(folder, prefix + 'video.safetensors'), chain_inputs(3, 30, 96, 128),
          lambda m, given: run_chain(m, given, iterations, hop), model, metadata('chain', CHAIN_AXES))
    write(os.path.join(folder, prefix + 'stream.safetensors'), chain_inputs(5, 18, 96, 128, (0, 2, 5, 9)),
          lambda m, given: run_stream(m, given, STREAM_ITERATIONS), model, metadata('stream', CHAIN_AXES, STREAM_ITERATIONS))


def main():
    from .evaluate import load_model
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('weights')
    p.add_argument('folder')
    a = p.parse_args()
    write_all(load_model(a.weights), a.weights, a.folder)


if __name__ == '__main__':
    main()
