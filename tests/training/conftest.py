import os
import sys

import pytest
import torch

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, 'weights', 'training'))


torch.set_num_threads(1)  # for what is made before the first test, too


@pytest.fixture(autouse=True)
def one_thread():
    """Two threads that wait for each other on a busy machine are slower than one, and sums have one order."""
    torch.set_num_threads(1)


@pytest.fixture(scope='session')
def root():
    return ROOT
