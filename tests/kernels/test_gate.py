"""kernels/gate on kernels of its own: what it writes it accepts, and each fault is refused."""
import importlib.machinery
import importlib.util
import pathlib
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]

TWICE = '''
struct TwiceParams { unsigned long long out; };
extern "C" __global__ void __launch_bounds__(64) twice(const TwiceParams p) {
  __shared__ float values[64];
  values[threadIdx.x] = threadIdx.x;
  __syncthreads();
  reinterpret_cast<float*>(p.out)[threadIdx.x] = 2.0f * values[63 - threadIdx.x];
}
'''

# 200 floats that live at once, in the 64 registers that 1024 threads leave each.
SPILLING = '''
struct WideParams { unsigned long long out; };
extern "C" __global__ void __launch_bounds__(1024) wide(const WideParams p) {
  float* out = reinterpret_cast<float*>(p.out) + threadIdx.x;
  float values[200];
#pragma unroll
  for (int i = 0; i < 200; i++) values[i] = out[1024 * i];
  __syncthreads();
#pragma unroll
  for (int i = 0; i < 200; i++) out[1024 * i] = values[i] * values[(i + 77) % 200];
}
'''


@pytest.fixture
def gate(tmp_path, monkeypatch):
    """The gate, looking at an empty folder of kernels."""
    loader = importlib.machinery.SourceFileLoader('gate', str(ROOT / 'kernels' / 'gate'))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader('gate', loader))
    loader.exec_module(module)
    monkeypatch.setattr(module, 'KERNELS', tmp_path)
    monkeypatch.setattr(module, 'signatures', lambda nvidia: None)  # no kernel's

    def run(*arguments):
        monkeypatch.setattr(sys, 'argv', ['gate', *arguments])
        module.main()

    module.run = run
    module.folder = tmp_path
    return module


def test_accepts_what_it_wrote(gate, capsys):
    (gate.folder / 'twice.cu').write_text(TWICE)
    gate.run('--write')
    assert '.version 8.0\n.target sm_80' in (gate.folder / 'ptx' / 'twice.ptx').read_text()
    rows = (gate.folder / 'resources.tsv').read_text().splitlines()
    assert [row.split('\t')[1] for row in rows[1:]] == ['sm_80', 'sm_86', 'sm_89', 'sm_90', 'sm_100', 'sm_120']
    assert all(row.split('\t')[0] == 'twice' and row.split('\t')[3] == '256' for row in rows[1:])
    gate.run()
    assert '1 files, 6 kernels times architectures' in capsys.readouterr().out


def test_shows_what_differs(gate, capsys):
    (gate.folder / 'twice.cu').write_text(TWICE)
    gate.run('--write')
    (gate.folder / 'twice.cu').write_text(TWICE.replace('2.0f', '3.0f'))
    with pytest.raises(SystemExit, match='run kernels/gate --write'):
        gate.run()
    assert '--- kernels/ptx/twice.ptx' in capsys.readouterr().out


def test_refuses_stale_files(gate):
    (gate.folder / 'twice.cu').write_text(TWICE)
    gate.run('--write')
    (gate.folder / 'twice.cu').rename(gate.folder / 'thrice.cu')
    with pytest.raises(SystemExit):
        gate.run()
    gate.run('--write')
    assert [path.name for path in (gate.folder / 'ptx').iterdir()] == ['thrice.ptx']


def test_refuses_spills(gate):
    (gate.folder / 'wide.cu').write_text(SPILLING)
    with pytest.raises(SystemExit, match='kernels spill registers: rows='):
        gate.run('--write')


def test_says_where_a_kernel_does_not_compile(gate):
    (gate.folder / 'twice.cu').write_text(TWICE.replace('values[63', 'value[63'))
    with pytest.raises(SystemExit, match='identifier "value" is undefined(.|\n)*file=twice.cu'):
        gate.run('--write')
