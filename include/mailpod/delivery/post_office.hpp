#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <mailpod/base/disk.hpp>
#include <mailpod/base/log.hpp>
#include <mailpod/base/ports.hpp>
#include <mailpod/crypto/sign.hpp>
#include <mailpod/crypto/spool.hpp>
#include <mailpod/delivery/authentication.hpp>
#include <mailpod/delivery/strangers.hpp>
#include <mailpod/queue/spool.hpp>
#include <mailpod/smtp/mailroom.hpp>

namespace mailpod::governance {
class Gate;
}
namespace mailpod::members {
class Directory;
}
namespace mailpod::net {
class Pool;
}
namespace mailpod::store {
class Vaults;
}

namespace mailpod::delivery {

class Acquaintances;
class Brake;
class Chancery;
class Quotas;
class Srs;

/// Where members' mail to other servers goes. What it borrows outlives the post office.
struct Outbox {
  queue::Spool& queue;
  std::function<void(const queue::EntryId&)> look_at;  ///< there is a new entry: queue::Sender::look_at
  std::chrono::seconds give_up_after;                  ///< of its arrival: queue::Timetable
  const Srs* srs = nullptr;                            ///< nullptr: what is forwarded goes under its member's address
  Brake* brake = nullptr;                              ///< nullptr: there is none
};

/// The pod's post office: decides about mail from outside and from members, and puts it into vaults and the queue.
///
/// From outside (smtp::Role::exchange, and lmtp, where another server of this machine hands it in) it takes mail for
/// admitted members and for the role addresses (postmaster, also bare, and abuse, which reach the maintainers), and
/// nothing else: it never relays. From a member it takes mail that is sent from the member's own address, to local
/// recipients, whose mail never sees the queue, and, if there is an outbox, to remote ones, whose mail is one entry of
/// the queue. One message is taken for all its recipients or for none; a member who is named several times gets one
/// copy. A member who asks for it (NOTIFY=SUCCESS, RFC 3461) finds a report in their vault, durable together with the
/// copies of those it tells of.
///
/// What comes to port 25 is examined (SPF, DKIM, DMARC), and says in its header what was found; by that it may be
/// refused, put off, or go to Junk. docs/mail-authentication.md. Mail of domains with which charter and acts let none
/// be exchanged is refused, and so is mail to them, but for postmaster and abuse. docs/federation.md.
///
/// Loop, any: one post office serves all listeners. Disk work happens on the pool. Letters must be gone before it.
class PostOffice final : public smtp::Mailroom {
public:
  struct Settings {
    std::string host_name = "localhost";            ///< in Received fields, as authserv-id, in message ids
    std::string members;                            ///< the pod's members/ folder
    std::uint64_t message_size = 50 * 1024 * 1024;  ///< octets
    std::uint64_t memory = 256 * 1024;              ///< octets of one letter before it goes to a sealed, unnamed file
    std::size_t hops = 100;                         ///< Received fields; more is a loop. RFC 5321 §6.3
    std::size_t header = 1024 * 1024;               ///< octets of a message's own header; more is refused
    std::string separator = "+";                    ///< before the detail of a sub-address; empty: there are none
    Authentication authentication;                  ///< of mail from outside
    StrangerRules strangers;                        ///< of what is examined, and comes from nobody we know
  };

  /// Borrowed; all of it outlives the post office.
  struct Ports {
    members::Directory& directory;
    governance::Gate& gate;
    store::Vaults& vaults;
    net::Pool& pool;
    base::Disk& disk;
    base::Clock& clock;
    base::Entropy& entropy;
    base::Log& log;
    const crypto::SigningKey& pod_key;
    const crypto::SpoolPlace& spool;  ///< where large letters wait, and the budget all of them share
    const Outbox* outbox = nullptr;   ///< nullptr: nothing is sent, and remote recipients answer remote_not_served
    Quotas* quotas = nullptr;         ///< nullptr: nobody has one
    const mailauth::DnsInquiry* dns = nullptr;  ///< nullptr: nothing is asked about who sends
    Acquaintances* acquaintances = nullptr;     ///< nullptr: nobody is a stranger
    Chancery* chancery = nullptr;               ///< nullptr: signed files are mail like any other
  };

  PostOffice(const Ports& ports, Settings settings);
  ~PostOffice() override;

  boost::asio::awaitable<Status> consider_sender(const smtp::Peer& peer, const smtp::Mailbox& reverse_path,
                                                 const smtp::MailParameters& parameters) override;
  boost::asio::awaitable<Status> consider_recipient(const smtp::Peer& peer, const smtp::Mailbox& reverse_path,
                                                    const smtp::Mailbox& forward_path) override;
  std::string explain_recipient(const smtp::Peer& peer, const smtp::Mailbox& reverse_path,
                                const smtp::Mailbox& forward_path) const override;
  boost::asio::awaitable<Result<std::unique_ptr<smtp::Letter>>> begin(const smtp::Peer& peer,
                                                                      const smtp::Mailbox& reverse_path,
                                                                      const std::vector<smtp::Addressee>& recipients,
                                                                      const smtp::MailParameters& parameters) override;

private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace mailpod::delivery
