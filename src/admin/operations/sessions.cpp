#include <algorithm>
#include <charconv>

#include "../arguments.hpp"
#include "../complaint_for.hpp"
#include "../operation.hpp"
#include "../person_json.hpp"

namespace mailpod::admin {
namespace {

json session_json(const Daemon::Session& session, const members::DirectoryState& people) {
  json out{{"session", session.id},
           {"listener", session.listener},
           {"address", session.address},
           {"port", session.port},
           {"tls", session.tls},
           {"since", time_text(session.since)},
           {"idle_seconds", session.idle_seconds},
           {"state", session.member ? "logged in" : "stranger"}};
  if (!session.member) return out;
  out["member"] = session.member->str();
  const auto person = people.people().find(*session.member);
  if (person != people.people().end() && !person->second->addresses.empty())
    out["name"] = person->second->addresses.front().key();
  return out;
}

std::optional<std::uint64_t> session_number(const std::string& text) {
  std::uint64_t id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(id) : std::nullopt;
}

governance::Complaint no_such_session(const std::string& text) {
  return {governance::Errc::bad_value, text, 0, "there is no such session", "`mailpod sessions list` shows them"};
}

/// With one of the member's own secrets.
Result<MemberId> whose(const Premises& premises, const json& arguments) {
  const auto login = premises.key_ring.unlock(text_argument(arguments, "address"), secret_argument(arguments));
  if (!login) return login.error();
  return login->member;
}

std::vector<Daemon::Session> sessions_of(const Daemon& daemon, MemberId member) {
  auto all = daemon.sessions();
  std::erase_if(all, [&](const Daemon::Session& session) { return session.member != member; });
  return all;
}

}  // namespace

/// The oldest first.
Answer sessions_list(const Premises& premises, const json&) {
  if (premises.daemon == nullptr) return no_daemon();
  const auto people = premises.directory.state();
  json out = json::array();
  for (const auto& session : premises.daemon->sessions()) out.push_back(session_json(session, *people));
  return json{{"sessions", std::move(out)}};
}

/// One by its `session`, or all of a `member`.
Answer sessions_close(const Premises& premises, const json& arguments) {
  if (premises.daemon == nullptr) return no_daemon();
  if (const auto who = optional_text(arguments, "member"); !who.empty()) {
    const auto people = premises.directory.state();
    const auto* person = find_person(*people, who);
    if (person == nullptr) return complaint_for(make_error_code(members::Errc::not_a_member), who);
    return json{{"closed", premises.daemon->end_sessions(person->id)}};
  }
  const auto& text = text_argument(arguments, "session");
  const auto id = session_number(text);
  if (!id || !premises.daemon->end_session(*id)) return no_such_session(text);
  return json{{"closed", 1}};
}

/// A member's own, the one that asks among them.
Answer sessions_mine(const Premises& premises, const json& arguments) {
  if (premises.daemon == nullptr) return no_daemon();
  const auto member = whose(premises, arguments);
  if (!member) return complaint_for(member.error(), text_argument(arguments, "address"));
  const auto people = premises.directory.state();
  json out = json::array();
  for (const auto& session : sessions_of(*premises.daemon, *member)) out.push_back(session_json(session, *people));
  return json{{"sessions", std::move(out)}};
}

/// One of a member's own by its `session`, or all.
Answer sessions_close_mine(const Premises& premises, const json& arguments) {
  if (premises.daemon == nullptr) return no_daemon();
  const auto member = whose(premises, arguments);
  if (!member) return complaint_for(member.error(), text_argument(arguments, "address"));
  const auto text = optional_text(arguments, "session");
  if (text.empty()) return json{{"closed", premises.daemon->end_sessions(*member)}};
  const auto id = session_number(text);
  const auto mine = sessions_of(*premises.daemon, *member);
  const bool is_mine = id && std::ranges::any_of(mine, [&](const Daemon::Session& each) { return each.id == *id; });
  if (!is_mine || !premises.daemon->end_session(*id)) return no_such_session(text);
  return json{{"closed", 1}};
}

}  // namespace mailpod::admin
