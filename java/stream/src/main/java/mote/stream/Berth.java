package mote.stream;

import org.apache.arrow.memory.BufferAllocator;

/**
 * All memory that a connection needs, allocated when the server opens; one connection after another
 * uses it. The pool is the server's list of these.
 */
final class Berth implements AutoCloseable {
  private final InputBatch[] batches;
  private final MessageReader reader;
  private final Results results;
  private final AnswerWriter answers;

  Berth(BufferAllocator allocator, StreamOptions options) {
    batches = new InputBatch[options.policy().batches()];
    reader = new MessageReader(options.bodyBytes());
    results = new Results(options.commands());
    int made = 0;
    try {
      while (made < batches.length) {
        batches[made] = new InputBatch(allocator, options);
        made++;
      }
      answers = new AnswerWriter(allocator, options.points(), results.capacity());
    } catch (RuntimeException | OutOfMemoryError e) {
      while (made > 0) {
        batches[--made].close();
      }
      throw e;
    }
  }

  InputBatch[] batches() {
    return batches;
  }

  MessageReader reader() {
    return reader;
  }

  Results results() {
    return results;
  }

  AnswerWriter answers() {
    return answers;
  }

  @Override
  public void close() {
    answers.close();
    for (InputBatch batch : batches) {
      batch.close();
    }
  }
}
