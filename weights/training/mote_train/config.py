"""What a training's config file says, and what of it holds at a step."""
import json

import torch

KEYS = frozenset(('seed', 'sizes', 'size_shares', 'hops', 'hop_shares', 'windows', 'fastest', 'batch', 'cuts', 'points', 'steps', 'warmup', 'lr',
                  'weight_decay', 'ema', 'threads', 'device', 'bf16', 'checkpoint_minutes'))
DEVICE_KEYS = frozenset(('bank', 'texture', 'bank_groups'))  # the device's renderer needs these
OPTIONAL = frozenset(('renderer', 'workers', 'pictures', 'model', 'phases', 'heldout_every', 'fine'))
PHASE_KEYS = frozenset(('from', 'sizes', 'size_shares', 'hops', 'hop_shares', 'windows', 'fastest', 'batch', 'points'))
LONGEST = 8  # minutes that a kill may cost


def read(path):
    with open(path) as f:
        return check(json.load(f))


def check(config):
    """-> config; raises ValueError where it cannot be trained by.

    `phases` is a list of {"from": STEP, ...}, by step: what else stands in one replaces the config's own from that step on, until
    the next one. `heldout_every`: steps between evaluations on the held-out clips; without it there are none.
    """
    needed = KEYS | (DEVICE_KEYS if config.get('renderer') == 'device' else {'workers'})
    missing, unknown = sorted(needed - set(config)), sorted(set(config) - needed - OPTIONAL - DEVICE_KEYS)
    if missing or unknown:
        raise ValueError(f'config has other keys: missing={missing}, unknown={unknown}; compare it with those of configs/')
    if not 0 < config['checkpoint_minutes'] <= LONGEST:
        raise ValueError(f'checkpoints are too far apart: checkpoint_minutes={config["checkpoint_minutes"]}; give more than 0 and at most {LONGEST}')
    if config.get('fine') not in (None, True, 'refinement'):
        raise ValueError(f'fine tracker is trained in another way: fine={config["fine"]}; give true, or "refinement" for all but its encoder')
    begins = [p.get('from', 0) for p in config.get('phases', [])]
    if begins != sorted(set(begins)) or begins and begins[0] < 1:
        raise ValueError(f'phases are not in order: from={begins}; give steps above 0, each greater than the one before')
    for phase in [{}, *config.get('phases', [])]:
        if set(phase) - PHASE_KEYS:
            raise ValueError(f'a phase cannot change this: keys={sorted(set(phase) - PHASE_KEYS)}; only {", ".join(sorted(PHASE_KEYS))}')
        now = {**config, **phase}
        lists = [(now['size_shares'], now['sizes'], 'size_shares'), (now['hop_shares'], now['hops'], 'hop_shares')]
        if config.get('renderer') == 'device' and not isinstance(now['batch'], list):
            raise ValueError(f'the device renders a batch for each size: batch={now["batch"]}; give a list, one for each of sizes={now["sizes"]}')
        if isinstance(now['batch'], list):
            lists.append((now['batch'], now['sizes'], 'batch'))
        for values, of, name in lists:
            if len(values) != len(of) or name != 'batch' and abs(sum(values) - 1) > 1e-6:
                raise ValueError(f'shares do not fit: {name}={values}; give one for each of {of}, with a sum of 1 (but for batch)')
    return config


def bfloat16(config):
    """Whether products are taken in bfloat16; raises ValueError where the config wants it and the GPU has none."""
    if config['bf16'] and torch.device(config['device']).type == 'cuda' and not torch.cuda.is_bf16_supported():
        raise ValueError(f'the device has no bfloat16: device={config["device"]}; set "bf16" to false')
    return config['bf16']


def at(config, step):
    """The config as it is at a step: a function of both alone, so that a resumed run is the same as one that never stopped."""
    out = {k: v for k, v in config.items() if k != 'phases'}
    for phase in config.get('phases', []):
        if phase['from'] <= step:
            out = {**config, **phase}
    return out
