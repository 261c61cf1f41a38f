#include "../operation.hpp"
#include "../person_json.hpp"

namespace mailpod::admin {

Answer status(const Premises& premises, const json&) {
  const auto now = premises.clock.now();
  const auto roster = premises.registry.gate().roster();
  const auto& charter = roster->charters().at(now);
  const auto people = premises.directory.state();
  std::size_t enrolled = 0;
  for (const auto& [id, person] : people->people())
    enrolled += person->progress == members::Person::Progress::enrolled ? 1U : 0U;
  json out{{"version", MAILPOD_VERSION},
           {"pod", charter.pod},
           {"charter", charter.seq},
           {"charter_expires", time_text(charter.expires)},
           {"people", people->people().size()},
           {"enrolled", enrolled},
           {"queued", premises.queue.size()},
           {"running", premises.daemon != nullptr}};
  if (const auto& agreed = roster->upgrade()) {
    const auto running = premises.program ? premises.program() : std::nullopt;
    out["agreed"] = {{"version", agreed->version},
                     {"program", base::hex(base::octets(agreed->program))},
                     {"at", time_text(agreed->at)},
                     {"runs", running && *running == agreed->program}};
    if (running) out["agreed"]["running"] = base::hex(base::octets(*running));
  }
  out["braked"] = json::array();
  for (const MemberId& member :
       premises.daemon != nullptr ? premises.daemon->braked() : premises.queue.found_braked()) {
    const auto* person = people->find(member);
    out["braked"].push_back(person == nullptr || person->addresses.empty() ? member.str() : person->addresses[0].str());
  }
  out["filling"] = json::array();
  for (const auto& [id, person] : people->people()) {
    if (!person->fullness) continue;
    const auto name = person->addresses.empty() ? id.str() : person->addresses[0].str();
    out["filling"].push_back({{"member", name}, {"percent", person->fullness->told}});
  }
  if (premises.daemon == nullptr) return out;
  const auto figures = premises.daemon->figures();
  out["process"] = figures.process;
  out["up_seconds"] = figures.up_seconds;
  out["sending"] = nullptr;
  if (const auto& sending = figures.sending) {
    out["sending"] = {{"waiting", sending->waiting},
                      {"held", sending->held},
                      {"connections", sending->connections},
                      {"delivered", sending->delivered},
                      {"failed", sending->failed}};
  }
  for (const auto& listener : figures.listeners) {
    out["listeners"].push_back({{"name", listener.name},
                                {"port", listener.port},
                                {"connections", listener.connections},
                                {"turned_away", listener.turned_away}});
  }
  return out;
}

}  // namespace mailpod::admin
