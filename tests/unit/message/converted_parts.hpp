#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include <mailpod/base/octet_source.hpp>
#include <mailpod/message/conversion.hpp>
#include <mailpod/message/decoded_text.hpp>
#include <mailpod/message/scanner.hpp>
#include <mailpod/text/ascii.hpp>

namespace mailpod::message {

/// All octets, read in pieces of `step`.
inline std::string octets_of(const base::OctetSource& source, std::size_t step = 1000) {
  std::string all, piece(step, '\0');
  while (const std::size_t count = source.read_at(all.size(), piece)) all.append(piece, 0, count);
  return all;
}

inline std::string converted(Transport transport, std::string_view message) {
  const base::MemorySource source(message);
  const auto changed = converted_for(transport, source);
  return changed ? octets_of(*changed) : std::string(message);
}

inline std::string decoded_body(std::string_view message, const Part& part) {
  const auto size = static_cast<std::size_t>(part.body.size());
  DecodedOctets decoder(part.transfer_encoding);
  std::string out = decoder.feed(message.substr(static_cast<std::size_t>(part.body.begin), size));
  return out + decoder.finish();
}

/// Where two messages do not say the same, part by part; empty if they do. Used by unit tests and by the fuzzer.
inline std::string difference(std::string_view left, const Part& a, std::string_view right, const Part& b) {
  if (a.type != b.type || a.subtype != b.subtype) return "another type: " + a.type + '/' + a.subtype;
  if (!(a.parameters == b.parameters)) return "other parameters";
  if (a.children.empty() || (b.holds_message() && b.transfer_encoding == "base64")) {
    const std::string before = decoded_body(left, a), after = decoded_body(right, b);
    return before == after ? "" : "another body: " + before + " became " + after;
  }
  if (a.children.size() != b.children.size()) return "parts more or fewer";
  for (std::size_t i = 0; i < a.children.size(); ++i) {
    if (auto found = difference(left, a.children[i], right, b.children[i]); !found.empty()) return found;
  }
  return {};
}

inline std::string difference(std::string_view left, std::string_view right) {
  const Structure a = scan(left), b = scan(right);
  return difference(left, a.root, right, b.root);
}

}  // namespace mailpod::message
