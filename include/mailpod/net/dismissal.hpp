#pragma once

#include <chrono>
#include <memory>

#include <mailpod/net/stream.hpp>

namespace mailpod::net {

/// Ends a conversation whatever it is doing, because who speaks may speak no longer.
///
/// Politely at first: from begin() on every read fails with Errc::shutting_down (Stream::end_input), so that the
/// conversation can say why and close. What is left of it after `grace` is disconnected: neither a peer that reads
/// nothing nor work that takes long keeps the connection. Only on the stream's loop.
class Dismissal {
public:
  /// The stream is borrowed: it outlives the dismissal.
  explicit Dismissal(Stream& stream, std::chrono::milliseconds grace = std::chrono::milliseconds(500));
  /// What was begun is left to whoever closes the stream.
  ~Dismissal();
  Dismissal(const Dismissal&) = delete;
  Dismissal& operator=(const Dismissal&) = delete;

  /// Idempotent.
  void begin();
  bool begun() const;

private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace mailpod::net
