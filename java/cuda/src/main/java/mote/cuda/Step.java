package mote.cuda;

/** One piece of a call's work: a launch of a kernel, or a product by cuBLAS. */
interface Step {
  /** For people: of the kernel, or of the layer with its product. */
  String name();

  /** Its size, for people. */
  String geometry();

  /** Puts it on a stream, or into the graph that the stream captures; allocates nothing. */
  void run(Stream stream);
}
