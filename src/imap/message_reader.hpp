#pragma once

#include <optional>
#include <string_view>

#include <mailpod/crypto/spool.hpp>

#include "session.hpp"

namespace mailpod::imap {

/// Reads the message that a request announced, in memory while it is small and sealed on disk when it is not. Loop.
class MessageReader {
public:
  explicit MessageReader(Session& session);

  /// Asks for the octets if the client waits for that, and takes them and the end of the command. The answer is why the
  /// command fails; the octets are read nevertheless, or the conversation ends.
  awaitable<std::optional<Answer>> read();
  /// The same for a message that is refused already: the octets go nowhere.
  awaitable<std::optional<Answer>> discard();

  const crypto::Spool& message() const { return spool_; }

private:
  enum class Fate { kept, dropped };
  awaitable<std::optional<Answer>> take(Fate fate);
  awaitable<std::optional<Answer>> take_octets(std::uint64_t octets, Fate fate);
  awaitable<Status> keep(std::string_view octets);

  Session& session_;
  crypto::Spool spool_;
};

}  // namespace mailpod::imap
