#include <nlohmann/json.hpp>

#include <mailpod/governance/audit_entry.hpp>

#include "../commands.hpp"
#include "../maintainer_keys.hpp"
#include "../office.hpp"
#include "../terminal.hpp"
#include "../workplace.hpp"

// What the pod's audit log says, and what maintainers sign of it.
namespace mailpod::daemon {
namespace {

using governance::Errc;
using governance::Verdict;
using nlohmann::json;

constexpr std::uint64_t largest_minisig = 4096;

Verdict<json> hand_in(Office& office, const json& checkpoint, const std::string& signature) {
  return office.ask("audit.countersign", {{"entries", checkpoint.at("entries")}, {"signature", signature}});
}

/// For whoever signs with `minisign`, perhaps elsewhere.
int show_what_to_sign(const AuditOptions& options, const json& checkpoint) {
  if (options.common.output == Output::json) {
    say("{}\n", checkpoint.dump(2));
    return 0;
  }
  if (options.output.empty()) say("{}", checkpoint.at("octets").get<std::string>());
  const auto file = options.output.empty() ? checkpoint.at("name").get<std::string>() : options.output;
  remark("→ sign it: minisign -Sm {} -t '{}'\n", file, checkpoint.at("comment").get<std::string>());
  remark("→ and hand it in: mailpod audit sign --entries {} --signature {}.minisig\n",
         checkpoint.at("entries").get<std::uint64_t>(), file);
  return 0;
}

int hand_in_file(Office& office, const AuditOptions& options, base::Disk& disk) {
  if (!options.entries)
    return complain({Errc::missing_key, options.signature, 0, "of which checkpoint it is is not said",
                     "add --entries, as `audit sign` said it"});
  if (!disk.status(options.signature))
    return complain({Errc::missing_key, options.signature, 0, "there is no such file", "name a .minisig file"});
  const auto handed =
      hand_in(office, {{"entries", *options.entries}}, base::read_file(disk, options.signature, largest_minisig));
  if (!handed.has_value()) return complain(handed.error());
  say("signed  {} entries, by {}\n", *options.entries, handed->at("key").get<std::string>());
  return 0;
}

/// Keeps what was signed where its maintainer wants it, outside of the pod: `audit verify --since` reads it.
void keep(base::Disk& disk, const std::string& path, const json& checkpoint, const std::string& signature) {
  base::replace_file(disk, path, checkpoint.at("octets").get<std::string>());
  if (!signature.empty()) base::replace_file(disk, path + ".minisig", signature);
}

}  // namespace

int audit_show(const AuditOptions& options) {
  const Workplace workplace;
  Office office(workplace.machine(), options.common);
  const auto shown = office.ask("audit.show", {{"last", options.last}});
  if (!shown.has_value()) return complain(shown.error());
  if (options.common.output == Output::json) {
    say("{}\n", shown->dump(2));
    return 0;
  }
  for (const auto& entry : shown->at("entries")) {
    say("{:>8}  {}  {:<14}", entry.at("number").get<std::uint64_t>(), entry.at("at").get<std::string>(),
        entry.at("kind").get<std::string>());
    for (const auto& [name, value] : entry.at("fields").items()) say("  {}={}", name, value.get<std::string>());
    say("\n");
  }
  return 0;
}

int audit_sign(const AuditOptions& options) {
  const Workplace workplace;
  const auto machine = workplace.machine();
  Office office(machine, options.common);
  if (!options.signature.empty()) return hand_in_file(office, options, machine.disk);
  const auto checkpoint = office.ask("audit.checkpoint", json::object());
  if (!checkpoint.has_value()) return complain(checkpoint.error());
  if (options.maintainer_keys.empty()) {
    if (!options.output.empty()) keep(machine.disk, options.output, *checkpoint, {});
    return show_what_to_sign(options, *checkpoint);
  }
  const auto keys = MaintainerKeys::read(machine.disk, machine.arena, options.maintainer_keys);
  if (!keys.has_value()) return complain(keys.error());
  json signers = json::array();
  for (const auto& key : keys->keys()) {
    const auto signature = crypto::minisign::sign_file(key, checkpoint->at("octets").get_ref<const std::string&>(),
                                                       checkpoint->at("comment").get<std::string>());
    const auto handed = hand_in(office, *checkpoint, signature);
    if (!handed.has_value()) return complain(handed.error());
    signers.push_back(handed->at("key"));
    if (!options.output.empty()) keep(machine.disk, options.output, *checkpoint, signature);
  }
  if (options.common.output == Output::json) {
    say("{}\n", json{{"entries", checkpoint->at("entries")}, {"keys", signers}}.dump(2));
    return 0;
  }
  say("signed  {} entries\n", checkpoint->at("entries").get<std::uint64_t>());
  if (options.output.empty())
    remark("→ with --output FILE you keep what you signed, for `audit verify --since FILE`\n");
  return 0;
}

}  // namespace mailpod::daemon
