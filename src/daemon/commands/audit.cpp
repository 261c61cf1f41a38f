#include <nlohmann/json.hpp>

#include "../audit_to_sign.hpp"
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

Verdict<json> hand_in(Office& office, std::uint64_t entries, const std::string& signature) {
  return office.ask("audit.countersign", {{"entries", entries}, {"signature", signature}});
}

/// For whoever signs with `minisign`, perhaps elsewhere.
int show_what_to_sign(const AuditOptions& options, const AuditToSign& wanted) {
  const auto file = options.output.empty() ? fmt::format("{:012}.checkpoint", wanted.entries) : options.output;
  if (options.common.output == Output::json) {
    const json shown{
        {"name", file}, {"octets", wanted.octets}, {"entries", wanted.entries}, {"comment", wanted.comment}};
    say("{}\n", shown.dump(2));
    return 0;
  }
  if (options.output.empty()) say("{}", wanted.octets);
  remark("→ sign it: minisign -Sm {} -t '{}'\n", file, wanted.comment);
  remark("→ and hand it in: mailpod audit sign --entries {} --signature {}.minisig\n", wanted.entries, file);
  return 0;
}

int hand_in_file(Office& office, const AuditOptions& options, base::Disk& disk) {
  if (!options.entries)
    return complain({Errc::missing_key, options.signature, 0, "of which checkpoint it is is not said",
                     "add --entries, as `audit sign` said it"});
  if (!disk.status(options.signature))
    return complain({Errc::missing_key, options.signature, 0, "there is no such file", "name a .minisig file"});
  const auto handed = hand_in(office, *options.entries, base::read_file(disk, options.signature, largest_minisig));
  if (!handed.has_value()) return complain(handed.error());
  say("signed  {} entries, by {}\n", *options.entries, handed->at("key").get<std::string>());
  return 0;
}

/// Keeps what was signed where its maintainer wants it, outside of the pod: `audit verify --since` reads it.
void keep(base::Disk& disk, const std::string& path, const AuditToSign& wanted, const std::string& signature) {
  base::replace_file(disk, path, wanted.octets);
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
  const auto wanted = audit_to_sign(*checkpoint);
  if (!wanted.has_value()) return complain(wanted.error());
  if (options.maintainer_keys.empty()) {
    if (!options.output.empty()) keep(machine.disk, options.output, *wanted, {});
    return show_what_to_sign(options, *wanted);
  }
  const auto keys = MaintainerKeys::read(machine.disk, machine.arena, options.maintainer_keys);
  if (!keys.has_value()) return complain(keys.error());
  json signers = json::array();
  for (const auto& key : keys->keys()) {
    const auto signature = crypto::minisign::sign_file(key, wanted->octets, wanted->comment);
    const auto handed = hand_in(office, wanted->entries, signature);
    if (!handed.has_value()) return complain(handed.error());
    signers.push_back(handed->at("key"));
    if (!options.output.empty()) keep(machine.disk, options.output, *wanted, signature);
  }
  if (options.common.output == Output::json) {
    say("{}\n", json{{"pod", wanted->pod}, {"entries", wanted->entries}, {"keys", signers}}.dump(2));
    return 0;
  }
  say("signed  {} entries of {}\n", wanted->entries, wanted->pod);
  if (options.output.empty())
    remark("→ with --output FILE you keep what you signed, for `audit verify --since FILE`\n");
  return 0;
}

}  // namespace mailpod::daemon
