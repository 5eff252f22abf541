"""A checkpoint small enough for a repository:

    python -m mote_train.resume pack RUN STATE.safetensors
    python -m mote_train.resume unpack STATE.safetensors --weights ../mote-s.safetensors RUN

The weights stay in float32, the optimizer's two moments become bfloat16; the average is not kept twice: it is the exported file.
A run goes on from where it was, within rounding, from half the bytes. What is larger than 16 MiB becomes several files,
STATE-1-of-N.safetensors to STATE-N-of-N.safetensors, which unpack finds by STATE.safetensors.
"""
import argparse
import glob
import json
import os

import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from . import checkpoint
from .train import run_of


LIMIT = 2 ** 24  # bytes of a file
HEADER = 2 ** 18  # of them for names, shapes and the config


def parts_of(tensors):
    """Tensors by name -> lists of them that each fit into a file, in order."""
    parts, room = [], 0
    for k, v in tensors.items():
        if v.nbytes > LIMIT - HEADER:
            raise ValueError(f'a tensor is larger than a file may be: name={k}, bytes={v.nbytes}, limit={LIMIT - HEADER}; split the layer')
        if v.nbytes > room:
            parts.append({})
            room = LIMIT - HEADER
        parts[-1][k] = v
        room -= v.nbytes
    return parts


def all_parts(path):
    stem, kind = os.path.splitext(path)
    return sorted(glob.glob(glob.escape(stem) + '-*-of-*' + kind))


def files(path):
    """The file or files that hold the state called path."""
    found = [path] if os.path.exists(path) else all_parts(path)
    if not found or found != [path] and len(found) != int(os.path.splitext(found[0])[0].rsplit('-', 1)[1]):
        raise FileNotFoundError(f'state is not whole: path={path}, files={len(found)}; give all files that pack wrote')
    return found


def pack(run, path):
    """Writes a Run."""
    tensors = {f'model.{k}': v for k, v in run.model.state_dict().items()}
    for i, state in run.optimizer.state_dict()['state'].items():
        tensors.update({f'moment.{i}.{k}': state[k].to(torch.bfloat16) for k in ('exp_avg', 'exp_avg_sq')})
    metadata = {'step': str(run.step), 'seconds': str(run.seconds), 'config': json.dumps(run.config)}
    parts, (stem, kind) = parts_of({k: v.detach().cpu().contiguous() for k, v in tensors.items()}), os.path.splitext(path)
    names = [path] if len(parts) == 1 else [f'{stem}-{i + 1}-of-{len(parts)}{kind}' for i in range(len(parts))]
    for name, part in zip(names, parts):
        save_file(part, name + '.part', metadata)
        os.replace(name + '.part', name)
    for old in {path, *all_parts(path)} - set(names):
        if os.path.exists(old):
            os.remove(old)


def unpack(path, weights):
    """path as `pack` wrote it, weights the averaged ones of the same run -> the Run."""
    tensors = {}
    for file in files(path):
        with safe_open(file, 'pt') as f:
            metadata = f.metadata()
            tensors.update({k: f.get_tensor(k) for k in f.keys()})
    run = run_of(json.loads(metadata['config']))
    run.model.load_state_dict({k[6:]: v for k, v in tensors.items() if k.startswith('model.')})
    run.ema = {**{k: v.clone() for k, v in run.model.state_dict().items()}, **load_file(weights)}  # exported files lack constants
    run.step, run.seconds = int(metadata['step']), float(metadata['seconds'])
    state = run.optimizer.state_dict()
    moments = {int(k.split('.')[1]) for k in tensors if k.startswith('moment.')}
    state['state'] = {i: {'step': torch.tensor(float(run.step)), **{k: tensors[f'moment.{i}.{k}'].float() for k in ('exp_avg', 'exp_avg_sq')}}
                      for i in sorted(moments)}
    run.optimizer.load_state_dict(state)
    return run


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('what', choices=['pack', 'unpack'])
    p.add_argument('source')
    p.add_argument('target')
    p.add_argument('--weights', help='unpack: the averaged weights, as exported')
    a = p.parse_args()
    if a.what == 'unpack':
        if not a.weights:
            p.error('no averaged weights: --weights is missing; give ../mote-s.safetensors')
        os.makedirs(a.target, exist_ok=True)
        checkpoint.save(unpack(a.source, a.weights), os.path.join(a.target, 'checkpoint.pt'))
        return
    path = os.path.join(a.source, 'checkpoint.pt')
    if not os.path.exists(path):
        raise FileNotFoundError(f'no checkpoint: path={path}; give the folder of a run')
    run = run_of(torch.load(path, map_location='cpu', weights_only=True)['config'])
    checkpoint.restore(run, path)
    pack(run, a.target)


if __name__ == '__main__':
    main()
