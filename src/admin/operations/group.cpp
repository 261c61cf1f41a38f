#include <algorithm>
#include <array>

#include "../arguments.hpp"
#include "../complaint_for.hpp"
#include "../operation.hpp"
#include "../person_json.hpp"

namespace mailpod::admin {
namespace {

using members::Group;

struct Word {
  std::string_view text;
  Group::Posting value;
};
constexpr std::array words{Word{"group", Group::Posting::group}, Word{"pod", Group::Posting::pod},
                           Word{"anyone", Group::Posting::anyone}};

json brief(const Group& group) {
  const auto word = std::ranges::find(words, group.posting, &Word::value);
  return {{"group", base::hex(base::octets(group.id))},
          {"address", group.address.str()},
          {"name", group.name},
          {"posting", word->text},
          {"size", group.members.size() + group.outside.size()}};
}

Group group_argument(const json& arguments) {
  Group out;
  const auto id = base::byte_array<16>(base::unhex(text_argument(arguments, "group")).value_or(""));
  if (!id) throw BadRequest("the argument `group` is not 32 hexadecimal digits");
  out.id = *id;
  out.salt = hash_argument(arguments, "salt");
  const auto address = members::Address::parse(text_argument(arguments, "address"));
  if (!address) throw BadRequest("the argument `address` is no address");
  out.address = *address;
  out.name = optional_text(arguments, "name");
  const auto* const word = std::ranges::find(words, text_argument(arguments, "posting"), &Word::text);
  if (word == words.end()) throw BadRequest("the argument `posting` is none of its words");
  out.posting = word->value;
  for (const auto& item : list_argument(arguments, "members", Group::most_members)) {
    const auto member = item.is_string() ? MemberId::parse(item.get<std::string>()) : std::nullopt;
    if (!member) throw BadRequest("a member is no member id");
    out.members.push_back(*member);
  }
  for (const auto& item : list_argument(arguments, "outside", Group::most_outside)) {
    if (!item.is_string()) throw BadRequest("an address is no text");
    out.outside.push_back(item.get<std::string>());
  }
  return out;
}

}  // namespace

/// Adds a group, or makes another of one that is there.
Answer group_set(const Premises& premises, const json& arguments) {
  const auto group = group_argument(arguments);
  const auto done = premises.addresses.set_group({file_argument(arguments, "act"), group});
  if (!done.has_value()) return done.error();
  return brief(group);
}

Answer group_remove(const Premises& premises, const json& arguments) {
  const auto removed = premises.addresses.remove_group(file_argument(arguments, "act"));
  if (!removed.has_value()) return removed.error();
  return json{{"address", removed->str()}};
}

Answer group_list(const Premises& premises, const json&) {
  const auto state = premises.directory.state();
  std::vector<const Group*> groups;
  for (const auto& [id, group] : state->groups()) groups.push_back(group.get());
  std::ranges::sort(groups, {}, [](const Group* group) { return group->address.key(); });
  json out = json::array();
  for (const auto* group : groups) out.push_back(brief(*group));
  return json{{"groups", std::move(out)}};
}

/// One group with its members: for whoever runs the pod, never for who writes to it.
Answer group_show(const Premises& premises, const json& arguments) {
  const auto& who = text_argument(arguments, "address");
  const auto state = premises.directory.state();
  const Group* group = state->find_group(who);
  if (group == nullptr) return complaint_for(make_error_code(members::Errc::not_a_group), who);
  json out = brief(*group);
  out["members"] = json::array();
  for (const auto& member : group->members) {
    const auto* person = state->find(member);
    const bool named = person != nullptr && !person->addresses.empty();
    out["members"].push_back({{"member", member.str()}, {"address", named ? person->addresses.front().str() : ""}});
  }
  out["outside"] = group->outside;
  return out;
}

}  // namespace mailpod::admin
