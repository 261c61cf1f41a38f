#include <mailpod/members/reserved.hpp>

#include <algorithm>

#include <mailpod/text/ascii.hpp>

namespace mailpod::members {
namespace {

// RFC 2142 §4, §5, §7, the Baseline Requirements' five, and names under which programs write.
constexpr std::string_view believed[] = {"postmaster",    "hostmaster", "webmaster", "admin",
                                         "administrator", "abuse",      "security",  "root",
                                         "mailer-daemon", "noreply",    "no-reply",  "governance"};

}  // namespace

bool is_reserved(std::string_view local_part, std::string_view separator, const governance::Charter& charter) {
  if (!separator.empty() && local_part.find(separator) != std::string_view::npos) return true;
  const auto ends_it = [&](std::string_view suffix) {
    return local_part.size() >= suffix.size() &&
           text::equal_fold(local_part.substr(local_part.size() - suffix.size()), suffix);
  };
  if (std::ranges::any_of(group_suffixes, ends_it)) return true;
  const auto is_it = [&](std::string_view name) { return text::equal_fold(name, local_part); };
  return charter.addresses.find(local_part) != nullptr || std::ranges::any_of(believed, is_it);
}

}  // namespace mailpod::members
