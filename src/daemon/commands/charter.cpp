#include <algorithm>

#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "../acts.hpp"
#include "../charter_templates.hpp"
#include "../commands.hpp"
#include "../terminal.hpp"
#include "../workplace.hpp"
#include "charter_files.hpp"

namespace mailpod::daemon {
namespace {

using nlohmann::json;

governance::Verdict<governance::Charter> newest_charter(const Workplace& workplace, const Common& common) {
  Office office(workplace.machine(), common);
  const auto shown = office.ask("charter.show", json::object());
  if (!shown.has_value()) return shown.error();
  auto newest = governance::parse_charter(shown->at("latest").get<std::string>(), "the newest charter");
  if (!newest.has_value()) return newest.error();
  // Of its successor.
  newest->prev = base::byte_array<32>(base::unhex(shown->at("latest_identity").get<std::string>()).value_or(""));
  newest->seq += 1;
  return newest;
}

/// Says what a person who edits the draft should know.
void advise(const governance::Charter& last, const governance::Charter& next) {
  const auto parts = governance::parts_that_need_a_vote(last, next);
  if (parts.empty()) return;
  remark("This changes {}, so the members must vote on exactly the file that is signed.\n", fmt::join(parts, ", "));
}

base::Time whole_seconds_now(const Workplace& workplace) {
  return base::from_seconds(base::to_seconds(workplace.machine().clock.now()));
}

/// A charter 1 for founders to fill in and sign.
int first_draft(const Workplace& workplace, const CharterOptions& options) {
  const auto draft = charter_template(workplace.machine().disk, options.charter_template);
  if (!draft.has_value()) return complain(draft.error());
  const auto now = whole_seconds_now(workplace);
  auto first = *draft;
  first.pod = options.domain;
  first.issued = first.effective = now;
  first.expires = now + std::chrono::days(365);
  for (auto& maintainer : first.maintainers) {
    maintainer.from = now;
    maintainer.to = now + std::chrono::days(3 * 365);
  }
  say("{}", governance::write_charter(first));
  remark("Put in the founders' own names and keys, have each sign, then: mailpod init DIR --charter FILE\n");
  return 0;
}

}  // namespace

int charter_show(const CharterOptions& options) {
  const Workplace workplace;
  Office office(workplace.machine(), options.common);
  const auto shown = office.ask("charter.show", json::object());
  if (!shown.has_value()) return complain(shown.error());
  if (options.common.output == Output::json) {
    say("{}\n", shown->dump(2));
  } else {
    say("{}", shown->at("text").get<std::string>());
  }
  return 0;
}

int charter_new(const CharterOptions& options) {
  const Workplace workplace;
  if (!options.domain.empty()) return first_draft(workplace, options);
  auto newest = newest_charter(workplace, options.common);
  if (!newest.has_value()) return complain(newest.error());
  auto next = *newest;
  if (!options.charter_template.empty()) {
    const auto from = charter_template(workplace.machine().disk, options.charter_template);
    if (!from.has_value()) return complain(from.error());
    adopt_rules(next, *from);
  }
  next.issued = whole_seconds_now(workplace);
  // A day to agree and sign before the notice begins.
  const std::chrono::days wait(options.days != 0 ? options.days : 1 + newest->votes.notice_days);
  next.effective = next.issued + wait;
  next.expires = std::min(next.effective + std::chrono::days(365), next.issued + governance::longest_validity);
  say("{}", governance::write_charter(next));
  advise(*newest, next);
  return 0;
}

int charter_sign(const CharterOptions& options) {
  const Workplace workplace;
  const auto machine = workplace.machine();
  const auto keys = MaintainerKeys::read(machine.disk, machine.arena, options.maintainer_keys);
  if (!keys.has_value()) return complain(keys.error());
  const auto file = read_signed_file(machine.disk, options.file);
  if (!file.has_value()) return complain(file.error());
  const auto charter = governance::parse_charter(file->octets, options.file);
  if (!charter.has_value()) return complain(charter.error());
  for (const auto& key : keys->keys()) {
    const auto signature = governance::sign(key, file->octets, options.file);
    if (!signature.has_value()) return complain(signature.error());
    const auto path = signature_path(options.file, key.public_key().id_text());
    base::replace_file(machine.disk, path, *signature);
    say("{}\n", path);
  }
  return 0;
}

int charter_verify(const CharterOptions& options) {
  const Workplace workplace;
  const auto machine = workplace.machine();
  const auto record = verified_record(workplace, options.common);
  if (!record.has_value()) return complain(record.error());
  const auto roster = (*record)->gate().roster();
  if (options.file.empty()) {
    say("OK  {} charters and {} entries, from the pinned hash on; charter {} is in force\n", roster->charters().size(),
        (*record)->tally().count, roster->charters().at(machine.clock.now()).seq);
    return 0;
  }
  const auto file = read_signed_file(machine.disk, options.file);
  if (!file.has_value()) return complain(file.error());
  auto next = *roster;
  const auto accepted = next.apply_charter(*file, machine.clock.now());
  if (!accepted.has_value()) return complain(accepted.error());
  say("OK  {} would be accepted as charter {}\n", options.file, next.charters().latest().seq);
  return 0;
}

int charter_accept(const CharterOptions& options) {
  const Workplace workplace;
  const auto machine = workplace.machine();
  const auto file = read_signed_file(machine.disk, options.file);
  if (!file.has_value()) return complain(file.error());
  Office office(machine, options.common);
  const auto accepted = office.ask("charter.accept", {{"charter", file_json(*file)}});
  if (!accepted.has_value()) return complain(accepted.error());
  say("charter {} takes effect at {}\n", accepted->at("seq").get<std::uint64_t>(),
      accepted->at("effective").get<std::string>());
  return 0;
}

}  // namespace mailpod::daemon
