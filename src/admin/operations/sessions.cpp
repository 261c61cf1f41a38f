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
  std::uint64_t id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  const bool number = error == std::errc() && end == text.data() + text.size();
  if (!number || !premises.daemon->end_session(id))
    return governance::Complaint{governance::Errc::bad_value, text, 0, "there is no such session",
                                 "`mailpod sessions list` shows them"};
  return json{{"closed", 1}};
}

}  // namespace mailpod::admin
