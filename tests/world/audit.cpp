#include "audit.hpp"

#include <algorithm>
#include <set>

namespace mailpod::world {
namespace {

using Fate = Mail::Fate;

std::string read_all(const base::OctetSource& source) {
  std::string octets(static_cast<std::size_t>(source.size()), '\0');
  octets.resize(source.read_at(0, octets));
  return octets;
}

std::size_t signatures_in(std::string_view message) {
  std::size_t count = message.starts_with("DKIM-Signature: ") ? 1 : 0;
  const auto header = message.substr(0, message.find("\r\n\r\n"));
  for (std::size_t at = 0; (at = header.find("\r\nDKIM-Signature: ", at)) != std::string_view::npos; ++at) ++count;
  return count;
}

class Audit {
public:
  Audit(simulation::Disk& disk, Ledger& ledger, simulation::Clock& clock, Witness& witness)
      : ledger_(ledger),
        witness_(witness),
        now_(ledger.flushed_until()),
        entropy_(static_cast<std::uint64_t>(clock.monotonic().count())) {
    const auto in_clear = disk.files_with(secret);
    if (!in_clear.empty()) witness.accuse("in clear on the disk: " + in_clear.front());
    pod_ = Foundation::instance().open(disk, clock, entropy_, base::silent_log());
  }

  void look_into_mailboxes(Holdings::When when) {
    const auto& members = Foundation::instance().members();
    for (std::size_t i = 0; i < members.size(); ++i) {
      const auto vault = Foundation::open_vault(*pod_, members[i]);
      while (vault->merge()) {
      }
      const auto survey = survey_of(*vault, i);
      const auto wrong = ledger_.holdings[i].examine(survey, when, now_, ledger_.letters);
      if (!wrong.empty()) witness_.accuse("on the disk of " + members[i].name + ": " + wrong);
      const auto faults = vault->check();
      if (!faults.empty()) witness_.accuse("check of " + members[i].name + " finds: " + faults.front());
    }
    for (const auto& [token, mail] : ledger_.mails) look_for_part_of(mail);
  }

  void look_into_queue() {
    for (const auto& summary : pod_->queue().list()) {
      const auto entry = pod_->queue().show(summary.id).value();
      const auto octets = read_all(*pod_->queue().open_message(entry).value());
      const auto token = token_of(octets);
      const auto mail = ledger_.mails.find(token);
      if (mail == ledger_.mails.end()) return witness_.accuse("the queue holds nobody's message " + token);
      const auto wrong = difference(octets, mail->second.letter);
      if (!wrong.empty()) witness_.accuse(token + " in the queue " + wrong);
      if (!ledger_.entries.emplace(summary.id.str(), token).second && ledger_.entries.at(summary.id.str()) != token)
        witness_.accuse("entry " + summary.id.str() + " was another message");
      for (const auto& recipient : entry.recipients) waiting_.insert(recipient.address);
    }
    for (const auto& [token, mail] : ledger_.mails) {
      if (mail.fate != Fate::accepted) continue;
      for (const auto& address : mail.remote) {
        const bool somewhere = waiting_.contains(address) || reported_.contains(address) ||
                               ledger_.internet.copies_for(address) > 0;
        if (!somewhere) witness_.accuse(token + " was acknowledged and is lost to " + address);
      }
    }
  }

private:
  Survey survey_of(store::Vault& vault, std::size_t member) {
    Survey survey;
    const auto state = vault.state();
    for (const auto& mailbox : state->mailboxes) {
      auto& box = survey.boxes[mailbox->name];
      box.uid_validity = mailbox->uid_validity.value;
      box.uid_next = mailbox->uid_next.value;
      for (std::uint32_t n = 1; n <= mailbox->count; ++n) {
        const auto& message = mailbox->at({n});
        auto octets = read_all(*vault.open_message(message).value());
        seen_[member].insert(token_of(octets));
        if (is_report(octets)) {
          for (const auto& [recipient, action] : reported(octets)) reported_.insert(recipient);
        }
        box.messages.push_back({message.uid.value, message.flags.bits, std::move(octets)});
      }
    }
    return survey;
  }

  /// One message is taken for all local recipients or for none.
  void look_for_part_of(const Mail& mail) {
    if (mail.fate != Fate::unknown) return;
    std::size_t have = 0;
    for (const auto member : mail.members) {
      const auto& token = mail.letter.token;
      if (seen_[member].contains(token) || ledger_.holdings[member].has_seen(token)) ++have;
    }
    if (have != 0 && have != mail.members.size())
      witness_.accuse(fmt::format("{} came to {} of {} members", mail.letter.token, have, mail.members.size()));
  }

  Ledger& ledger_;
  Witness& witness_;
  Moment now_;
  simulation::Entropy entropy_;
  std::unique_ptr<daemon::OpenPod> pod_;
  std::array<std::set<std::string>, 3> seen_;
  std::set<std::string> waiting_, reported_;
};

}  // namespace

void audit(simulation::Disk& disk, Ledger& ledger, simulation::Clock& clock, Witness& witness, Holdings::When when) {
  try {
    Audit audit(disk, ledger, clock, witness);
    audit.look_into_mailboxes(when);
    audit.look_into_queue();
  } catch (const std::exception& failure) {
    witness.accuse(std::string("the disk cannot be read: ") + failure.what());
  }
}

void audit_the_outcome(const Ledger& ledger, Witness& witness) {
  std::map<std::string, const Mail*> meant_for;
  for (const auto& [token, mail] : ledger.mails) {
    for (const auto& address : mail.remote) {
      meant_for[address] = &mail;
      const auto copies = ledger.internet.copies_for(address);
      const auto failed =
          mail.submitter ? ledger.holdings[*mail.submitter].reports() : std::map<std::string, unsigned>();
      const auto reports = failed.contains("failed " + address) ? failed.at("failed " + address) : 0;
      const bool never = mail.fate == Fate::unsent || mail.fate == Fate::refused;
      if (never && copies + reports > 0) witness.accuse(token + " was not taken, and yet came to " + address);
      if (mail.fate == Fate::accepted && copies + reports == 0)
        witness.accuse(token + " neither came to " + address + " nor was reported");
      if (ledger.internet.answered_copies_for(address) > 1)
        witness.accuse(fmt::format("{} came {} times to {}, which nothing excuses", token, copies, address));
      if (reports > 1 + ledger.forgotten) witness.accuse(token + " was reported too often for " + address);
      const bool cannot_come = address.starts_with("gone") || address.ends_with("dead.example");
      if (cannot_come && copies > 0) witness.accuse(token + " came to " + address);
      if (!cannot_come && reports > 0 && address.ends_with("far.example"))
        witness.accuse(token + " was given up for " + address);
    }
  }
  ledger.internet.for_each_mail([&](const simulation::FarServer::Mail& mail) {
    for (const auto& address : mail.recipients) {
      const auto meant = meant_for.find(address);
      if (meant == meant_for.end()) return witness.accuse("mail for " + address + ", which nobody sent");
      const auto wrong = difference(mail.octets, meant->second->letter);
      if (!wrong.empty()) witness.accuse(meant->first + " got what " + wrong);
      if (signatures_in(mail.octets) != 2) witness.accuse(meant->first + " got it without two signatures");
    }
  });
}

}  // namespace mailpod::world
