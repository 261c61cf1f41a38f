#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include <mailpod/mailauth/spf.hpp>

#include "ip_address.hpp"

/// SPF's macros. RFC 7208 §7.
namespace mailpod::mailauth {

/// Where a text with macros stands: c, r and t mean something in explanations only.
enum class MacroPlace { domain, explanation };

/// Whether `text` is a macro-string. In explanations spaces may stand as well.
bool is_macro_string(std::string_view text, MacroPlace place);

/// Whether it is one that ends as a domain must: in a label that is not all digits, or in a macro.
bool is_domain_spec(std::string_view text);

/// What the letters stand for.
struct MacroValues {
  const SpfQuery& query;
  const IpAddress& client;
  std::string_view sender_domain;               ///< `o`
  std::string_view domain;                      ///< `d`: whose record it is
  std::function<std::string()> validated_name;  ///< `p`; asks DNS, so only if it is needed
};

/// `text`, which is a macro-string, expanded; nothing if that comes to more than `most` octets.
std::optional<std::string> expand_macros(std::string_view text, const MacroValues& values, std::size_t most);

}  // namespace mailpod::mailauth
