"""What the tests of the bundle share: how it is made and run, and what it found."""
import json
import os
import pathlib
import subprocess

import jsonschema

ROOT = pathlib.Path(__file__).resolve().parents[2]


def mote(*arguments):
    return subprocess.run([ROOT / 'mote', *arguments], capture_output=True, text=True)


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


def tool(folder, script):
    """A compute-sanitizer in a folder: the PATH that finds it."""
    tools = folder / 'tools'
    tools.mkdir()
    (tools / 'compute-sanitizer').write_text(script)
    (tools / 'compute-sanitizer').chmod(0o755)
    return f'{tools}:{os.environ["PATH"]}'
