#include <mailpod/governance/card.hpp>

#include <algorithm>

#include <fmt/format.h>

#include <mailpod/base/bytes.hpp>

#include "lines.hpp"

namespace mailpod::governance {
namespace {

constexpr std::string_view mark = "mailpod card 1";
constexpr std::size_t most_hosts = 8;
constexpr std::uint64_t longest_validity = std::uint64_t{31} * 86'400;  // seconds
constexpr std::uint64_t last_second = 253'402'300'799;                  // of the year 9999
// A clock may be a little behind.
constexpr std::chrono::hours future{24};

struct PolicyRow {
  Charter::Federate policy;
  std::string_view word;
};
constexpr PolicyRow policies[] = {
    {Charter::Federate::open, "open"},
    {Charter::Federate::allow, "allow"},
    {Charter::Federate::deny, "deny"},
};

std::string_view word_for(Charter::Federate policy) {
  for (const auto& row : policies) {
    if (row.policy == policy) return row.word;
  }
  return {};
}

bool is_host(std::string_view text) {
  const auto ordinary = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.'; };
  return !text.empty() && text.size() <= 253 && std::ranges::all_of(text, ordinary);
}

/// Takes the lines of a card one by one; where one is not what it must be, nothing more is taken.
class CardReader {
public:
  explicit CardReader(std::string_view text) : rest_(text) {}

  bool take_mark() { return take_line(rest_) == mark; }
  /// What stands behind `name` and a space.
  std::optional<std::string_view> value(std::string_view name) {
    auto ahead = rest_;
    const auto line = take_line(ahead);
    if (!line || !line->starts_with(name) || line->substr(name.size()).size() < 2 || (*line)[name.size()] != ' ')
      return std::nullopt;
    rest_ = ahead;
    return line->substr(name.size() + 1);
  }
  std::optional<std::uint64_t> number(std::string_view name) {
    const auto text = value(name);
    return text ? parse_count(*text) : std::nullopt;
  }
  bool at_end() const { return rest_.empty(); }

private:
  std::string_view rest_;
};

bool read_key(CardReader& in, std::string_view name, VerifierKey& into) {
  const auto text = in.value(name);
  auto key = text ? parse_verifier_key(*text, "") : Verdict<VerifierKey>(Complaint{});
  if (!key.has_value()) return false;
  into = std::move(*key);
  return true;
}

/// `3 <identity in hexadecimal>`
bool read_charter(CardReader& in, Card& card) {
  const auto text = in.value("charter").value_or("");
  const auto space = text.find(' ');
  const auto seq = parse_count(text.substr(0, space));
  const auto raw = space != std::string_view::npos ? base::unhex(text.substr(space + 1)) : std::nullopt;
  const auto hash = raw ? base::byte_array<32>(*raw) : std::nullopt;
  if (!seq || *seq == 0 || !hash) return false;
  card.charter_seq = *seq;
  card.charter = *hash;
  return true;
}

bool read_times(CardReader& in, Card& card) {
  const auto issued = in.number("issued");
  const auto expires = in.number("expires");
  if (!issued || !expires || *issued >= *expires || *expires > last_second) return false;
  // Or a pod whose key was lost could be spoken for by its last card for ever.
  if (*expires - *issued > longest_validity) return false;
  card.issued = base::from_seconds(*issued);
  card.expires = base::from_seconds(*expires);
  return true;
}

bool read_hosts(CardReader& in, Card& card) {
  while (const auto host = in.value("host")) {
    if (!is_host(*host) || card.hosts.size() == most_hosts) return false;
    card.hosts.emplace_back(*host);
  }
  return !card.hosts.empty();
}

bool read_limits(CardReader& in, Card& card) {
  const auto word = in.value("federation").value_or("");
  const auto* const policy = std::ranges::find(policies, word, &PolicyRow::word);
  const auto octets = in.number("message_octets");
  const auto recipients = in.number("recipients");
  if (policy == std::end(policies) || !octets || !recipients || *recipients > 1'000'000) return false;
  card.policy = policy->policy;
  card.message_octets = *octets;
  card.recipients = static_cast<std::uint32_t>(*recipients);
  return true;
}

Complaint complaint(Errc code, std::string_view file_name, std::string what, std::string remedy) {
  return {code, std::string(file_name), 0, std::move(what), std::move(remedy)};
}

}  // namespace

std::string Card::text() const {
  std::string out = fmt::format("{}\npod {}\nissued {}\nexpires {}\n", mark, pod, base::to_seconds(issued),
                                base::to_seconds(expires));
  for (const auto& host : hosts) out += fmt::format("host {}\n", host);
  return out + fmt::format("ledger {}\nwitness {}\ncharter {} {}\nfederation {}\nmessage_octets {}\nrecipients {}\n",
                           ledger.str(), witness.str(), charter_seq, base::hex(base::octets(charter)), word_for(policy),
                           message_octets, recipients);
}

Verdict<Card> parse_card(std::string_view text, std::string_view file_name) {
  Card card;
  CardReader in(text);
  const bool known = in.take_mark();
  card.pod = in.value("pod").value_or("");
  const bool whole = known && is_host(card.pod) && read_times(in, card) && read_hosts(in, card) &&
                     read_key(in, "ledger", card.ledger) && read_key(in, "witness", card.witness) &&
                     read_charter(in, card) && read_limits(in, card) && in.at_end();
  // Numbers and hexadecimal have one writing only, whatever their readers take.
  if (!whole || card.text() != text)
    return complaint(Errc::note_malformed, file_name, "is no card of a pod", "fetch it again, exactly as it is");
  if (card.ledger.name != ledger_origin(card.pod) || card.ledger.kind != VerifierKey::Kind::note ||
      card.witness.name != witness_name(card.pod) || card.witness.kind != VerifierKey::Kind::cosignature)
    return complaint(Errc::note_malformed, file_name, "names keys that are not of this pod",
                     "ask that pod's administrators for it");
  return card;
}

std::string card_name(std::string_view pod) {
  return fmt::format("{}/card", pod);
}

Note sign_card(const Card& card, const crypto::SigningKey& key) {
  Note note{card.text(), {}};
  note.signatures.push_back(sign_note(key, card_name(card.pod), note.text));
  return note;
}

Verdict<Card> verify_card(std::string_view octets, const VerifierKey& key, base::Time now, std::string_view file_name) {
  if (octets.size() > largest_card)
    return complaint(Errc::note_malformed, file_name, "is too large for a card", "fetch it again");
  const auto note = parse_note(octets, file_name);
  if (!note.has_value()) return note.error();
  auto card = parse_card(note->text, file_name);
  if (!card.has_value()) return card;
  const VerifierKey signer{card_name(card->pod), VerifierKey::Kind::note, key.key};
  const bool is_theirs = key.name == signer.name || key.name == card->ledger.name;
  if (!is_theirs || key.key != card->ledger.key)
    return complaint(Errc::wrong_pod, file_name,
                     fmt::format("is of {}, which the key {} is not of", card->pod, key.name),
                     "name the key that its charter does; where it has another one now, its ledger has the charter");
  if (const auto v = is_signed_by(*note, signer, file_name); !v.has_value()) return v.error();
  if (now >= card->expires || now + future < card->issued)
    return complaint(Errc::act_expired, file_name, "is not valid at present", "fetch it again, or look at the clock");
  return card;
}

}  // namespace mailpod::governance
