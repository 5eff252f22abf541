"""What the bundle makes of compute-sanitizer's findings."""
import pytest

from bundled import results, run, tool

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
    code, said = run(bundle, tmp_path, 'sanitizer', '--packs=none', '--budget=sanitizer=2',
                     PATH=tool(tmp_path, FAULTY), MOTE_FAULT=fault)
    assert code == (1 if status == 'failed' else 0), said
    part = results(tmp_path)['parts']['sanitizer']
    assert part['status'] == status
    assert [(row['tool'], row['status'], row['errors']) for row in part['rows']] == rows
    assert (tmp_path / 'sanitizer.log').read_text().count('== ') >= 2


# Sees its program end and says so, as the tool does, in words that are a finding: but it is ended itself, and first.
WATCHING = '''#!/bin/bash
[ "$1" = --version ] && exit 0
for i in {1..100}; do sleep 60 & done
wait -n
echo '========= Invalid end of the program'
sleep 60
'''


def test_the_tool_is_ended_before_its_program(bundle, tmp_path):
    code, said = run(bundle, tmp_path, 'sanitizer', '--packs=none', '--budget=sanitizer=4', PATH=tool(tmp_path, WATCHING))
    assert code == 0, said
    assert [row['status'] for row in results(tmp_path)['parts']['sanitizer']['rows']] == ['cut off', 'cut off']
