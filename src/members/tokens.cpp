// Tokens: for programs that a member let in, and for channels that guests come by.
#include <mailpod/members/enrolment.hpp>

#include <algorithm>

#include <mailpod/text/base64.hpp>

#include "key_ring_state.hpp"
#include "member_folder.hpp"

namespace mailpod::members {
namespace {

constexpr std::size_t session_secret = 32;
constexpr std::size_t guest_secret = 16;
constexpr std::size_t longest_channel = 64;

/// What a token says: whose, which slot, and the secret that opens it.
struct Token {
  MemberId member;
  SlotId slot{};
  std::string secret;
};

std::string write_token(const Token& token) {
  auto octets = base::Encoder().fixed(token.member.bytes).fixed(token.slot).fixed(token.secret).take();
  auto out = text::write_base64url(octets);
  crypto::wipe(octets);
  return out;
}

std::optional<Token> parse_token(std::string_view text, std::size_t secret_size) {
  if (text.size() > 128) return std::nullopt;
  auto octets = text::parse_base64url(text);
  if (!octets) return std::nullopt;
  base::Decoder in(*octets);
  Token out;
  out.member.bytes = in.fixed<16>();
  out.slot = in.fixed<16>();
  out.secret = in.rest();
  crypto::wipe(*octets);
  if (in.ok() && out.secret.size() == secret_size) return out;
  crypto::wipe(out.secret);
  return std::nullopt;
}

/// A slot that a token opened, of a member who may still be let in.
struct Found {
  Slots slots;
  OpenedSlot opened;
};
std::optional<Found> find_by_token(const Household& house, std::string_view text, SlotType type) {
  auto token = parse_token(text, type == SlotType::session ? session_secret : guest_secret);
  if (!token) return std::nullopt;
  const auto directory = house.directory.state();
  const Person* person = directory->find(token->member);
  std::optional<Found> out;
  if (person != nullptr) {
    auto slots = read_slots(house, *person);
    const auto found = std::ranges::find(slots.live, token->slot, [](const Slot& slot) { return slot.label.id; });
    const bool usable = found != slots.live.end() && found->label.type == type &&
                        !found->label.expired(house.clock.now()) &&
                        house.registry.gate().may_log_in(person->id, house.clock.now());
    if (usable) {
      if (auto key = open_token_slot(house.arena, *found, token->secret)) {
        OpenedSlot opened{*found, std::move(*key), std::nullopt};
        out.emplace(Found{std::move(slots), std::move(opened)});
      }
    }
  }
  crypto::wipe(token->secret);
  return out;
}

SlotLabel label_for(const Household& house, const sasl::Login& by, SlotType type, const SessionWish& wish) {
  auto label = new_label(house, by.member, type, wish.name);
  label.scopes = wish.scopes;
  label.expires = wish.expires;
  return label;
}

}  // namespace

/// One that replaces none; expired tokens make room.
Result<SessionToken> KeyRing::issue(State& state, const sasl::Login& by, SlotLabel label) {
  const Household& house = state.house;
  const auto now = house.clock.now();
  if (!is_slot_name(label.name)) return make_error_code(Errc::bad_name);
  const bool within = by.vault_key != nullptr && label.scopes != 0 && (label.scopes & ~by.scopes) == 0;
  if (!within) return make_error_code(Errc::not_permitted);
  const std::scoped_lock lock(state.changing(by.member));
  const auto directory = house.directory.state();
  const Person* person = directory->find(by.member);
  if (person == nullptr || !by.stands()) return make_error_code(Errc::not_permitted);
  const auto slots = read_slots(house, *person);
  const auto same = [&](const Slot& slot) { return slot.label.id == by.slot; };
  const auto made_by = std::ranges::find_if(slots.live, same);
  if (made_by == slots.live.end()) return make_error_code(Errc::not_permitted);
  const auto& latest = made_by->label.expires;
  if (*label.expires <= now || (latest && *label.expires > *latest)) return make_error_code(Errc::bad_expiry);

  SlotChange change;
  for (const auto& slot : slots.live) {
    const bool token = slot.label.type == SlotType::session || slot.label.type == SlotType::guest;
    if (token && slot.label.expired(now)) change.go.push_back(slot.label.id);
  }
  if (slots.live.size() - change.go.size() >= most_slots) return make_error_code(Errc::too_many_slots);
  const std::size_t size = label.type == SlotType::session ? session_secret : guest_secret;
  auto random = house.entropy.bytes<session_secret>();
  Token token{by.member, label.id, std::string(base::octets(random).substr(0, size))};
  change.come.push_back(make_token_slot(slot_ports(house), std::move(label), token.secret, by.vault_key->secret()));
  const auto changed = change_slots(house, by.member, change);
  SessionToken out{token.slot, write_token(token)};
  crypto::wipe(random);
  crypto::wipe(token.secret);
  if (!changed) return changed.error();
  for (const auto& id : change.go) state.revoked->add(id);
  return out;
}

Result<SessionToken> KeyRing::issue_session(const sasl::Login& by, const SessionWish& wish) {
  return issue(*state_, by, label_for(state_->house, by, SlotType::session, wish));
}

Result<sasl::Login> KeyRing::open_session(std::string_view token, sasl::Scope wanted) {
  auto found = find_by_token(state_->house, token, SlotType::session);
  if (!found || (found->opened.slot.label.scopes & static_cast<sasl::Scopes>(wanted)) == 0)
    return make_error_code(sasl::Errc::refused);
  note_use(*state_, found->opened.slot.label);
  const auto age = state_->revoked->age(found->opened.slot.label.id);
  return login_by(state_->house, state_->revoked, found->opened.slot.label, std::move(found->opened.vault_key), age);
}

Result<SessionToken> KeyRing::issue_guest(const sasl::Login& by, std::string_view channel, const SessionWish& wish) {
  if (channel.empty() || channel.size() > longest_channel) return make_error_code(Errc::bad_name);
  auto label = label_for(state_->house, by, SlotType::guest, wish);
  label.owner = channel;
  return issue(*state_, by, std::move(label));
}

Result<GuestPass> KeyRing::open_guest(std::string_view token, std::string_view channel) {
  auto found = find_by_token(state_->house, token, SlotType::guest);
  if (!found || found->opened.slot.label.owner != channel) return make_error_code(sasl::Errc::refused);
  note_use(*state_, found->opened.slot.label);
  return GuestPass{found->opened.slot.label,
                   std::make_shared<const crypto::VaultKey>(std::move(*found->opened.vault_key))};
}

}  // namespace mailpod::members
