"""A fine tracker behind a coarse one: what it sees, where it begins, and a training that leaves the coarse one as it is."""
import jsonschema
import pytest
import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file

from mote_train import checkpoint, cost, fine, packs, resume, series, train
from mote_train.export import architecture, export
from mote_train.fine import CoarseToFine, enlarged, model_of, reduced
from mote_train.grow import grow
from mote_train.model import Tracker
from mote_train.tracking import WINDOW
from test_training import CONFIG, schema

SIZES = dict(C=16, D=32, depth=1, levels=2, corr=8, channels=(8, 8, 8, 16))


def both():
    """A coarse-to-fine model whose heads say something, and its two trackers on their own."""
    torch.manual_seed(2)
    model = CoarseToFine(**SIZES).eval()
    with torch.no_grad():
        for head in model.head, model.fine.head:
            head.weight.normal_(std=.1)
    parts = [Tracker(**SIZES).eval().load_shipped(state) for state in (model.state_dict(), fine.fine_of(model.state_dict()))]
    return model, *parts


def smooth(frames, height, width):
    """Pictures whose value at (x, y) is known between pixels, too."""
    y, x = torch.meshgrid(torch.arange(height), torch.arange(width), indexing='ij')
    return torch.stack([torch.stack([128 + 2 * x, 128 + 3 * y + t, 100 + x + y]) for t in range(frames)]).float()


def test_the_fine_tracker_begins_where_the_coarse_one_ends():
    model, coarse, second = both()
    pictures = torch.randint(0, 256, (WINDOW, 3, 40, 56), dtype=torch.uint8)
    xy, frames = torch.rand(1, 5, 2) * 30 + 4, torch.arange(WINDOW)[None]
    start, locked = xy[:, None].expand(1, WINDOW, -1, -1) + torch.rand(1, WINDOW, 5, 2), torch.tensor([[True, False, True, False, False]])
    large = F.interpolate(pictures.float(), size=(80, 112), mode='bilinear', align_corners=False)
    with torch.no_grad():
        pyramid = model.see(pictures, 3)
        out = model.refine(pyramid, frames, model.template(pyramid, torch.tensor([0]), xy), start, 3, locked)
        small = coarse.see(pictures)
        first = coarse.refine(small, frames, coarse.template(small, torch.tensor([0]), xy), start, 3, locked)
        high = second.see(large)
        last = second.refine(high, frames, second.template(high, torch.tensor([0]), 2 * xy + .5), 2 * first[-1][0] + .5, fine.ITERATIONS, locked)
    assert len(out) == 3 + fine.ITERATIONS
    for (a, l), (b, m) in zip(out, first):
        assert torch.equal(a, b) and torch.equal(l, m)
    for (a, l), (b, m) in zip(out[3:], last):
        torch.testing.assert_close(a, (b - .5) / 2, atol=1e-4, rtol=0)
        torch.testing.assert_close(l, (m + first[-1][1]) / 2, atol=1e-4, rtol=0)
    assert (out[-1][0] - first[-1][0]).abs().max() > .01


def test_a_pixel_lies_at_its_place_in_the_enlarged_picture():
    picture = smooth(1, 20, 30)
    large = F.interpolate(picture, scale_factor=fine.SCALE, mode='bilinear', align_corners=False)[0]
    for x, y in ((4, 7), (20, 3)):
        at = enlarged(torch.tensor([x, y], dtype=torch.float32))
        assert reduced(at).tolist() == [x, y]
        low = at.floor().long()
        around = large[:, low[1]:low[1] + 2, low[0]:low[0] + 2].mean((1, 2))  # it lies in the middle of four
        assert at.frac().tolist() == [.5, .5]
        torch.testing.assert_close(around, picture[0, :, y, x])


def test_export_says_that_there_is_a_fine_tracker(tmp_path, root):
    model, *_ = both()
    path = str(tmp_path / 'm.safetensors')
    export(model.state_dict(), path, 'mote-m', 'a test')
    state = load_file(path)
    assert set(state) == {*Tracker(**SIZES).shipped(), *(fine.PREFIX + k for k in Tracker(**SIZES).shipped())}
    back = model_of(state)
    assert isinstance(back, CoarseToFine) and all(torch.equal(v, model.state_dict()[k]) for k, v in back.state_dict().items() if back.ships(k))
    arch = architecture(back, 'mote-m')
    assert arch['fine'] == {'scale': 2, 'iterations': 2}
    jsonschema.validate(arch, schema(root))
    assert 'fine' not in architecture(Tracker(**SIZES), 'mote-s')


def test_costs_are_of_both():
    model, coarse, second = both()
    parameters, frame, each, besides = cost.costs(model, 4)
    alone = cost.costs(coarse, 4)
    assert alone[3] == pytest.approx(0, abs=1e-9) and alone[0] * 2 == parameters
    assert frame == pytest.approx(5 * alone[1], rel=.02)  # and four times as many pixels
    assert each == pytest.approx(alone[2]) and besides == pytest.approx(fine.ITERATIONS * alone[2])


def test_a_window_pack_ends_with_the_fine_tracker():
    model, *_ = both()
    given = packs.window_inputs(1, 96, 128, 8)
    result = packs.run_window(model, given, 2)
    assert result['coords'].shape == (2, WINDOW, 8, 2)
    assert set(result) == {'coords', 'visibility_logits', 'confidence_logits', *(f'template.{l}' for l in range(2 * SIZES['levels']))}


@pytest.mark.parametrize('what', [True, 'refinement'])
def test_training_leaves_the_coarse_tracker_as_it_is(tmp_path, what):
    config, init = dict(CONFIG, fine=what, steps=2), str(tmp_path / 'init.safetensors')
    torch.manual_seed(3)
    save_file(Tracker().shipped(), init)
    begun = train.run_of(config, init)
    given = load_file(init)
    for name, value in begun.model.shipped().items():
        assert torch.equal(value, given[name.removeprefix(fine.PREFIX)])
    run = train.train(config, str(tmp_path / 'run'), init)
    moved = {k for k, v in run.model.shipped().items() if not torch.equal(v, begun.model.state_dict()[k])}
    assert moved and all(k.startswith(fine.PREFIX) for k in moved)
    assert any(k.startswith('fine.enc.') for k in moved) == (what is True)
    averaged = {k: v for k, v in run.ema.items() if not k.startswith(fine.PREFIX)}
    assert all(torch.equal(v, begun.model.state_dict()[k]) for k, v in averaged.items())
    # A fine tracker that the weights bring along is where training goes on.
    again = train.run_of(config, str(tmp_path / 'run' / 'ema.safetensors'))
    assert all(torch.equal(v, run.ema[k]) for k, v in again.model.state_dict().items() if again.model.ships(k))


def test_what_a_fine_tracker_needs_is_asked_for(tmp_path):
    with pytest.raises(ValueError, match='fine tracker is trained in another way: fine=encoder; give true, or "refinement"'):
        train.train(dict(CONFIG, fine='encoder'), str(tmp_path))
    with pytest.raises(ValueError, match='a fine tracker has nothing to stand behind: out=.*; give --init with trained weights'):
        train.train(dict(CONFIG, fine=True), str(tmp_path))
    model, *_ = both()
    with pytest.raises(ValueError, match='weights hold a fine tracker that the model lacks: fine=[0-9]+ tensors; set "fine" in the config'):
        grow(model.shipped(), Tracker(**SIZES))
    plain, behind = dict(CONFIG), dict(CONFIG, fine='refinement')
    assert series.kind(plain) != series.kind(behind) == series.kind(dict(CONFIG, fine=True)) and series.kind(plain) == series.kind(dict(plain, fine=None))


def test_a_fine_run_resumes_from_its_packed_state(tmp_path):
    config, init = dict(CONFIG, fine=True, steps=2), str(tmp_path / 'init.safetensors')
    torch.manual_seed(3)
    save_file(Tracker().shipped(), init)
    run = train.train(config, str(tmp_path / 'run'), init)
    state, weights = str(tmp_path / 'state.safetensors'), str(tmp_path / 'w.safetensors')
    resume.pack(run, state)
    export(run.ema, weights, 'mote-m', 'a test')
    back = resume.unpack(state, weights)
    assert isinstance(back.model, CoarseToFine) and back.step == 2
    assert all(torch.equal(v, run.model.state_dict()[k]) for k, v in back.model.state_dict().items())
    checkpoint.save(back, str(tmp_path / 'checkpoint.pt'))
