#include <mailpod/delivery/post_office.hpp>

#include <algorithm>

#include <mailpod/base/bytes.hpp>
#include <mailpod/delivery/acquaintances.hpp>
#include <mailpod/delivery/chancery.hpp>
#include <mailpod/delivery/quotas.hpp>
#include <mailpod/delivery/srs.hpp>
#include <mailpod/text/ascii.hpp>

#include "exchange.hpp"
#include "forwarding.hpp"
#include "groups.hpp"
#include "network_of.hpp"
#include "pod_letter.hpp"
#include "routes.hpp"
#include "rules.hpp"

namespace mailpod::delivery {

using boost::asio::awaitable;

namespace {

// RFC 3848, and with SMTPUTF8 the names of RFC 6531 §4.3
std::string protocol_of(const smtp::Peer& peer, bool smtp_utf8) {
  if (!peer.extended) return "SMTP";
  const bool lmtp = peer.role == smtp::Role::lmtp;
  std::string protocol = smtp_utf8 ? (lmtp ? "UTF8LMTP" : "UTF8SMTP") : (lmtp ? "LMTP" : "ESMTP");
  if (peer.tls) protocol += 'S';
  if (peer.login) protocol += 'A';
  return protocol;
}

// Where a member was when they wrote is nobody's business: neither their address nor what their machine calls itself.
void tell_origin(const smtp::Peer& peer, message::Received& received) {
  if (peer.role == smtp::Role::submission) return;
  received.helo = peer.helo;
  received.client_ip = peer.address;
}

}  // namespace

struct PostOffice::State {
  State(const Ports& given, Settings with)
      : ports(given), settings(std::move(with)), routes{ports.directory, ports.gate, ports.clock, settings.separator} {}

  /// Whether this session may submit at all. Errors: may_not_submit.
  Result<Submitter> submitter(const smtp::Peer& peer) const {
    if (!peer.login || (peer.login->scopes & static_cast<sasl::Scopes>(sasl::Scope::send)) == 0) {
      return smtp::Errc::may_not_submit;
    }
    // Asked at each message: while a session is open its secret may be revoked, or the member suspended.
    if (!peer.login->stands()) return smtp::Errc::may_not_submit;
    if (!ports.gate.may_submit(peer.login->member, ports.clock.now())) return smtp::Errc::may_not_submit;
    Submitter submitter{peer.login->member, ports.directory.state(), settings.separator};
    if (submitter.directory->find(submitter.member) == nullptr) return smtp::Errc::may_not_submit;
    return submitter;
  }

  Status consider_sender(const smtp::Peer& peer, const smtp::Mailbox& reverse_path) const {
    if (peer.role != smtp::Role::submission) return {};
    const auto member = submitter(peer);
    if (!member) return member.error();
    // A member's client may send bounces and dispositions too: with the null path, RFC 5321 §4.5.5.
    if (!reverse_path.empty() && !member->owns(reverse_path)) return smtp::Errc::sender_not_yours;
    return {};
  }

  /// Whose vaults hold what comes for this recipient, if it may come at all. None for what goes on elsewhere, and for a
  /// group: what its members get as such must not depend on the fullest of them.
  using Keepers = std::vector<MemberId>;
  Result<Keepers> consider_recipient(const smtp::Peer& peer, const smtp::Mailbox& reverse_path,
                                     const smtp::Mailbox& forward_path) const {
    if (const auto refusal = refusal_at_border(peer, reverse_path, forward_path)) return refusal->code;
    if (!is_local(routes, forward_path)) return nobody_if(consider_remote(peer));
    if (is_for_chancery(forward_path)) return Keepers();
    if (is_return(forward_path)) {
      if (returns_to(peer, reverse_path, forward_path)) return Keepers();
      return smtp::Errc::no_such_mailbox;
    }
    if (const auto group = group_for(routes, forward_path)) {
      if (!group->outside.empty() && ports.outbox == nullptr) return smtp::Errc::remote_not_served;
      Poster poster{std::nullopt, address_text(reverse_path, settings.host_name)};
      if (peer.role == smtp::Role::submission && peer.login) poster.member = peer.login->member;
      return nobody_if(may_post(routes, *group, poster));
    }
    auto members = members_for(routes, forward_path);
    if (!members) return members.error();
    const auto directory = ports.directory.state();
    const auto passed_on = std::erase_if(*members, [&](MemberId id) { return needs_outbox(*directory, id); });
    if (passed_on > 0 && ports.outbox == nullptr) return smtp::Errc::remote_not_served;
    return members;
  }

  Exchange exchange() const { return {ports.gate.roster(), ports.directory.state(), ports.clock.now()}; }

  /// Before anything is said about who is there: whoever is refused learns nothing else.
  std::optional<Crossing> refusal_at_border(const smtp::Peer& peer, const smtp::Mailbox& reverse_path,
                                            const smtp::Mailbox& forward_path) const {
    const bool local = is_local(routes, forward_path);
    if (peer.role == smtp::Role::submission) {
      if (local) return std::nullopt;
      return refusal_out(exchange(), forward_path.local_part, forward_path.domain);
    }
    if (!local || is_always_reached(forward_path.local_part)) return std::nullopt;
    return refusal_of_claims(exchange(), peer, reverse_path);
  }

  /// Whether charter and acts are asked who stands behind the message: not where only those get it whom everybody
  /// reaches.
  static bool is_asked_at_border(const smtp::Peer& peer, const std::vector<smtp::Addressee>& recipients) {
    return peer.role != smtp::Role::submission && std::ranges::any_of(recipients, [](const smtp::Addressee& one) {
             return !is_always_reached(one.forward_path.local_part);
           });
  }

  static Result<Keepers> nobody_if(const Status& allowed) {
    if (!allowed) return allowed.error();
    return Keepers();
  }

  /// What is sent there is looked through for signed files; the rest is mail for a role.
  bool is_for_chancery(const smtp::Mailbox& forward_path) const {
    return ports.chancery != nullptr && is_local(routes, forward_path) &&
           text::equal_fold(forward_path.local_part, governance_address);
  }

  /// Whether an address is a reverse path under which we forwarded, and nobody's own.
  bool is_return(const smtp::Mailbox& forward_path) const {
    return Srs::is_rewritten(forward_path.local_part) &&
           ports.directory.state()->find(forward_path.local_part + "@" + forward_path.domain) == nullptr;
  }

  /// Whose mail it was that comes back: only from outside, only without a reverse path of its own, and only if we gave
  /// that path away ourselves; so nothing else can be relayed.
  std::optional<std::string> returns_to(const smtp::Peer& peer, const smtp::Mailbox& reverse_path,
                                        const smtp::Mailbox& forward_path) const {
    const bool bounce = peer.role != smtp::Role::submission && reverse_path.empty();
    if (!bounce || ports.outbox == nullptr || ports.outbox->srs == nullptr) return std::nullopt;
    return ports.outbox->srs->restore(forward_path.local_part, ports.clock.now());
  }

  /// Where the message goes, whatever it is addressed to.
  Result<Destinations> all_destinations(const smtp::Peer& peer, const smtp::Mailbox& reverse_path,
                                        const std::vector<smtp::Addressee>& recipients) const {
    std::vector<smtp::Addressee> others;
    std::vector<std::string> returned;
    std::optional<Destination> for_chancery;
    for (const smtp::Addressee& recipient : recipients) {
      const auto& path = recipient.forward_path;
      if (is_for_chancery(path)) {
        for_chancery = Destination{MemberId{}, address_text(path, settings.host_name)};
        continue;
      }
      const bool comes_back = is_local(routes, path) && is_return(path);
      const auto author = comes_back ? returns_to(peer, reverse_path, path) : std::nullopt;
      if (author) returned.push_back(*author);
      if (!comes_back) others.push_back(recipient);
    }
    auto destinations = destinations_for(routes, others, peer.role != smtp::Role::submission);
    if (!destinations) return destinations;
    destinations->governance = std::move(for_chancery);
    auto& remote = destinations->remote;
    for (const auto& author : returned) {
      const bool known = std::ranges::find(remote, author, &Destinations::Remote::address) != remote.end();
      if (!known) remote.push_back({author, {}});
    }
    const std::string path = address_text(reverse_path, settings.host_name);
    add_forwards({ports.directory.state(), ports.outbox, path, ports.clock.now()}, *destinations);
    keep_what_may_not_go_on(*destinations);
    return destinations;
  }

  /// A member who forwards to where no mail goes any more finds it here.
  void keep_what_may_not_go_on(Destinations& destinations) const {
    const Exchange now = exchange();
    if (now.is_open()) return;
    const auto is_barred = [&](const std::string& address) {
      const auto at = address.rfind('@');
      return at != std::string::npos && refusal_out(now, address.substr(0, at), address.substr(at + 1));
    };
    std::erase_if(destinations.onward, [&](Onward& onward) {
      if (!onward.forwards || std::ranges::none_of(onward.remote, is_barred)) return false;
      keep_instead(onward, destinations.local);
      return true;
    });
  }

  /// Who asks for those that there are not is most likely trying names.
  void note_refused_recipient(const smtp::Peer& peer, boost::system::error_code error) const {
    if (ports.acquaintances == nullptr || peer.role != smtp::Role::exchange || error != smtp::Errc::no_such_mailbox)
      return;
    const std::string network = network_of(peer.address);
    if (network.empty() || net::any_contains(settings.authentication.exempt, peer.address)) return;
    ports.acquaintances->note(Memory::Kind::network, network, Memory::unknown_recipients);
  }

  /// Mail from outside is never relayed.
  Status consider_remote(const smtp::Peer& peer) const {
    if (peer.role != smtp::Role::submission) return smtp::Errc::not_local;
    if (ports.outbox == nullptr) return smtp::Errc::remote_not_served;
    return {};
  }

  Result<std::unique_ptr<smtp::Letter>> begin(const smtp::Peer& peer, const smtp::Mailbox& reverse_path,
                                              const std::vector<smtp::Addressee>& recipients,
                                              const smtp::MailParameters& parameters) const {
    const Status sender = consider_sender(peer, reverse_path);
    if (!sender) return sender.error();
    for (const smtp::Addressee& recipient : recipients) {
      const auto considered = consider_recipient(peer, reverse_path, recipient.forward_path);
      if (!considered) return considered.error();
    }
    auto destinations = all_destinations(peer, reverse_path, recipients);
    if (!destinations) return destinations.error();

    const auto& domains = ports.directory.state()->domains();
    const std::string domain = domains.empty() ? settings.host_name : domains.front();
    Envelope envelope;
    envelope.circumstances.role = peer.role;
    if (peer.role == smtp::Role::submission) {
      envelope.circumstances.submitter = submitter(peer).value();
      envelope.login = peer.login;
    }
    envelope.circumstances.destinations = std::move(*destinations);
    envelope.circumstances.most_hops = settings.hops;
    envelope.reverse_path = address_text(reverse_path, domain);
    envelope.id = base::hex(base::octets(ports.entropy.bytes<8>()));
    envelope.message_id_domain = domain;
    envelope.parameters = parameters;
    envelope.asks_at_border = is_asked_at_border(peer, recipients);
    for (const smtp::Addressee& recipient : recipients)
      envelope.recipients.push_back(address_text(recipient.forward_path, domain));
    if (ports.dns != nullptr) envelope.examined = examined_sender(settings.authentication, peer, reverse_path);

    message::Received& received = envelope.received;
    tell_origin(peer, received);
    received.by = settings.host_name;
    received.protocol = protocol_of(peer, parameters.smtp_utf8);
    received.tls = peer.tls ? peer.tls_version + " " + peer.tls_cipher : "";
    received.id = envelope.id;
    if (recipients.size() == 1) received.for_address = address_text(recipients.front().forward_path, domain);
    return std::unique_ptr<smtp::Letter>(std::make_unique<PodLetter>(ports, settings, std::move(envelope)));
  }

  Ports ports;
  Settings settings;
  Routes routes;
};

PostOffice::PostOffice(const Ports& ports, Settings settings)
    : state_(std::make_unique<State>(ports, std::move(settings))) {}

PostOffice::~PostOffice() = default;

awaitable<Status> PostOffice::consider_sender(const smtp::Peer& peer, const smtp::Mailbox& reverse_path,
                                              const smtp::MailParameters&) {
  co_return state_->consider_sender(peer, reverse_path);
}

awaitable<Status> PostOffice::consider_recipient(const smtp::Peer& peer, const smtp::Mailbox& reverse_path,
                                                 const smtp::Mailbox& forward_path) {
  const auto keepers = state_->consider_recipient(peer, reverse_path, forward_path);
  if (!keepers) {
    state_->note_refused_recipient(peer, keepers.error());
    co_return keepers.error();
  }
  const auto member = peer.login ? std::optional(peer.login->member) : std::nullopt;
  if (state_->is_for_chancery(forward_path) && !state_->ports.chancery->admits(peer.address, member))
    co_return smtp::Errc::too_fast;
  Quotas* const quotas = state_->ports.quotas;
  if (quotas == nullptr || keepers->empty()) co_return Status{};
  auto considering = quotas->consider(*keepers);
  co_return co_await std::move(considering);
}

std::string PostOffice::explain_recipient(const smtp::Peer& peer, const smtp::Mailbox& reverse_path,
                                          const smtp::Mailbox& forward_path) const {
  const auto refusal = state_->refusal_at_border(peer, reverse_path, forward_path);
  return refusal ? refusal->words : std::string();
}

awaitable<Result<std::unique_ptr<smtp::Letter>>> PostOffice::begin(const smtp::Peer& peer,
                                                                   const smtp::Mailbox& reverse_path,
                                                                   const std::vector<smtp::Addressee>& recipients,
                                                                   const smtp::MailParameters& parameters) {
  co_return state_->begin(peer, reverse_path, recipients, parameters);
}

}  // namespace mailpod::delivery
