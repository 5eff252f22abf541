"""A larger model that computes the same as a given one: python -m mote_train.train CONFIG.json --out RUN --init SMALLER.safetensors

After Chen et al., Net2Net (ICLR 2016): training goes on where the smaller model stood instead of from nothing. What can grow:
mixer blocks (new ones add zero), the encoder's channels (instance norm leaves the old ones as they are; nothing reads the new
ones yet), the patch (zeros around it), a level's inputs (zeros behind each position's), and the window (two of 8 side by side).
"""
import math

import torch

from .fine import PREFIX, fine_of

FIXED = ('C', 'D', 'levels', 'frequencies', 'corr')  # widths that LayerNorm or unit length tie together


def ring(old, new):
    """Places of an old x old patch's pixels in the middle of a new x new one."""
    edge = (new - old) // 2
    return [(y + edge) * new + x + edge for y in range(old) for x in range(old)]


def patch_weights(old, new, positions=49):
    """A level's linear layer, inputs position by position and for each the patch pixels, from (corr, positions * t)."""
    a, b = old.unflatten(1, (positions, -1)), torch.zeros_like(new).unflatten(1, (positions, -1))
    sides = math.isqrt(a.shape[2]), math.isqrt(b.shape[2])
    squares = sides[1] ** 2 == b.shape[2]
    b[..., ring(*sides) if squares else range(a.shape[2])] = a
    return b.flatten(1)


def repeated(old, new):
    """What stands in for one window, once for each of the new windows."""
    return old.repeat(len(new) // len(old), *(1,) * (old.dim() - 1))


def token_weights(old, new):
    """(out, in) -> the same block once for each of the windows, so that none sees another."""
    return torch.block_diag(*[old] * (len(new) // len(old)))


def wider(old, new):
    """A convolution's weight or bias: new outputs stay as they were drawn, old ones do not see new inputs."""
    out = new.clone()
    out[:len(old)] = 0
    out[tuple(slice(n) for n in old.shape)] = old
    return out


def grown(name, old, new):
    """One tensor."""
    if old.shape == new.shape:
        return old
    if name.startswith('enc.'):
        return wider(old, new)
    if name.startswith('cl.'):
        return patch_weights(old, new)
    return repeated(old, new) if name == 'temb' or name.endswith('.bias') else token_weights(old, new)


@torch.no_grad()
def grow(state, model):
    """Makes `model` compute what the smaller (or equal) Tracker of `state` does; state as in a weight file. -> model.

    A fine tracker starts from that of `state`, or, where it has none, from the same as the coarse one. Raises ValueError where the
    sizes do not allow it.
    """
    if hasattr(model, 'fine'):
        grow(fine_of(state) or state, model.fine)
    elif fine_of(state):
        raise ValueError('weights hold a fine tracker that the model lacks: fine=' + str(len(fine_of(state))) + ' tensors; set "fine" in the config')
    old, new = model.sizes(state), model.sizes(model.state_dict())
    wrong = [k for k in FIXED if old[k] != new[k]]
    wrong += [k for k in ('S', 'depth', 'support') if old[k] > new[k]] + ['S'] * (new['S'] % old['S'] > 0)
    wrong += ['channels'] * any(a > b for a, b in zip(old['channels'], new['channels']))
    if wrong:
        raise ValueError('model cannot be grown to these sizes: ' + ', '.join(f'{k}={old[k]} to {new[k]}' for k in dict.fromkeys(wrong))
                         + f'; keep {", ".join(FIXED)} and let S (by whole windows), depth, support and channels grow')
    mine = model.state_dict()
    for name, value in mine.items():
        if not model.ships(name) or name.startswith(PREFIX):
            continue
        if name in state:
            value.copy_(grown(name, state[name], value))
        elif name.split('.')[2] in ('t2', 'f2'):  # of a new block: its last layers
            value.zero_()
    return model
