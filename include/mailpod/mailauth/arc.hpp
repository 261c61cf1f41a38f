#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <mailpod/base/ports.hpp>
#include <mailpod/mailauth/dkim_key.hpp>

/// The Authenticated Received Chain: what each server on the way had found out about a message, sealed by that server.
/// RFC 8617.
namespace mailpod::mailauth {

/// RFC 8617 §4.4
enum class ArcResult { none, pass, fail };
std::string_view name_of(ArcResult result);

struct ArcVerdict {
  ArcResult result = ArcResult::none;
  unsigned instance = 0;   ///< of the newest set; 0: there is none
  std::string domain;      ///< who sealed last; of a fail perhaps empty
  std::string reason;      ///< of a fail, in words of ours
  bool undecided = false;  ///< a fail only because DNS did not answer
};

/// Who seals, and with what.
struct ArcSealer {
  std::string authserv_id;  ///< whose Authentication-Results are sealed
  std::string domain;       ///< `d=`
  std::string selector;     ///< `s=`
  const DkimKey& key;       ///< RSA, as RFC 8617 §4.1.2 has it; borrowed
  /// Of `h=`; empty: all fields that say what its author meant.
  std::vector<std::string> names;
};

}  // namespace mailpod::mailauth
