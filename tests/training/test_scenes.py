"""Tracks are exact: textures are replaced by their own coordinates, so that a pixel's colour says which point of a layer it shows."""
import numpy as np
import pytest

from mote_train import samples, scenes, textures, things
from mote_train.layers import Layer, translation

H, W, FRAMES = 96, 128, 10


@pytest.fixture(scope='module')
def tiles():
    return textures.load_tiles(held_out=False)


def coded(layer):
    """The layer with colour (x, y, 1) / size at texture pixel (x, y), brightness 1 and a hard outline, so that nothing mixes."""
    n = layer.size
    y, x = np.mgrid[:n, :n].astype(np.float32) / n
    alpha = (layer.rgba[..., 3] > .5).astype(np.float32)
    return Layer(np.dstack([x, y, np.ones_like(x)]), alpha, layer.maps, np.ones_like(layer.gain), layer.waves, layer.background)


def scene(seed, tiles):
    rng = np.random.RandomState(seed)
    layers = [coded(l) for l in scenes.compose(rng, FRAMES, H, W, 6, tiles)]
    pictures, owner = scenes.paint(layers, FRAMES, H, W)
    return scenes.Clip((pictures * 255).astype(np.uint8), owner, layers, np.arange(FRAMES)), pictures


def inner(layer, on_texture):
    """Points that lie at least 2 texture pixels inside an opaque part, where colour is all the layer's own."""
    r = np.rint(on_texture).astype(int)
    n = layer.size
    ok = ((r > 2) & (r < n - 3)).all(-1)
    r = r.clip(2, n - 3)
    around = [layer.rgba[r[:, 1] + dy, r[:, 0] + dx, 3] for dy in (-2, 0, 2) for dx in (-2, 0, 2)]
    return ok & (np.min(around, 0) > .999)


def colour_at(picture, xy):
    """Bilinear."""
    x0, y0 = np.floor(xy[:, 0]).astype(int).clip(0, W - 2), np.floor(xy[:, 1]).astype(int).clip(0, H - 2)
    fx, fy = (xy[:, 0] - x0)[:, None], (xy[:, 1] - y0)[:, None]
    return ((picture[y0, x0] * (1 - fx) + picture[y0, x0 + 1] * fx) * (1 - fy)
            + (picture[y0 + 1, x0] * (1 - fx) + picture[y0 + 1, x0 + 1] * fx) * fy)


def check_colours(clip, pictures_of, wanted):
    """Over all frames and points for which wanted(owner, layer index, nearest pixel) holds: the colour is the query's own."""
    rng = np.random.RandomState(0)
    xy = samples.candidates(rng, clip, 0, 300)
    own = clip.owner[0][tuple(np.rint(xy).astype(int).T[::-1])]
    tracks, visible = clip.tracks(0, xy)
    checked = 0
    for l in np.unique(own):
        layer, i = clip.layers[l], np.flatnonzero(own == l)
        on_texture = layer.look_up(xy[i].astype(np.float64), 0)
        good = inner(layer, on_texture)
        i, code = i[good], on_texture[good] / layer.size
        for s in range(FRAMES):
            p = tracks[s, i]
            inside = ((p > 1) & (p < [W - 2, H - 2])).all(1)
            size = np.sqrt(abs(np.linalg.det(layer.maps[s][:2, :2])))  # picture pixels per texture pixel
            flat = wanted(s, l, p, visible[s, i]) & inside & (size > .4)
            error = np.abs(colour_at(pictures_of(l)[s], p[flat])[:, :2] - code[flat]) * layer.size * size
            checked += error.size
            assert not error.size or np.median(error) < .06 and np.percentile(error, 95) < .25
    return checked


@pytest.mark.parametrize('seed', [1, 4, 11])
def test_frames_warped_along_tracks_keep_their_colours_where_visible(seed, tiles):
    clip, pictures = scene(seed, tiles)

    def opaque(s, l, p, visible):
        r = np.rint(p).astype(int)
        around = [clip.owner[s][(r[:, 1] + dy).clip(0, H - 1), (r[:, 0] + dx).clip(0, W - 1)] == l
                  for dy in range(-2, 3) for dx in range(-2, 3)]
        return visible & np.all(around, 0)
    assert check_colours(clip, lambda l: pictures, opaque) > 1000


@pytest.mark.parametrize('seed', [4, 11, 13])
def test_layer_alone_keeps_colours_where_hidden(seed, tiles):
    clip, _ = scene(seed, tiles)
    alone = {}

    def pictures_of(l):
        if l not in alone:
            alone[l] = scenes.paint([clip.layers[l]], FRAMES, H, W)[0]
        return alone[l]
    assert check_colours(clip, pictures_of, lambda s, l, p, visible: ~visible) > 50


def test_visibility_follows_the_layer_on_top():
    square = np.ones((20, 20), np.float32)
    picture = np.zeros((20, 20, 3), np.float32)
    back = Layer(np.zeros((64, 64, 3), np.float32), np.ones((64, 64), np.float32), np.stack([np.eye(3)] * 3), np.ones(3), background=True)
    front = Layer(picture, square, np.stack([translation(x, 20) for x in (-40, 20, 70)]), np.ones(3))
    pictures, owner = scenes.paint([back, front], 3, 64, 64)
    clip = scenes.Clip(pictures, owner, [back, front], np.arange(3))
    tracks, visible = clip.tracks(0, np.array([[30., 30.], [5., 5.]], np.float32))
    assert visible.tolist() == [[True, True], [False, True], [True, True]]
    assert np.allclose(tracks[1], [[30, 30], [5, 5]])
    tracks, visible = clip.tracks(1, np.array([[25., 25.]], np.float32))  # on the square: outside before and after
    assert visible[:, 0].tolist() == [False, True, False] and np.allclose(tracks[:, 0, 0], [-35, 25, 75])


def test_erased_boxes_hide_points():
    rng, frames = np.random.RandomState(0), np.random.RandomState(1).randint(0, 256, (8, 3, 40, 50)).astype(np.uint8)
    y, x = np.mgrid[:40, :50]
    tracks = np.repeat(np.stack([x, y], -1).reshape(1, -1, 2).astype(np.float32), 8, 0)
    visible, before = np.ones(tracks.shape[:2], bool), frames.copy()
    samples.erase(rng, frames, tracks, visible, 1)
    changed = (frames != before).any(1).reshape(8, -1)
    assert not changed[0].any() and changed.any() and not (changed & visible).any()


def test_scenes_repeat_from_their_seed_and_palindromes_return(tiles):
    a, b = (scenes.make_clip([3, 5], tiles, 9, 64, 96, 5) for _ in 'ab')
    assert (a.frames == b.frames).all() and (a.owner == b.owner).all()
    seeds = (s for s in range(40) if len(set(scenes.make_clip(s, tiles, 6, 32, 48, 5).order)) < 6)
    clip = scenes.make_clip(next(seeds), tiles, 6, 32, 48, 5)
    tracks, _ = clip.tracks(0, np.array([[20., 15.]], np.float32))
    assert np.array_equal(tracks[2], tracks[4])  # 0 1 2 3 2 1


def test_held_out_materials_are_never_trained_on():
    trained, held = (textures.load_tiles(held_out=h) for h in (False, True))
    assert len(textures.HELD_OUT) == 9 and len(held) > 100 and len(trained) > 500
    known = {t.tobytes() for t in trained}
    assert not any(t.tobytes() in known for t in held)


def test_messages(tmp_path):
    with pytest.raises(ValueError, match='no such outline: kind=heart; give blob, polygon, bar, fence, capsule or ellipse'):
        things.outline(np.random.RandomState(0), 8, 'heart')
    with pytest.raises(FileNotFoundError, match='no texture tiles: folder=.*; give the folder that holds ambientcg_cc0'):
        textures.load_tiles(False, str(tmp_path))
