// The CPU's twin of every instruction in kernels/ptx.cuh, under the same signature. Fragments are
// registers of one lane, laid out as fragments.cpp says (from the PTX manual). A shared address is
// what shared_address gives, in bytes.
#pragma once

#include "simt.h"

namespace mote::simt {

// The lane reads its row itself, so that checks know whose access it is.
template <int kMatrices>
void ldmatrix(uint32_t (&registers)[kMatrices], uint32_t address, bool transposed) {
  uint32_t row[4] = {};
  if (mote_simt_self->lane < 8 * kMatrices) {
    if (address % 16 != 0) {
      mote_simt_misaligned("ldmatrix", address);
    }
    const auto* source = static_cast<const uint32_t*>(mote_simt_shared_pointer(address));
    for (int i = 0; i < 4; i++) {
      row[i] = source[i];
    }
  }
  mote_simt_ldmatrix(registers, kMatrices, transposed, row);
}

}  // namespace mote::simt

// cvta.to.shared
inline uint32_t shared_address(const void* pointer) { return mote_simt_shared_address(pointer); }

// ldmatrix.sync.aligned.m8n8.xN[.trans].shared.b16
inline void ldmatrix_x1(uint32_t (&r)[1], uint32_t address) {
  mote::simt::ldmatrix(r, address, false);
}
inline void ldmatrix_x2(uint32_t (&r)[2], uint32_t address) {
  mote::simt::ldmatrix(r, address, false);
}
inline void ldmatrix_x4(uint32_t (&r)[4], uint32_t address) {
  mote::simt::ldmatrix(r, address, false);
}
inline void ldmatrix_x1_trans(uint32_t (&r)[1], uint32_t address) {
  mote::simt::ldmatrix(r, address, true);
}
inline void ldmatrix_x2_trans(uint32_t (&r)[2], uint32_t address) {
  mote::simt::ldmatrix(r, address, true);
}
inline void ldmatrix_x4_trans(uint32_t (&r)[4], uint32_t address) {
  mote::simt::ldmatrix(r, address, true);
}

// mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 and its bf16 form: d = a b + c; d may be c.
inline void mma_m16n8k16_f16(float (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[2],
                             const float (&c)[4]) {
  mote_simt_mma_f16(d, a, b, c);
}
inline void mma_m16n8k16_bf16(float (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[2],
                              const float (&c)[4]) {
  mote_simt_mma_bf16(d, a, b, c);
}
// mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32
inline void mma_m16n8k8_tf32(float (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[2],
                             const float (&c)[4]) {
  mote_simt_mma_tf32(d, a, b, c);
}

// cvt.rn.f16x2.f32 and cvt.rn.bf16x2.f32: low in bits 0 to 15.
inline uint32_t cvt_f16x2(float low, float high) {
  return mote::simt::float_to_half(low) | static_cast<uint32_t>(mote::simt::float_to_half(high))
                                              << 16;
}
inline uint32_t cvt_bf16x2(float low, float high) {
  return mote::simt::float_to_bfloat16(low) |
         static_cast<uint32_t>(mote::simt::float_to_bfloat16(high)) << 16;
}
// cvt.f32.f16
inline float cvt_f32_f16(uint16_t bits) { return mote::simt::half_to_float(bits); }
// cvt.rna.tf32.f32: to 10 bits of mantissa, halves away from zero.
inline uint32_t cvt_tf32(float value) {
  const uint32_t bits = mote::simt::float_to_bits(value);
  return (bits & 0x7F800000) == 0x7F800000 ? bits : (bits + 0x1000) & 0xFFFFE000;
}

// cp.async.ca/cg.shared.global: bytes at `global` to the shared address; `source_bytes` of them are
// read, the others become 0. Nothing has arrived before a wait and a barrier.
inline void cp_async_4(uint32_t address, const void* global) {
  mote_simt_copy_async(mote_simt_shared_pointer(address), global, 4, 4);
}
inline void cp_async_8(uint32_t address, const void* global) {
  mote_simt_copy_async(mote_simt_shared_pointer(address), global, 8, 8);
}
inline void cp_async_16(uint32_t address, const void* global) {
  mote_simt_copy_async(mote_simt_shared_pointer(address), global, 16, 16);
}
inline void cp_async_4_zfill(uint32_t address, const void* global, uint32_t source_bytes) {
  mote_simt_copy_async(mote_simt_shared_pointer(address), global, 4, source_bytes);
}
inline void cp_async_16_zfill(uint32_t address, const void* global, uint32_t source_bytes) {
  mote_simt_copy_async(mote_simt_shared_pointer(address), global, 16, source_bytes);
}
// cp.async.commit_group, cp.async.wait_group kPending, cp.async.wait_all
inline void cp_async_commit() { mote_simt_commit_copies(); }
template <int kPending>
inline void cp_async_wait() {
  mote_simt_wait_copies(kPending);
}
inline void cp_async_wait_all() { mote_simt_wait_all_copies(); }
