#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <mailpod/mailauth/spf.hpp>
#include <mailpod/text/cursor.hpp>

#include "ip_address.hpp"

namespace mailpod::mailauth {

/// One directive of a policy. RFC 7208 §4.6.1.
struct SpfDirective {
  enum class Mechanism { all, include, a, mx, ptr, ip4, ip6, exists };

  SpfResult says = SpfResult::pass;  ///< if it matches
  Mechanism mechanism = Mechanism::all;
  std::string domain_spec;           ///< with its macros; empty: the domain itself
  std::optional<IpAddress> network;  ///< of ip4 and ip6
  unsigned v4_prefix = 32;
  unsigned v6_prefix = 128;
};

/// A policy. What redirect and exp name has its macros.
struct SpfRecord {
  std::vector<SpfDirective> directives;
  std::optional<std::string> redirect;
  std::optional<std::string> explanation;
};

/// Whether a TXT record is a policy at all. RFC 7208 §4.5.
bool is_spf_record(std::string_view text);

/// All of a record; one error anywhere, and there is no policy. RFC 7208 §12.
text::Parsed<SpfRecord> parse_spf_record(std::string_view text);

}  // namespace mailpod::mailauth
