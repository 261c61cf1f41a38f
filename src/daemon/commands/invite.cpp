#include <unistd.h>

#include <nlohmann/json.hpp>

#include <mailpod/governance/plain_words.hpp>

#include "../answers.hpp"
#include "../citizen_key.hpp"
#include "../commands.hpp"
#include "../invitation_link.hpp"
#include "../qr_code.hpp"
#include "../signing_desk.hpp"
#include "../terminal.hpp"

// Invitations: made where the maintainers sign, or a member vouches.
namespace mailpod::daemon {
namespace {

using governance::Charter;
using governance::Complaint;
using governance::Errc;
using governance::Verdict;
using nlohmann::json;

/// One being made. Its secret is drawn here, and the pod never sees it.
struct Making {
  const OpenPod::Machine& machine;
  const InviteOptions& options;
  governance::Hash commitment;
  base::Time until;
};

Verdict<json> by_maintainers(const Making& making) {
  if (making.options.maintainer_keys.empty())
    return Complaint{Errc::no_signatures, "the charter in force", 0,
                     "one joins by an invitation that the maintainers sign (join = \"invitation\")",
                     "name a key with --maintainer-key PATH, or in MAILPOD_MAINTAINER_KEY"};
  SigningDesk desk(making.options.common);
  if (auto ready = desk.open(making.options.maintainer_keys); !ready.has_value()) return ready.error();
  auto act = desk.act(governance::Act::Kind::invite);
  act.invitation = making.commitment;
  act.until = making.until;
  act.reason = making.options.reason;
  return desk.carry_out(act, "invitation.add");
}

Verdict<json> by_a_member(const Making& making) {
  if (making.options.citizen_key.empty())
    return Complaint{Errc::no_signatures, "the charter in force", 0,
                     "one joins by the vouches of members, of which an invitation is the first (join = \"vouches\")",
                     "name a member's key with --citizen-key PATH, or in MAILPOD_CITIZEN_KEY"};
  const auto key = read_citizen_key(making.machine, making.options.citizen_key);
  if (!key.has_value()) return key.error();
  Office office(making.machine, making.options.common);
  const auto frame = office.ask("vouch.frame", {{"citizen_key", key->public_key().str()}});
  if (!frame.has_value()) return frame.error();
  governance::Vouch vouch = vouch_in(making.machine, *frame);
  vouch.kind = governance::Vouch::Kind::invite;
  vouch.invitation = making.commitment;
  vouch.until = making.until;
  return hand_in(office, *key, vouch);
}

/// Where a newcomer redeems it: the members' door, if the pod has one.
std::optional<DoorPlace> door_of(const OpenPod::Machine& machine, const Common& common) {
  if (!common.at.empty()) return DoorPlace::parse(common.at);
  const auto configuration = read_configuration(machine.disk, common.pod);
  if (!configuration.has_value() || configuration->members.port == 0) return std::nullopt;
  auto door = DoorPlace::parse(configuration->name());
  if (door) door->port = configuration->members.port;
  return door;
}

int say_invitation(const Making& making, const json& made, const std::string& link) {
  const auto& options = making.options;
  const auto code = QrCode::of(link);
  if (!options.svg.empty() && code) base::replace_file(making.machine.disk, options.svg, svg_picture(*code));
  if (options.common.output == Output::json) {
    json out = made;
    out["link"] = link;
    out["until"] = governance::time_text(making.until);
    say("{}\n", out.dump(2));
    return 0;
  }
  say("{}\n", link);
  if (code) remark("{}", terminal_picture(*code, ::isatty(STDERR_FILENO) == 1 ? Colours::ansi : Colours::none));
  remark(
      "Hand it to one person: it is shown once, works once, and ends at {}.\nWith it they run: mailpod join NAME "
      "--citizen-key FILE\n",
      governance::time_text(making.until));
  return 0;
}

}  // namespace

int invite(const InviteOptions& options) {
  const Workplace workplace;
  const auto machine = workplace.machine();
  std::optional<Charter> charter;
  {
    Office office(machine, options.common);
    const auto shown = office.ask("join.charter", json::object());
    if (!shown.has_value()) return complain(shown.error());
    auto parsed = governance::parse_charter(shown->at("octets").get<std::string>(), "the charter in force");
    if (!parsed.has_value()) return complain(parsed.error());
    charter = std::move(*parsed);
  }
  if (charter->members.join == Charter::Join::open)
    return complain({Errc::joins_otherwise, "the charter in force", 0,
                     "anybody may join, so there are no invitations (join = \"open\")",
                     "they run: mailpod join NAME --no-invitation"});
  InvitationLink link{machine.entropy.bytes<16>(), door_of(machine, options.common)};
  const auto key = governance::invitation_key(machine.arena, link.secret);
  const auto now = base::from_seconds(base::to_seconds(machine.clock.now()));
  const Making making{machine, options, governance::invitation_commitment(key.public_key()),
                      now + std::chrono::days(options.days)};
  const auto made = charter->members.join == Charter::Join::vouches ? by_a_member(making) : by_maintainers(making);
  if (!made.has_value()) return complain(made.error());
  auto text = write_invitation(link);
  const int status = say_invitation(making, *made, text);
  crypto::wipe(text);
  crypto::wipe(link.secret);
  return status;
}

int invitation_list(const InviteOptions& options) {
  const Workplace workplace;
  Office office(workplace.machine(), options.common);
  const auto answer = office.ask("invitation.list", json::object());
  if (!answer.has_value()) return complain(answer.error());
  if (options.common.output == Output::json) {
    say("{}\n", answer->dump(2));
    return 0;
  }
  for (const auto& one : answer->at("invitations")) {
    say("{}  {:9}  until {}{}{}\n", one.at("invitation").get<std::string>(), one.at("state").get<std::string>(),
        one.at("until").get<std::string>(), one.contains("by") ? "  by " + one.at("by").get<std::string>() : "",
        one.contains("used_by") ? "  used by " + one.at("used_by").get<std::string>() : "");
  }
  return 0;
}

int invitation_withdraw(const InviteOptions& options) {
  const auto octets = base::unhex(options.invitation);
  const auto commitment = octets ? base::byte_array<32>(*octets) : std::nullopt;
  if (!commitment)
    return complain({Errc::bad_value, options.invitation, 0, "this is not 64 hexadecimal digits",
                     "`mailpod invitation list` shows them"});
  SigningDesk desk(options.common);
  if (auto ready = desk.open(options.maintainer_keys); !ready.has_value()) return complain(ready.error());
  auto act = desk.act(governance::Act::Kind::withdraw_invitation);
  act.invitation = *commitment;
  act.reason = options.reason;
  return say_done(options.common, desk.carry_out(act, "invitation.withdraw"), "withdrawn", "invitation");
}

}  // namespace mailpod::daemon
