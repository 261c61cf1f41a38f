#pragma once

#include <string>
#include <vector>

#include <mailpod/mailauth/dkim_record.hpp>
#include <mailpod/net/resolver.hpp>

namespace mailpod::daemon {

/// A TXT record that should be in DNS.
struct WantedRecord {
  std::string name;
  std::string text;
};

/// What DNS says of one, or why it says nothing.
Result<mailauth::Published> judge_answer(const WantedRecord& wanted, const Result<net::Answer<std::string>>& answer);

/// Asks DNS for each, one after the other, on a loop and with a resolver of its own: for command lines. Blocking.
/// Throws std::system_error that names a setting of [dns] which cannot be used.
std::vector<Result<mailauth::Published>> ask_dns(const std::vector<WantedRecord>& wanted,
                                                 const net::ResolverSettings& settings);

}  // namespace mailpod::daemon
