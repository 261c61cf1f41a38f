#include "ledger.hpp"

#include <algorithm>

namespace mailpod::world {
namespace {

// How long an answer is on its way, at most, until it is heard or its connection fails.
constexpr auto unheard_for = std::chrono::minutes(1);

std::string_view word_after(std::string_view name, std::string_view line) {
  const auto at = line.find(name);
  if (at == std::string_view::npos) return {};
  const auto rest = line.substr(at + name.size());
  return rest.substr(0, rest.find(' '));
}

}  // namespace

// ---- other people's servers

void Internet::listen(simulation::Network& network) {
  far.listen(network, "198.51.100.1");
  moody.listen(network, "198.51.100.2");
}

void Internet::join(simulation::Resolver& resolver) const {
  resolver.mx_records["far.example"].records.push_back({10, "mx.far.example"});
  resolver.address_records[{"mx.far.example", net::Family::ipv4}].records.emplace_back("198.51.100.1");
  resolver.mx_records["moody.example"].records.push_back({10, "mx.moody.example"});
  resolver.address_records[{"mx.moody.example", net::Family::ipv4}].records.emplace_back("198.51.100.2");
  resolver.mx_records["dead.example"].records.push_back({10, "mx.dead.example"});
  resolver.address_records[{"mx.dead.example", net::Family::ipv4}].records.emplace_back("198.51.100.3");
}

void Internet::excuse(std::string_view host, std::string_view token, Moment since) {
  const auto excuse_of = [&](const simulation::FarServer& server, std::vector<bool>& excused) {
    excused.resize(server.mails.size());
    for (std::size_t i = 0; i < server.mails.size(); ++i) {
      const auto& mail = server.mails[i];
      const bool heard =
          mail.answered_at && std::chrono::floor<Moment>(mail.answered_at->time_since_epoch()) < since;
      if (!heard && (token.empty() || token_of(mail.octets) == token)) excused[i] = true;
    }
  };
  if (host.empty() || host == "mx.far.example") excuse_of(far, far_excused_);
  if (host.empty() || host == "mx.moody.example") excuse_of(moody, moody_excused_);
}

std::size_t Internet::copies_for(const std::string& address) const {
  return far.copies_for(address) + moody.copies_for(address);
}

std::size_t Internet::answered_copies_for(const std::string& address) const {
  std::size_t copies = 0;
  const auto count = [&](const simulation::FarServer& server, const std::vector<bool>& excused) {
    for (std::size_t i = 0; i < server.mails.size(); ++i) {
      if (i < excused.size() && excused[i]) continue;
      copies += static_cast<std::size_t>(std::ranges::count(server.mails[i].recipients, address));
    }
  };
  count(far, far_excused_);
  count(moody, moody_excused_);
  return copies;
}

// ---- mail

Ledger::Ledger(Witness& witness, simulation::Clock& clock) : witness_(witness), clock_(clock) {}

Letter& Ledger::write(simulation::Dice& dice, std::string_view from) {
  auto letter = write_letter(dice, ++written_, from);
  const auto token = letter.token;
  return letters[token] = std::move(letter);
}

Mail& Ledger::begin_mail(simulation::Dice& dice, std::string_view from) {
  const auto& letter = write(dice, from);
  auto& mail = mails[letter.token];
  mail.letter = letter;
  return mail;
}

void Ledger::send(Mail& mail) {
  mail.fate = Mail::Fate::unknown;
  for (const auto member : mail.members)
    mail.requests[member] = holdings[member].expect(mail.letter.token, "INBOX", 0);
}

void Ledger::accept(Mail& mail) {
  mail.fate = Mail::Fate::accepted;
  for (const auto& [member, request] : mail.requests) holdings[member].acknowledge(request);
  witness_.note("{} is acknowledged", mail.letter.token);
}

void Ledger::refuse(Mail& mail) {
  mail.fate = Mail::Fate::refused;
  for (const auto& [member, request] : mail.requests) holdings[member].refuse(request);
}

void Ledger::note_crash() {
  ++forgotten;
  internet.excuse({}, {}, clock_.monotonic() - unheard_for);
}

void Ledger::note_stop() {
  internet.excuse({}, {}, Moment::max());
}

Moment Ledger::flushed_until() const {
  Moment until = clock_.monotonic();
  for (const auto& [member, since] : flushes_fail_since_) until = std::min(until, since);
  return until;
}

void Ledger::hear(std::string_view line) {
  if (line.starts_with("vault closed uncleanly")) closed_uncleanly = true;
  const std::string member(word_after(" member=", line));
  if (line.starts_with("vault flush failed")) flushes_fail_since_.emplace(member, clock_.monotonic());
  if (line.starts_with("vault flush works again")) flushes_fail_since_.erase(member);
  const bool unwritten = line.starts_with("queue.unwritten");
  if (unwritten) ++forgotten;
  if (!unwritten && !line.ends_with("reply=none")) return;
  const auto known = entries.find(std::string(word_after(" id=", line)));
  const std::string token = known == entries.end() ? "" : known->second;
  internet.excuse(word_after(" host=", line), token, clock_.monotonic() - unheard_for);
}

}  // namespace mailpod::world
