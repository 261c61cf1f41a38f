#pragma once

#include <optional>
#include <string>

#include <mailpod/store/mailbox.hpp>

#include "search_program.hpp"

/// Searches that the member keeps under a name, as annotations of the server: `/private/filters/values/on-the-road`,
/// and where that is not set `/shared/filters/values/…`. RFC 5466 §3.
namespace mailpod::imap {

/// A filter that a search names and that cannot be used.
struct UnusableFilter {
  enum class Why { undefined, malformed, too_many } why;
  std::string name;
};

/// Puts what the member's filters say in place of the FILTER keys that name them, filters within filters too. What the
/// program is afterwards keeps the same limits as one that says it all itself. Nothing if that could be done; else the
/// program is good for nothing.
std::optional<UnusableFilter> resolve_filters(SearchProgram& program, const store::Annotations* annotations,
                                              const SearchLimits& limits);

}  // namespace mailpod::imap
