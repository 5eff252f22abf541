package mote.stream;

/**
 * How a connection went.
 *
 * @param peer its address, for people
 * @param frames that were tracked
 * @param dropped frames that others overtook
 * @param error why it ended, as the peer was told; null where the peer ended it
 */
public record StreamReport(String peer, long frames, long dropped, String error) {}
