"""Which ideas help, at equal training: python -m mote_train.ablate ../mote-s.safetensors --out RUN [--rows ../mote-s.ablation.jsonl]

Every variant computes what the given weights compute (grow.py) and is then trained as they are, in the control: the same steps,
seed and clips. A row a variant is appended to the rows, which are not made twice; trainings go on from RUN. Ends with the table:
the control's figures, and the others' distances from them with the standard error over the held-out clips; what the control with
another seed is off is noise. `--table` only prints it.
"""
import argparse
import os

import numpy as np
import torch
from safetensors.torch import load_file

from . import evaluate, variants
from .checkpoint import append_log
from .config import read
from .cost import costs
from .fine import model_of
from .model import Tracker
from .record import read_rows
from .train import Run, iterations_of, train
from .tracking import HOP, ITERATIONS

HERE = os.path.dirname(os.path.abspath(__file__))
CONFIG = os.path.normpath(os.path.join(HERE, '..', 'configs', 'ablation.json'))
FIGURES = ('delta_avg_visible', 'within_16px_visible', 'delta_avg_hidden', 'within_16px_hidden', 'occlusion_accuracy')

VARIANTS = {  # name: class, sizes, frames between window starts, added to the config's seed
    'control': (Tracker, {}, HOP, 0),
    'control, another seed': (Tracker, {}, HOP, 1),
    'two templates': (variants.TwoTemplates, {}, HOP, 0),
    '5x5 patches': (Tracker, {'support': 2}, HOP, 0),
    'windows of 16': (variants.LongWindow, {'S': 16}, 2 * HOP, 0),
    'windows of 16, one every 4 frames': (variants.LongWindow, {'S': 16}, HOP, 0),  # twice the control's operations
    'deeper mixer (6)': (Tracker, {'depth': 6}, HOP, 0),
    'wider encoder (32, 48, 64, 96)': (Tracker, {'channels': [32, 48, 64, 96]}, HOP, 0),
}


def trial(kind, hop):
    """A Run of a variant: its class, and a window every `hop` frames."""
    class Trial(Run):
        family = kind

        def losses(self, _, batch):
            return variants.losses(self.model, batch, hop, iterations_of(self.step, hop)), torch.zeros(0)  # no figures for the log
    return Trial


def measured(name, model, hop, seed, steps, minutes):
    """-> a row: what the model costs and scores, each clip's too."""
    parameters, gflop, mflop, _ = costs(model, 16)
    clips = evaluate.heldout_rows(lambda frames, queries: variants.track(model, frames, queries, ITERATIONS, hop), evaluate.HELDOUT)
    return {'variant': name, 'seed': seed, 'steps': steps, 'minutes': round(minutes, 1), 'parameters': parameters, 'gflop_frame': round(gflop, 2),
            'mflop_window': round(mflop, 1), 'hop': hop, **{k: [round(float(c[k]), 2) for c in clips] for k in FIGURES}}


def run(name, config, init, out):
    """Trains a variant of VARIANTS. -> its row."""
    kind, sizes, hop, seed = VARIANTS[name]
    config = {**config, 'seed': config['seed'] + seed, 'model': sizes}
    done = train(config, os.path.join(out, ''.join(c if c.isalnum() else '-' for c in name)), init, make=trial(kind, hop))
    if done.step < config['steps']:
        raise SystemExit(f'training was ended: variant={name}, step={done.step}; the same command goes on')
    model = kind(**sizes).eval().load_shipped(done.ema)
    return measured(name, model, hop, config['seed'], done.step, done.seconds / 60)


def table(rows):
    """Markdown: the control, and each other row's distance from it with the standard error of that over the clips."""
    control = next(r for r in rows if r['variant'] == 'control')
    lines = ['| | parameters | GFLOP a frame | MFLOP a window and iteration | frames between windows | ' + ' | '.join(k.replace('_', ' ') for k in FIGURES) + ' |', '|---' * (5 + len(FIGURES)) + '|']
    for r in rows:
        off = [np.array(r[k]) - control[k] for k in FIGURES]
        cells = ['%+.1f ± %.1f' % (d.mean(), d.std(ddof=1) / len(d) ** .5) for d in off] if r is not control else ['%.1f' % np.mean(r[k]) for k in FIGURES]
        lines.append(f"| {r['variant']} | {r['parameters']:,} | {r['gflop_frame']} | {r['mflop_window']} | {r['hop']} | " + ' | '.join(cells) + ' |')
    return '\n'.join(lines)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('weights')
    p.add_argument('--out')
    p.add_argument('--config', default=CONFIG)
    p.add_argument('--rows', help='default: OUT/rows.jsonl')
    p.add_argument('--table', action='store_true')
    a = p.parse_args()
    if not (a.out or a.rows and a.table):
        p.error('no folder: --out is missing; name one for the trainings')
    path = a.rows or os.path.join(a.out, 'rows.jsonl')
    if not a.table:
        config = read(a.config)
        torch.set_num_threads(config['threads'])
        have = {r['variant'] for r in read_rows(path)}
        if 'as given' not in have:
            append_log(path, measured('as given', model_of(load_file(a.weights)), HOP, None, 0, 0))
        for name in VARIANTS:
            if name not in have:
                append_log(path, run(name, config, a.weights, a.out))
                print(name, flush=True)
    print(table(read_rows(path)))


if __name__ == '__main__':
    main()
