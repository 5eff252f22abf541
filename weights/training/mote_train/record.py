"""What a run leaves beside its weights: config.json, log.jsonl, heldout.jsonl, curve.png, and best.safetensors: the averaged weights
that scored best on the held-out clips so far, those that the run began from among them."""
import json
import os

import numpy as np
import torch
from safetensors.torch import save_file


def read_rows(path):
    if not os.path.exists(path):
        return []
    with open(path) as f:
        return [json.loads(line) for line in f]


def write(path, text):
    with open(path + '.part', 'w') as f:
        f.write(text)
    os.replace(path + '.part', path)


def score(row):
    """What models are chosen by: delta_avg, the mean of visible and hidden points, offline and streaming."""
    return float(np.mean([row[f'delta_avg_{kind}{mode}'] for kind in ('visible', 'hidden') for mode in ('', '_streaming')]))


def measure(model, folder, stopping=()):
    """-> figures on the held-out clips by name, offline and with `_streaming`, means over clips; None once `stopping` holds anything."""
    from . import heldout, metrics, tracking  # PyAV and OpenCV: a machine that only trains has no need of them
    rows = []
    for _, frames, truth in heldout.clips(folder):
        if stopping:
            return None
        frames, queries, row = torch.from_numpy(frames), torch.from_numpy(truth['queries']), {}
        with torch.no_grad():
            pyramid = tracking.encode_video(model, frames)
        for mode, follow in (('', tracking.track), ('_streaming', tracking.stream)):
            xy, logits = follow(model, frames, queries, pyramid=pyramid, carried=False)  # the weights' own
            distance = metrics.raster_distance(xy.numpy(), truth['tracks'], *frames.shape[1:3])
            figures = metrics.scores(distance, truth['visible'] > 0, truth['queries'], torch.sigmoid(logits[..., 0]).numpy())
            row.update({k + mode: v for k, v in figures.items()})
        rows.append(row)
    return {k: round(float(np.mean([r[k] for r in rows])), 2) for k in rows[0]}


class Record:
    """Of a run in the folder out. Rows beyond the run's step, which a kill undid, are dropped, and all where it begins anew."""

    def __init__(self, out, run):
        self.paths = {name: os.path.join(out, name) for name in ('config.json', 'log.jsonl', 'heldout.jsonl', 'best.safetensors', 'curve.png')}
        self.rows = {name: [r for r in read_rows(self.paths[name]) if 0 < run.step >= r['step']] for name in ('log.jsonl', 'heldout.jsonl')}
        write(self.paths['config.json'], json.dumps(run.config, indent=2) + '\n')
        for name in self.rows:
            self.save(name)

    def save(self, name):
        write(self.paths[name], ''.join(json.dumps(r) + '\n' for r in self.rows[name]))

    def log(self, row):
        self.rows['log.jsonl'].append(row)
        self.save('log.jsonl')
        print(json.dumps(row), flush=True)

    def due(self, run):
        """Whether the held-out clips are to be tracked now: before the first step, every `heldout_every` steps, after the last."""
        every, rows = run.config.get('heldout_every'), self.rows['heldout.jsonl']
        if not every:
            return False
        return not rows or run.step // every > rows[-1]['step'] // every or rows[-1]['step'] < run.step >= run.config['steps']

    def evaluate(self, run, stopping):
        """Scores the run's average on the CPU, keeps it where it is the best, and draws the curve."""
        from . import curve, evaluate
        model = run.family(**run.config.get('model', {})).eval().load_shipped({k: v.cpu() for k, v in run.ema.items()})
        figures = measure(model, evaluate.HELDOUT, stopping)
        if figures is None:
            return
        row, rows = {'step': run.step, **figures}, self.rows['heldout.jsonl']
        if all(score(row) > score(r) for r in rows):
            save_file({k: v.contiguous() for k, v in model.shipped().items()}, self.paths['best.safetensors'] + '.part')
            os.replace(self.paths['best.safetensors'] + '.part', self.paths['best.safetensors'])
        rows.append(row)
        self.save('heldout.jsonl')
        print(json.dumps(row), flush=True)
        curve.draw(self.rows['log.jsonl'], rows, self.paths['curve.png'] + '.part')
        os.replace(self.paths['curve.png'] + '.part', self.paths['curve.png'])
