#include <charconv>

#include <fmt/format.h>

#include <mailpod/governance/note.hpp>
#include <mailpod/text/base64.hpp>

#include "lines.hpp"

namespace mailpod::governance {

std::optional<std::string_view> take_line(std::string_view& rest) {
  const auto end = rest.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  const auto line = rest.substr(0, end);
  rest.remove_prefix(end + 1);
  return line;
}

std::optional<std::uint64_t> parse_count(std::string_view text) {
  std::uint64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || rest != end || fmt::format("{}", value) != text) return std::nullopt;
  // Beyond it no tree can be, and sums of sizes would not fit.
  if (value >> 62U != 0) return std::nullopt;
  return value;
}

std::optional<Hash> parse_hash(std::string_view text) {
  const auto octets = text::parse_base64(text);
  return octets ? base::byte_array<32>(*octets) : std::nullopt;
}

std::string write_hash(const Hash& hash) {
  return text::write_base64(base::octets(hash));
}

std::string Checkpoint::text() const {
  std::string out = fmt::format("{}\n{}\n{}\n", origin, head.size, write_hash(head.root));
  for (const auto& line : extensions) out += line + "\n";
  return out;
}

Verdict<Checkpoint> parse_checkpoint(std::string_view text, std::string_view file_name) {
  const auto wrong = [&](std::string what) {
    return Complaint{Errc::note_malformed, std::string(file_name), 0, std::move(what),
                     "copy the checkpoint exactly as it was published"};
  };
  std::string_view rest = text;
  const auto origin = take_line(rest);
  const auto size = take_line(rest);
  const auto root = take_line(rest);
  if (!origin || origin->empty() || !size || !root) return wrong("is no checkpoint: origin, size and root are wanted");
  const auto count = parse_count(*size);
  if (!count) return wrong("has a size that is no number");
  const auto hash = parse_hash(*root);
  if (!hash) return wrong("has a root that is no hash");
  Checkpoint out{std::string(*origin), {*count, *hash}, {}};
  while (!rest.empty()) {
    const auto line = take_line(rest);
    if (!line || line->empty()) return wrong("has an empty line, or ends within one");
    out.extensions.emplace_back(*line);
  }
  return out;
}

std::string ledger_origin(std::string_view pod) {
  return fmt::format("{}/ledger", pod);
}

std::string witness_name(std::string_view pod) {
  return fmt::format("{}/witness", pod);
}

}  // namespace mailpod::governance
