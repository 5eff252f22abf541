"""The client in Python against ./mote stream: what is sent, what is answered, how it ends."""
import json
import os
import re
import subprocess
import sys

import numpy as np
import pyarrow as pa
import pytest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, 'java', 'stream', 'client'))

import mote_client as client  # noqa: E402

MOTE = os.path.join(ROOT, 'mote')
TOKEN = 'correct horse battery staple'


@pytest.fixture(scope='module')
def server(tmp_path_factory):
    """One server for all tests: what a test does to its connection is no concern of the others."""
    token = tmp_path_factory.mktemp('token') / 'token'
    token.write_text(TOKEN + '\n')
    process = subprocess.Popen(
        [MOTE, 'stream', '--listen', 'tcp://127.0.0.1:0', '--json', '--points', '4', '--max-frame', '640x480',
         '--token-file', str(token)], stdout=subprocess.PIPE)
    yield json.loads(process.stdout.readline())['listen']
    process.terminate()
    process.stdout.read()
    assert process.wait() == 130


def connect(server, token=TOKEN):
    return client.Client(server, token)


def pictures(count, height=96, width=128):
    """Blocks of noise that move a pixel a frame to the right."""
    noise = np.random.default_rng(1).integers(0, 256, (height // 4, width // 2, 3), np.uint8)
    ground = np.kron(noise, np.ones((4, 4, 1), np.uint8))
    return [np.roll(ground, frame, axis=1)[:, :width] for frame in range(count)]


def test_points_move_with_the_pattern(server):
    with connect(server) as mote:
        for frame, picture in enumerate(pictures(10)):
            answer = mote.push(picture, [client.add(50, 40), client.add(70.5, 60)] if frame == 0 else [])
            assert answer.frame == frame
            assert answer.points.tolist() == [0, 1]
            np.testing.assert_allclose(answer.xy, [[50 + frame, 40], [70.5 + frame, 60]], atol=1)
            assert answer.visibility.shape == answer.confidence.shape == (2,)
            assert answer.results == ([{'point': 0}, {'point': 1}] if frame == 0 else [])
            assert answer.dropped == 0


def test_commands(server):
    first, second, third = pictures(3)
    with connect(server) as mote:
        assert mote.push(commands=[client.add(1, 1)]).results == [
            {'error': 'no picture has come yet: commands need one; send it first, or with them'}]
        answer = mote.push(first, [client.add(50, 40)] * 5, timestamp_ns=77)
        assert [result.get('point') for result in answer.results] == [0, 1, 2, 3, None]
        assert answer.results[4]['error'].startswith('capacity is used up: ')
        assert answer.timestamp_ns == 77
        answer = mote.push(commands=[client.move(1, 20, 30), client.freeze(1), client.remove(2), client.cut()])
        assert answer.results == [{}] * 4
        assert answer.points.tolist() == [0, 1, 3]
        assert answer.xy[1].tolist() == [20, 30]
        answer = mote.push(second, [client.thaw(1), client.remove(2)])
        assert answer.xy[1].tolist() == [20, 30]
        assert answer.results[0] == {} and 'point=2' in answer.results[1]['error']
        answer = mote.push(third, [client.add(10, 10, frame=0), client.add(10, 10)])
        assert answer.results[0] == {'point': 4} and 'error' in answer.results[1]


def test_another_size(server):
    with connect(server) as mote:
        mote.push(pictures(1)[0], [client.add(64, 48)])
        answer = mote.push(pictures(1, 192, 256)[0])
        assert answer.points.tolist() == [0]


def test_many_frames_under_way(server):
    with connect(server) as mote:
        for picture in pictures(5):
            mote.send(picture)
        assert [mote.receive().frame for _ in range(5)] == [0, 1, 2, 3, 4]


@pytest.mark.parametrize('token', [None, '', 'wrong', TOKEN + 'x'])
def test_wrong_token(server, token):
    with connect(server, token) as mote:
        with pytest.raises(client.StreamError, match='^token is missing or wrong: key=mote.token; '):
            mote.push(pictures(1)[0])


def test_too_large(server):
    with connect(server) as mote:
        with pytest.raises(client.StreamError, match='^picture is too large: |^record batch is too large: '):
            mote.push(np.zeros((481, 640, 3), np.uint8))
        with pytest.raises((EOFError, client.StreamError, OSError, ValueError)):
            mote.push(pictures(1)[0])


def test_compressed(server):
    """What the client never sends: pyarrow's own compression."""
    mote = connect(server)
    mote._writer = pa.ipc.new_stream(
        mote._sink, client.SCHEMA.with_metadata({'mote.token': TOKEN}),
        options=pa.ipc.IpcWriteOptions(compression='lz4'))
    with pytest.raises(client.StreamError, match='^record batch is compressed: codec=0; '):
        mote.push(pictures(1)[0])
    mote.close()


def test_not_a_picture(server):
    with connect(server) as mote:
        with pytest.raises(ValueError, match='picture is not RGB'):
            mote.push(np.zeros((4, 4), np.uint8))
        with pytest.raises(ValueError, match='type=float32; give .* uint8'):
            mote.push(np.ones((4, 4, 3), np.float32))
        assert mote.push(pictures(1)[0]).frame == 0


def test_standard_streams():
    with client.Client([MOTE, 'stream']) as mote:
        answer = mote.push(pictures(1)[0], [client.add(50, 40)])
        assert answer.points.tolist() == [0]
    assert mote._process.returncode == 0


def test_the_example_of_the_readme(server, capsys):
    with open(os.path.join(ROOT, 'README.md'), encoding='utf-8') as readme:
        example, = re.findall(r'```python\n(.*?)```', readme.read(), re.DOTALL)
    assert "Client('tcp://127.0.0.1:7788')" in example
    exec(example.replace("Client('tcp://127.0.0.1:7788')", f'Client({server!r}, {TOKEN!r})'), {})
    lines = capsys.readouterr().out
    assert lines.startswith('0 [0 1] [[200. 100.]') and '\n29 [0 1] [[' in lines
    x = float(re.search(r'\n29 \[0 1\] \[\[ *([0-9.]+)', lines)[1])
    assert abs(x - (200 - 2 * 29)) < 2


def test_the_client_is_short():
    with open(client.__file__) as lines:
        assert len(lines.readlines()) <= 200
