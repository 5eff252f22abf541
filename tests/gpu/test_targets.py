"""Which verdict the bundle's report reaches on which numbers."""
import json
import subprocess

import pytest

from bundled import results


def frame_of(model, points, **found):
    return {'model': model, 'gemm': 'fused', 'form': 'portable', 'precision': 'fp16', 'height': 480, 'width': 640, 'points': points,
            'iterations': 6 if model == 'pips' else 4, **found}


def latency(model, p50, p99, **other):
    return frame_of(model, 256, **{'frames': 2000, 'p50_ms': p50, 'p95_ms': p99, 'p99_ms': p99, 'worst_ms': p99, 'checked': 'so', **other})


def kernel(model, points, name, micros, operations=0., gigabytes=0., kind='kernel', **other):
    return frame_of(model, points, kind=kind, kernel=name, calls=1., micros=micros, share=.5, operations=operations,
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
        'peer': {'rows': [eager], 'checks': [], 'device': {'name': 'Some GPU', 'type': 'cuda', 'torch': '2', 'tf32': 'no'}, 'ceilings': [product('pytorch', 900.), product('pytorch', 1000., 'bf16')]},
        'kernels': {
            'rows': [kernel('pips', 256, 'mixer', 200., operations=1e11), kernel('pips', 256, 'gemm token1', 510., gemm='cublas'),
                     kernel('pips', 1024, 'mixer', 1000., operations=5.9e11), kernel('pips', 256, 'correlate', 100., gigabytes=.36),
                     kernel('mote-s', 256, 'correlate', 100., gigabytes=.36),
                     kernel('pips', 256, 'stem', 20., operations=1e10), kernel('pips', 256, 'conv', 139., operations=7e10)],
            'correlations': [correlation('pips', .36), correlation('mote-s', .34)]}}


def verdicts(bundle, folder, parts, capability=90, valid=True):
    """What the report makes of such parts; `valid`: as the schema wants them."""
    for part in parts.values():
        part.update(status='passed', seconds=1.)
    device = {'name': 'Some GPU', 'capability': capability, 'multiprocessors': 132, 'cache_bytes': 50 << 20,
              'memory_bytes': 80 << 30, 'cuda': '13.0', 'stand_in': False}
    (folder / 'results.json').write_text(json.dumps(
        {'version': 1, 'device': device, 'date': '2026-01-01T00:00:00Z', 'revision': 'r', 'parts': parts}))
    java = [bundle / 'runtime' / 'bin' / 'java', '-cp', f'{bundle}/lib/*', 'mote.gpu.Main', 'report', f'--out={folder}']
    made = subprocess.run(java, capture_output=True, text=True)
    assert made.returncode == 0, made.stderr
    return [(target['verdict'], target['measured']) for target in (results(folder) if valid else json.loads((folder / 'results.json').read_text()))['targets']]


LATENCY, MOTE_LATENCY, MIXER, LARGE_MIXER, CORRELATION, MOTE_CORRELATION, ENCODER, PUBLISHED = range(8)


def test_targets(bundle, tmp_path):
    assert verdicts(bundle, tmp_path, some_gpu()) == [
        ('met', '2.00 ms p99 (fused hopper, fp16)'), ('missed', '0.600 ms p99 (fused portable, fp16)'),
        ('met', "2.55 times the cuBLAS path (fused portable, fp16), 0.500 of pytorch's bf16 peak (fused portable, fp16)"),
        ('missed', "0.590 of pytorch's bf16 peak (fused portable, fp16)"),
        ('met', '0.720 of it (fused portable, fp16)'), ('missed', '0.680 of it (fused portable, fp16)'),
        ('met', "0.503 of pytorch's bf16 peak (fused portable, fp16)"), ('met', '20.5 times (fused portable, fp16), beside their f32')]
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
    ours = ' (fused portable, fp16)'
    more = ", and this device does more than that; put cuBLAS on the library path"
    assert found[MIXER] == ('not measured', "1.00 of mma.sync's fp16 peak" + ours + '; no cuBLAS path')
    assert found[LARGE_MIXER] == ('not measured', "1.18 of mma.sync's fp16 peak" + ours + more)
    assert found[ENCODER] == ('not measured', "1.01 of mma.sync's fp16 peak" + ours + more)
    parts['ceilings']['rows'] = [product('mma.sync', 1100.)]  # of more it is a smaller share
    assert verdicts(bundle, tmp_path, parts)[LARGE_MIXER] == ('missed', "0.536 of mma.sync's fp16 peak (fused portable, fp16)")
    parts['ceilings']['rows'] = [product('mma.sync', 500.)]
    found = verdicts(bundle, tmp_path, parts, capability=80)  # there it is all there is
    assert found[MIXER] == ('met', "1.00 of mma.sync's fp16 peak" + ours)
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
    assert found[MIXER] == ('not measured', "0.500 of pytorch's bf16 peak (fused portable, fp16); no cuBLAS path")
    assert found[LARGE_MIXER] == ('missed', "0.590 of pytorch's bf16 peak (fused portable, fp16)")
    assert found[PUBLISHED] == ('missed', '19.9 times (fused portable, fp16), beside their f32')


def test_copies_are_no_mixer(bundle, tmp_path):
    """Uploads and downloads of either path change no ratio; a kernel that no stage knows is named."""
    parts = some_gpu()
    parts['kernels']['rows'] += [kernel('pips', 256, 'upload', 900., kind='copy'), kernel('pips', 256, 'download', 900., kind='copy'),
                                 kernel('pips', 256, 'upload', 900., kind='copy', gemm='cublas'),
                                 kernel('pips', 1024, 'mixer', 900., kind='copy'), kernel('pips', 1024, 'fresh', 900.)]
    found = verdicts(bundle, tmp_path, parts)
    assert found[MIXER] == ('met', "2.55 times the cuBLAS path (fused portable, fp16), 0.500 of pytorch's bf16 peak (fused portable, fp16)")
    assert found[LARGE_MIXER] == ('missed', "0.590 of pytorch's bf16 peak (fused portable, fp16)")
    assert 'Of no stage, so no part of any target: fresh.\n' in (tmp_path / 'table.md').read_text()


@pytest.mark.parametrize('device, said', [
    ({'name': 'the CPU: no GPU', 'type': 'cpu'}, 'the CPU: no GPU'), ({'name': 'Some GPU', 'type': 'cpu'}, 'Some GPU'),
    ({'name': 'Another GPU', 'type': 'cuda'}, 'Another GPU'), ({}, 'an unknown device')])
def test_pytorch_elsewhere_says_nothing(bundle, tmp_path, device, said):
    parts = some_gpu()
    parts['peer']['device'] = device
    assert verdicts(bundle, tmp_path, parts)[PUBLISHED] == ('not measured', f'PyTorch ran elsewhere: device={said}')


def test_few_frames_have_no_p99(bundle, tmp_path):
    parts = some_gpu()
    parts['latency']['rows'] = [latency('pips', 1.9, 1.99, frames=999), latency('mote-s', .3, .6, frames=1000),
                                latency('mote-s', .3, .4, frames=3, form='hopper')]
    found = verdicts(bundle, tmp_path, parts)
    assert found[LATENCY] == ('not measured', '1.99 ms p99 (fused portable, fp16), of fewer than 1000 frames; give more frames or seconds')
    assert found[MOTE_LATENCY] == ('missed', '0.600 ms p99 (fused portable, fp16)')  # the slower of the two, but of enough


@pytest.mark.parametrize('number', [0., -1., 'NaN', 'Infinity', '-Infinity'])  # the last as Java writes them
def test_what_no_clock_can_have_shown(bundle, tmp_path, number):
    parts = some_gpu()
    parts['latency']['rows'] = [latency(model, number, number) for model in ('pips', 'mote-s')]
    for row in parts['kernels']['rows'] + parts['kernels']['correlations']:
        row['micros'] = number
    found = verdicts(bundle, tmp_path, parts, valid=False)
    assert found == 8 * [('not measured', 'no such row in this run')]
    parts = some_gpu()
    parts['peer']['rows'][0]['p50_ms'] = number
    parts['peer']['ceilings'] = []
    for row in parts['ceilings']['rows']:
        row.update({name: number for name in row.keys() & {'gb_per_s', 'tflop_per_s'}})
    found = verdicts(bundle, tmp_path, parts, valid=False)
    assert found[MIXER] == ('met', '2.55 times the cuBLAS path (fused portable, fp16)')  # needs no ceiling
    assert [verdict for verdict, _ in found[LARGE_MIXER:]] == 5 * ['not measured']


def test_more_than_the_l2_gives(bundle, tmp_path):
    parts = some_gpu()
    parts['kernels']['correlations'] = [correlation('pips', .5), correlation('mote-s', .505)]
    found = verdicts(bundle, tmp_path, parts)
    assert found[CORRELATION] == ('met', '1.00 of it (fused portable, fp16)')
    assert found[MOTE_CORRELATION] == ('not measured', '1.01 of it (fused portable, fp16): more than the L2 gives, from the L1')
