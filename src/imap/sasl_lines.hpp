#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "session.hpp"

/// The lines of an AUTHENTICATE exchange: challenges and responses in base64. RFC 3501 §6.2.2.
namespace mailpod::imap {

/// What the client said, decoded; or the answer that ends the exchange. The caller wipes it.
using Response = boost::system::result<std::string, Answer>;

/// A line of the client's, or an initial response (RFC 4959: there `=` is an empty one) as AUTHENTICATE's argument.
Response decode_response(std::string& line);
/// Sends `challenge` and reads the client's response to it; `*` cancels.
awaitable<Response> ask(Session& session, std::string_view challenge);
/// The response to the first challenge: `initial`, or what the client says when asked with an empty one.
awaitable<Response> first_response(Session& session, const std::optional<std::string>& initial);

}  // namespace mailpod::imap
