"""A run is one command with one config: its phases, its checkpoints, what it leaves beside the weights, and what follows it."""
import glob
import itertools
import json
import math
import os
import shutil
import signal

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.numpy import save_file
from safetensors.torch import load_file

from mote_train import config as configs
from mote_train import checkpoint, evaluate, heldout, record, resume, samples, series, train
from mote_train.model import Tracker
from mote_train.render.samples import RenderedGroups
from mote_train.tracking import WINDOW, spans, unroll
from test_render import CONFIG as RENDERED
from test_training import CONFIG

FIGURES = [f'{k}{mode}' for mode in ('', '_streaming') for k in ('delta_avg_visible', 'delta_avg_hidden', 'median_px_visible', 'median_px_hidden',
                                                                 'within_16px_visible', 'within_16px_hidden', 'occlusion_accuracy')]


@pytest.fixture
def tiny(tmp_path, monkeypatch):
    """One small held-out clip instead of the twelve, and a row of the log every 2 steps."""
    place, rng = tmp_path / 'heldout' / '00', np.random.RandomState(0)
    os.makedirs(place)
    picture = np.kron(rng.randint(0, 255, (12, 16, 3)), np.ones((4, 4, 1))).astype(np.uint8)
    heldout.write_video(str(place / 'clip.mp4'), np.stack([np.roll(picture, t, 1) for t in range(10)]))
    queries = np.array([[0, 20, 20], [0, 40, 30], [2, 30, 12]], np.float32)
    tracks = queries[None, :, 1:] + np.arange(10, dtype=np.float32)[:, None, None] * [1, 0] - queries[:, :1] * [1, 0]
    visible = np.ones((10, 3), np.uint8)
    visible[5:7] = 0
    save_file({'tracks': tracks.astype(np.float32), 'visible': visible, 'queries': queries}, place / 'truth.safetensors')
    monkeypatch.setattr(evaluate, 'HELDOUT', str(tmp_path / 'heldout'))
    monkeypatch.setattr(train, 'LOG_EVERY', 2)


def rows(path):
    with open(path) as f:
        return [json.loads(line) for line in f]


def test_a_run_leaves_its_log_curve_and_held_out_numbers_beside_its_weights(tiny, tmp_path):
    out, config = tmp_path / 'run', dict(CONFIG, heldout_every=2)
    run = train.train(config, str(out))
    assert sorted(os.listdir(out)) == ['best.safetensors', 'checkpoint.pt', 'config.json', 'curve.png', 'ema.safetensors', 'heldout.jsonl', 'log.jsonl']
    held, log = rows(out / 'heldout.jsonl'), rows(out / 'log.jsonl')
    assert [r['step'] for r in held] == [0, 2, 4] and [r['step'] for r in log] == [2, 4]
    assert all(set(r) == {'step', *FIGURES} and all(map(math.isfinite, r.values())) for r in held)
    assert set(log[0]) == {'step', 'minutes', 'lr', 'loss', 'visible_median_px', 'visible_under_2px', 'hidden_under_16px'}
    with open(out / 'config.json') as f, Image.open(out / 'curve.png') as curve:
        assert json.load(f) == config and curve.size[0] > 800
    # The last row is of the averaged weights, by what evaluates them apart.
    model = evaluate.load_model(str(out / 'ema.safetensors'))
    again = evaluate.heldout_scores(evaluate.tracker(model, together=1), evaluate.HELDOUT)
    assert run.step == 4 and all(held[-1][k] == pytest.approx(v, abs=.006) for k, v in again.items())


def test_best_weights_are_those_of_the_best_row(tiny, tmp_path, monkeypatch):
    figures, kept = iter([3, 9, 5]), []
    monkeypatch.setattr(record, 'measure', lambda model, *_: kept.append(model.shipped()) or dict.fromkeys(FIGURES, next(figures)))
    train.train(dict(CONFIG, heldout_every=2), str(tmp_path / 'run'))
    best = load_file(tmp_path / 'run' / 'best.safetensors')
    assert all(torch.equal(best[k], v) for k, v in kept[1].items()) and not all(torch.equal(best[k], v) for k, v in kept[2].items())
    row = dict(dict.fromkeys(FIGURES, 0), delta_avg_visible=4, delta_avg_hidden=8, delta_avg_visible_streaming=12, delta_avg_hidden_streaming=16)
    assert record.score(row) == 10


def test_rows_that_a_kill_undid_are_dropped(tiny, tmp_path, monkeypatch):
    """The process ends without a word at step 4; its last checkpoint is of step 2."""
    out, config = str(tmp_path / 'run'), dict(CONFIG, heldout_every=2)
    train.train(config, out, until=2)
    shutil.copy(os.path.join(out, 'checkpoint.pt'), tmp_path / 'at2.pt')
    whole = train.train(config, out)
    shutil.copy(tmp_path / 'at2.pt', os.path.join(out, 'checkpoint.pt'))
    again = train.train(config, out)
    assert [r['step'] for r in rows(os.path.join(out, 'log.jsonl'))] == [2, 4]
    assert [r['step'] for r in rows(os.path.join(out, 'heldout.jsonl'))] == [0, 2, 4]
    assert all(torch.equal(v, again.ema[k]) for k, v in whole.ema.items())
    os.remove(os.path.join(out, 'checkpoint.pt'))
    first = rows(os.path.join(out, 'heldout.jsonl'))[0]
    train.train(dict(config, seed=9), out, until=2)  # another training: other weights are scored at its step 0
    assert [r['step'] for r in rows(os.path.join(out, 'heldout.jsonl'))] == [0, 2] and rows(os.path.join(out, 'heldout.jsonl'))[0] != first


def test_sigterm_saves_and_ends_and_evaluation_gives_way(tiny, tmp_path, monkeypatch):
    out, config, before = str(tmp_path / 'run'), dict(CONFIG, heldout_every=2), signal.getsignal(signal.SIGTERM)
    advance = train.Run.advance

    def ended(run, *batch):
        if run.step == 1:
            os.kill(os.getpid(), signal.SIGTERM)
        return advance(run, *batch)
    monkeypatch.setattr(train.Run, 'advance', ended)
    short = train.train(config, out)
    assert short.step == 2 and signal.getsignal(signal.SIGTERM) is before
    assert torch.load(os.path.join(out, 'checkpoint.pt'), weights_only=True)['step'] == 2
    assert [r['step'] for r in rows(os.path.join(out, 'heldout.jsonl'))] == [0]
    monkeypatch.setattr(train.Run, 'advance', advance)
    done, whole = train.train(config, out), train.train(CONFIG, str(tmp_path / 'whole'))
    assert [r['step'] for r in rows(os.path.join(out, 'heldout.jsonl'))] == [0, 2, 4]
    assert all(torch.equal(v, done.ema[k]) for k, v in whole.ema.items())


def test_a_kill_loses_eight_minutes_at_most(tmp_path, monkeypatch):
    clock, saved = [0.], []
    monkeypatch.setattr(train.time, 'time', lambda: clock[0])
    monkeypatch.setattr(train.checkpoint, 'save', lambda run, path: saved.append((clock[0], run.step)))

    def slow(run, *batch):
        clock[0] += 70  # seconds a step
        run.step += 1
        return torch.zeros(4)
    monkeypatch.setattr(train.Run, 'advance', slow)
    monkeypatch.setattr(train, 'groups_of', lambda config, first, last: ([(1, None)] * 2 for _ in range(first, last)))
    train.train(dict(CONFIG, steps=40), str(tmp_path / 'run'))
    moments = [0] + [t for t, _ in saved]
    assert max(b - a for a, b in itertools.pairwise(moments)) <= 480 and saved[-1][1] == 40 and len(saved) > 4


@pytest.fixture(scope='module')
def shipped(root):
    return {os.path.basename(p): configs.read(p) for p in glob.glob(os.path.join(root, 'weights', 'training', 'configs', '*.json'))}


def drawn(config, first, last, monkeypatch):
    """Of groups first to last - 1: picture height, hop, frames of a sample; without rendering."""
    seen, groups = [], RenderedGroups.__new__(RenderedGroups)
    groups.config, groups.textures = dict(config, device='cpu'), lambda g: torch.zeros(1)
    monkeypatch.setattr('mote_train.render.samples.Clips', lambda draw, bank, batch, frames, height, *_: height)
    monkeypatch.setattr('mote_train.render.samples.cut', lambda draw, height, points, length: seen.append((height, length)))
    hops = [[hop for hop, _ in groups.group(g)] for g in range(first, last)]
    return [(height, hop, length) for (height, length), hop in zip(seen, sum(hops, []))]


@pytest.mark.parametrize('name', ['mote-s-gpu.json', 'mote-m-gpu.json'])
def test_the_gpus_training_is_as_it_should_be(name, shipped, monkeypatch):
    config = shipped[name]
    last = config['phases'][-1]['from'] // config['cuts']
    early, late = drawn(config, 0, 300, monkeypatch), drawn(config, last, last + 150, monkeypatch)
    assert {8, 24, 48} <= {length for _, _, length in early} and {8, 24, 48} <= {length for _, _, length in late}
    assert max(h for h, _, _ in early) == 256 and max(h for h, _, _ in late) == 384 and [384, 512] in config['phases'][-1]['sizes']
    # Windows that start from the one before, with 1 or 2 iterations.
    warm = [length > WINDOW and train.iterations_of(step, hop) <= 2 for step, (_, hop, length) in enumerate(early)]
    assert .5 <= np.mean(warm) < .65
    assert config['bf16'] and .9 < config['ema'] < 1 and config['heldout_every']


def test_phases_follow_from_the_step_alone():
    config = dict(CONFIG, phases=[{'from': 2, 'points': 3}, {'from': 6, 'sizes': [[64, 64]]}])
    assert [configs.at(config, s)['points'] for s in (0, 1, 2, 5, 6, 99)] == [6, 6, 3, 3, 6, 6]
    assert [configs.at(config, s)['sizes'][0] for s in (5, 6)] == [[48, 64], [64, 64]] and configs.at(CONFIG, 5) == CONFIG
    for kind, base in ((samples.Groups, CONFIG), (RenderedGroups, dict(RENDERED, sizes=[[48, 64]], size_shares=[1], batch=[1]))):
        groups = kind(dict(base, phases=[{'from': 2, 'sizes': [[64, 48]], 'points': 3}]), 0, 2)
        shapes = [(step[1][0].shape[3:], step[1][1].shape[1]) for group in (groups[i] if kind is samples.Groups else groups.group(i) for i in (0, 1)) for step in group]
        assert shapes == [((48, 64), 6)] * 2 + [((64, 48), 3)] * 2


@pytest.mark.parametrize('change, message', [
    ({'stpes': 3}, r"config has other keys: missing=\[\], unknown=\['stpes'\]; compare it with those of configs/"),
    ({'checkpoint_minutes': 9}, 'checkpoints are too far apart: checkpoint_minutes=9; give more than 0 and at most 8'),
    ({'checkpoint_minutes': math.nan}, 'checkpoints are too far apart'),
    ({'phases': [{'from': 6}, {'from': 2}]}, r'phases are not in order: from=\[6, 2\]; give steps above 0'),
    ({'phases': [{'from': 2, 'lr': 1}]}, r"a phase cannot change this: keys=\['lr'\]; only batch, fastest"),
    ({'size_shares': [.5, .5]}, r'shares do not fit: size_shares=\[0.5, 0.5\]; give one for each of \[\[48, 64\]\]'),
    ({'phases': [{'from': 2, 'hop_shares': [.5, .4]}]}, r'shares do not fit: hop_shares=\[0.5, 0.4\]'),
    ({'renderer': 'device'}, r"config has other keys: missing=\['bank', 'bank_groups', 'texture'\]")])
def test_configs_that_cannot_be_trained_by(change, message, tmp_path):
    with pytest.raises(ValueError, match=message):
        train.train(dict(CONFIG, **change), str(tmp_path / 'run'))
    assert not os.path.exists(tmp_path / 'run')


def test_the_device_wants_a_batch_for_each_size():
    with pytest.raises(ValueError, match='the device renders a batch for each size: batch=2; give a list, one for each of sizes='):
        configs.check(dict(RENDERED, batch=2))


def test_bfloat16_where_the_device_has_it(monkeypatch):
    gpu = dict(CONFIG, device='cuda', bf16=True)
    monkeypatch.setattr(torch.cuda, 'is_bf16_supported', lambda: True)
    assert configs.bfloat16(gpu) and not configs.bfloat16(CONFIG)
    monkeypatch.setattr(torch.cuda, 'is_bf16_supported', lambda: False)
    with pytest.raises(ValueError, match='the device has no bfloat16: device=cuda; set "bf16" to false'):
        configs.bfloat16(gpu)
    batch = samples.Groups(CONFIG, 0, 1)[0][0]
    exact, rough = (train.Run(dict(CONFIG, bf16=b)).advance(*batch)[0].item() for b in (False, True))
    assert exact != rough == pytest.approx(exact, rel=.02)


def test_data_and_initialisation_follow_from_the_seed(tmp_path):
    one, same, other = (train.train(dict(CONFIG, seed=seed), str(tmp_path / str(i)), until=2) for i, seed in enumerate((5, 5, 6)))
    first, again, unlike = (dict(r.model.named_parameters()) for r in (one, same, other))
    assert all(torch.equal(v, again[k]) for k, v in first.items())
    assert not any(torch.equal(v, unlike[k]) for k, v in first.items() if k.endswith('c1.weight'))
    assert not torch.equal(samples.Groups(CONFIG, 0, 1)[0][0][1][0][:, :9], samples.Groups(dict(CONFIG, seed=6), 0, 1)[0][0][1][0][:, :9])


def test_averaged_weights():
    run = train.Run(dict(CONFIG, ema=.6, lr=.1, warmup=0))
    wanted = {k: v.clone() for k, v in run.ema.items()}
    for step, (hop, batch) in enumerate(samples.Groups(CONFIG, 0, 1)[0] * 2):
        run.advance(hop, batch)
        share = min(.6, 1 - 1 / (step + 2))  # young averages forget faster
        wanted = {k: share * v + (1 - share) * run.model.state_dict()[k] for k, v in wanted.items()}
    assert all(torch.allclose(v, wanted[k], atol=1e-5) for k, v in run.ema.items())


def test_windows_of_a_training_hand_over():
    """Each window begins with the last estimates, and at rest where there is none; the first with the given start."""
    begun = []

    class Spy:
        def refine(self, pyramid, frames, template, start, iterations, locked):
            begun.append((frames[0].tolist(), start[0, :, 0, 0].tolist(), locked.tolist()))
            return [(torch.arange(1., 9).view(1, 8, 1, 1).expand(1, 8, 1, 2) * 10 ** len(begun), None)]
    start, locked = torch.arange(8.).view(1, 8, 1, 1).expand(1, 8, 1, 2), torch.tensor([[True]])
    places = [p.tolist() for p, _ in unroll(Spy(), None, torch.arange(100, 112)[None], None, start, locked, spans(2, 3), 1)]
    assert places == [list(range(b, b + 8)) for b in (0, 2, 4)] and [b[0] for b in begun] == [[100 + i for i in p] for p in places]
    assert [b[1] for b in begun] == [list(range(8)), [30, 40, 50, 60, 70, 80, 80, 80], [300, 400, 500, 600, 700, 800, 800, 800]]
    assert [b[2] for b in begun] == [[[True]], [[False]], [[False]]]


def test_trainings_follow_each_other_from_the_best_weights_so_far(tiny, tmp_path, monkeypatch, capsys):
    scored = {'a': [3, 9, 5], 'b': [9, 4, 6], 'c': [9, 9, 9]}
    begun, run_of = {}, train.train

    def watched(config, out, init=None):
        name = os.path.basename(out)
        begun.setdefault(name, load_file(init) if init else None)
        left = iter(scored[name])
        monkeypatch.setattr(record, 'measure', lambda *_: dict.fromkeys(FIGURES, next(left)))
        return run_of(config, out, init)
    monkeypatch.setattr(series, 'train', watched)
    for name in 'abc':
        with open(tmp_path / f'{name}.json', 'w') as f:
            json.dump(dict(CONFIG, seed=ord(name), heldout_every=2), f)
    given = [str(tmp_path / f'{name}.json') for name in 'abc']
    folder, init = str(tmp_path / 'runs'), str(tmp_path / 'init.safetensors')
    torch.manual_seed(3)
    save_file({k: v.numpy() for k, v in Tracker().shipped().items()}, init)
    assert series.series(folder, given, init).step == 4
    best = load_file(os.path.join(folder, 'a', 'best.safetensors'))
    assert all(torch.equal(begun['a'][k], v) for k, v in load_file(init).items())
    for name in 'bc':  # a's second row beats all of b's but the first, which is a's weights themselves
        assert all(torch.allclose(begun[name][k], v, atol=1e-7) for k, v in best.items())
    assert f'training b from {folder}/a/best.safetensors' in capsys.readouterr().out
    assert series.series(folder, given, init).step == 4  # all done: nothing is trained or scored again
    assert series.best(folder, dict(CONFIG, model={'depth': 5})) is None
    with pytest.raises(ValueError, match='nothing to choose weights by: config=d; set "heldout_every"'):
        with open(tmp_path / 'd.json', 'w') as f:
            json.dump(CONFIG, f)
        series.series(folder, [str(tmp_path / 'd.json')])
    with pytest.raises(ValueError, match="trainings share a folder: names=.*; give config files of different names"):
        series.series(folder, given[:1] * 2)


def test_a_large_states_files_stay_small(tmp_path, monkeypatch):
    run = train.train(CONFIG, str(tmp_path / 'run'), until=2)
    path, weights = str(tmp_path / 'state.safetensors'), str(tmp_path / 'run' / 'ema.safetensors')
    resume.pack(run, path)
    assert os.listdir(tmp_path).count('state.safetensors') == 1 and os.path.getsize(path) < 2 ** 24
    monkeypatch.setattr(resume, 'LIMIT', 2 ** 21)
    resume.pack(run, path)
    parts = sorted(glob.glob(str(tmp_path / 'state*')))
    assert len(parts) == 4 and parts[0].endswith('state-1-of-4.safetensors') and all(os.path.getsize(p) <= 2 ** 21 for p in parts)
    back = resume.unpack(path, weights)
    assert back.step == 2 and all(torch.equal(v, back.model.state_dict()[k]) for k, v in run.model.state_dict().items())
    os.remove(parts[2])
    with pytest.raises(FileNotFoundError, match='state is not whole: path=.*, files=3; give all files that pack wrote'):
        resume.unpack(path, weights)
    with pytest.raises(ValueError, match='a tensor is larger than a file may be: name=big, bytes=8000000, limit='):
        resume.parts_of({'big': torch.zeros(2000000)})


def test_checkpoints_are_whole_or_not_there(tmp_path, monkeypatch):
    run = train.train(CONFIG, str(tmp_path / 'run'), until=2)
    path = str(tmp_path / 'run' / 'checkpoint.pt')
    monkeypatch.setattr(torch, 'save', lambda state, to: open(to, 'w').write('half') and (_ for _ in ()).throw(OSError('disk full')))
    with pytest.raises(OSError):
        checkpoint.save(run, path)
    assert checkpoint.restore(train.Run(CONFIG), path)
