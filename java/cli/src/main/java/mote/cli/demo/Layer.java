package mote.cli.demo;

import java.util.function.IntFunction;

/**
 * Something that moves as one piece.
 *
 * @param name for messages
 * @param shape outline, in local pixels
 * @param texture surface, in local pixels
 * @param motion from local pixels to pixels of the picture of a frame, camera included
 * @param height over the ground in pixels: how far and how softly its shadow falls; 0 for none
 */
record Layer(
    String name, Shape shape, Texture texture, IntFunction<Similarity> motion, double height) {}
