"""The bundle, made once."""
import subprocess
import zipfile

import pytest

from bundled import ROOT, mote

STAND_IN = ROOT / 'java' / 'cuda' / 'target' / 'classes' / 'mote' / 'cuda' / 'simt'
MOST_BYTES = 60 << 20  # of the archive and the repository's own files together


def repository_bytes():
    """Of all files that git tracks."""
    listed = subprocess.run(['git', 'ls-files', '-z'], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return sum((ROOT / name).lstat().st_size for name in listed.split('\0') if name and (ROOT / name).is_file())


@pytest.fixture(scope='session')
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
