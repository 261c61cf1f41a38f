#include "sasl_lines.hpp"

#include <mailpod/crypto/keys.hpp>
#include <mailpod/text/base64.hpp>

namespace mailpod::imap {

Response decode_response(std::string& line) {
  auto octets = text::parse_base64(line);
  crypto::wipe(line);
  if (!octets) return bad("Not base64");
  return std::move(*octets);
}

awaitable<Response> ask(Session& session, std::string_view challenge) {
  session.out().line("+ " + text::write_base64(challenge));
  co_await session.out().flush();
  auto& lines = session.requests().lines();
  auto line = co_await lines.read_line(session.settings().command_before_login, net::Overlong::stop);
  if (line.kind == net::Line::Kind::closed || line.kind == net::Line::Kind::too_long) session.leave();
  if (line.kind != net::Line::Kind::complete || line.text == "*") co_return bad("Authentication cancelled");
  co_return decode_response(line.text);
}

awaitable<Response> first_response(Session& session, const std::optional<std::string>& initial) {
  if (initial) {
    auto line = *initial == "=" ? std::string() : *initial;
    co_return decode_response(line);
  }
  auto asking = ask(session, {});
  co_return co_await std::move(asking);
}

}  // namespace mailpod::imap
