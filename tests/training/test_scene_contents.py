"""What the device's scenes hold: how things move, what they are made of, and what the camera does to pictures."""
import numpy as np
import pytest
import torch

from mote_train.render import develop, motion, paint, samples, scene, textures
from mote_train.render.draw import Draw

EYE = torch.eye(3)


@pytest.fixture(scope='module')
def scenes():
    return [scene.make_scene(Draw([seed]), 1, 8, 48, 64, 4, 8) for seed in range(80)]


def test_scenes_have_what_they_should(scenes):
    assert {s.things for s in scenes} == set(range(4, 11))
    assert {s.occluders for s in scenes} == {0, 1, 2, 3, 5, 8, 12}
    assert sum(bool(s.swaps) for s in scenes) > 30
    layers = [layer for s in scenes for layer in s.layers]
    assert sum(layer.waves is not None for layer in layers) > 40 and sum(layer.shadow is not None for layer in layers) > 40
    assert sum(len(set(s.order.tolist())) < 8 for s in scenes) > 8  # there and back


def test_shapes_chains_and_walkers_are_among_them(scenes, monkeypatch):
    made = []
    for name in ('chain', 'figure'):
        monkeypatch.setattr(scene, name, lambda *given, name=name, make=getattr(scene, name): made.append(name) or make(*given))
    monkeypatch.setattr(scene, 'outline', lambda draw, kind, n, make=scene.outline: made.append(kind) or make(draw, kind, n))
    for seed in range(30):
        scene.make_scene(Draw([seed]), 1, 3, 48, 64, 4, 8)
    assert set(made) == {'chain', 'figure', 'blob', 'polygon', 'ellipse', 'bar', 'block', 'fence', 'capsule'}


def test_parts_of_a_chain_stay_joined_and_bend():
    draw = Draw([2])
    camera = motion.Camera(draw, 3, 12, 96, 128, torch.full((3,), 2.))
    parts = scene.chain(draw, camera, 12, torch.full((3, 2), 40.), torch.full((3,), 50.), torch.full((3,), 2.), 4)
    for a, b in zip(parts, parts[1:]):
        length = a.extent[:, None]
        end = (a.maps @ motion.translation(0 * length, .34 * length))[..., :2, 2]  # .7 of the length from the joint, which is .36 above the centre
        assert torch.allclose(end, (b.maps @ motion.translation(0 * length, -.36 * length))[..., :2, 2], atol=1e-3)
        angle = torch.atan2(*(torch.linalg.solve(a.maps, b.maps)[..., i, 0] for i in (1, 0)))
        assert (angle.amax(1) - angle.amin(1) > .02).all()


def test_ways_stop_and_turn_back():
    steps = motion.path(Draw([1]), 300, 48, torch.full((300,), 4.)).diff(dim=1)
    speed = steps.norm(dim=-1)
    assert 2 < speed.mean() < 6
    still = (speed < .02).float().unfold(1, 2, 1).amin(-1)
    stops = (still[:, 5:-5] > 0).any(1) & (speed[:, :5].amax(1) > .5) & (speed[:, -5:].amax(1) > .5)
    back = ((steps[:, :-6] * steps[:, 6:]).sum(-1) < -.5 * speed[:, :-6] * speed[:, 6:]) & (speed[:, 6:] > 1) & (speed[:, :-6] > 1)
    assert stops.sum() > 20 and back.any(1).sum() > 100
    assert (steps.diff(dim=1).norm(dim=-1).quantile(.99) < 6)


def moved(maps):
    """How far a map (..., 3, 3) shifts the centre, scales both axes and turns."""
    return maps[..., :2, 2], maps[..., :2, :2].norm(dim=-2), torch.atan2(maps[..., 1, 0], maps[..., 0, 0])


def test_the_camera_pans_zooms_and_rolls_and_its_picture_is_cropped(monkeypatch):
    monkeypatch.setattr(motion, 'crops', lambda draw, clips, *_: EYE)
    camera = motion.Camera(Draw([3]), 60, 32, 96, 128, torch.full((60,), 3.))
    far, near = (camera.maps(torch.full((60,), depth)) @ motion.translation(camera.x, camera.y) for depth in (1., 2.))
    centre, scale, angle = moved(far)
    range_of = [(v.amax(1) - v.amin(1)).flatten(1).amax(1) for v in (centre, scale, angle[..., None])]
    assert all(.6 < (r > least).float().mean() < .95 for r, least in zip(range_of, (5, .02, .02)))  # a fifth stand still
    middle = torch.stack([camera.x, camera.y])
    assert torch.allclose(moved(near)[0] - middle, 2 * (centre - middle), atol=1e-3)


def test_crops_wander_in_scale_and_place():
    made = motion.crops(Draw([4]), 200, 32, 96, 128)
    taken = (made - EYE).abs().amax((1, 2, 3)) > 1e-4
    assert .2 < taken.float().mean() < .4
    centre, scale, angle = moved(made[taken] @ motion.translation(torch.tensor(64.), torch.tensor(48.)))
    assert (scale.amax(1) / scale.amin(1)).mean() > 1.1 and (scale[..., 0] / scale[..., 1] - 1).abs().mean() > .02
    assert (centre.amax(1) - centre.amin(1)).mean() > 2 and angle.abs().max() < 1e-6
    assert scale.min() > .4 and scale.max() < 3


def one_square(x, shadow=None):
    """A flat grey ground, and over it a white square of 20 pixels that goes along x (T,); both of the bank (2, 3, 8, 8)."""
    draw, n = Draw([0]), len(x)
    layers = [scene.Layer(draw, EYE.expand(1, n, 3, 3), torch.tensor([64.]), kind, 2) for kind in (None, 'block')]
    layers[1].maps = motion.translation(torch.as_tensor(x)[None], torch.full((1, n), 32.))
    layers[1].alpha, layers[1].extent = torch.ones(1, 1, 128, 128), torch.tensor([20.])
    for i, layer in enumerate(layers):
        layer.texture, layer.gain = torch.tensor([i]), torch.ones(1, n)
    layers[1].shadow = shadow
    return scene.Scene(layers, [], torch.arange(n), 2, 0), torch.tensor([.4, 1.]).view(2, 1, 1, 1).expand(2, 3, 8, 8)


def test_motion_blur_is_even_about_the_moment_that_tracks_mean():
    made, bank = one_square([20., 28, 36])
    sharp, blurred = (paint.exposed(made, bank, 64, 64, shutter)[0][0, 0, 1, 32] - .4 for shutter in (0, .5))
    at = torch.arange(64.)
    width = [(v > .01).sum() for v in (sharp, blurred)]
    assert width[0] <= 21 and 6 <= width[1] - width[0] <= 8 and torch.allclose(sharp.sum(), blurred.sum(), atol=.1)
    assert abs((at * blurred).sum() / blurred.sum() - (at * sharp).sum() / sharp.sum()) < .05


def test_shadows_darken_what_is_below_and_own_nothing():
    made, bank = one_square([30.] * 2, torch.tensor([[[12., 8], [12, 8]]]))
    picture, owner = paint.paint(made, bank, 64, 64)
    row, column = picture[0, 0, 1, 36], owner[0, 1, 36]
    assert torch.allclose(row[46:50], torch.tensor(.4 * .55)) and torch.allclose(row[24:38], torch.tensor(1.)) and torch.allclose(row[:18], torch.tensor(.4))
    assert (column[42:] == 0).all() and (column[24:38] == 1).all()


class Decided:
    """A host that decides as told: which of shade, fog, gain, blur and compression happen."""

    def __init__(self, *happens):
        self.left = [0. if h in happens else 1. for h in ('shade', 'fog', 'gain', 'blur', 'compression')]

    def rand(self):
        return self.left.pop(0)

    def uniform(self, low, high):
        return high


def developed(*happens):
    """Black and white stripes, 6 clips of 24 frames, and what becomes of them, in 0..1."""
    draw, stripes = Draw([6]), torch.arange(64).div(6, rounding_mode='floor') % 2 * .6 + .2
    draw.host = Decided(*happens)
    return stripes, develop.develop(draw, stripes.expand(6, 3, 24, 48, 64)).float() / 255


def test_light_and_camera_do_what_they_are_called():
    stripes, plain = developed()
    assert 1e-3 < (plain - stripes).std() < .03 and (plain - stripes).mean().abs() < 1e-3  # noise alone
    contrast = (plain[..., 9] - plain[..., 2]).mean((2, 3))
    assert (contrast - .6).abs().max() < .02
    for name in ('fog', 'gain', 'shade', 'blur', 'compression'):
        _, other = developed(name)
        now = (other[..., 9] - other[..., 2]).mean((2, 3))
        drift, mean = now.std(1), other.mean((2, 3, 4))
        if name == 'fog':
            assert (now < .62).all() and now.min() < .5 and drift.max() > .01
        elif name == 'gain':
            assert drift.min() > .005 and mean.std(1).min() > .002 and now.max() > .62
        elif name == 'shade':
            assert (mean < plain.mean() - .01).all() and mean.min() < .4 and (other[:, :, 0].mean(2)[..., 2].std(1) > 1e-3).any()
        elif name == 'blur':
            assert (other[..., 6] - other[..., 5]).mean() < .4 < .55 < (plain[..., 6] - plain[..., 5]).mean()
        else:
            rough, fine = (v.std(3).mean() for v in (other, plain))  # down the columns there is noise alone
            assert rough < .8 * fine and (other - stripes).abs().mean() > .002


def test_points_hide_leave_and_return():
    hidden, returned, outside, back = [], [], [], []
    for i in range(6):
        draw = Draw([5, i])
        clips = samples.Clips(draw, torch.rand(6, 3, 64, 64), 2, 32, 48, 64, 10)
        _, _, _, truth, visible, _ = samples.cut(draw, clips, 32, 24)
        inside = ((truth > -.5) & (truth < torch.tensor([63.5, 47.5]))).all(-1)
        for now, away, again in ((visible > 0, hidden, returned), (inside, outside, back)):
            gone = (now.cummax(1).values & ~now).cummax(1).values
            away.append((~now).float().mean())
            again.append((gone & now).any(1).float().mean())
    assert np.mean(hidden) > .15 and np.mean(returned) > .2 and np.mean(outside) > .03 and np.mean(back) > .02


def spread(t, side=16):
    """Deviation of brightness in blocks of side x side."""
    g = t.mean(1, keepdim=True)
    mean = torch.nn.functional.avg_pool2d(g, side)
    return (torch.nn.functional.avg_pool2d(g * g, side) - mean ** 2).clamp(min=0).sqrt()


def test_each_kind_of_texture_is_what_it_is_called():
    draw, sources = Draw([8]), textures.Sources()
    flat = textures.fractal(draw, 8, 1, 128, 2., 2.)
    power = torch.fft.rfft2(flat)[:, 0, 0, 1:60].abs().square().mean(0).log()
    slope = np.polyfit(np.log(np.arange(1, 60)), power.numpy(), 1)[0]
    assert abs(slope + 4) < .5 and abs(flat.std() - 1) < .01  # amplitude 1/f^2
    cells = textures.shapes(draw, 96, 40, leaves=False)[0].flatten(1).T
    assert 20 < len(cells.unique(dim=0)) <= 40
    leaves = textures.shapes(draw, 96, 60, leaves=True)[0].flatten(1).T
    assert 20 < len(leaves.unique(dim=0)) <= 61
    for t in textures.repeated(draw, 16, 128).mean(1):  # like itself, moved by 6 to 64 pixels
        t = (t - t.mean()) / t.std()
        alike = torch.fft.irfft2(torch.fft.rfft2(t).abs() ** 2) / t.numel()
        assert alike[..., :65][(torch.arange(128)[:, None].clamp(max=64) + torch.arange(65) > 10) & (torch.arange(128)[:, None] < 65)].max() > .4
    ink = textures.writing(draw, 4, 96, sources.glyphs)
    assert all(.05 < ((t - t.flatten(1).mode(1).values[:, None, None]).abs().amax(0) > .1).float().mean() < .7 for t in ink)
    column = torch.zeros(1, 3, 128, 128, dtype=torch.uint8)
    column[..., 0] = 255
    tiled = textures.tiles(draw, 6, 512, column)[:, 0, 0]
    peaks = ((tiled > .1) & (tiled >= tiled.roll(1, 1)) & (tiled > tiled.roll(-1, 1))).sum(1)
    assert peaks.min() >= 1 and peaks.max() >= 3  # repeated every 128 pixels times .8 to 3


def test_banks_hold_flat_and_repeated_regions():
    bank = textures.make_bank(Draw([1]), textures.Sources(), 40, 128)
    low = spread(bank) < .01
    assert .05 < low.float().mean() < .4 and low.float().mean((1, 2, 3)).max() > .5
