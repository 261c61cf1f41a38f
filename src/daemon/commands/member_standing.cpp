#include <nlohmann/json.hpp>

#include "../answers.hpp"
#include "../commands.hpp"
#include "../signing_desk.hpp"
#include "../terminal.hpp"
#include "vote_options.hpp"

namespace mailpod::daemon {
namespace {

using governance::Act;
using nlohmann::json;

/// Signs an act about the one member named, and has `operation` carry it out.
governance::Verdict<json> carry_out(const MemberOptions& options, Act::Kind kind, const std::string& operation) {
  SigningDesk desk(options.common);
  if (auto ready = desk.open(options.maintainer_keys); !ready.has_value()) return ready.error();
  const auto member = desk.member(options.names.front());
  if (!member.has_value()) return member.error();
  auto act = desk.act(kind, *member);
  act.reason = options.reason;
  if (kind == Act::Kind::suspend) act.until = act.issued + std::chrono::hours(options.hours);
  if (kind == Act::Kind::set_quota) {
    act.quota_mib = options.quota_mib;
    act.quota_messages = options.quota_messages;
  }
  if (kind == Act::Kind::set_citizen_key) {
    const auto key = public_key_option(desk.machine().disk, options.citizen_key);
    if (!key.has_value()) return key.error();
    act.citizen_key = *key;
  }
  return desk.carry_out(act, operation);
}

}  // namespace

int member_suspend(const MemberOptions& options) {
  const auto done = carry_out(options, Act::Kind::suspend, "member.suspend");
  if (!done.has_value()) return complain(done.error());
  if (options.common.output == Output::json) {
    say("{}\n", done->dump(2));
  } else {
    say("suspended for {} hours\n", options.hours);
  }
  return 0;
}

int member_reinstate(const MemberOptions& options) {
  const auto done = carry_out(options, Act::Kind::reinstate, "member.reinstate");
  if (!done.has_value()) return complain(done.error());
  if (options.common.output == Output::json) {
    say("{}\n", done->dump(2));
  } else {
    say("reinstated\n");
  }
  return 0;
}

int member_quota(const MemberOptions& options) {
  const auto done = carry_out(options, Act::Kind::set_quota, "member.quota");
  if (!done.has_value()) return complain(done.error());
  if (options.common.output == Output::json) {
    say("{}\n", done->dump(2));
  } else {
    const auto said = [](std::uint32_t number, std::string_view what) {
      return number == 0 ? std::string("as the charter says") : fmt::format("{} {}", number, what);
    };
    say("size: {}; number: {}\n", said(options.quota_mib, "MiB"), said(options.quota_messages, "messages"));
  }
  return 0;
}

int member_citizen_key(const MemberOptions& options) {
  return say_done(options.common, carry_out(options, Act::Kind::set_citizen_key, "member.citizen-key"),
                  "votes by that key from now on: member", "member");
}

int member_reissue(const MemberOptions& options) {
  auto done = carry_out(options, Act::Kind::reissue, "member.reissue");
  if (!done.has_value()) return complain(done.error());
  auto& code = done->at("code").get_ref<std::string&>();
  if (options.common.output == Output::json) {
    say("{}\n", done->dump(2));
  } else {
    say("{}\t{}\n", done->at("address").get<std::string>(), code);
  }
  crypto::wipe(code);
  return 0;
}

}  // namespace mailpod::daemon
