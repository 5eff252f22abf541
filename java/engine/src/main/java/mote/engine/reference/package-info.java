/**
 * The model in plain Java, in double precision, one operation a file, written to be read beside the
 * paper's equations. It is the oracle that every other backend is compared with, itself checked
 * against PyTorch's golden packs. Work is spread over rows, planes or points, each result computed
 * by one thread in one order: the same input gives the same bits.
 */
package mote.engine.reference;
