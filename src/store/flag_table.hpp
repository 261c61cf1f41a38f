#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <mailpod/base/result.hpp>
#include <mailpod/store/error.hpp>
#include <mailpod/store/vault.hpp>

namespace mailpod::store {

/// UIDs end here; a mailbox that has given them all takes no more messages.
inline constexpr std::uint64_t last_uid = 0xffff'fffe;

/// A mailbox's keywords and their bits, while a change may add to them.
class FlagTable {
public:
  explicit FlagTable(std::vector<std::string> keywords) : keywords_(std::move(keywords)), before_(keywords_.size()) {}

  /// The bits that a change names. Keywords that the mailbox does not know are added, unless the change takes them
  /// away. Errors: bad_keyword, too_many_keywords.
  Result<std::uint32_t> bits_for(const FlagChange& change);
  /// A message's flags of another mailbox in this one's bits; a keyword for which there is no bit left is dropped.
  Flags translated(Flags flags, const std::vector<std::string>& other);

  const std::vector<std::string>& keywords() const { return keywords_; }
  bool grown() const { return keywords_.size() > before_; }

private:
  /// 0 if it is not in the table.
  std::uint32_t bit_of(std::string_view keyword) const;
  /// 0 if the table is full.
  std::uint32_t add(std::string_view keyword);

  std::vector<std::string> keywords_;
  std::size_t before_;
};

Flags changed_flags(Flags flags, FlagChange::How how, std::uint32_t bits);

}  // namespace mailpod::store
