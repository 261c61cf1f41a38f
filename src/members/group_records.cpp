#include "group_records.hpp"

#include <algorithm>

#include <mailpod/crypto/digest.hpp>
#include <mailpod/text/unicode.hpp>

namespace mailpod::members {
namespace {

constexpr std::uint8_t group_version = 1;
constexpr std::uint8_t member_tag = 1, outside_tag = 2;  // stored: never renumber
constexpr std::size_t longest_name = 64;

std::string definition(const Group& group) {
  base::Encoder out;
  out.u8(group_version).fixed(group.id).u8(static_cast<std::uint8_t>(group.posting));
  out.var(group.address.str()).var(group.name);
  for (const auto& member : group.members) out.field(member_tag, base::octets(member.bytes));
  for (const auto& address : group.outside) out.field(outside_tag, address);
  return out.take();
}

/// False if the field makes no sense.
bool take_field(Group& group, std::uint8_t tag, std::string_view value) {
  if (tag == member_tag && group.members.size() < Group::most_members) {
    const auto id = base::byte_array<16>(value);
    if (id) group.members.push_back(MemberId{*id});
    return id.has_value();
  }
  if (tag != outside_tag || group.outside.size() == Group::most_outside) return false;
  const auto address = Address::parse(value);
  if (!address || address->str() != value) return false;
  group.outside.emplace_back(value);
  return true;
}

}  // namespace

governance::Hash Group::commitment() const {
  crypto::Sha256 hash;
  hash.update(base::octets(salt)).update(definition(*this));
  return hash.finish();
}

bool is_group_name(std::string_view name) {
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
  return name.size() <= longest_name && text::is_utf8(name) && std::ranges::none_of(name, is_control);
}

std::string write_group(const Group& group) {
  return base::Encoder().fixed(group.salt).fixed(definition(group)).take();
}

std::optional<Group> parse_group(std::string_view octets) {
  base::Decoder in(octets);
  Group out;
  out.salt = in.fixed<32>();
  const auto version = in.u8();
  out.id = in.fixed<16>();
  const auto posting = in.u8();
  const auto address = Address::parse(in.var());
  out.name = in.var();
  if (!in.ok() || version != group_version || posting < 1 || posting > 3 || !address) return std::nullopt;
  out.posting = static_cast<Group::Posting>(posting);
  out.address = *address;
  while (const auto field = in.field()) {
    if (!take_field(out, field->tag, field->value)) return std::nullopt;
  }
  if (!in.ok() || !in.at_end() || !is_group_name(out.name)) return std::nullopt;
  // Ascending, each once, members before others: one value, one writing.
  const auto ascends = [](const auto& list) {
    return std::ranges::adjacent_find(list, std::ranges::greater_equal()) == list.end();
  };
  if (!ascends(out.members) || !ascends(out.outside) || write_group(out) != octets) return std::nullopt;
  return out;
}

}  // namespace mailpod::members
