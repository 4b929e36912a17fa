#include "persistent_kernels.cuh"

// The whole decoder (arXiv:1712.05884, section 2.2) as one cooperative launch for many steps, with every weight on the chip: a step's floor is then the time
// of six broadcasts of vectors from block to block and no longer that of reading 36 MB. persistent-decoder.md has where every weight lies, the bytes of every
// broadcast, and predicted times.
//
// A block is W warps; warp w of block b owns unit W b + w of both LSTMs, and with g = w * blocks + b row g of [projection; gate; first prenet layer], of
// the second prenet layer and of the query; a block owns every blocks-th tile of eight neighbouring tokens. A step, each arrow a broadcast to all blocks:
//
//   prenet1 -> prenet2 -> attention LSTM h1 -> query -> energies -> softmax, decoder LSTM h2 -> frames, gate, prenet1 of the next step
//
// Each arrow stands between two nonlinear functions of whole vectors, so only repeating a layer in every block, or in every cluster of blocks
// (persistent_decoder_sm90.cu), could save one.
// - Projection and first prenet layer are one product, as there is nothing but a sum between them: W1 (P x + b) = (W1 P) x + W1 b.
// - The context c = sum over t of a[t] m[t] is never made: whatever reads it multiplies it by weights V first, and V c = sum over t of a[t] (V m[t]).
//   V m[t], the projected memory, is made once an utterance (projected_memory.cu), and the alignment takes the context's place.
// - A vector that has arrived is used at once for everything that reads it, in this step or the next, and then forgotten: what an LSTM adds up for its
//   next step waits in registers. So what waits for the last vector is short: 256 of the attention LSTM's columns, the projected memory for the decoder LSTM.
//
// Words of odd and even steps lie apart, and no block is two steps ahead: in every step all wait for every block's units or, where a narrow model leaves a
// block without, for a sign of life. Tags are never used twice, so nothing is cleared between launches.

// Rows, chunks kept in registers, warps at most (12 leave a thread 168 registers, 8 leave it 255): PersistentDecoderPlan finds kernels by these names.
PERSISTENT_DECODER(persistent_decoder_1_4_12_f16, 1, 4, 12, 1)
PERSISTENT_DECODER(persistent_decoder_2_1_12_f16, 2, 1, 12, 1)
PERSISTENT_DECODER(persistent_decoder_4_1_8_f16, 4, 1, 8, 1)
PERSISTENT_DECODER(persistent_decoder_8_0_8_f16, 8, 0, 8, 1)
