#include "groups.hpp"

#include <algorithm>

#include <mailpod/members/reserved.hpp>
#include <mailpod/message/header_edit.hpp>
#include <mailpod/text/ascii.hpp>
#include <mailpod/text/unicode.hpp>

namespace mailpod::delivery {
namespace {

using members::Group;

/// Whether mail can be sealed for them, and the gate lets it in.
bool gets_mail(const Routes& routes, const members::DirectoryState& directory, MemberId member) {
  const auto* person = directory.find(member);
  return person != nullptr && person->has_card() && routes.gate.may_receive(member, routes.clock.now());
}

std::string beside(const Group& group, std::string_view suffix) {
  return group.address.local_part + std::string(suffix) + "@" + group.address.domain;
}

/// Who hears that mail of the pod's groups came back.
std::optional<MemberId> officer(const Routes& routes, const members::DirectoryState& directory) {
  const auto now = routes.clock.now();
  const auto roster = routes.gate.roster();
  const auto officers = members::role_recipients("postmaster", roster->charters().at(now), now);
  const auto found = std::ranges::find_if(*officers, [&](MemberId id) { return gets_mail(routes, directory, id); });
  return found == officers->end() ? std::nullopt : std::optional(*found);
}

/// The value of a field, unfolded, trimmed and in lower case; of a very long one the beginning.
std::string value_of(const message::HeaderField& field, const base::OctetSource& message) {
  constexpr std::uint64_t enough = 4096;  // octets
  std::string value(static_cast<std::size_t>(std::min(field.value.size(), enough)), '\0');
  value.resize(message.read_at(field.value.begin, value));
  std::erase_if(value, [](char c) { return c == '\r' || c == '\n' || c == ' ' || c == '\t'; });
  return text::lower(value);
}

std::string list_id(const Group& group) {
  return "<" + text::lower(group.address.local_part) + "." + group.address.domain + ">";
}

HeaderChanges changes_for(const Group& group) {
  HeaderChanges changes;
  // Another list's, or what would tell its author who read it.
  changes.remove = {"List-Id",          "List-Post",
                    "List-Owner",       "List-Unsubscribe",
                    "List-Archive",     "List-Subscribe",
                    "List-Help",        "List-Unsubscribe-Post",
                    "Precedence",       "Disposition-Notification-To",
                    "Return-Receipt-To"};
  changes.prepend = list_fields(group);
  return changes;
}

}  // namespace

std::shared_ptr<const Group> group_for(const Routes& routes, const smtp::Mailbox& forward_path) {
  const auto directory = routes.directory.state();
  const auto now = routes.clock.now();
  const auto roster = routes.gate.roster();
  if (members::role_recipients(forward_path.local_part, roster->charters().at(now), now)) return nullptr;
  const std::string local_part = text::to_nfc(forward_path.local_part).value_or("");
  const Group* group = directory->find_group(local_part + "@" + forward_path.domain);
  return group == nullptr ? nullptr : directory->groups().at(group->id);
}

bool is_beside_a_group(const members::DirectoryState& directory, std::string_view local_part, std::string_view domain) {
  return std::ranges::any_of(members::group_suffixes, [&](std::string_view suffix) {
    if (local_part.size() <= suffix.size()) return false;
    const auto name = local_part.substr(0, local_part.size() - suffix.size());
    if (!text::equal_fold(local_part.substr(name.size()), suffix)) return false;
    return directory.find_group(std::string(name) + "@" + std::string(domain)) != nullptr;
  });
}

Status may_post(const Routes& routes, const Group& group, const Poster& poster) {
  // What bounces must not go round among the members. RFC 5321 §4.5.5.
  if (poster.reverse_path.empty()) return smtp::Errc::posting_refused;
  const auto is_poster = [&](const std::string& address) { return text::equal_fold(address, poster.reverse_path); };
  const bool of_group = poster.member ? std::ranges::binary_search(group.members, *poster.member)
                                      : std::ranges::any_of(group.outside, is_poster);
  const bool allowed = group.posting == Group::Posting::anyone || of_group ||
                       (group.posting == Group::Posting::pod && poster.member.has_value());
  if (!allowed) return smtp::Errc::posting_refused;
  const auto directory = routes.directory.state();
  const bool somebody = !group.outside.empty() || std::ranges::any_of(group.members, [&](MemberId member) {
    return gets_mail(routes, *directory, member);
  });
  return somebody ? Status() : Status(smtp::Errc::mailbox_unavailable);
}

std::vector<Onward> onward_for(const Routes& routes, const std::shared_ptr<const Group>& group,
                               const std::vector<Destination>& already, bool from_outside) {
  const auto directory = routes.directory.state();
  std::vector<Onward> copies;
  Onward local;
  local.reverse_path = beside(*group, "-bounces");
  local.changes = [group](const message::HeaderFacts&) { return changes_for(*group); };
  for (const MemberId& member : group->members) {
    const bool has_it = std::ranges::find(already, member, &Destination::member) != already.end();
    if (!has_it && gets_mail(routes, *directory, member)) local.local.push_back({member, group->address.str()});
  }
  Onward remote = local;
  remote.local.clear();
  remote.remote = group->outside;
  remote.submitter = officer(routes, *directory);
  // Whoever writes from outside may call themselves one of us: only who has logged in is believed.
  if (from_outside) {
    remote.author = Onward::Author::ours;
    remote.changes = [group](const message::HeaderFacts& facts) {
      HeaderChanges changes = changes_for(*group);
      HeaderChanges author = author_fields(*group, facts);
      changes.remove.insert(changes.remove.end(), author.remove.begin(), author.remove.end());
      changes.prepend += author.prepend;
      return changes;
    };
  }
  if (!local.local.empty()) copies.push_back(std::move(local));
  if (!remote.remote.empty()) copies.push_back(std::move(remote));
  return copies;
}

Status judge_posting(const Group& group, const message::HeaderFacts& facts, const base::OctetSource& message) {
  const std::string own = list_id(group);
  for (const auto& field : facts.named("List-Id")) {
    if (value_of(field, message).find(own) != std::string::npos) return smtp::Errc::too_many_hops;
  }
  for (const auto& field : facts.named("Auto-Submitted")) {
    if (value_of(field, message).starts_with("auto-replied")) return smtp::Errc::posting_refused;
  }
  return {};
}

}  // namespace mailpod::delivery
