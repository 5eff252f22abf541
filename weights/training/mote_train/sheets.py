"""The CC0 tiles (../textures): which are trained on, and how they are cut from their sheets."""
import functools
import glob
import os

import numpy as np
from PIL import Image

FOLDER = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), 'textures')
HELD_OUT = frozenset(('Bark', 'Chainmail', 'Fabric', 'Gravel', 'Marble', 'PavingStones', 'Rust', 'Wallpaper', 'WoodChips'))
"""Materials that no training scene ever shows: a fifth, chosen by name before any training, for the held-out clips alone."""

TILE, LEFT, ACROSS, DOWN = 128, 16, 144, 176  # of the sheets: tile size, margin, and the steps from tile to tile


@functools.cache
def load_sheets(held_out, folder=FOLDER):
    """The tiles of the training materials, or of the held-out ones: a tuple of (128, 128, 3) uint8.

    Each file is a sheet of tiles with their names below them; empty and partly filled places are left out.
    """
    tiles = []
    for f in sorted(glob.glob(os.path.join(folder, '*', '*.webp'))):
        if (os.path.splitext(os.path.basename(f))[0] in HELD_OUT) != held_out:
            continue
        with Image.open(f) as image:
            sheet = np.asarray(image.convert('RGB'))
        for y in range(LEFT, sheet.shape[0] - TILE, DOWN):
            for x in range(LEFT, sheet.shape[1] - TILE, ACROSS):
                t = sheet[y:y + TILE, x:x + TILE]
                if t.std() > 4 and (t.reshape(4, -1) == 255).mean(1).max() < .5:
                    tiles.append(t)
    if not tiles:
        raise FileNotFoundError(f'no texture tiles: folder={folder}; give the folder that holds ambientcg_cc0')
    return tuple(tiles)
