#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <mailpod/base/disk.hpp>
#include <mailpod/base/log.hpp>
#include <mailpod/base/member_id.hpp>
#include <mailpod/base/result.hpp>

#include "maildir.hpp"

namespace mailpod::store {

/// The promise that one message goes to all of several members: once it is durable, only renames remain.
/// docs/storage-format.md, "intent".
struct Intent {
  struct Move {
    MemberId member;
    UnfinishedName name;  ///< in the member's tmp/; becomes its message id in new/
  };
  std::vector<Move> moves;

  std::string encode() const;
  /// Errors: damaged. A crash does not cause that: a file is called an intent only once its content is durable.
  static Result<Intent> decode(std::string_view octets);
};

/// Completes what the intents in one member's tmp/ say, and leaves these where they are: their member leaves, and the
/// others are to get their mail. Others may be completing them this moment.
void complete_intents_of(base::Disk& disk, const std::string& members, MemberId member, base::Log& log);

inline constexpr std::string_view intent_suffix = ".intent";
/// An intent that is being written.
inline constexpr std::string_view unfinished_intent_suffix = ".unsure";

}  // namespace mailpod::store
