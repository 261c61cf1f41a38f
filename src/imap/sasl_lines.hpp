#pragma once

#include <string>
#include <string_view>

#include <mailpod/sasl/authentication.hpp>

#include "session.hpp"

namespace mailpod::imap {

/// The lines of an AUTHENTICATE exchange: challenges and responses in base64. RFC 3501 §6.2.2.
class SaslLines final : public sasl::Challenges {
public:
  /// Borrowed.
  explicit SaslLines(Session& session) : session_(session) {}
  awaitable<Result<std::string>> ask(std::string_view challenge) override;

private:
  Session& session_;
};

/// The answer where AUTHENTICATE ends with `error`.
Answer answer_for_exchange(Session& session, const boost::system::error_code& error);

}  // namespace mailpod::imap
