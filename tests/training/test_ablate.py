import copy
import json

import pytest
import torch
from safetensors.torch import save_file

from mote_train import ablate, variants
from mote_train.model import Tracker
from mote_train.samples import Groups
from mote_train.tracking import HOP
from mote_train.train import Run
from test_training import CONFIG


def batches(config, group):
    return next(iter(Groups({**config, 'windows': 3, 'hops': [4], 'hop_shares': [1]}, group, group + 1)))


def test_the_control_trains_as_the_trainer_does():
    """The ablations' own losses are the trainer's, on windows of 8."""
    run = Run(CONFIG)
    control = ablate.trial(Tracker, HOP)(CONFIG)
    for hop, batch in batches(CONFIG, 0):
        assert torch.allclose(run.losses(hop, batch)[0], control.losses(hop, batch)[0], rtol=1e-6)


@pytest.mark.parametrize('name', ablate.VARIANTS)
def test_a_variant_starts_from_the_given_weights_and_learns(name, tmp_path):
    kind, sizes, hop, _ = ablate.VARIANTS[name]
    init = str(tmp_path / 'w.safetensors')
    save_file(Tracker().shipped(), init)
    run = ablate.trial(kind, hop)({**CONFIG, 'model': sizes}, init)
    before = copy.deepcopy(run.model.state_dict())
    for h, batch in batches(CONFIG, 1):
        if run.step == 0 and kind is not variants.LongWindow:  # whose windows lie otherwise
            assert torch.allclose(Run(CONFIG, init).losses(h, batch)[0], run.losses(h, batch)[0], rtol=1e-3)
        run.advance(h, batch)
    assert run.step == 2
    assert all(not torch.equal(v, run.model.state_dict()[k]) for k, v in before.items() if k.startswith('cl.') and k.endswith('weight'))


def test_distances_are_from_the_control_clip_by_clip():
    cost = {'parameters': 5, 'gflop_frame': 1, 'mflop_window': 2, 'hop': 4}
    rows = [{'variant': v, **cost, **{k: list(x) for k in ablate.FIGURES}} for v, x in (('other', (14, 26)), ('control', (10, 20)))]
    other, control = (line.split(' | ')[5:] for line in ablate.table(rows).splitlines()[2:])
    assert control == ['15.0'] * 4 + ['15.0 |'] and other[0] == '+5.0 ± 1.0'  # 14 - 10 and 26 - 20


def test_rows_that_are_there_are_not_made_again(tmp_path, monkeypatch, capsys):
    row = {'parameters': 5, 'gflop_frame': 1, 'mflop_window': 2, 'hop': 4, **{k: [1, 2] for k in ablate.FIGURES}}
    made = []
    monkeypatch.setattr(ablate, 'run', lambda name, *_: made.append(name) or {'variant': name, **row})
    path = tmp_path / 'rows.jsonl'
    path.write_text(''.join(json.dumps({'variant': v, **row}) + '\n' for v in ('as given', 'control')))
    monkeypatch.setattr('sys.argv', ['ablate', 'none', '--out', str(tmp_path)])
    ablate.main()
    assert made == list(ablate.VARIANTS)[1:] and len(path.read_text().splitlines()) == 1 + len(ablate.VARIANTS)
    assert capsys.readouterr().out.endswith('|\n')
