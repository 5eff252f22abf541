#!/usr/bin/env python3
"""Writes resize.safetensors: what PyTorch's three bilinear resizes make of small noise, in float64.

usage: resize_pack.py OUT.safetensors        (torch and safetensors)

For every case NAME.HxW: input `in.NAME.HxW` (1, h, w) and output `out.NAME.HxW` (1, H, W), with NAME one of
aligned_corners (align_corners=True), half_pixel (align_corners=False) and antialiased (the same with antialias=True, as
pictures are brought to the working size).
"""
import sys

import torch
import torch.nn.functional as F
from safetensors.torch import save_file

CASES = [(19, 28, 32, 48), (50, 63, 21, 27), (67, 17, 22, 31), (32, 17, 32, 24), (1, 1, 32, 32), (8, 9, 33, 8), (45, 61, 11, 15)]
MODES = {
    'aligned_corners': dict(align_corners=True),
    'half_pixel': dict(align_corners=False),
    'antialiased': dict(align_corners=False, antialias=True),
}


def main(path):
    generator = torch.Generator().manual_seed(5)
    tensors = {}
    for name, options in MODES.items():
        for h, w, height, width in CASES:
            picture = torch.randint(-128, 128, (1, 1, h, w), generator=generator).double() / 128
            resized = F.interpolate(picture, (height, width), mode='bilinear', **options)
            tensors[f'in.{name}.{h}x{w}'] = picture[0].float()
            tensors[f'out.{name}.{h}x{w}'] = resized[0].float()
    save_file(tensors, path)


if __name__ == '__main__':
    main(sys.argv[1])
