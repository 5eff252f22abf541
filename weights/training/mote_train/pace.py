"""How fast scenes are rendered, beside the training that eats them: python -m mote_train.pace CONFIG.json [--groups 4]"""
import argparse
import time

import torch

from .config import read
from .render.samples import RenderedGroups
from .train import Run


def pace(config, groups):
    """-> milliseconds of rendering (with its share of the bank of textures) and of training for a frame that is trained on, of
    groups 1 to `groups`; group 0 warms up."""
    if config.get('renderer') != 'device':
        raise ValueError(f'not the device\'s renderer: renderer={config.get("renderer")}; give a config with "renderer": "device"')
    torch.set_num_threads(config['threads'])
    run, rendered, frames, last = Run(config), RenderedGroups(config, 0, groups + 1), 0, time.perf_counter()
    spent = dict(bank=0., rendering=0., training=0.)

    def book(name, counts):
        nonlocal last
        if run.on_gpu:
            torch.cuda.synchronize()
        spent[name] += (time.perf_counter() - last) * counts
        last = time.perf_counter()
    rendered.textures(0)
    book('bank', 1 / config['bank_groups'])
    for g in range(groups + 1):
        group = rendered.group(g)
        book('rendering', g > 0)
        for hop, batch in group:
            run.advance(hop, batch)
            frames += batch[0].shape[0] * batch[0].shape[1] * (g > 0)
        book('training', g > 0)
    return 1e3 * (spent['rendering'] + groups * spent['bank']) / frames, 1e3 * spent['training'] / frames


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument('config')
    p.add_argument('--groups', type=int, default=4)
    a = p.parse_args()
    rendering, training = pace(read(a.config), a.groups)
    print('a frame: rendered in %.1f ms, trained on in %.1f ms; the renderer is %.1f times as fast' % (rendering, training, training / rendering))


if __name__ == '__main__':
    main()
