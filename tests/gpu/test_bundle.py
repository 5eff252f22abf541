"""mote bundle, unpacked into an empty folder and run on the stand-in with small sizes."""
import ctypes
import json
import re
import shutil
import signal
import struct
import subprocess
import time

import pytest

from bundled import ROOT, mote, results, run, start, tool

PACK = '--packs=mote-window-odd'
SMALL = ('--pips-pack=window-odd-stride8', '--models=mote-s', '--sizes=64x64', '--points=2',
         '--frames=2', '--iterations=1', '--gemm=fused',
         '--tests=(nothingIsCorrelatedFarOutside|noThresholdMeansAll|refusesPlans).*')
HOPPER = {'MOTE_SIMT_ARCHITECTURE': '90'}
MIXERS = [('fused', 'portable'), ('fused', 'hopper'), ('cublas', 'portable')]

# Runs what it is given, as the tool does, and ends with the tool's last line.
SANITIZER = '''#!/bin/sh
[ "$1" = --version ] && exit 0
while [ "${1#--}" != "$1" ]; do shift; done
"$@" || exit
echo '========= ERROR SUMMARY: 0 errors'
'''


def mixers(rows):
    return [(row['gemm'], row['form']) for row in rows]


def test_every_part(bundle, tmp_path):
    code, said = run(bundle, tmp_path, 'contract', 'golden', 'ceilings', *SMALL, PACK, **HOPPER)
    assert code == 0, said
    code, said = run(bundle, tmp_path, 'latency', 'kernels', *SMALL, '--gemm=cublas', **HOPPER)
    assert code == 0, said
    code, said = run(bundle, tmp_path, 'sanitizer', '--packs=none', '--tests=noThresholdMeansAll.*',
                     PATH=tool(tmp_path, SANITIZER), **HOPPER)
    assert code == 0, said
    found = results(tmp_path)
    parts = found['parts']
    assert {name: part['status'] for name, part in parts.items()} == dict.fromkeys(
        ('device', 'contract', 'golden', 'ceilings', 'latency', 'kernels', 'sanitizer'), 'passed')
    assert found['device']['stand_in']
    assert found['device']['capability'] == 90
    assert found['revision'] != 'unknown'
    assert {row['status'] for row in parts['contract']['rows']} == {'passed'}
    assert set(mixers(parts['contract']['rows'])) == set(MIXERS)
    assert [(row['form'], row['precision']) for row in parts['golden']['rows']] == [
        ('portable', 'f32'), ('portable', 'fp16'), ('hopper', 'fp16')]
    assert [row['name'] for row in parts['ceilings']['rows']] == ['copy', 'read', 'read-l2', 'matmul-fp16', 'matmul-fp16']
    assert [row['by'] for row in parts['ceilings']['rows']][3:] == ['mma.sync', 'cublas']
    assert [row['model'] for row in parts['kernels']['correlations']] == ['mote-s']
    assert mixers(parts['latency']['rows']) == MIXERS
    assert {row['frames'] for row in parts['latency']['rows']} == {2}
    for mixer in MIXERS[:2]:
        kernels = [row for row in parts['kernels']['rows'] if (row['gemm'], row['form']) == mixer]
        assert {'stem', 'conv', 'correlate', 'mixer'} <= {row['kernel'] for row in kernels}
        assert sum(row['share'] for row in kernels) == pytest.approx(1)
    assert [(row['tool'], row['program'].split()[1]) for row in parts['sanitizer']['rows']] == [
        (tool, f'--forms={form}') for form in ('portable', 'hopper') for tool in ('memcheck', 'racecheck')]
    assert {target['verdict'] for target in found['targets']} == {'not measured'}
    table = (tmp_path / 'table.md').read_text()
    assert table.startswith('# The stand-in, no GPU: ')
    assert re.search(r'^\| contract \| passed \| \d+ \|', table, re.M)
    assert re.search(r'^\| 64x64 \| 2 \| mote-s \| Mote, fused, hopper \| fp16 \| 1 \|( [0-9.]+ \|){4} 2 \|$', table, re.M)
    assert re.search(r'^\| mote-s fused hopper 64x64 2 \| mixer \|', table, re.M)
    assert 'Of no stage' not in table  # every kernel of both mixers and forms is known
    assert sum(line.endswith('| not measured | the stand-in is no GPU |') for line in table.splitlines()) == len(found['targets'])


def tampered(folder):
    """A repository in which one golden number is wrong by a pixel."""
    pack = folder / 'tests' / 'golden' / 'mote-window-odd.safetensors'
    pack.parent.mkdir(parents=True)
    shutil.copytree(ROOT / 'weights', folder / 'weights', ignore=lambda path, names: [
        name for name in names if name != 'mote-s.safetensors'])
    data = bytearray((ROOT / 'tests' / 'golden' / pack.name).read_bytes())
    (length,) = struct.unpack('<Q', data[:8])
    end = 8 + length + json.loads(data[8:8 + length])['coords']['data_offsets'][1]
    data[end - 4:end] = struct.pack('<f', struct.unpack('<f', data[end - 4:end])[0] + 1)
    pack.write_bytes(data)
    return folder


def test_a_wrong_golden_number_fails(bundle, tmp_path):
    code, said = run(bundle, tmp_path / 'out', 'golden', *SMALL, PACK, '--precisions=f32', repository=tampered(tmp_path / 'wrong'))
    assert code == 1, said
    assert 'MISS mote-window-odd: cuda f32' in said
    found = results(tmp_path / 'out')
    assert found['parts']['golden']['status'] == 'failed'
    assert found['parts']['golden']['rows'][0]['failures']
    assert found['parts']['golden']['notes'] == [
        'hopper is left out: Hopper kernels need a Hopper device: compute_capability=8.0, needed=9.0; '
        'give mote.cuda.form=portable']
    assert re.search(r'^\| golden \| failed \| 1 \|.*1 failed', (tmp_path / 'out' / 'table.md').read_text(), re.M)


def test_a_signal_loses_nothing(bundle, tmp_path):
    process = start(bundle, f'--out={tmp_path}', f'--repository={ROOT}', 'contract')
    file = tmp_path / 'results.json'
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and not (file.exists() and '"test"' in file.read_text()):
        time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 143, said
    contract = results(tmp_path)['parts']['contract']
    assert contract['status'] == 'cut off'
    assert contract['notes'][0].startswith('hopper is left out: ')
    assert contract['rows'][0]['status'] == 'passed'
    assert f'| contract | cut off | {len(contract["rows"])} |' in (tmp_path / 'table.md').read_text()


def test_says_what_is_missing(bundle, tmp_path):
    code, said = run(bundle, tmp_path, MOTE_SIMT_DEVICES='0')
    assert code == 3
    assert 'CUDA_ERROR_NO_DEVICE; check with nvidia-smi that a device is there' in said
    code, said = run(bundle, tmp_path, 'sanitizer', 'peer', *SMALL, '--python=no-such-python', PATH='/usr/bin:/bin')
    assert code == 0
    assert 'no Python: python=no-such-python; give --python one with torch' in said
    assert results(tmp_path)['parts']['peer']['status'] == 'not measured'
    if shutil.which('compute-sanitizer', path='/usr/bin:/bin') is None:
        assert 'compute-sanitizer is not found: nothing was checked' in said
        assert results(tmp_path)['parts']['sanitizer']['status'] == 'not measured'
    code, said = run(bundle, tmp_path, 'contract', '--tests=none')
    assert code == 1
    assert 'no test was run: tests=none; give names of methods' in said


def test_without_a_driver(bundle, tmp_path):
    try:
        ctypes.CDLL('libcuda.so.1')
    except OSError:
        code, said = run(bundle, tmp_path, MOTE_CUDA='')
        assert code == 3
        assert 'mote: no CUDA driver: library=libcuda.so.1; install NVIDIA driver 525 or newer' in said
    else:
        pytest.skip('this machine has a CUDA driver')


def test_wrong_usage(bundle, tmp_path):
    for argument, message in (
            ('fast', 'argument is unknown: argument=fast; see --help'),
            ('--budget=speed=3', 'budget names no part: budget=speed=3; give PART=SECONDS'),
            ('--budget=golden=x', 'budget is no number: budget=golden=x; give whole seconds'),
            ('--repository=/nowhere', 'packs and weights are not there: repository=/nowhere; give --repository=DIR'),
            ('--speed=3', "Unknown option: '--speed=3'")):
        code, said = run(bundle, tmp_path, argument)
        assert code == 2, said
        assert message in said
    assert mote('bundle', '--fast').returncode == 2
    assert 'argument is unknown: argument=--fast; give --out=FILE' in mote('bundle', '--fast').stderr


def test_help(bundle):
    assert 'Examples:\n  mote bundle' in mote('bundle', '--help').stdout
    assert './run.sh [PART...]' in subprocess.run([bundle / 'run.sh', '--help'], capture_output=True, text=True).stdout
