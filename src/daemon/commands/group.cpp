#include <algorithm>
#include <set>

#include <nlohmann/json.hpp>

#include "../answers.hpp"
#include "../commands.hpp"
#include "../signing_desk.hpp"
#include "../terminal.hpp"

namespace mailpod::daemon {
namespace {

using governance::Act;
using governance::Complaint;
using governance::Verdict;
using members::Group;
using nlohmann::json;

/// What a group is to be, as far as the command line has put it together.
struct Draft {
  Group group;
  std::string posting = "group";
  std::set<MemberId> members;
  std::set<std::string> outside;
};

/// The words are the operation's to judge; the number is what is signed.
Verdict<Group::Posting> posting_of(const std::string& word) {
  if (word == "group") return Group::Posting::group;
  if (word == "pod") return Group::Posting::pod;
  if (word == "anyone") return Group::Posting::anyone;
  return Complaint{governance::Errc::bad_value, word, 0, "is no rule of posting", "write group, pod or anyone"};
}

class GroupDesk {
public:
  explicit GroupDesk(const GroupOptions& options) : options_(options), desk_(options.common) {}

  Verdict<json> add() {
    if (auto ready = prepare(); !ready.has_value()) return ready.error();
    Draft draft;
    draft.group.id = desk_.machine().entropy.bytes<16>();
    const auto address = full_address(options_.address, desk_.charter());
    if (!address.has_value()) return address.error();
    draft.group.address = *address;
    return set(std::move(draft));
  }

  Verdict<json> change() {
    if (auto ready = prepare(); !ready.has_value()) return ready.error();
    const auto shown = desk_.ask("group.show", {{"address", options_.address}});
    if (!shown.has_value()) return shown.error();
    Draft draft;
    draft.group.id = id_of(*shown);
    draft.group.address = members::Address::parse(shown->at("address").get<std::string>()).value();
    draft.group.name = shown->at("name").get<std::string>();
    draft.posting = shown->at("posting").get<std::string>();
    // Whoever has left the pod goes with the next change, without a word.
    for (const auto& member : shown->at("members")) {
      if (member.at("address").get<std::string>().empty()) continue;
      draft.members.insert(MemberId::parse(member.at("member").get<std::string>()).value());
    }
    for (const auto& address : shown->at("outside")) draft.outside.insert(address.get<std::string>());
    return set(std::move(draft));
  }

  Verdict<json> remove() {
    if (auto ready = prepare(); !ready.has_value()) return ready.error();
    const auto shown = desk_.ask("group.show", {{"address", options_.address}});
    if (!shown.has_value()) return shown.error();
    auto act = desk_.act(Act::Kind::remove_group);
    act.group = id_of(*shown);
    act.reason = options_.reason;
    return desk_.carry_out(act, "group.remove");
  }

private:
  /// Whose keys sign, under which charter, and which domains are the pod's.
  Verdict<void> prepare() {
    if (auto ready = desk_.open(options_.maintainer_keys); !ready.has_value()) return ready.error();
    const auto listed = desk_.ask("domain.list", json::object());
    if (!listed.has_value()) return listed.error();
    for (const auto& domain : listed->at("domains")) domains_.insert(domain.at("domain").get<std::string>());
    return {};
  }

  static members::GroupId id_of(const json& shown) {
    return base::byte_array<16>(base::unhex(shown.at("group").get<std::string>()).value_or("")).value();
  }

  /// Into the draft, or out of it: a member of the pod by any of their names, anybody else by address.
  template <class Change>
  Verdict<void> each(const std::vector<std::string>& names, const Change& change) {
    for (const auto& name : names) {
      const auto address = members::Address::parse(name);
      if (address && !domains_.contains(address->domain)) {
        change(std::nullopt, address->str());
        continue;
      }
      const auto member = desk_.member(name);
      if (!member.has_value()) return member.error();
      change(*member, name);
    }
    return {};
  }

  Verdict<json> set(Draft draft) {
    const auto come = each(options_.members, [&](const std::optional<MemberId>& member, const std::string& address) {
      if (member) draft.members.insert(*member);
      if (!member) draft.outside.insert(address);
    });
    if (!come.has_value()) return come.error();
    const auto go = each(options_.without, [&](const std::optional<MemberId>& member, const std::string& address) {
      if (member) draft.members.erase(*member);
      if (!member) draft.outside.erase(address);
    });
    if (!go.has_value()) return go.error();
    if (options_.name) draft.group.name = *options_.name;
    if (options_.posting) draft.posting = *options_.posting;
    const auto posting = posting_of(draft.posting);
    if (!posting.has_value()) return posting.error();
    draft.group.posting = *posting;
    draft.group.members.assign(draft.members.begin(), draft.members.end());
    draft.group.outside.assign(draft.outside.begin(), draft.outside.end());
    return sign(std::move(draft));
  }

  Verdict<json> sign(Draft draft) {
    Group& group = draft.group;
    group.salt = desk_.machine().entropy.bytes<32>();
    auto act = desk_.act(Act::Kind::set_group);
    act.group = group.id;
    act.group_commitment = group.commitment();
    act.reason = options_.reason;
    json members = json::array();
    for (const auto& member : group.members) members.push_back(member.str());
    return desk_.carry_out(act, "group.set",
                           {{"group", base::hex(base::octets(group.id))},
                            {"salt", base::hex(base::octets(group.salt))},
                            {"address", group.address.str()},
                            {"name", group.name},
                            {"posting", draft.posting},
                            {"members", std::move(members)},
                            {"outside", group.outside}});
  }

  const GroupOptions& options_;
  SigningDesk desk_;
  std::set<std::string> domains_;
};

}  // namespace

int group_add(const GroupOptions& options) {
  return say_done(options.common, GroupDesk(options).add(), "added", "address");
}

int group_change(const GroupOptions& options) {
  return say_done(options.common, GroupDesk(options).change(), "changed", "address");
}

int group_remove(const GroupOptions& options) {
  return say_done(options.common, GroupDesk(options).remove(), "removed", "address");
}

int group_list(const GroupOptions& options) {
  const Workplace workplace;
  Office office(workplace.machine(), options.common);
  const auto listed = office.ask("group.list", json::object());
  if (!listed.has_value()) return complain(listed.error());
  if (options.common.output == Output::json) {
    say("{}\n", listed->dump(2));
    return 0;
  }
  for (const auto& group : listed->at("groups"))
    say("{}  {} members, posting: {}\n", group.at("address").get<std::string>(), group.at("size").get<std::size_t>(),
        group.at("posting").get<std::string>());
  return 0;
}

int group_show(const GroupOptions& options) {
  const Workplace workplace;
  Office office(workplace.machine(), options.common);
  const auto shown = office.ask("group.show", {{"address", options.address}});
  if (!shown.has_value()) return complain(shown.error());
  if (options.common.output == Output::json) {
    say("{}\n", shown->dump(2));
    return 0;
  }
  say("address   {}\nname      {}\nposting   {}\n", shown->at("address").get<std::string>(),
      shown->at("name").get<std::string>(), shown->at("posting").get<std::string>());
  for (const auto& member : shown->at("members")) say("member    {}\n", member.at("address").get<std::string>());
  for (const auto& address : shown->at("outside")) say("outside   {}\n", address.get<std::string>());
  return 0;
}

}  // namespace mailpod::daemon
