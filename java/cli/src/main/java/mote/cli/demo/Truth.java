package mote.cli.demo;

/**
 * Where points really are.
 *
 * @param frames T
 * @param points N
 * @param xy (T, N, 2) in pixels of the picture, also where the point is hidden or outside
 * @param visible (T, N): in the picture and on top there
 */
public record Truth(int frames, int points, float[] xy, boolean[] visible) {}
