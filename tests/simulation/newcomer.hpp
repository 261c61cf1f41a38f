#pragma once

#include <optional>
#include <string>

#include <mailpod/governance/join.hpp>
#include <mailpod/governance/vouch.hpp>

#include "simulation/community.hpp"

namespace mailpod::simulation {

/// Somebody outside a community, with a key of their own and perhaps an invitation; and the same person once inside.
class Newcomer {
public:
  Newcomer(Community& community, std::string address, bool invited = true)
      : community_(community),
        address(std::move(address)),
        key(crypto::minisign::SecretKey::random(community.arena, community.entropy)) {
    if (invited) secret = community.entropy.bytes<16>();
    drawn = governance::draw(key, secret, community.charter.pod);
  }

  governance::Hash invitation() const { return governance::invitation_commitment(invitation_key().public_key()); }
  /// What maintainers sign for them.
  governance::Act invite_act(std::chrono::days length = std::chrono::days(14)) const {
    auto act = community_.act(governance::Act::Kind::invite, {});
    act.invitation = invitation();
    act.until = act.issued + length;
    return act;
  }
  governance::Join join() const {
    governance::Join out{community_.charter.pod, community_.charter.seq,
                         community_.pin(),       now(),
                         drawn.member,           governance::address_commitment(drawn.salt, address),
                         key.public_key(),       std::nullopt};
    if (secret) out.invitation = invitation_key().public_key();
    return out;
  }
  governance::SignedFile sign(const governance::Join& join) const {
    governance::SignedFile out{"a join", governance::write_join(join), {}};
    out.minisigs.push_back(governance::sign(key, out.octets, out.name).value());
    if (join.invitation) out.minisigs.push_back(governance::sign(invitation_key(), out.octets, out.name).value());
    out.minisigs = governance::in_key_order(std::move(out.minisigs));
    return out;
  }
  governance::SignedFile joining() const { return sign(join()); }

  /// What they say of another, as a member.
  governance::Vouch vouch(governance::Vouch::Kind kind, const Newcomer& of) const {
    governance::Vouch out;
    out.kind = kind;
    out.pod = community_.charter.pod;
    out.charter = community_.charter.seq;
    out.nonce = community_.entropy.bytes<16>();
    out.issued = now();
    out.by = drawn.member;
    if (kind == governance::Vouch::Kind::invite) {
      out.invitation = of.invitation();
      out.until = out.issued + std::chrono::days(14);
    } else {
      out.newcomer = of.drawn.member;
    }
    return out;
  }
  governance::SignedFile sign(const governance::Vouch& vouch) const {
    governance::SignedFile out{"a vouch", governance::write_vouch(vouch), {}};
    out.minisigs.push_back(governance::sign(key, out.octets, out.name).value());
    return out;
  }
  governance::SignedFile vouching(governance::Vouch::Kind kind, const Newcomer& of) const {
    return sign(vouch(kind, of));
  }

  crypto::minisign::SecretKey invitation_key() const { return governance::invitation_key(community_.arena, *secret); }

private:
  base::Time now() const { return base::from_seconds(base::to_seconds(community_.clock.now())); }
  Community& community_;

public:
  std::string address;
  crypto::minisign::SecretKey key;
  std::optional<governance::InvitationSecret> secret;
  governance::Drawn drawn;
};

}  // namespace mailpod::simulation
