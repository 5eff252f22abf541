"""Which variant of the published tracker runs at which size with how many points, and in which order."""


def ordered(variants, sizes, points):
    """-> [(variant, height, width, points)]. The first variant at every size; then the others at the first size, which
    targets are stated for; then `compiled` at the other sizes, as far as the budget reaches."""
    first, rest = variants[0], variants[1:]
    pairs = [(first, size) for size in sizes] + [(variant, sizes[0]) for variant in rest]
    if 'compiled' in rest:
        pairs += [('compiled', size) for size in sizes[1:]]
    return [(variant, *size, count) for variant, size in pairs for count in points]


def named(cases):
    """Cases in words: compiled 256x256 with 64, 8 points; ..."""
    groups = {}
    for variant, height, width, count in cases:
        groups.setdefault(f'{variant} {height}x{width}', []).append(str(count))
    return '; '.join(f'{group} with {", ".join(counts)} points' for group, counts in groups.items())
