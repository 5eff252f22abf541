"""Random numbers for the renderer."""
import numpy as np
import torch


class Draw:
    """Numbers a device: drawn there. Structure (counts, kinds of things): drawn on the host, so that nothing waits for the
    device. Both follow from `seed`, a list of integers."""

    def __init__(self, seed, device='cpu'):
        self.host = np.random.RandomState(seed)
        self.device = torch.device(device)
        self.generator = torch.Generator(self.device).manual_seed(int(self.host.randint(2 ** 31)))

    def constant(self, values):
        """Numbers of the host on the device: copied in passing, which waits for nothing that is under way there."""
        return torch.as_tensor(values).to(self.device, non_blocking=True)

    def uniform(self, low, high, *shape):
        return torch.rand(shape, generator=self.generator, device=self.device) * (high - low) + low

    def normal(self, *shape):
        return torch.randn(shape, generator=self.generator, device=self.device)

    def below(self, high, *shape):
        """Integers from 0 to high - 1."""
        return torch.randint(high, shape, generator=self.generator, device=self.device)

    def chance(self, share, *shape):
        """True with probability `share`."""
        return torch.rand(shape, generator=self.generator, device=self.device) < share
