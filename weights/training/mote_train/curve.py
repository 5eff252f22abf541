"""The learning curve: python -m mote_train.curve RUN/log.jsonl CURVE.png --heldout ROWS.jsonl"""
import argparse
import json

import matplotlib

matplotlib.use('Agg')
from matplotlib import pyplot


def rows(path):
    with open(path) as f:
        return [json.loads(line) for line in f]


def draw(log, heldout, path):
    """log: training rows by step; heldout: rows with step and figures, or none."""
    figure, (loss, share, held) = pyplot.subplots(1, 3, figsize=(13, 3.6))
    steps = [r['step'] for r in log]
    loss.plot(steps, [r['loss'] for r in log])
    loss.set_title('training loss')
    for key, name in (('visible_under_2px', 'visible, under 2 px'), ('hidden_under_16px', 'hidden, under 16 px')):
        share.plot(steps, [r[key] for r in log], label=name)
    share.set_title('training batches, share of points')
    share.legend()
    for key, name in (('delta_avg_visible', 'delta_avg, visible'), ('delta_avg_visible_streaming', 'the same, streaming'),
                      ('within_16px_hidden', 'within 16 px, hidden'), ('within_16px_hidden_streaming', 'the same, streaming')):
        scored = [r for r in heldout if key in r]
        if scored:
            held.plot([r['step'] for r in scored], [r[key] for r in scored], 'o-', label=name)
    held.set_title('held-out clips, percent')
    held.legend()
    for axis in (loss, share, held):
        axis.set_xlabel('step')
        axis.grid(alpha=.3)
    figure.tight_layout()
    figure.savefig(path, dpi=80, format='png')
    pyplot.close(figure)


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument('log')
    p.add_argument('picture')
    p.add_argument('--heldout', required=True, help='one JSON row a checkpoint: step and the figures of evaluate')
    a = p.parse_args()
    draw(rows(a.log), rows(a.heldout), a.picture)


if __name__ == '__main__':
    main()
