"""From a training's averaged weights to the shipped file:

    python -m mote_train.export EMA.safetensors [--mean-with OTHER.safetensors] --weights ../mote-s.safetensors --training "TEXT"
    python -m mote_train.sight ../mote-s.safetensors                    the gates of the live search
    python -m mote_train.packs ../mote-s.safetensors ../../tests/golden    its parity packs
"""
import argparse
import json
import os

from safetensors.torch import load_file, save_file

from . import fine
from .losses import CONFIDENCE_PX
from .model import SCALE, STRIDE
from .tracking import HOP, ITERATIONS


def architecture(model, name):
    """The value of mote.arch for a Tracker; its schema is ../../mote.arch.schema.json."""
    encoder, block = model.enc, model.mix[0]
    width = block.f1.in_features
    arch = {
        'family': 'mote', 'name': name, 'version': 1, 'window': model.S, 'stride': STRIDE, 'features': model.C,
        'encoder': {'channels': [encoder.p1.in_channels, encoder.p2.in_channels, encoder.p3.in_channels, encoder.p4.in_channels]},
        'correlation': {'levels': model.levels, 'radius': int(model.delta.max()), 'support': int(model.sdel.max()),
                        'width': model.cl[0].out_features, 'scale': SCALE},
        'embedding': {'frequencies': len(model.freq)},
        'mixer': {'width': width, 'depth': len(model.mix), 'token_expansion': block.t1.out_features // model.S,
                  'channel_expansion': block.f1.out_features // width},
        'confidence_px': CONFIDENCE_PX, 'defaults': {'iterations': ITERATIONS, 'hop': HOP},
    }
    if isinstance(model, fine.CoarseToFine):
        arch['fine'] = {'scale': fine.SCALE, 'iterations': fine.ITERATIONS}
    return arch


def mean(state, other):
    """The mean of what two state dicts of one architecture ship."""
    state, other = (fine.model_of(s).shipped() for s in (state, other))
    unlike = sorted(k for k in state.keys() | other.keys() if k not in state or k not in other or state[k].shape != other[k].shape)
    if unlike:
        raise ValueError(f'weights are of another architecture: tensors={unlike[:3]}; give two of one')
    return {k: (v + other[k]) / 2 for k, v in state.items()}


def export(state, path, name, training):
    """Writes a state dict as the engine reads it. -> the model."""
    model = fine.model_of(state)
    metadata = {'mote.arch': json.dumps(architecture(model, name)), 'mote.license': 'Apache-2.0', 'mote.training': training}
    save_file({k: v.detach().float().contiguous() for k, v in model.shipped().items()}, path + '.part', metadata)
    os.chmod(path + '.part', 0o644)
    os.replace(path + '.part', path)
    return model


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('ema')
    p.add_argument('--mean-with', help='weights of the same architecture: what is exported is the mean of both')
    p.add_argument('--weights', required=True)
    p.add_argument('--name', default='mote-s')
    p.add_argument('--training', required=True, help='one line: how these weights were made')
    a = p.parse_args()
    state = load_file(a.ema)
    export(mean(state, load_file(a.mean_with)) if a.mean_with else state, a.weights, a.name, a.training)


if __name__ == '__main__':
    main()
