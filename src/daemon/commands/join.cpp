#include <nlohmann/json.hpp>

#include <mailpod/governance/plain_words.hpp>
#include <mailpod/text/base32.hpp>

#include "../acts.hpp"
#include "../citizen_key.hpp"
#include "../commands.hpp"
#include "../invitation_link.hpp"
#include "../terminal.hpp"
#include "../workplace.hpp"
#include "enrolment.hpp"

namespace mailpod::daemon {
namespace {

using governance::Charter;
using governance::Complaint;
using governance::Errc;
using governance::Verdict;
using nlohmann::json;

Verdict<InvitationLink> read_invitation() {
  auto typed = read_secret("invitation");
  if (!typed.has_value()) return typed.error();
  const auto link = parse_invitation(*typed);
  crypto::wipe(*typed);
  if (link) return *link;
  return Complaint{Errc::bad_value, "standard input", 0, "this is no invitation, or a character of it is wrong",
                   "copy it whole, as a link or as its code"};
}

/// The pod that is named, or lies here; else the one that the invitation leads to.
Common place_of(const OpenPod::Machine& machine, Common common, const std::optional<InvitationLink>& invitation) {
  const bool is_named = !common.at.empty() || machine.disk.status(PodFolder{common.pod}.configuration()).has_value();
  if (!is_named && invitation && invitation->door)
    common.at = fmt::format("{}:{}", invitation->door->host, invitation->door->port);
  return common;
}

struct CharterShown {
  Charter charter;
  governance::Hash identity{};
};

Verdict<CharterShown> ask_for_charter(Office& office) {
  const auto shown = office.ask("join.charter", json::object());
  if (!shown.has_value()) return shown.error();
  const auto octets = shown->at("octets").get<std::string>();
  auto charter = governance::parse_charter(octets, "the pod's charter");
  if (!charter.has_value()) return charter.error();
  // Of what is shown, whatever the pod calls it: the pod refuses who accepts anything but its charter in force.
  return CharterShown{std::move(*charter), governance::identity(octets)};
}

/// The newcomer's word that they read it.
Verdict<void> accept(const CharterShown& shown, const JoinOptions& options) {
  const auto identity = base::hex(base::octets(shown.identity));
  if (!options.accept.empty()) {
    if (options.accept == identity) return {};
    return Complaint{Errc::charter_not_accepted, "--accept", 0, "the charter in force is another one: " + identity,
                     "read it: `mailpod join` without --accept shows it"};
  }
  remark("{}\nThis is charter {} of {}; its identity is {}.\n", governance::explain(shown.charter), shown.charter.seq,
         shown.charter.pod, identity);
  remark("Who joins accepts it; that, and which charter it was, is entered in the public ledger. Type yes to accept: ");
  std::string line;
  if (read_line(line) && line == "yes") return {};
  return Complaint{Errc::charter_not_accepted, "standard input", 0, "the charter was not accepted; nothing was done",
                   "answer yes, or give its identity with --accept"};
}

using Invited = std::optional<governance::InvitationSecret>;

/// The newcomer's file with its signatures, and what only the directory is told.
Verdict<json> request_of(const OpenPod::Machine& machine, const CharterShown& shown, const members::Address& address,
                         const crypto::minisign::SecretKey& key, const Invited& invited) {
  auto drawn = governance::draw(key, invited, shown.charter.pod);
  governance::Join join{shown.charter.pod, shown.charter.seq,
                        shown.identity,    base::from_seconds(base::to_seconds(machine.clock.now())),
                        drawn.member,      governance::address_commitment(drawn.salt, address.str()),
                        key.public_key(),  std::nullopt};
  std::vector<crypto::minisign::SecretKey> keys;
  if (invited) {
    keys.push_back(governance::invitation_key(machine.arena, *invited));
    join.invitation = keys.front().public_key();
  }
  governance::SignedFile file{"join", governance::write_join(join), {}};
  auto own = governance::sign(key, file.octets, file.name);
  if (!own.has_value()) return own.error();
  file.minisigs.push_back(std::move(*own));
  for (const auto& each : keys) file.minisigs.push_back(governance::sign(each, file.octets, file.name).value());
  file.minisigs = governance::in_key_order(std::move(file.minisigs));
  json request{{"join", file_json(file)},
               {"address", address.str()},
               {"salt", base::hex(base::octets(drawn.salt))},
               {"code", text::write_code(base::octets(drawn.code))}};
  crypto::wipe(drawn.code);
  return Verdict<json>(boost::system::in_place_value, std::move(request));
}

int say_candidate(const Common& common, json& answer, std::string& code) {
  if (common.output == Output::json) {
    answer["code"] = code;
    say("{}\n", answer.dump(2));
  } else {
    say("{}\t{}\n", answer.at("address").get<std::string>(), code);
  }
  crypto::wipe(code);
  remark(
      "You asked to join, as {}. Members can vouch for you now; `mailpod join` again says whether you are one.\n"
      "The last column is your enrolment code. Once you are a member: mailpod enrol NAME\n",
      answer.at("member").get<std::string>());
  return 0;
}

}  // namespace

int join(const JoinOptions& options) {
  const Workplace workplace;
  const auto machine = workplace.machine();
  std::optional<InvitationLink> invitation;
  if (options.invitation == JoinOptions::Invitation::asked) {
    const auto read = read_invitation();
    if (!read.has_value()) return complain(read.error());
    invitation = *read;
  }
  const auto common = place_of(machine, options.enrol.common, invitation);
  Office office(machine, common);
  const auto shown = ask_for_charter(office);
  if (!shown.has_value()) return complain(shown.error());
  const auto address = full_address(options.enrol.name, shown->charter);
  if (!address.has_value()) return complain(address.error());
  if (const auto accepted = accept(*shown, options); !accepted.has_value()) return complain(accepted.error());
  const bool by_vouches = shown->charter.members.join == Charter::Join::vouches;
  auto chosen =
      by_vouches ? Verdict<json>(boost::system::in_place_value, json::object()) : chosen_secrets(options.enrol);
  if (!chosen.has_value()) return complain(chosen.error());
  const auto key = citizen_key(machine, options.citizen_key);
  if (!key.has_value()) return complain(key.error());
  auto request = request_of(machine, *shown, *address, *key, invitation ? Invited(invitation->secret) : std::nullopt);
  if (!request.has_value()) return complain(request.error());
  auto code = request->at("code").get<std::string>();
  auto joined = office.ask("join", std::move(*request));
  if (!joined.has_value()) return complain(joined.error());
  if (by_vouches) return say_candidate(common, *joined, code);
  (*chosen)["address"] = address->str();
  (*chosen)["code"] = std::move(code);
  return enrol_by(office, json::array({std::move(*chosen)}), options.enrol);
}

}  // namespace mailpod::daemon
