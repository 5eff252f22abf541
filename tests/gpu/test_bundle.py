"""mote bundle, unpacked into an empty folder and run on the stand-in with small sizes."""
import ctypes
import importlib.util
import json
import os
import pathlib
import re
import shutil
import signal
import struct
import subprocess
import sys
import time
import zipfile

import jsonschema
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
STAND_IN = ROOT / 'java' / 'cuda' / 'target' / 'classes' / 'mote' / 'cuda' / 'simt'
PACK = '--packs=mote-window-odd'
SMALL = ('--pips-pack=window-odd-stride8', '--models=mote-s', '--sizes=64x64', '--points=2',
         '--frames=2', '--iterations=1', '--gemm=fused',
         '--tests=(nothingIsCorrelatedFarOutside|noThresholdMeansAll|refusesPlans).*')
HOPPER = {'MOTE_SIMT_ARCHITECTURE': '90'}
MIXERS = [('fused', 'portable'), ('fused', 'hopper'), ('cublas', 'portable')]
MOST_BYTES = 60 << 20  # of the archive and the repository's own files together

# Runs what it is given, as the tool does, and ends with the tool's last line.
SANITIZER = '''#!/bin/sh
[ "$1" = --version ] && exit 0
while [ "${1#--}" != "$1" ]; do shift; done
"$@" || exit
echo '========= ERROR SUMMARY: 0 errors'
'''


def mote(*arguments):
    return subprocess.run([ROOT / 'mote', *arguments], capture_output=True, text=True)


def repository_bytes():
    """Of all files that git tracks."""
    listed = subprocess.run(['git', 'ls-files', '-z'], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return sum((ROOT / name).lstat().st_size for name in listed.split('\0') if name and (ROOT / name).is_file())


@pytest.fixture(scope='module')
def bundle(tmp_path_factory):
    """The unpacked bundle, with the stand-in beside its libraries."""
    folder = tmp_path_factory.mktemp('machine with a GPU')
    archive = folder / 'b.tar.xz'
    made = mote('bundle', '--without-packs', f'--out={archive}')
    assert made.returncode == 0, made.stderr
    assert f'{archive}: {archive.stat().st_size} bytes' in made.stdout
    assert archive.stat().st_size + repository_bytes() <= MOST_BYTES
    subprocess.run(['tar', '-xf', archive, '-C', folder], check=True)
    with zipfile.ZipFile(folder / 'mote-gpu' / 'lib' / 'stand-in.jar', 'w') as jar:
        for library in STAND_IN.iterdir():
            jar.write(library, f'mote/cuda/simt/{library.name}')
    return folder / 'mote-gpu'


def start(bundle, *arguments, **environment):
    variables = {**os.environ, 'MOTE_CUDA': 'simt', **environment}
    return subprocess.Popen([bundle / 'run.sh', *arguments], cwd=bundle.parent, env=variables, text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def run(bundle, out, *arguments, repository=ROOT, **environment):
    process = start(bundle, f'--out={out}', f'--repository={repository}', *arguments, **environment)
    said, _ = process.communicate()
    return process.returncode, said


def results(out):
    found = json.loads((out / 'results.json').read_text())
    jsonschema.validate(found, json.loads((ROOT / 'tests' / 'gpu' / 'results.schema.json').read_text()))
    return found


def mixers(rows):
    return [(row['gemm'], row['form']) for row in rows]


def test_every_part(bundle, tmp_path):
    tools = tmp_path / 'tools'
    tools.mkdir()
    (tools / 'compute-sanitizer').write_text(SANITIZER)
    (tools / 'compute-sanitizer').chmod(0o755)
    code, said = run(bundle, tmp_path, 'contract', 'golden', 'ceilings', 'kernels', *SMALL, PACK, **HOPPER)
    assert code == 0, said
    code, said = run(bundle, tmp_path, 'latency', *SMALL, '--gemm=cublas', **HOPPER)
    assert code == 0, said
    code, said = run(bundle, tmp_path, 'sanitizer', '--packs=none', '--tests=noThresholdMeansAll.*',
                     PATH=f'{tools}:{os.environ["PATH"]}', **HOPPER)
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
    assert sum(line.endswith('| not measured | the stand-in is no GPU |') for line in table.splitlines()) == len(found['targets'])


# What the tool says of faults, as NVIDIA's manual shows it; `hang` writes nothing and does not end, `killed` ends without a word.
FAULTY = '''#!/bin/sh
[ "$1" = --version ] && exit 0
[ "$MOTE_FAULT" = hang ] && exec sleep 60
[ "$MOTE_FAULT" = killed ] && kill -9 $$
echo '========= COMPUTE-SANITIZER'
case $1 in
*memcheck) echo '========= Invalid __global__ write of size 4 bytes'
  [ "$MOTE_FAULT" = found-and-hang ] && exec sleep 60
  echo '========= ERROR SUMMARY: 3 errors' && exit 86 ;;
*) [ "$MOTE_FAULT" = found-and-hang ] && exec sleep 60
  echo '========= RACECHECK SUMMARY: 2 hazards displayed (1 error, 1 warning)' ;;
esac
'''


@pytest.mark.parametrize('fault, status, rows', [
    ('found', 'failed', [('memcheck', 'failed', 3), ('racecheck', 'failed', 2)]),
    ('killed', 'failed', [('memcheck', 'failed', None), ('racecheck', 'failed', None)]),
    ('hang', 'not measured', [('memcheck', 'cut off', None), ('racecheck', 'cut off', None)]),
    ('found-and-hang', 'failed', [('memcheck', 'failed', None), ('racecheck', 'cut off', None)])])
def test_what_the_sanitizer_finds(bundle, tmp_path, fault, status, rows):
    tools = tmp_path / 'tools'
    tools.mkdir()
    (tools / 'compute-sanitizer').write_text(FAULTY)
    (tools / 'compute-sanitizer').chmod(0o755)
    code, said = run(bundle, tmp_path, 'sanitizer', '--packs=none', '--budget=sanitizer=2',
                     PATH=f'{tools}:{os.environ["PATH"]}', MOTE_FAULT=fault)
    assert code == (1 if status == 'failed' else 0), said
    part = results(tmp_path)['parts']['sanitizer']
    assert part['status'] == status
    assert [(row['tool'], row['status'], row['errors']) for row in part['rows']] == rows
    assert (tmp_path / 'sanitizer.log').read_text().count('== ') >= 2


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


def frame_of(model, points, **found):
    return {'model': model, 'gemm': 'fused', 'form': 'portable', 'precision': 'fp16', 'height': 480, 'width': 640, 'points': points,
            'iterations': 6 if model == 'pips' else 4, **found}


def latency(model, p50, p99, **other):
    return frame_of(model, 256, frames=2000, p50_ms=p50, p95_ms=p99, p99_ms=p99, worst_ms=p99, checked='so', **other)


def kernel(model, points, name, micros, operations=0., gigabytes=0., **other):
    return frame_of(model, points, kind='kernel', kernel=name, calls=1., micros=micros, share=.5, operations=operations,
                    bytes=1e9 * gigabytes, **other)


def correlation(model, gigabytes):
    return frame_of(model, 256, micros=100., bytes=1e9 * gigabytes)


def product(by, tflop_per_s, kind='fp16'):
    return {'name': f'matmul-{kind}', 'by': by, 'tflop_per_s': tflop_per_s}


def some_gpu():
    """Numbers of a device that nobody has: 1,000 TFLOP/s, half of it by mma.sync; 5,000 GB/s from the L2, 3,000 from memory."""
    eager = {**latency('pips', 39, 40), 'engine': 'pytorch', 'variant': 'eager', 'precision': 'f32'}
    return {
        'ceilings': {'rows': [{'name': 'read-l2', 'by': 'mote', 'gb_per_s': 5000.}, {'name': 'copy', 'by': 'mote', 'gb_per_s': 3000.},
                              product('mma.sync', 500.), product('cublas', 950.)]},
        'latency': {'rows': [latency('pips', 1.9, 2.1), latency('pips', 1.95, 2.0, form='hopper'), latency('mote-s', .4, .6)]},
        'peer': {'rows': [eager], 'checks': [], 'ceilings': [product('pytorch', 900.), product('pytorch', 1000., 'bf16')]},
        'kernels': {
            'rows': [kernel('pips', 256, 'mixer', 200., operations=1e11), kernel('pips', 256, 'gemm x', 510., gemm='cublas'),
                     kernel('pips', 1024, 'mixer', 1000., operations=5.9e11), kernel('pips', 256, 'correlate', 100., gigabytes=.36),
                     kernel('mote-s', 256, 'correlate', 100., gigabytes=.36),
                     kernel('pips', 256, 'stem', 20., operations=1e10), kernel('pips', 256, 'conv', 139., operations=7e10)],
            'correlations': [correlation('pips', .36), correlation('mote-s', .34)]}}


def verdicts(bundle, folder, parts, capability=90):
    """What the report makes of such parts."""
    for part in parts.values():
        part.update(status='passed', seconds=1.)
    device = {'name': 'Some GPU', 'capability': capability, 'multiprocessors': 132, 'cache_bytes': 50 << 20,
              'memory_bytes': 80 << 30, 'cuda': '13.0', 'stand_in': False}
    (folder / 'results.json').write_text(json.dumps(
        {'version': 1, 'device': device, 'date': '2026-01-01T00:00:00Z', 'revision': 'r', 'parts': parts}))
    java = [bundle / 'runtime' / 'bin' / 'java', '-cp', f'{bundle}/lib/*', 'mote.gpu.Main', 'report', f'--out={folder}']
    made = subprocess.run(java, capture_output=True, text=True)
    assert made.returncode == 0, made.stderr
    return [(target['verdict'], target['measured']) for target in results(folder)['targets']]


LATENCY, MOTE_LATENCY, MIXER, LARGE_MIXER, CORRELATION, MOTE_CORRELATION, ENCODER, PUBLISHED = range(8)


def test_targets(bundle, tmp_path):
    assert verdicts(bundle, tmp_path, some_gpu()) == [
        ('met', '2.00 ms p99 (fused hopper, fp16)'), ('missed', '0.600 ms p99 (fused portable, fp16)'),
        ('met', "2.55 times the cuBLAS path, 50 % of pytorch's bf16 peak (fused portable, fp16)"),
        ('missed', "0.590 of pytorch's bf16 peak (fused portable, fp16)"),
        ('met', '0.720 of it (fused portable, fp16)'), ('missed', '0.680 of it (fused portable, fp16)'),
        ('met', "0.503 of pytorch's bf16 peak (fused portable, fp16)"), ('met', '20.5 times (fused portable, fp16)')]
    table = (tmp_path / 'table.md').read_text()
    assert '| pips fused portable 480x640 256 | mixer | 1.0 | 200.0 | 50 % | 500.00 | 0.0 | 100.0 | 2.0 |' in table
    assert '| pips fused portable 480x640 256 | correlate | 1.0 | 100.0 | 50 % | 0.00 | 3600.0 | 72.0 | 1.4 |' in table
    assert '| mote-s fused portable 480x640 256 | correlate | 1.0 | 100.0 | 50 % | - | - | - | - |' in table
    assert '| mote-s fp16 480x640 256 | 100.0 | 340.0 | 3400.0 |' in table


def test_no_target_without_its_rows(bundle, tmp_path):
    parts = some_gpu()
    del parts['peer'], parts['ceilings']
    found = [verdict for verdict, _ in verdicts(bundle, tmp_path, parts)]
    assert found == ['met', 'missed', 'met'] + 5 * ['not measured']


def test_a_frame_says_nothing_about_correlation(bundle, tmp_path):
    """In a tracker's frame most products are taken from what was kept: its bytes are too many."""
    parts = some_gpu()
    parts['kernels']['correlations'] = [correlation('pips', .2)]
    found = verdicts(bundle, tmp_path, parts)
    assert found[CORRELATION] == ('missed', '0.400 of it (fused portable, fp16)')
    assert found[MOTE_CORRELATION][0] == 'not measured'


def test_no_share_of_half_a_peak(bundle, tmp_path):
    """Where wgmma multiplies faster than what was measured, nothing is met by a share of that."""
    parts = some_gpu()
    del parts['peer']
    parts['ceilings']['rows'] = [product('mma.sync', 500.)]
    parts['kernels']['rows'] = [row for row in parts['kernels']['rows'] if row['gemm'] == 'fused']
    found = verdicts(bundle, tmp_path, parts)
    more = ", and this device does more than that; put cuBLAS on the library path"
    assert found[MIXER] == ('not measured', "1.00 of mma.sync's fp16 peak; no cuBLAS path")
    assert found[LARGE_MIXER] == ('not measured', "1.18 of mma.sync's fp16 peak" + more)
    assert found[ENCODER] == ('not measured', "1.01 of mma.sync's fp16 peak" + more)
    parts['ceilings']['rows'] = [product('mma.sync', 1100.)]  # of more it is a smaller share
    assert verdicts(bundle, tmp_path, parts)[LARGE_MIXER] == ('missed', "0.536 of mma.sync's fp16 peak (fused portable, fp16)")
    parts['ceilings']['rows'] = [product('mma.sync', 500.)]
    found = verdicts(bundle, tmp_path, parts, capability=80)  # there it is all there is
    assert found[MIXER] == ('met', "1.00 of mma.sync's fp16 peak")
    assert found[LARGE_MIXER] == ('met', "1.18 of mma.sync's fp16 peak (fused portable, fp16)")


def test_only_rows_of_one_case_are_compared(bundle, tmp_path):
    """Fewer iterations and other precisions are other cases: neither added to those of a target nor taken for them."""
    parts = some_gpu()
    parts['latency']['rows'] = [latency('pips', 1.96, 2.1), latency('pips', .1, .2, iterations=1),
                                latency('mote-s', .3, .4, precision='f32'), latency('mote-s', .3, .4, iterations=1)]
    parts['kernels']['rows'] += [kernel('pips', 1024, 'mixer', 10., operations=5.9e11, iterations=1),
                                 kernel('pips', 1024, 'mixer', 10., operations=5.9e11, precision='f32')]
    parts['kernels']['rows'][1].update(precision='f32', micros=5000.)  # cuBLAS's, much slower in float32
    found = verdicts(bundle, tmp_path, parts)
    assert found[LATENCY] == ('missed', '2.10 ms p99 (fused portable, fp16)')
    assert found[MOTE_LATENCY][0] == 'not measured'
    assert found[MIXER] == ('not measured', "0.500 of pytorch's bf16 peak; no cuBLAS path")
    assert found[LARGE_MIXER] == ('missed', "0.590 of pytorch's bf16 peak (fused portable, fp16)")
    assert found[PUBLISHED] == ('missed', '19.9 times (fused portable, fp16)')
