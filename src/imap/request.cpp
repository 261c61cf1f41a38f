#include "request.hpp"

#include <algorithm>
#include <system_error>

#include <fmt/format.h>

namespace mailpod::imap {
namespace {

/// More literals than any client has a use for. At each of them the command so far is looked at anew.
constexpr std::size_t most_literals = 2'500;

Refusal refuse(std::string_view text, std::string reason, Refusal::Then then) {
  text::Cursor in(text);
  const auto tag = parse_tag(in);
  const bool tagged = tag.has_value() && (in.at_end() || in.next_is(' '));
  return {tagged ? *tag : "*", std::move(reason), then};
}

/// A line that is none. What was too long may have ended in a literal whose octets would now be taken for commands.
std::optional<Refusal> refusal_for(const net::Line& line, std::string_view command) {
  // Octets that do not wait for an answer are on their way, and would be taken for commands.
  const auto mark = literal_mark_at_end(line.text);
  const auto then = mark && !mark->synchronizing ? Refusal::Then::close : Refusal::Then::go_on;
  switch (line.kind) {
    case net::Line::Kind::too_long:
      return refuse(command, "The command is too long", Refusal::Then::close);
    case net::Line::Kind::bare_lf:
      return refuse(command, "A line ends with CR LF, not with LF alone", then);
    case net::Line::Kind::bare_cr:
      return refuse(command, "A CR without LF stands in the line", then);
    case net::Line::Kind::complete:
    case net::Line::Kind::closed:
      break;
  }
  if (line.text.find('\0') != std::string::npos) {
    return refuse(command, "NUL is not allowed", mark ? Refusal::Then::close : Refusal::Then::go_on);
  }
  return std::nullopt;
}

/// Whether the literal must be refused, by the limits.
std::optional<Refusal> refusal_for(const LiteralMark& mark, std::string_view text,
                                   const RequestReader::Limits& limits) {
  if (!mark.synchronizing && mark.octets > limits.unasked_literal) {
    return refuse(text, "The literal is too long", Refusal::Then::close);
  }
  if (mark.octets > limits.literal || mark.octets > limits.command - std::min(limits.command, text.size())) {
    // Who asks first has not sent the octets, and may go on with another command.
    const bool absurd = mark.octets > 0xffff'ffff;
    const auto then = mark.synchronizing && !absurd ? Refusal::Then::go_on : Refusal::Then::close;
    return refuse(text, "The literal is too long", then);
  }
  return std::nullopt;
}

}  // namespace

boost::asio::awaitable<RequestReader::Received> RequestReader::next(const Limits& limits,
                                                                    const AwaitsMessage& awaits_message) {
  std::string text;
  for (std::size_t literals = 0;; ++literals) {
    const auto room = std::min(limits.line, limits.command - std::min(limits.command, text.size()));
    const bool has_line = lines_.buffered().find('\n') != std::string_view::npos;
    if (!has_line) co_await out_.flush();
    auto line = co_await lines_.read_line(room, net::Overlong::stop);
    if (line.kind == net::Line::Kind::closed) co_return Gone{};
    const auto before = text.size();
    text += line.text;
    if (auto refusal = refusal_for(line, text)) co_return std::move(*refusal);

    const auto mark = literal_mark_at_end(line.text);
    if (!mark) co_return Request{std::move(text), std::nullopt};
    if (literals == most_literals) {
      const auto then = mark->synchronizing ? Refusal::Then::go_on : Refusal::Then::close;
      co_return refuse(text, "The command has too many literals", then);
    }
    const auto so_far = std::string_view(text).substr(0, before + mark->begin);
    if (awaits_message(so_far)) {
      text.resize(so_far.size());
      if (lines_.buffered().size() < mark->octets) co_await out_.flush();
      co_return Request{std::move(text), AnnouncedMessage{mark->octets, mark->synchronizing}};
    }
    if (auto refusal = refusal_for(*mark, text, limits)) co_return std::move(*refusal);
    // RFC 3516 §4.4: a literal8 may hold NUL.
    const bool is_literal8 = so_far.ends_with('~');
    text += "\r\n";
    const auto octets_begin = text.size();
    co_await read_literal(*mark, limits, text);
    if (!is_literal8 && text.find('\0', octets_begin) != std::string::npos) {
      co_return refuse(text, "NUL is not allowed in a literal", Refusal::Then::close);
    }
  }
}

boost::asio::awaitable<void> RequestReader::read_literal(const LiteralMark& mark, const Limits& limits,
                                                         std::string& text) {
  if (mark.synchronizing) out_.line("+ Go ahead");
  if (mark.synchronizing || lines_.buffered().size() < mark.octets) co_await out_.flush();
  const std::function<void(std::string_view)> keep = [&](std::string_view piece) {
    if (clock_.monotonic() > limits.until) throw std::system_error(std::make_error_code(std::errc::timed_out));
    text += piece;
  };
  co_await lines_.read_exactly(mark.octets, keep);
}

}  // namespace mailpod::imap
