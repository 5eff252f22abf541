"""The published tracker on PyTorch, as the bundle runs it."""
import importlib.util
import sys

import pytest

from bundled import ROOT, results, run


def test_order_of_the_published_trackers_cases():
    spec = importlib.util.spec_from_file_location('cases', ROOT / 'tests' / 'gpu' / 'peer' / 'cases.py')
    cases = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(cases)
    found = cases.ordered(['eager', 'compiled', 'fp16'], [(48, 64), (25, 26)], [2, 1])
    assert found == [('eager', 48, 64, 2), ('eager', 48, 64, 1), ('eager', 25, 26, 2), ('eager', 25, 26, 1),
                     ('compiled', 48, 64, 2), ('compiled', 48, 64, 1), ('fp16', 48, 64, 2), ('fp16', 48, 64, 1),
                     ('compiled', 25, 26, 2), ('compiled', 25, 26, 1)]
    assert cases.named(found[7:]) == 'fp16 48x64 with 1 points; compiled 25x26 with 2, 1 points'


def test_the_published_tracker_says_what_its_budget_leaves_out(bundle, tmp_path):
    pytest.importorskip('torch')
    code, said = run(bundle, tmp_path, 'peer', '--sizes=128x128,64x96', '--points=2,1', '--frames=2', '--iterations=1',
                     '--pips-pack=window-odd-stride8', '--variants=eager,compiled', '--budget=peer=0', f'--python={sys.executable}')
    assert code == 0, said
    assert results(tmp_path)['parts']['peer']['notes'] == [
        'budget is used up: not_measured=eager 128x128 with 2, 1 points; eager 64x96 with 2, 1 points; '
        'compiled 128x128 with 2, 1 points; compiled 64x96 with 2, 1 points; give more seconds']


def test_the_published_tracker(bundle, tmp_path):
    pytest.importorskip('torch')
    code, said = run(bundle, tmp_path, 'peer', '--sizes=128x128', '--points=2', '--frames=2', '--iterations=1',
                     '--pips-pack=window-odd-stride8', '--variants=eager', f'--python={sys.executable}')
    assert code == 0, said
    peer = results(tmp_path)['parts']['peer']
    assert peer['status'] == 'passed'
    assert peer['checks'][0]['worst_px'] < 1e-3
    assert peer['rows'][0]['variant'] == 'eager'
    assert '| 128x128 | 2 | pips | PyTorch, eager | f32 | 1 |' in (tmp_path / 'table.md').read_text()
