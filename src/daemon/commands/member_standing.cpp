#include <nlohmann/json.hpp>

#include "../acts.hpp"
#include "../commands.hpp"
#include "../terminal.hpp"
#include "../workplace.hpp"

namespace mailpod::daemon {
namespace {

using governance::Act;
using nlohmann::json;

/// Signs an act about the one member named, and has `operation` carry it out.
governance::Verdict<json> carry_out(const MemberOptions& options, Act::Kind kind, const std::string& operation) {
  const Workplace workplace;
  const auto machine = workplace.machine();
  const auto keys = MaintainerKeys::read(machine.disk, machine.arena, options.maintainer_keys);
  if (!keys.has_value()) return keys.error();
  Office office(machine, {options.common.pod});
  const auto charter = charter_in_force(office);
  if (!charter.has_value()) return charter.error();
  const auto shown = office.ask("member.show", {{"who", options.names.front()}});
  if (!shown.has_value()) return shown.error();
  const auto member = MemberId::parse(shown->at("member").get<std::string>());

  auto act = make_act(machine, *charter, kind, member.value());
  act.reason = options.reason;
  if (kind == Act::Kind::suspend) act.until = act.issued + std::chrono::hours(options.hours);
  const auto file = keys->sign(act);
  if (!file.has_value()) return file.error();
  return office.ask(operation, {{"act", file_json(*file)}});
}

}  // namespace

int member_suspend(const MemberOptions& options) {
  const auto done = carry_out(options, Act::Kind::suspend, "member.suspend");
  if (!done.has_value()) return complain(done.error());
  say("suspended for {} hours\n", options.hours);
  return 0;
}

int member_reinstate(const MemberOptions& options) {
  const auto done = carry_out(options, Act::Kind::reinstate, "member.reinstate");
  if (!done.has_value()) return complain(done.error());
  say("reinstated\n");
  return 0;
}

int member_reissue(const MemberOptions& options) {
  auto done = carry_out(options, Act::Kind::reissue, "member.reissue");
  if (!done.has_value()) return complain(done.error());
  auto& code = done->at("code").get_ref<std::string&>();
  say("{}\t{}\n", done->at("address").get<std::string>(), code);
  crypto::wipe(code);
  return 0;
}

}  // namespace mailpod::daemon
