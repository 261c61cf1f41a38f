#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace mailpod::conversations {

/// A client's DEFLATE, both ways, by zlib alone: none of ours. RFC 4978 §3.
class DeflateLayer {
public:
  DeflateLayer();
  ~DeflateLayer();
  DeflateLayer(const DeflateLayer&) = delete;
  DeflateLayer& operator=(const DeflateLayer&) = delete;

  /// What to send for these octets, flushed.
  std::string compress(std::string_view octets);
  /// What all of these octets say. Throws std::runtime_error if they are not DEFLATE.
  std::string decompress(std::string_view octets);

private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace mailpod::conversations
