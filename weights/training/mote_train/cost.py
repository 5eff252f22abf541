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
    """-> parameters, GFLOP of encoding a 256x256 frame, MFLOP a point and iteration of a window."""
    maps = model.encode(torch.zeros(model.S, 3, 256, 256))
    pyramid, xy = model.pyramid(maps), torch.rand(1, points, 2) * 256
    template = model.template(pyramid, torch.zeros(1, dtype=torch.long), xy)

    def window(iterations):
        return operations(lambda: model.refine(pyramid, torch.arange(model.S)[None], template, xy[None].expand(1, model.S, -1, -1),
                                               iterations, torch.ones(1, points, dtype=torch.bool)))
    return (sum(p.numel() for p in model.shipped().values()), operations(lambda: model.encode(torch.zeros(1, 3, 256, 256))) / 1e9,
            (window(2) - window(1)) / points / 1e6)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('weights')
    print('%d parameters, %.2f GFLOP per 256x256 frame, %.1f MFLOP per point, iteration and window of 8 frames' % costs(load_model(p.parse_args().weights)))


if __name__ == '__main__':
    with torch.no_grad():
        main()
