"""Trainings one after the other: python -m mote_train.series FOLDER CONFIG.json ... [--init WEIGHTS.safetensors]

Each trains in FOLDER/NAME, from the best weights so far: those with the best held-out score (record.py) of the trainings in FOLDER
whose model has the same sizes; the first from --init. The same command goes on where it was ended; trainings that are done stay.
"""
import argparse
import json
import os

from .config import read
from .record import read_rows, score
from .train import train


def kind(config):
    """What trainings share that can start from each other's weights."""
    return config.get('model', {}), bool(config.get('fine'))


def best(folder, config):
    """-> the path of the best weights among the trainings in folder with the config's model, or None."""
    found = []
    for name in sorted(os.listdir(folder)):
        place = os.path.join(folder, name)
        rows = read_rows(os.path.join(place, 'heldout.jsonl'))
        if rows:
            with open(os.path.join(place, 'config.json')) as f:
                if kind(json.load(f)) == kind(config):
                    found.append((max(map(score, rows)), os.path.join(place, 'best.safetensors')))
    return max(found)[1] if found else None


def series(folder, paths, init=None):
    """-> the last run; it is short of its steps where SIGTERM ended it."""
    configs = [(os.path.splitext(os.path.basename(path))[0], read(path)) for path in paths]
    names = [name for name, _ in configs]
    if len(set(names)) < len(names):
        raise ValueError(f'trainings share a folder: names={names}; give config files of different names')
    for name, config in configs:
        if not config.get('heldout_every'):
            raise ValueError(f'nothing to choose weights by: config={name}; set "heldout_every"')
    os.makedirs(folder, exist_ok=True)
    for name, config in configs:
        start = best(folder, config) or init
        print(f'training {name} from {start or "new weights"}', flush=True)
        run = train(config, os.path.join(folder, name), start)
        if run.step < config['steps']:
            break
    return run


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('folder')
    p.add_argument('configs', nargs='+')
    p.add_argument('--init', help='weights for the first training')
    a = p.parse_args()
    series(a.folder, a.configs, a.init)


if __name__ == '__main__':
    main()
