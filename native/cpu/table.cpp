// The table of one instruction set's operations.
#include "kernels_isa.h"
#include "vec.h"

#define MOTE_TEXT_OF(x) #x
#define MOTE_TEXT(x) MOTE_TEXT_OF(x)

namespace mote {

extern const Kernels MOTE_TABLE = {
    .name = MOTE_TEXT(MOTE_ISA),
    .winograd_weights = MOTE_ISA::winograd_weights,
    .winograd_workspace = MOTE_ISA::winograd_workspace,
    .winograd_parts = MOTE_ISA::winograd_parts,
    .pack_winograd = MOTE_ISA::pack_winograd,
    .winograd = MOTE_ISA::winograd,
    .stem_weights = MOTE_ISA::stem_weights,
    .stem_workspace = MOTE_ISA::stem_workspace,
    .stem_parts = MOTE_ISA::stem_parts,
    .pack_stem = MOTE_ISA::pack_stem,
    .stem = MOTE_ISA::stem,
    .strided_weights = MOTE_ISA::strided_weights,
    .strided_workspace = MOTE_ISA::strided_workspace,
    .strided_parts = MOTE_ISA::strided_parts,
    .pack_strided = MOTE_ISA::pack_strided,
    .strided = MOTE_ISA::strided,
    .enlarged_weights = MOTE_ISA::enlarged_weights,
    .enlarged_workspace = MOTE_ISA::enlarged_workspace,
    .pack_enlarged = MOTE_ISA::pack_enlarged,
    .enlarged = MOTE_ISA::enlarged,
    .picture = MOTE_ISA::picture,
    .map_resize = MOTE_ISA::map_resize,
    .pool = MOTE_ISA::pool,
    .apply = MOTE_ISA::apply,
    .residual = MOTE_ISA::residual,
    .unit_length = MOTE_ISA::unit_length,
    .sample = MOTE_ISA::sample,
    .dots = MOTE_ISA::dots,
    .patch_dots = MOTE_ISA::patch_dots,
    .patch_lanes = MOTE_ISA::patch_lanes,
    .interpolate = MOTE_ISA::interpolate,
    .patch_interpolate = MOTE_ISA::patch_interpolate,
    .linear_weights = MOTE_ISA::linear_weights,
    .linear_bias = MOTE_ISA::linear_bias,
    .pack_linear = MOTE_ISA::pack_linear,
    .linear = MOTE_ISA::linear,
    .layer_norm = MOTE_ISA::layer_norm,
    .layer_norm_bf16 = MOTE_ISA::layer_norm_bf16,
    .token_mixing = MOTE_ISA::token_mixing,
    .sines = MOTE_ISA::sines,
};

}  // namespace mote
