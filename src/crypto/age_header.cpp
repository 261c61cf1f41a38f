#include <algorithm>
#include <optional>

#include <mailpod/crypto/age.hpp>
#include <mailpod/crypto/digest.hpp>

#include "age_cipher.hpp"
#include "base64.hpp"

// Reading a header: C2SP age.md, "Header". Everything is either exactly right or refused, because the MAC covers the
// octets as they stand and another program may read them differently.
namespace mailpod::crypto {

namespace {

constexpr std::size_t full_body_line = 64;  // characters, that is 48 octets

/// The lines of a header out of a file that may be huge: reads a little at a time, up to the limit.
class HeaderLines {
public:
  HeaderLines(const base::OctetSource& file, std::size_t limit) : file_(file), limit_(limit) {}

  /// The next line without its LF. Errors: header_too_long, malformed_header (the file ends within the line).
  Result<std::string_view> next() {
    begin_ = end_;
    std::size_t searched = begin_;
    for (;;) {
      const auto found = text_.find('\n', searched);
      if (found != std::string::npos) {
        end_ = found + 1;
        return std::string_view(text_).substr(begin_, found - begin_);
      }
      searched = text_.size();
      if (text_.size() >= limit_) return Errc::header_too_long;
      if (!read_more()) return Errc::malformed_header;
    }
  }
  /// Everything up to where the line that next() gave last begins.
  std::string_view before() const { return std::string_view(text_).substr(0, begin_); }
  /// Where that line ends, LF included.
  std::uint64_t position() const { return end_; }

private:
  bool read_more() {
    constexpr std::size_t step = 1024;  // a header with one or two recipients is 200 to 400 octets
    const auto old = text_.size();
    text_.resize(std::min(old + step, limit_));
    const auto got = file_.read_at(old, std::span(text_).subspan(old));
    text_.resize(old + got);
    return got > 0;
  }

  const base::OctetSource& file_;
  std::size_t limit_;
  std::string text_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

bool is_argument(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char octet) { return octet >= 33 && octet <= 126; });
}

/// The line after its `-> `: the type and the arguments, each one or more visible characters.
Result<AgeStanza> stanza_begun_by(std::string_view line) {
  AgeStanza stanza;
  for (;;) {
    const auto space = line.find(' ');
    const auto argument = line.substr(0, space);
    if (!is_argument(argument)) return Errc::malformed_header;
    if (stanza.type.empty()) {
      stanza.type = argument;
    } else {
      stanza.arguments.emplace_back(argument);
    }
    if (space == std::string_view::npos) return stanza;
    line.remove_prefix(space + 1);
  }
}

/// Full lines of 64 characters, then a shorter one, which may be empty.
Status read_body(HeaderLines& lines, AgeStanza& stanza) {
  for (;;) {
    const auto line = lines.next();
    if (!line) return line.error();
    if (line->size() > full_body_line) return Errc::malformed_header;
    const auto octets = parse_base64(*line, Padding::none);
    if (!octets) return Errc::malformed_header;
    stanza.body.append(*octets);
    if (line->size() < full_body_line) return {};
  }
}

bool is_x25519(const AgeStanza& stanza) {
  return stanza.type == "X25519";
}

/// The ephemeral share of an X25519 stanza; nothing if the stanza breaks its rules.
std::optional<base::ByteArray<32>> share_of(const AgeStanza& stanza) {
  if (stanza.arguments.size() != 1 || stanza.body.size() != age_wrapped_key) return std::nullopt;
  const auto octets = parse_base64(stanza.arguments.front(), Padding::none);
  return octets ? base::byte_array<32>(*octets) : std::nullopt;
}

/// Rules of single types that a reader must enforce even if it cannot open them.
bool keeps_the_rules(const std::vector<AgeStanza>& stanzas) {
  return std::ranges::all_of(stanzas, [&](const AgeStanza& stanza) {
    if (is_x25519(stanza)) return share_of(stanza).has_value();
    return stanza.type != "scrypt" || stanzas.size() == 1;  // a passphrase stands alone
  });
}

}  // namespace

Result<AgeHeader> parse_age_header(const base::OctetSource& file, AgeLimits limits) {
  HeaderLines lines(file, limits.max_header);
  const auto version = lines.next();
  if (!version) return version.error();
  if (*version != age_version_line) return Errc::unsupported_version;

  AgeHeader header;
  for (;;) {
    const auto line = lines.next();
    if (!line) return line.error();
    if (line->starts_with("--- ")) {
      const auto octets = parse_base64(line->substr(4), Padding::none);
      const auto mac = octets ? base::byte_array<32>(*octets) : std::nullopt;
      if (!mac || header.stanzas.empty()) return Errc::malformed_header;
      header.mac = *mac;
      header.authenticated = std::string(lines.before()).append("---");
      header.payload_offset = lines.position();
      break;
    }
    if (!line->starts_with("-> ")) return Errc::malformed_header;
    if (header.stanzas.size() == limits.max_stanzas) return Errc::too_many_stanzas;
    auto stanza = stanza_begun_by(line->substr(3));
    if (!stanza) return stanza.error();
    if (const auto body = read_body(lines, *stanza); !body) return body.error();
    header.stanzas.push_back(std::move(*stanza));
  }
  if (!keeps_the_rules(header.stanzas)) return Errc::malformed_header;
  return header;
}

Result<AgeFileKey> unwrap(const AgeHeader& header, const AgeIdentity& identity) {
  for (const auto& stanza : header.stanzas) {
    if (!is_x25519(stanza)) continue;
    const auto share = share_of(stanza);
    AgeSecret shared;
    if (!share || !x25519(shared.octets(), identity.secret().data(), *share)) return Errc::malformed_header;
    AgeSecret wrap_key;
    derive_wrap_key(wrap_key, shared, *share, identity.recipient());
    AgeFileKey file_key{};
    if (!unwrap_file_key(file_key, wrap_key, stanza.body)) continue;
    if (!equal_in_constant_time(base::octets(header_mac(file_key, header.authenticated)), base::octets(header.mac))) {
      wipe(file_key);
      return Errc::bad_header_mac;
    }
    return file_key;
  }
  return Errc::no_match;
}

}  // namespace mailpod::crypto
