#include "deflate_layer.hpp"

#include <stdexcept>

#define ZLIB_CONST
#include <zlib.h>

namespace mailpod::conversations {
namespace {

/// Calls `step` (deflate or inflate) until it has nothing more to give.
template <class Step>
std::string run(z_stream& stream, std::string_view octets, Step step) {
  std::string out;
  stream.next_in = reinterpret_cast<const Bytef*>(octets.data());
  stream.avail_in = static_cast<uInt>(octets.size());
  do {
    char piece[4096];
    stream.next_out = reinterpret_cast<Bytef*>(piece);
    stream.avail_out = sizeof piece;
    const int result = step(&stream, Z_SYNC_FLUSH);
    if (result != Z_OK && result != Z_BUF_ERROR) throw std::runtime_error("not DEFLATE");
    out.append(piece, sizeof piece - stream.avail_out);
  } while (stream.avail_out == 0);
  return out;
}

}  // namespace

struct DeflateLayer::State {
  z_stream sent{};
  z_stream received{};
};

DeflateLayer::DeflateLayer() : state_(std::make_unique<State>()) {
  const int sends = deflateInit2(&state_->sent, Z_BEST_COMPRESSION, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
  if (sends != Z_OK || inflateInit2(&state_->received, -MAX_WBITS) != Z_OK) throw std::runtime_error("zlib");
}

DeflateLayer::~DeflateLayer() {
  deflateEnd(&state_->sent);
  inflateEnd(&state_->received);
}

std::string DeflateLayer::compress(std::string_view octets) {
  return run(state_->sent, octets, deflate);
}

std::string DeflateLayer::decompress(std::string_view octets) {
  return run(state_->received, octets, inflate);
}

}  // namespace mailpod::conversations
