#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include <mailpod/net/stream.hpp>
#include <mailpod/queue/entry.hpp>
#include <mailpod/queue/sender.hpp>
#include <mailpod/smtp/client.hpp>

#include "demand.hpp"
#include "destination.hpp"
#include "fitted_message.hpp"
#include "outcome.hpp"
#include "tls_policies.hpp"
#include "watched_source.hpp"

namespace mailpod::queue {

/// One message for one destination, ready to be handed over.
struct Errand {
  Entry entry;
  std::vector<std::size_t> recipients;  ///< places in the entry
  bool others_left = false;             ///< more recipients than one message takes
  std::unique_ptr<WatchedSource> message;
};

/// Why something did not come about, in the form in which it is recorded.
struct Trouble {
  std::string reply;
  std::string host;                                 ///< empty: we say so ourselves
  RecipientState leaves = RecipientState::pending;  ///< the recipients
};

class Attempt;

/// Who knows the way. Loop.
struct Guides {
  Guide& hosts;
  TlsPolicies& tls;
};

/// Role: gives an attempt its errands and hears what became of them. Loop.
class Errands {
public:
  virtual ~Errands() = default;
  /// The next one for `to`; nothing if nobody waits there.
  virtual boost::asio::awaitable<std::optional<Errand>> next(const Destination& to) = 0;
  /// Returns when the findings are recorded, as far as that works at all. `complete`: not if recipients of the entry
  /// are left for another errand, at once.
  enum class Extent { complete, partial };
  virtual boost::asio::awaitable<void> finished(const Destination& to, const EntryId& id, std::vector<Finding> findings,
                                                Extent extent) = 0;
  /// Not a word of it was said.
  virtual void put_back(const Destination& to, const EntryId& id) = 0;
  /// No host can be had: this holds for everybody who waits for `to`, unless others serve it. It is recorded later.
  virtual void refuse_all(const Destination& to, const Trouble& trouble) = 0;

  /// A host has greeted; errands come with a place only, which is there, or announced by Attempt::begin().
  virtual void greeted(const Attempt& by) = 0;
  virtual bool has_place(const Attempt& by) const = 0;
  /// It is busy with an errand, during which it may lose its place, until this is over.
  virtual void begins_message(const Attempt& by) = 0;
  virtual void ends_message(const Attempt& by) = 0;
  /// The host that greeted wants no message: another is looked for.
  virtual void lost(const Attempt& by) = 0;
  /// So many wait for hosts that are probably dead that nobody is waited for as long as the settings say.
  virtual bool is_hurried() const = 0;
  /// A resting connection is of use: somebody waits for `to`, or nobody waits for its place.
  virtual bool is_wanted(const Destination& to) const = 0;
};

/// A connection's life: the hosts of one destination in order until one takes messages, then message after message.
///
/// Another host is tried only for what concerns the host: it cannot be reached, greets with a refusal, knows no EHLO,
/// breaks off before it has answered MAIL, or answers it 421 (RFC 5321 §3.8). Whoever has got an answer keeps it. A
/// host whose TLS handshake fails is asked again in clear on a fresh connection: RFC 7435. Where the message demands
/// TLS, or a policy of the destination does, the next host is also tried for want of it; what no host offers that the
/// message demands is refused for good, and what a policy demands is waited for.
class Attempt {
public:
  /// What an attempt is about, and its number among all of them.
  struct Task {
    Destination to;
    std::uint64_t number;
  };
  Attempt(const Sender::Ports& ports, const Sender::Settings& settings, const Guides& guides, Task task,
          Errands& errands);

  boost::asio::awaitable<void> run();

  /// Ends it, unless the answer to a final dot is awaited: then once that is recorded.
  void stop();
  void abort();
  /// Ends the rest of a connection that rests.
  void ring();
  /// There is a place now for one that waits for it.
  void begin();

  const Destination& destination() const { return to_; }
  std::uint64_t number() const { return number_; }
  bool has_greeted() const { return has_greeted_; }
  bool is_resting() const { return is_resting_; }

private:
  enum class Reached { yes, no, tls_failed };
  boost::asio::awaitable<Reached> reach(const Host& host, smtp::Client::Tls tls);
  boost::asio::awaitable<bool> try_host(const Host& host);
  boost::asio::awaitable<bool> learn_demand(const Host& host);
  boost::asio::awaitable<bool> await_place(const Host& host);
  boost::asio::awaitable<bool> serve(const Host& host);
  void lose_host();
  boost::asio::awaitable<bool> rest();
  boost::asio::awaitable<void> part();
  void disconnect();
  std::chrono::milliseconds patience(std::chrono::milliseconds limit) const;
  std::optional<Trouble> shortcoming_of_way(const Host& host) const;
  std::optional<Trouble> handshake_trouble(const Host& host) const;
  void keep_trouble(Trouble trouble);

  /// What one hand-over has come to.
  struct HandedOver {
    std::vector<Finding> findings;
    bool concerned_connection = false;  ///< and so nothing was said about the message
    bool others_left = false;           ///< the host wants them with another message
  };
  boost::asio::awaitable<std::optional<FittedMessage>> fit(const Errand& errand);
  boost::asio::awaitable<HandedOver> hand_over(const Errand& errand, const Host& host);
  /// What stands in front of the message, as this server gets it, from here on; nothing if it could not be read.
  boost::asio::awaitable<std::optional<std::string>> signatures(const Errand& errand, const base::OctetSource& content);
  HandedOver judged(const Errand& errand, const Host& host,
                    const std::vector<std::optional<smtp::Answer>>& answers) const;

  const Sender::Ports& ports_;
  const Sender::Settings& settings_;
  Guides guides_;
  Destination to_;
  std::uint64_t number_;
  Errands& errands_;

  std::unique_ptr<net::Stream> stream_;
  std::unique_ptr<smtp::Client> client_;    ///< of stream_
  Trouble trouble_;                         ///< the last one
  std::optional<RememberedPolicy> policy_;  ///< of the destination
  /// What was learnt of hosts, by name, port and where their records are.
  std::map<std::tuple<std::string, std::uint16_t, std::vector<std::string>>, TlsPolicies::Verdict> verdicts_;
  Demand demand_;           ///< on the present host
  std::size_t served_ = 0;  ///< messages over the present connection
  bool has_greeted_ = false;
  bool is_resting_ = false;
  bool awaits_place_ = false;
  bool stopping_ = false;
};

}  // namespace mailpod::queue
