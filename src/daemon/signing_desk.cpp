#include "signing_desk.hpp"

namespace mailpod::daemon {

using governance::Verdict;
using nlohmann::json;

SigningDesk::SigningDesk(const Common& common) : machine_(workplace_.machine()), office_(machine_, common) {}

Verdict<void> SigningDesk::open(const std::vector<std::string>& maintainer_keys) {
  auto keys = MaintainerKeys::read(machine_.disk, machine_.arena, maintainer_keys);
  if (!keys.has_value()) return keys.error();
  keys_.emplace(std::move(*keys));
  return open();
}

Verdict<void> SigningDesk::open() {
  auto charter = charter_in_force(office_);
  if (!charter.has_value()) return charter.error();
  charter_ = std::move(*charter);
  return {};
}

governance::Act SigningDesk::act(governance::Act::Kind kind, MemberId member) const {
  return make_act(machine_, charter_, kind, member);
}

Verdict<json> SigningDesk::ask(const std::string& operation, json arguments) {
  return office_.ask(operation, std::move(arguments));
}

Verdict<MemberId> SigningDesk::member(const std::string& who) {
  const auto shown = office_.ask("member.show", {{"who", who}});
  if (!shown.has_value()) return shown.error();
  return MemberId::parse(shown->at("member").get<std::string>()).value();
}

Verdict<json> SigningDesk::carry_out(const governance::Act& act, const std::string& operation, json arguments) {
  const auto file = keys_->sign(act);
  if (!file.has_value()) return file.error();
  arguments["act"] = file_json(*file);
  return office_.ask(operation, std::move(arguments));
}

}  // namespace mailpod::daemon
