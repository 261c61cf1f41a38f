#include <algorithm>
#include <set>

#include <nlohmann/json.hpp>

#include "../acts.hpp"
#include "../commands.hpp"
#include "../terminal.hpp"
#include "../workplace.hpp"

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
  explicit GroupDesk(const GroupOptions& options)
      : options_(options), machine_(workplace_.machine()), office_(machine_, {options.common.pod}) {}

  Verdict<json> add() {
    if (auto ready = prepare(); !ready.has_value()) return ready.error();
    Draft draft;
    draft.group.id = machine_.entropy.bytes<16>();
    const auto address = full_address(options_.address, charter_);
    if (!address.has_value()) return address.error();
    draft.group.address = *address;
    return set(std::move(draft));
  }

  Verdict<json> change() {
    if (auto ready = prepare(); !ready.has_value()) return ready.error();
    const auto shown = office_.ask("group.show", {{"address", options_.address}});
    if (!shown.has_value()) return shown.error();
    Draft draft;
    draft.group.id = id_of(*shown);
    draft.group.address = members::Address::parse(shown->at("address").get<std::string>()).value();
    draft.group.name = shown->at("name").get<std::string>();
    draft.posting = shown->at("posting").get<std::string>();
    for (const auto& member : shown->at("members"))
      draft.members.insert(MemberId::parse(member.at("member").get<std::string>()).value());
    for (const auto& address : shown->at("outside")) draft.outside.insert(address.get<std::string>());
    return set(std::move(draft));
  }

  Verdict<json> remove() {
    if (auto ready = prepare(); !ready.has_value()) return ready.error();
    const auto shown = office_.ask("group.show", {{"address", options_.address}});
    if (!shown.has_value()) return shown.error();
    auto act = make_act(machine_, charter_, Act::Kind::remove_group, {});
    act.group = id_of(*shown);
    act.reason = options_.reason;
    const auto file = keys_->sign(act);
    if (!file.has_value()) return file.error();
    return office_.ask("group.remove", {{"act", file_json(*file)}});
  }

private:
  /// Whose keys sign, under which charter, and which domains are the pod's.
  Verdict<void> prepare() {
    auto keys = MaintainerKeys::read(machine_.disk, machine_.arena, options_.maintainer_keys);
    if (!keys.has_value()) return keys.error();
    keys_.emplace(std::move(*keys));
    auto charter = charter_in_force(office_);
    if (!charter.has_value()) return charter.error();
    charter_ = std::move(*charter);
    const auto listed = office_.ask("domain.list", json::object());
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
      const auto shown = office_.ask("member.show", {{"who", name}});
      if (!shown.has_value()) return shown.error();
      change(MemberId::parse(shown->at("member").get<std::string>()), name);
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
    group.salt = machine_.entropy.bytes<32>();
    auto act = make_act(machine_, charter_, Act::Kind::set_group, {});
    act.group = group.id;
    act.group_commitment = group.commitment();
    act.reason = options_.reason;
    const auto file = keys_->sign(act);
    if (!file.has_value()) return file.error();
    json members = json::array();
    for (const auto& member : group.members) members.push_back(member.str());
    return office_.ask("group.set", {{"act", file_json(*file)},
                                     {"group", base::hex(base::octets(group.id))},
                                     {"salt", base::hex(base::octets(group.salt))},
                                     {"address", group.address.str()},
                                     {"name", group.name},
                                     {"posting", draft.posting},
                                     {"members", std::move(members)},
                                     {"outside", group.outside}});
  }

  const GroupOptions& options_;
  Workplace workplace_;
  OpenPod::Machine machine_;
  Office office_;
  std::optional<MaintainerKeys> keys_;
  governance::Charter charter_;
  std::set<std::string> domains_;
};

/// What is said of a change that was made.
int conclude(const GroupOptions& options, const Verdict<json>& changed, std::string_view done) {
  if (!changed.has_value()) return complain(changed.error());
  if (options.common.output == Output::json) {
    say("{}\n", changed->dump(2));
  } else {
    say("{} {}\n", done, changed->at("address").get<std::string>());
  }
  return 0;
}

}  // namespace

int group_add(const GroupOptions& options) {
  return conclude(options, GroupDesk(options).add(), "added");
}

int group_change(const GroupOptions& options) {
  return conclude(options, GroupDesk(options).change(), "changed");
}

int group_remove(const GroupOptions& options) {
  return conclude(options, GroupDesk(options).remove(), "removed");
}

int group_list(const GroupOptions& options) {
  const Workplace workplace;
  Office office(workplace.machine(), {options.common.pod});
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
  Office office(workplace.machine(), {options.common.pod});
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
