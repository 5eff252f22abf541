"""Checkpoints: written whole under another name, then renamed."""
import json
import os

import torch
from safetensors.torch import save_file


def save(run, path):
    """Everything that the next step depends on, in path; the averaged weights beside it in ema.safetensors."""
    state = dict(model=run.model.state_dict(), ema=run.ema, optimizer=run.optimizer.state_dict(), step=run.step,
                 seconds=run.seconds, config=run.config)
    torch.save(state, path + '.part')
    os.replace(path + '.part', path)
    weights = os.path.join(os.path.dirname(path), 'ema.safetensors')
    save_file({k: v.detach().cpu().contiguous() for k, v in run.ema.items()}, weights + '.part')
    os.replace(weights + '.part', weights)


def restore(run, path):
    """Puts the state of path, where it exists, into run. -> whether it did."""
    if not os.path.exists(path):
        return False
    state = torch.load(path, map_location=run.config['device'], weights_only=True)
    run.model.load_state_dict(state['model'])
    run.optimizer.load_state_dict(state['optimizer'])
    for k, v in state['ema'].items():
        run.ema[k].copy_(v)
    run.step, run.seconds = state['step'], state['seconds']
    return True


def append_log(path, row):
    with open(path, 'a') as f:
        f.write(json.dumps(row) + '\n')
