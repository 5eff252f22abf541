"""Tracks are exact: the bank holds its own coordinates, so that a pixel's colour says which point of a layer it shows."""
import copy
import itertools

import numpy as np
import pytest
import torch
from PIL import Image

from mote_train import pace, preview
from mote_train.render import develop, outlines, samples, scene, textures
from mote_train.render.draw import Draw
from mote_train.render.paint import own_points, paint, tracks
from mote_train.train import train

H, W, FRAMES, SIDE = 96, 128, 10, 512


def coded_bank():
    """One texture of colour (x, y, 1) / SIDE at pixel (x, y)."""
    y, x = torch.meshgrid(torch.arange(SIDE).float(), torch.arange(SIDE).float(), indexing='ij')
    return torch.stack([x / SIDE, y / SIDE, torch.ones_like(x)])[None]


def coded_scene(seed):
    """Two clips of a random scene without what mixes or changes colours: hard outlines, brightness 1, no shadow, all of a layer
    within the one texture."""
    made = scene.make_scene(Draw([seed]), 2, FRAMES, H, W, 1, 6)
    for layer in made.layers:
        layer.gain, layer.shadow, layer.offset = torch.ones_like(layer.gain), None, torch.full_like(layer.offset, .5)
        if layer.alpha is not None:
            layer.alpha = (layer.alpha > .5).float()
    return made


def colour_at(pictures, xy):
    """pictures (B, 3, T, H, W) at xy (B, T, P, 2), bilinear -> (B, T, P, 3)."""
    B, _, T = pictures.shape[:3]
    grid = (xy * 2 + 1) / torch.tensor([W, H]) - 1
    out = torch.nn.functional.grid_sample(pictures.transpose(1, 2).flatten(0, 1), grid.flatten(0, 1)[:, :, None], align_corners=False)
    return out[..., 0].transpose(1, 2).unflatten(0, (B, T))


def check_colours(made, pictures_of, wanted):
    """Over all points and frames for which wanted(layer, tracks, visible) holds: the colour is the query's own texture pixel."""
    bank = coded_bank()
    _, owner = paint(made, bank, H, W)
    query = torch.tensor([3, 5])
    xy = samples.candidates(Draw([0]), owner, query, 300)
    way, visible = tracks(made, owner, query, xy)
    own = owner[torch.arange(2)[:, None], query[:, None], xy[..., 1].round().long(), xy[..., 0].round().long()]
    checked = 0
    for i, layer in enumerate(made.layers):
        code = torch.stack(own_points(layer, xy, query), -1) * scene.DENSITY + SIDE / 2 - .5
        size = torch.linalg.det(layer.maps[..., :2, :2]).abs().sqrt()[..., None] / scene.DENSITY  # picture pixels per texture pixel
        inside = ((way > 2) & (way < torch.tensor([W - 3., H - 3]))).all(-1) & (size > .4)
        inside &= ((code > 2) & (code < SIDE - 3)).all(-1)[:, None] & (own == i)[:, None]
        ok = inside & wanted(i, way, visible, owner)
        error = ((colour_at(pictures_of(i), way)[..., :2] * SIDE - code[:, None]) * size[..., None])[ok].norm(dim=-1)
        checked += len(error)
        assert not len(error) or error.median() < .02 and error.quantile(.95) < .25, i
    return checked


def deep(mask_of):
    """Where the 5x5 pixels around a track all are the layer's."""
    def wanted(i, way, visible, owner):
        mine = mask_of(i, owner).float().flatten(0, 1)[:, None]
        inner = 1 - torch.nn.functional.max_pool2d(1 - mine, 5, 1, 2)[:, 0].unflatten(0, owner.shape[:2])
        r = way.round().long()
        b, t = torch.arange(len(owner))[:, None, None], torch.arange(owner.shape[1])[None, :, None]
        return inner[b, t, r[..., 1].clamp(0, H - 1), r[..., 0].clamp(0, W - 1)] > 0
    return wanted


@pytest.mark.parametrize('seed', [1, 2, 3, 5])
def test_frames_warped_along_tracks_keep_their_colours_where_visible(seed):
    made = coded_scene(seed)
    pictures = paint(made, coded_bank(), H, W)[0]
    own = deep(lambda i, owner: owner == i)
    assert check_colours(made, lambda i: pictures, lambda i, way, visible, owner: own(i, way, visible, owner) & visible) > 1000


@pytest.mark.parametrize('seed', [1, 2, 3, 5])
def test_layer_alone_keeps_colours_where_hidden(seed):
    made, bank = coded_scene(seed), coded_bank()
    alone = [paint(made, bank, H, W, only=i)[0] for i in range(len(made.layers))]
    whole = deep(lambda i, owner: alone[i][:, 2] > .999)
    assert check_colours(made, lambda i: alone[i], lambda i, way, visible, owner: whole(i, way, visible, owner) & ~visible) > 50


def test_all_kinds_of_motion_are_among_those_tested():
    made = [coded_scene(seed) for seed in (1, 2, 3, 5)]
    assert any(layer.waves and layer.alpha is not None for s in made for layer in s.layers)
    assert any(s.swaps for s in made) and any(len(s.layers) > s.things + s.occluders for s in made)  # parts of figures and chains
    across, down = torch.stack([s.layers[0].maps[..., :2, :2].norm(dim=-2) for s in made]).unbind(-1)
    assert (across / down - 1).abs().max() > .02  # crops: nothing else stretches the ground


def test_layers_change_places_where_they_are_told_to():
    made = coded_scene(1)
    made.layers = [copy.copy(made.layers[0]) for _ in range(3)]
    for layer, x in zip(made.layers, (0, 40, 60)):
        layer.maps = torch.eye(3).expand(2, FRAMES, 3, 3) + torch.tensor([[0, 0, x], [0, 0, 40.], [0, 0, 0]])
        layer.waves = None
    for layer in made.layers[1:]:
        layer.alpha, layer.extent = torch.ones(2, 1, 128, 128), torch.full((2,), 60.)
    turn = torch.zeros(2, FRAMES, dtype=torch.bool)
    turn[0, 4:] = True
    made.swaps = [(1, turn)]
    _, owner = paint(made, coded_bank(), H, W)
    assert owner[0, :, 40, 50].tolist() == [2] * 4 + [1] * (FRAMES - 4) and owner[1, :, 40, 50].tolist() == [2] * FRAMES
    assert owner[0, :, 40, 85].tolist() == [2] * FRAMES and owner[0, :, 40, 15].tolist() == [1] * FRAMES
    way, visible = tracks(made, owner, torch.tensor([0, 0]), torch.tensor([[[50., 40], [85, 40]]] * 2))
    assert visible[0, :, 0].tolist() == [True] * 4 + [False] * (FRAMES - 4) and visible[1].all() and visible[0, :, 1].all()


CONFIG = dict(seed=7, renderer='device', bank=12, texture=64, bank_groups=2, sizes=[[48, 64], [64, 64]], size_shares=[.5, .5], hops=[1, 4], hop_shares=[.5, .5],
              windows={'1': [3, 9], '4': [1, 2]}, fastest=5, batch=[2, 1], cuts=2, points=6, steps=6, warmup=2, lr=1e-3, weight_decay=1e-4, ema=.99,
              threads=1, device='cpu', bf16=False, checkpoint_minutes=5)


def test_groups_follow_from_the_seed_and_their_number():
    together, alone = samples.RenderedGroups(CONFIG, 0, 4), samples.RenderedGroups(CONFIG, 3, 4)
    for (hop, a), (other, b) in zip(list(together)[3], list(alone)[0]):
        assert hop == other and all(torch.equal(x, y) for x, y in zip(a, b))
    assert not torch.equal(together.group(0)[0][1][1], together.group(1)[0][1][1][:1])


def test_samples_keep_points_on_their_surfaces():
    """A locked sample starts at the truth of its first frame, and visible points look like their query (no flip is off by one)."""
    draw = Draw([3])
    bank = textures.make_bank(draw, textures.Sources(), 12, 256)
    off, like = [], []
    for _ in range(6):
        clips = samples.Clips(draw, bank, 2, 12, H, W, 3)
        frames, query, start, truth, visible, locked = samples.cut(draw, clips, 16, 12)
        b = locked[:, 0]
        off += (truth[b, 0] - query[b]).abs().flatten().tolist() + (start[b] - query[b][:, None]).abs().flatten().tolist()
        now = colour_at(frames[:, 1:].float().transpose(1, 2), truth)
        then = colour_at(frames[:, :1].float().transpose(1, 2), query[:, None])
        like += (now - then).abs().mean(-1)[(visible > 0) & b[:, None, None]].flatten().tolist()
    assert len(off) > 100 and max(off) < 1e-3
    assert np.median(like) < 16


def test_erased_boxes_hide_points():
    frames = torch.randint(0, 256, (2, 8, 3, 40, 50), generator=torch.Generator().manual_seed(1)).to(torch.uint8)
    y, x = torch.meshgrid(torch.arange(40.), torch.arange(50.), indexing='ij')
    truth = torch.stack([x, y], -1).reshape(1, 1, -1, 2).expand(2, 8, -1, -1)
    erased, visible = samples.erase(Draw([0]), frames, truth, torch.ones(2, 8, 2000, dtype=torch.bool))
    changed = (erased != frames).any(2).flatten(2)
    assert not changed[:, 0].any() and changed.any() and not (changed & visible).any()


def test_compression_is_mild_or_coarse_as_asked():
    smooth = torch.nn.functional.interpolate(torch.rand(1, 3, 6, 8, generator=torch.Generator().manual_seed(0)), (44, 61), mode='bicubic').clamp(0, 1)
    errors = [(develop.compress(Draw([0]), smooth, torch.full((1,) * 6, s)) - smooth).abs().mean().item() for s in (1e-4, .3, 2.)]
    assert errors[0] < 1e-4 and errors[0] < errors[1] < errors[2] < .1


def test_a_users_pictures_become_textures(tmp_path):
    Image.new('RGB', (40, 60), (250, 0, 250)).save(tmp_path / 'a.png')
    sources = textures.Sources(pictures=str(tmp_path))
    assert sources.pictures.shape == (1, 3, 256, 256)
    crops = textures.crops(Draw([0]), 3, 32, sources.pictures)
    assert torch.allclose(crops, (torch.tensor([250., 0, 250]) / 255).view(1, 3, 1, 1).expand_as(crops), atol=1e-5)
    assert textures.make_bank(Draw([0]), sources, 20, 32).shape == (20, 3, 32, 32)
    with pytest.raises(FileNotFoundError, match='no pictures: folder=.*; give a folder with .jpg, .png or .webp files'):
        textures.load_pictures(str(tmp_path / 'none'))
    with pytest.raises(ValueError, match='no such outline: kind=heart; give one of blob, polygon, '):
        outlines.inside(Draw([0]), 'heart', 1)


def test_resumed_training_on_rendered_groups_is_bit_identical(tmp_path):
    whole = train(CONFIG, str(tmp_path / 'whole'))
    train(CONFIG, str(tmp_path / 'parts'), until=2)
    parts = train(CONFIG, str(tmp_path / 'parts'))
    assert whole.step == parts.step == 6
    for a, b in ((whole.model.state_dict(), parts.model.state_dict()), (whole.ema, parts.ema)):
        assert all(torch.equal(a[k], b[k]) for k in a)


def test_pace_counts_frames_that_are_trained_on(monkeypatch):
    """A clock that goes on by a second each time it is asked: rendering a group takes one, training on it another."""
    ticks = itertools.count()
    monkeypatch.setattr(pace.time, 'perf_counter', lambda: float(next(ticks)))
    groups = samples.RenderedGroups(CONFIG, 1, 3)
    frames = sum(batch[0].shape[0] * batch[0].shape[1] for group in groups for _, batch in group)
    rendering, training = pace.pace(CONFIG, 2)
    assert next(ticks) > 6 and training > 0 and rendering > 0
    assert training * frames / 1e3 == pytest.approx(2) and rendering * frames / 1e3 == pytest.approx(2 + 2 / CONFIG['bank_groups'])
    with pytest.raises(ValueError, match='not the device.s renderer: renderer=None; give a config with "renderer": "device"'):
        pace.pace({}, 1)


def test_contact_sheet(tmp_path, monkeypatch):
    for name, value in (('ROWS', 1), ('BANK', 12), ('TEXTURE', 128)):
        monkeypatch.setattr(preview, name, value)
    preview.main([str(tmp_path / 'sheet.png'), '--held-out'])
    with Image.open(tmp_path / 'sheet.png') as sheet:
        pixels = np.asarray(sheet)
    assert pixels.shape == (192, 6 * 256, 3) and (pixels == [0, 255, 0]).all(-1).sum() > 50
    ways = np.stack([[[4., 30]], [[60, 30]], [[60, 90]]])
    sheet = preview.marked(np.zeros((100, 100, 3), np.uint8), ways, [False])
    assert (sheet[30, 4:57] == [255, 0, 0]).all() and (sheet[31:86, 60] == [255, 0, 0]).all() and (sheet[93, 60] == [255, 0, 0]).all()
    assert preview.marked(np.zeros((100, 100, 3), np.uint8), ways, [True])[93, 60].tolist() == [0, 255, 0]
