"""A checkpoint small enough for a repository:

    python -m mote_train.resume pack RUN STATE.safetensors
    python -m mote_train.resume unpack STATE.safetensors --weights ../mote-s.safetensors RUN

The weights stay in float32, the optimizer's two moments become bfloat16; the average is not kept twice: it is the exported file.
A run goes on from where it was, within rounding, from 7 MB instead of 14.
"""
import argparse
import json
import os

import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from . import checkpoint
from .train import Run


def pack(run, path):
    """Writes a Run."""
    tensors = {f'model.{k}': v for k, v in run.model.state_dict().items()}
    for i, state in run.optimizer.state_dict()['state'].items():
        tensors.update({f'moment.{i}.{k}': state[k].to(torch.bfloat16) for k in ('exp_avg', 'exp_avg_sq')})
    metadata = {'step': str(run.step), 'seconds': str(run.seconds), 'config': json.dumps(run.config)}
    save_file({k: v.detach().cpu().contiguous() for k, v in tensors.items()}, path + '.part', metadata)
    os.replace(path + '.part', path)


def unpack(path, weights):
    """path as `pack` wrote it, weights the averaged ones of the same run -> the Run."""
    with safe_open(path, 'pt') as f:
        metadata, tensors = f.metadata(), {k: f.get_tensor(k) for k in f.keys()}
    run = Run(json.loads(metadata['config']))
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
    run = Run(torch.load(path, map_location='cpu', weights_only=True)['config'])
    checkpoint.restore(run, path)
    pack(run, a.target)


if __name__ == '__main__':
    main()
