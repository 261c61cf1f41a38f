#include "flag_table.hpp"

#include <mailpod/text/ascii.hpp>

#include "mailbox_name.hpp"

namespace mailpod::store {
namespace {

constexpr std::size_t keyword_limit = 32 - Flags::first_keyword;

constexpr std::uint32_t bit_at(std::size_t index) {
  return std::uint32_t{1} << (Flags::first_keyword + index);
}

}  // namespace

std::uint32_t FlagTable::bit_of(std::string_view keyword) const {
  for (std::size_t i = 0; i < keywords_.size() && i < keyword_limit; ++i) {
    if (text::equal_fold(keywords_[i], keyword)) return bit_at(i);
  }
  return 0;
}

std::uint32_t FlagTable::add(std::string_view keyword) {
  if (keywords_.size() >= keyword_limit) return 0;
  keywords_.emplace_back(keyword);
  return bit_at(keywords_.size() - 1);
}

Result<std::uint32_t> FlagTable::bits_for(const FlagChange& change) {
  std::uint32_t bits = change.system & Flags::system;
  for (const auto& keyword : change.keywords) {
    if (const auto sound = check_keyword(keyword); !sound) return sound.error();
    std::uint32_t bit = bit_of(keyword);
    if (bit == 0 && change.how != FlagChange::How::remove) {
      bit = add(keyword);
      if (bit == 0) return make_error_code(Errc::too_many_keywords);
    }
    bits |= bit;
  }
  return bits;
}

Flags FlagTable::translated(Flags flags, const std::vector<std::string>& other) {
  Flags result{flags.bits & Flags::system};
  for (std::size_t i = 0; i < other.size() && i < keyword_limit; ++i) {
    if (!flags.has(bit_at(i))) continue;
    const std::uint32_t known = bit_of(other[i]);
    result.bits |= known != 0 ? known : add(other[i]);
  }
  return result;
}

Flags changed_flags(Flags flags, FlagChange::How how, std::uint32_t bits) {
  switch (how) {
    case FlagChange::How::add:
      return {flags.bits | bits};
    case FlagChange::How::remove:
      return {flags.bits & ~bits};
    case FlagChange::How::replace:
      return {bits};
  }
  return flags;
}

}  // namespace mailpod::store
