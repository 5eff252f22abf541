"""What a model costs: python -m mote_train.cost WEIGHTS.safetensors

Operations are counted by PyTorch's flop counter, 2 per multiply-add, of convolutions and matrix products.
"""
import argparse

import torch
from torch.utils.flop_counter import FlopCounterMode

from .evaluate import load_model


def operations(run):
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        run()
    return counter.get_total_flops()


def costs(model, points=64):
    """-> parameters, GFLOP of encoding a 256x256 frame, MFLOP of a window for a point and iteration, and of what it takes besides: a fine
    tracker's."""
    pyramid, xy = model.see(torch.zeros(model.S, 3, 256, 256)), torch.rand(1, points, 2) * 256
    template = model.template(pyramid, torch.zeros(1, dtype=torch.long), xy)

    def window(iterations):
        return operations(lambda: model.refine(pyramid, torch.arange(model.S)[None], template, xy[None].expand(1, model.S, -1, -1),
                                               iterations, torch.ones(1, points, dtype=torch.bool)))
    each = window(2) - window(1)
    return (sum(p.numel() for p in model.shipped().values()), operations(lambda: model.see(torch.zeros(1, 3, 256, 256))) / 1e9,
            each / points / 1e6, (window(1) - each) / points / 1e6)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('weights')
    print('%d parameters, %.2f GFLOP per 256x256 frame, %.1f MFLOP per point, iteration and window of 8 frames, %.1f per point and window besides' % costs(load_model(p.parse_args().weights)))


if __name__ == '__main__':
    with torch.no_grad():
        main()
