#include <algorithm>
#include <charconv>

#include <mailpod/http/reader.hpp>

#include "grammar.hpp"
#include "head_lines.hpp"

namespace mailpod::http {
namespace {

constexpr std::size_t longest_chunk_line = 256;  // octets, with its CRLF
// Chunk lines may be so many octets, and once more what they bring: one octet a chunk would cost six.
constexpr std::size_t most_overhead = 16 * 1024;

/// The rest of a quoted-string, behind its first quote. RFC 9110 §5.6.4
bool take_quoted(text::Cursor& in) {
  constexpr text::OctetSet escapable = text::octets::vchar | text::octets::wsp | text::octets::beyond_ascii;
  while (!in.at_end()) {
    if (in.take('"')) return true;
    in.take('\\');
    if (!in.take_one(escapable)) return false;
  }
  return false;
}

/// `*( BWS ";" BWS chunk-ext-name [ BWS "=" BWS chunk-ext-val ] )`, RFC 9112 §7.1.1, and nothing else: a space by
/// itself, or an extension without a name, are where others read on.
bool are_extensions(text::Cursor& in) {
  while (!in.at_end()) {
    in.skip_wsp();
    if (!in.take(';')) return false;
    in.skip_wsp();
    if (in.take_while(tchar).empty()) return false;
    auto behind = in;
    behind.skip_wsp();
    if (!behind.take('=')) continue;
    in = behind;
    in.skip_wsp();
    const bool has_value = in.take('"') ? take_quoted(in) : !in.take_while(tchar).empty();
    if (!has_value) return false;
  }
  return true;
}

/// `chunk-size [chunk-ext]`; what an extension says is passed over.
std::optional<std::uint64_t> parse_chunk_size(std::string_view line) {
  text::Cursor in(line);
  const auto digits = in.take_while(text::octets::hexdig);
  if (digits.empty() || digits.size() > 15 || !are_extensions(in)) return std::nullopt;
  std::uint64_t size = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), size, 16);
  return size;
}

}  // namespace

Result<ContentReader> ContentReader::of(const Framing& framing, const MessageLimits& limits) {
  ContentReader reader(limits);
  if (framing.kind == Framing::Kind::none) return reader;
  if (framing.length > limits.content) return Errc::content_too_large;
  reader.left_ = framing.length;
  reader.state_ = framing.kind == Framing::Kind::length ? State::length : State::chunk_size;
  return reader;
}

Result<std::size_t> ContentReader::take(std::string_view octets) {
  std::size_t taken = 0;
  while (!is_done()) {
    const auto more = take_once(octets.substr(taken));
    if (!more) return more;
    if (*more == 0) break;
    taken += *more;
  }
  return taken;
}

Result<std::size_t> ContentReader::take_once(std::string_view octets) {
  switch (state_) {
    case State::length:
      return take_data(octets, State::done);
    case State::chunk_size:
      return take_chunk_size(octets);
    case State::chunk:
      return take_data(octets, State::chunk_end);
    case State::chunk_end:
      return take_chunk_end(octets);
    case State::trailer:
      return take_trailer(octets);
    case State::done:
      break;
  }
  return std::size_t{0};
}

Result<std::size_t> ContentReader::take_data(std::string_view octets, State next) {
  const auto piece = octets.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(left_, octets.size())));
  content_ += piece;
  left_ -= piece.size();
  if (left_ == 0) state_ = next;
  return piece.size();
}

Result<std::size_t> ContentReader::take_chunk_size(std::string_view octets) {
  auto rest = octets.substr(0, longest_chunk_line);
  const auto line_feed = rest.find('\n');
  if (line_feed == std::string_view::npos) {
    if (rest.size() == longest_chunk_line) return Errc::malformed;
    return std::size_t{0};
  }
  const auto line = take_crlf_line(rest);
  const auto size = line ? parse_chunk_size(*line) : std::nullopt;
  if (!size) return Errc::malformed;
  overhead_ += line_feed + 1;
  if (*size > limits_.content - content_.size() || overhead_ > most_overhead + content_.size())
    return Errc::content_too_large;
  left_ = *size;
  state_ = *size == 0 ? State::trailer : State::chunk;
  return line_feed + 1;
}

Result<std::size_t> ContentReader::take_chunk_end(std::string_view octets) {
  const auto end = octets.substr(0, 2);
  if (!std::string_view("\r\n").starts_with(end)) return Errc::malformed;
  if (end.size() < 2) return std::size_t{0};
  state_ = State::chunk_size;
  return std::size_t{2};
}

/// Trailer fields are read as strictly as others, and then forgotten: nothing here wants them (RFC 9110 §6.5.1).
Result<std::size_t> ContentReader::take_trailer(std::string_view octets) {
  std::size_t end = 2;
  if (!octets.starts_with("\r\n")) {
    const auto found = find_head_end(octets, 0, limits_);
    if (!found) return found.error() == Errc::malformed ? Errc::malformed : Errc::head_too_large;
    if (!*found) return std::size_t{0};
    end = **found;
  }
  if (const auto fields = parse_field_lines(octets.substr(0, end), limits_); !fields) return fields.error();
  state_ = State::done;
  return end;
}

}  // namespace mailpod::http
