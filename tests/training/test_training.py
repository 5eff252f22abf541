import hashlib
import json
import math
import os

import jsonschema
import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from mote_train import baselines, export as export_module, heldout, metrics, packs, resume
from mote_train.export import architecture, export
from mote_train.fine import model_of
from mote_train.model import Tracker
from mote_train.samples import Groups
from mote_train.train import Run, learning_rate, train

CONFIG = dict(seed=5, sizes=[[48, 64]], size_shares=[1], hops=[2, 4], hop_shares=[.5, .5], windows=2, fastest=5, batch=1, cuts=2, points=6,
              steps=4, warmup=2, lr=1e-3, weight_decay=1e-4, ema=.99, threads=1, workers=0, device='cpu', bf16=False, checkpoint_minutes=5)


def test_resumed_training_is_bit_identical(tmp_path):
    whole = train(CONFIG, str(tmp_path / 'whole'))
    train(CONFIG, str(tmp_path / 'parts'), until=2)
    parts = train(CONFIG, str(tmp_path / 'parts'))
    assert whole.step == parts.step == 4
    for a, b in ((whole.model.state_dict(), parts.model.state_dict()), (whole.ema, parts.ema)):
        assert all(torch.equal(a[k], b[k]) for k in a)
    start = Run(CONFIG).model.state_dict()
    assert any(not torch.equal(start[k], v) for k, v in parts.model.state_dict().items())
    saved = load_file(tmp_path / 'parts' / 'ema.safetensors')
    assert all(torch.equal(saved[k], v) for k, v in parts.ema.items())
    assert not [f for f in os.listdir(tmp_path / 'parts') if f.endswith('.part')]


def test_learning_rate_warms_up_and_decays():
    rates = [learning_rate(dict(CONFIG, steps=100, warmup=10), s) for s in range(101)]
    assert rates[0] == pytest.approx(1e-4) and max(rates) == rates[10] == 1e-3 and rates[100] == pytest.approx(5e-5)


def test_a_gradient_that_is_not_finite_stops_the_run():
    run = Run(CONFIG)
    with torch.no_grad():
        run.model.head.weight.fill_(math.nan)
    batch = [torch.zeros(1, 13, 3, 48, 64, dtype=torch.uint8), torch.full((1, 6, 2), 20.), torch.full((1, 8, 6, 2), 20.),
             torch.full((1, 12, 6, 2), 20.), torch.ones(1, 12, 6), torch.ones(1, 6, dtype=torch.bool)]
    with pytest.raises(FloatingPointError, match='the gradient is not finite: step=0; lower the learning rate'):
        run.advance(4, batch)


def schema(root):
    with open(os.path.join(root, 'weights', 'mote.arch.schema.json')) as f:
        return json.load(f)


def test_export_of_a_mean(tmp_path, monkeypatch):
    a, b = ({k: torch.full_like(v, x) for k, v in Tracker().state_dict().items()} for x in (1., 4.))
    paths = [str(tmp_path / name) for name in ('a.safetensors', 'b.safetensors', 'mean.safetensors')]
    save_file(a, paths[0])
    save_file({k: v for k, v in b.items() if k in Tracker().shipped()}, paths[1])  # as the shipped file is
    monkeypatch.setattr('sys.argv', ['export', paths[0], '--mean-with', paths[1], '--weights', paths[2], '--training', 'a test'])
    export_module.main()
    shipped = load_file(paths[2])
    assert set(shipped) == set(Tracker().shipped()) and all((v == 2.5).all() for v in shipped.values())
    with pytest.raises(ValueError, match='weights are of another architecture: tensors=.*; give two of one'):
        export_module.mean(a, Tracker(depth=1).state_dict())


def test_export_round_trip(tmp_path, root):
    torch.manual_seed(1)
    state = Tracker().state_dict()
    path = str(tmp_path / 'w.safetensors')
    model = export(state, path, 'mote-s', 'a test')
    back = load_file(path)
    assert set(state) - set(back) == set(Tracker.NOT_SHIPPED) and all(torch.equal(back[k], state[k]) for k in back)
    with safe_open(path, 'pt') as f:
        metadata = f.metadata()
    assert json.loads(metadata['mote.arch']) == architecture(model, 'mote-s')
    assert metadata['mote.license'] == 'Apache-2.0' and metadata['mote.training'] == 'a test'
    jsonschema.validate(architecture(model, 'mote-s'), schema(root))


@pytest.mark.parametrize('name, kept', [('mote-s', ('mote-window', 'mote-window-odd', 'mote-video')), ('mote-m', ('mote-m-window-odd', 'mote-m-video'))])
def test_shipped_weights_and_packs_belong_together(root, name, kept):
    path = os.path.join(root, 'weights', name + '.safetensors')
    with safe_open(path, 'pt') as f:
        arch = json.loads(f.metadata()['mote.arch'])
    jsonschema.validate(arch, schema(root))
    model = model_of(load_file(path))
    assert arch == architecture(model, name) and arch['confidence_px'] == 12
    for name in kept:
        run, way = (packs.run_chain, 'tracks') if name.endswith('video') else (packs.run_window, 'coords')
        file = os.path.join(root, 'tests', 'golden', name + '.safetensors')
        with safe_open(file, 'pt') as f:
            metadata = f.metadata()
        assert metadata['weights_sha256'] == hashlib.sha256(open(path, 'rb').read()).hexdigest()
        assert os.path.getsize(file) < 4e6
        pack = load_file(file)
        with torch.no_grad():
            iterations, hop = int(metadata['iterations']), int(metadata['hop'])
            got = run(model, pack, iterations) if run is packs.run_window else run(model, pack, iterations, hop)
        assert (got[way] - pack[way]).norm(dim=-1).max() < 1e-3
        for k, v in got.items():
            assert v.shape == pack[k].shape and torch.allclose(v, pack[k], atol=2e-3), k


def test_packs_hold_the_hard_cases():
    given = packs.window_inputs(1, 40, 56, 12)
    x, y = given['queries'].T
    assert ((x < 0) | (x > 55)).sum() >= 2 and (given['queries'][0] == 0).all() and given['queries'][1].tolist() == [55, 39]
    assert len(set(given['template_frame'].tolist())) > 3 and given['locked'].tolist() == [1] * 6 + [0] * 6


def test_metrics_on_known_distances():
    queries = np.array([[0, 0, 0], [1, 0, 0]], np.float32)
    visible = np.array([[1, 1], [1, 1], [0, 1], [1, 0]], bool)
    distance = np.array([[99, 99], [.5, 99], [20, 3], [9, 5]], float)
    s = metrics.scores(distance, visible, queries, np.where(visible, .9, .7))
    # visible after the query: .5, 9 of the first point, 3 of the second; hidden: 20 and 5
    assert s['delta_avg_visible'] == pytest.approx(100 * np.mean([1 / 3, 1 / 3, 2 / 3, 2 / 3, 1]))
    assert s['median_px_visible'] == 3 and s['median_px_hidden'] == 12.5 and s['within_16px_hidden'] == 50
    assert s['occlusion_accuracy'] == 60
    assert sorted(metrics.hidings(visible, queries)) == [1, 1]
    assert metrics.raster_distance(np.array([[[3., 0.]]]), np.array([[[0., 2.]]]), 128, 256)[0, 0] == 5
    assert np.isnan(metrics.scores(distance * np.nan, visible, queries)['median_px_visible'])


def test_held_out_set_is_as_hard_as_it_says(root):
    rows = [heldout.difficulty(f, t['queries'], t['tracks'], t['visible'] > 0) for _, f, t in heldout.clips(os.path.join(root, 'weights', 'heldout'))]
    zero, lucas_kanade, hidden = np.mean([r[:3] for r in rows], 0)
    lengths = np.concatenate([r[3] for r in rows])
    assert len(rows) == 12 and zero < 15 and 35 < lucas_kanade < 55 and hidden > .2 and (lengths > 16).mean() > .1


def test_lucas_kanade_follows_a_shift():
    rng = np.random.RandomState(0)
    picture = (baselines.cv2.GaussianBlur(rng.rand(80, 100, 3), (0, 0), 3) * 2000 % 256).astype(np.uint8)
    picture = baselines.cv2.GaussianBlur(picture, (0, 0), 2)
    frames = np.stack([np.roll(picture, 2 * t, 1) for t in range(5)])
    tracks = baselines.lucas_kanade(frames, np.array([[0, 40, 40], [2, 50, 30]], np.float32))
    assert np.allclose(tracks[:, 0, 0], [40, 42, 44, 46, 48], atol=.2) and np.allclose(tracks[:, 1, 0], [50, 50, 50, 52, 54], atol=.2)


def test_small_resume_state_goes_on_within_rounding(tmp_path):
    run = train(CONFIG, str(tmp_path / 'run'), until=2)
    path = str(tmp_path / 'state.safetensors')
    resume.pack(run, path)
    weights = str(tmp_path / 'w.safetensors')
    export(run.ema, weights, 'mote-s', 'a test')
    back = resume.unpack(path, weights)
    assert (back.step, back.config) == (2, CONFIG) and set(back.ema) == set(run.ema)
    assert all(torch.equal(v, back.ema[k]) for k, v in run.ema.items() if k not in Tracker.NOT_SHIPPED)
    batch = next(iter(Groups(CONFIG, 1, 2)))[0]
    a, b = run.advance(*batch), back.advance(*batch)
    assert a == pytest.approx(b, rel=1e-5, nan_ok=True)
    worst = max((x - y).abs().max() for x, y in zip(run.model.parameters(), back.model.parameters()))
    assert worst < 2e-5  # steps are of 1e-3
