/**
 * Golden packs: what PyTorch computed for small clips, and the check of a backend against them.
 * tests/golden/README.md describes the format.
 */
package mote.engine.golden;
