#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <mailpod/base/result.hpp>
#include <mailpod/store/error.hpp>
#include <mailpod/store/vault.hpp>

namespace mailpod::store {

/// The one spelling under which a mailbox of this name is kept: normalisation form C, a first level INBOX of any case
/// in capitals. Names are words in the journal and never become paths. Errors: bad_mailbox_name.
Result<std::string> canonical_name(std::string_view name, const Vault::Settings& settings);

/// The names above, outermost first: `a/b/c` has `a` and `a/b`.
std::vector<std::string> superiors_of(std::string_view name);

/// Whether `name` is `parent/…`.
bool is_below(std::string_view name, std::string_view parent);

/// Whether this may be a keyword: an atom (RFC 9051 §9 flag-keyword) of at most 64 octets. Errors: bad_keyword.
Status check_keyword(std::string_view keyword);

}  // namespace mailpod::store
