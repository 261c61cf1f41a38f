#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <mailpod/mailauth/dkim_key.hpp>
#include <mailpod/mailauth/tag_list.hpp>

namespace mailpod::mailauth {

/// The tags of one signature field (DKIM-Signature and its likes), read one after the other; the first fault stays.
/// Borrows the list.
class SignatureTags {
public:
  explicit SignatureTags(const TagList& tags) : tags_(tags) {}

  std::string_view fault;  ///< in words of ours; empty: none yet

  bool has(std::string_view name) const { return tags_.find(name) != nullptr; }
  /// Empty where there is none.
  std::string_view value(std::string_view name) const;
  void require(bool holds, std::string_view otherwise);

  std::string base64(std::string_view name, std::string_view otherwise);
  /// Nothing where there is no such tag; what is too large for a number is the largest.
  std::optional<std::uint64_t> number(std::string_view name, std::string_view otherwise);
  std::string domain();                  ///< `d=`, lower case
  std::string selector();                ///< `s=`, lower case
  std::optional<Algorithm> algorithm();  ///< `a=`
  unsigned instance();                   ///< `i=` of ARC: 1 to 50, RFC 8617 §4.2.1; or 0

  /// The field, in which the list begins at octet `begin`, without the value of `b=`. RFC 6376 §3.7.
  std::string without_signature(std::string_view field, std::size_t begin) const;

private:
  const TagList& tags_;
};

/// A domain of letters, digits, dashes, underscores and dots in lower case; empty if it is none.
std::string parse_signing_domain(std::string_view value);

}  // namespace mailpod::mailauth
