#include <nlohmann/json.hpp>

#include "../citizen_key.hpp"
#include "../commands.hpp"
#include "../terminal.hpp"
#include "../workplace.hpp"

// What members say of newcomers, by their citizen keys.
namespace mailpod::daemon {
namespace {

using governance::Verdict;
using governance::Vouch;
using nlohmann::json;

Verdict<json> speak(const VouchOptions& options, Vouch::Kind kind) {
  const Workplace workplace;
  const auto machine = workplace.machine();
  const auto key = read_citizen_key(machine, options.citizen_key);
  if (!key.has_value()) return key.error();
  Office office(machine, options.common);
  const auto frame =
      office.ask("vouch.frame", {{"citizen_key", key->public_key().str()}, {"newcomer", options.newcomer}});
  if (!frame.has_value()) return frame.error();
  auto vouch = vouch_in(machine, *frame);
  vouch.kind = options.word == VouchOptions::Word::withdrawn ? Vouch::Kind::withdraw : kind;
  if (vouch.kind == Vouch::Kind::object) vouch.reason = options.reason;
  return hand_in(office, *key, vouch);
}

int say_spoken(const VouchOptions& options, const Verdict<json>& said, std::string_view what) {
  if (!said.has_value()) return complain(said.error());
  if (options.common.output == Output::json) {
    say("{}\n", said->dump(2));
    return 0;
  }
  const bool withdrawn = options.word == VouchOptions::Word::withdrawn;
  say("{} {}{}\n", withdrawn ? "no longer said of" : what, said->at("newcomer").get<std::string>(),
      said->at("admitted").get<bool>() ? ", who is a member now" : "");
  return 0;
}

std::string speakers(const json& words) {
  std::string out;
  for (const auto& word : words) out += (out.empty() ? "" : ", ") + word.at("by").get<std::string>();
  return out;
}

void say_candidate(const json& one) {
  say("{}  {}  since {}\n", one.at("member").get<std::string>(), one.value("address", "?"),
      one.at("since").get<std::string>());
  say("  vouches     {} of {}{}\n", one.at("vouches").size(), one.at("needed").get<std::uint32_t>(),
      one.at("vouches").empty() ? "" : ": " + speakers(one.at("vouches")));
  if (!one.at("objections").empty()) say("  objections  {}\n", speakers(one.at("objections")));
  if (one.contains("joins")) say("  joins       {} unless somebody objects\n", one.at("joins").get<std::string>());
}

}  // namespace

int vouch(const VouchOptions& options) {
  return say_spoken(options, speak(options, Vouch::Kind::vouch), "vouched for");
}

int object_to(const VouchOptions& options) {
  return say_spoken(options, speak(options, Vouch::Kind::object), "objected to");
}

int candidates(const VouchOptions& options) {
  const Workplace workplace;
  Office office(workplace.machine(), options.common);
  json arguments = json::object();
  if (!options.name.empty()) {
    auto secret = read_secret("password");
    if (!secret.has_value()) return complain(secret.error());
    arguments = {{"address", options.name}, {"secret", std::move(*secret)}};
  }
  const auto answer = office.ask("candidate.list", std::move(arguments));
  if (!answer.has_value()) return complain(answer.error());
  if (options.common.output == Output::json) {
    say("{}\n", answer->dump(2));
    return 0;
  }
  for (const auto& one : answer->at("candidates")) say_candidate(one);
  return 0;
}

}  // namespace mailpod::daemon
