// The CPU's twin of every instruction in kernels/ptx_hopper.cuh, under the same signature. Layouts
// of operands: wgmma.cpp and tensor_copy.cpp, from the PTX manual.
#pragma once

#include "ptx_twins.h"

// %cluster_ctarank, barrier.cluster, mapa.shared::cluster
inline uint32_t cluster_rank() { return mote_simt_cluster_rank(); }
inline void cluster_arrive() { mote_simt_cluster_arrive(); }
inline void cluster_wait() { mote_simt_cluster_wait(); }
inline uint32_t mapa(uint32_t address, uint32_t rank) { return mote_simt_mapa(address, rank); }

namespace mote::simt {

// The calling block's own memory, aligned to the vector's size.
template <typename Vector>
Vector& shared_vector(uint32_t address) {
  if (address % sizeof(Vector) != 0) {
    mote_simt_misaligned("ld.shared or st.shared", address);
  }
  return *static_cast<Vector*>(mote_simt_shared_pointer(address));
}

}  // namespace mote::simt

// st.shared, ld.shared, st.shared::cluster
inline void st_shared(uint32_t address, uint4 v) { mote::simt::shared_vector<uint4>(address) = v; }
inline void st_shared(uint32_t address, uint32_t v) {
  mote::simt::shared_vector<uint32_t>(address) = v;
}
inline float4 ld_shared(uint32_t address) { return mote::simt::shared_vector<float4>(address); }
inline void st_cluster(uint32_t address, uint4 v) { mote_simt_store_cluster(address, &v); }
inline void st_cluster(uint32_t address, float4 v) { mote_simt_store_cluster(address, &v); }

// bar.sync id, threads
inline void named_barrier(uint32_t id, uint32_t threads) { mote_simt_named_barrier(id, threads); }

// mbarrier.init, .arrive.expect_tx, .arrive and .try_wait.parity, which here never gives up
inline void mbarrier_init(uint32_t barrier, uint32_t count) {
  mote_simt_mbarrier_init(barrier, count);
}
inline void mbarrier_arrive_expect(uint32_t barrier, uint32_t bytes) {
  mote_simt_mbarrier_arrive(barrier, bytes);
}
inline void mbarrier_arrive_cluster(uint32_t barrier) { mote_simt_mbarrier_arrive(barrier, 0); }
inline bool mbarrier_try_wait(uint32_t barrier, uint32_t parity) {
  mote_simt_mbarrier_wait(barrier, parity);
  return true;
}

// fence.mbarrier_init and fence.proxy.async: memory is in order here; their absence is not seen.
inline void fence_mbarrier_init() {}
inline void fence_proxy_async() {}

// cp.async.bulk.tensor.2d.shared::cluster.global.tile.mbarrier::complete_tx::bytes
// .multicast::cluster
inline void tma_load_2d_multicast(uint32_t to, const void* tensor, int column, int row,
                                  uint32_t barrier, uint16_t blocks) {
  mote_simt_load_tensor(to, tensor, column, row, barrier, blocks);
}

// wgmma.fence, .commit_group, .wait_group kPending
inline void wgmma_fence() { mote_simt_wgmma_fence(); }
inline void wgmma_commit() { mote_simt_wgmma_commit(); }
template <int kPending>
inline void wgmma_wait() {
  mote_simt_wgmma_wait(kPending);
}
inline void pin(float&) {}

// wgmma.mma_async.sync.aligned.m64nNk16.f32.f16.f16
inline void wgmma_m64n64k16_f16(float (&d)[32], uint64_t a, uint64_t b) {
  mote_simt_wgmma_f16(d, 64, a, b);
}
inline void wgmma_m64n128k16_f16(float (&d)[64], uint64_t a, uint64_t b) {
  mote_simt_wgmma_f16(d, 128, a, b);
}

// setmaxnreg: there are no registers to give away.
template <int kRegisters>
inline void setmaxnreg_dec() {}
template <int kRegisters>
inline void setmaxnreg_inc() {}
