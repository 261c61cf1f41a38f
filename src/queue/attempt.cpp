#include "attempt.hpp"

#include <algorithm>
#include <system_error>

#include <mailpod/net/error.hpp>

namespace mailpod::queue {

namespace {

using boost::asio::awaitable;
using Answers = std::vector<std::optional<smtp::Answer>>;

// RFC 3461 §4.1, in the order in which it names them.
std::string notify_words(std::uint8_t notify) {
  if ((notify & Notify::never) != 0) return "NEVER";
  std::string words;
  const auto add = [&](std::uint8_t bit, std::string_view word) {
    if ((notify & bit) == 0) return;
    if (!words.empty()) words += ',';
    words += word;
  };
  add(Notify::success, "SUCCESS");
  add(Notify::failure, "FAILURE");
  add(Notify::delay, "DELAY");
  return words;
}

std::string return_word(Return content) {
  return content == Return::full ? "FULL" : content == Return::headers ? "HDRS" : "";
}

smtp::Dispatch dispatch_for(const Errand& errand, const FittedMessage& message, const base::OctetSource& whole,
                            smtp::Protection protection) {
  const Entry& entry = errand.entry;
  std::vector<smtp::DispatchRecipient> recipients;
  for (const std::size_t place : errand.recipients) {
    const Recipient& recipient = entry.recipients[place];
    recipients.push_back({recipient.address, notify_words(recipient.notify), recipient.original_recipient});
  }
  return {entry.reverse_path.empty() ? "<>" : entry.reverse_path,
          std::move(recipients),
          whole,
          entry.envelope_id,
          return_word(entry.return_content),
          message.smtp_utf8,
          entry.require_tls,
          protection};
}

RecipientState state_after(const smtp::Answer& answer) {
  if (answer.accepts()) return RecipientState::delivered;
  return answer.refuses_for_good() ? RecipientState::failed : RecipientState::pending;
}

Answers known(std::vector<smtp::Answer> answers) {
  return {std::make_move_iterator(answers.begin()), std::make_move_iterator(answers.end())};
}

// For whoever reads the queue. Of a server that does not keep to SMTP it says where.
std::string words_for(const std::system_error& failure) {
  return failure.code() == std::errc::protocol_error ? failure.what() : failure.code().message();
}

Trouble unreadable() {
  return {"451 4.3.0 the message cannot be read from the queue at present", {}};
}

// RFC 5321 §3.8: the server closes the channel, whatever was asked.
bool closes_channel(const Answers& answers) {
  return std::ranges::any_of(answers, [](const auto& answer) { return answer && answer->code == 421; });
}

// RFC 5321 §4.5.3.1.10: this one is for another message, at once, since this one was taken; or since we know that the
// host would say so (RFC 9422), and have not asked for this one.
bool is_for_another_message(const smtp::Answer& answer, bool taken) {
  const bool means_too_many = answer.code == 452 && (answer.enhanced.empty() || answer.enhanced == "4.5.3");
  return means_too_many && (taken || answer.by_us);
}

}  // namespace

Attempt::Attempt(const Sender::Ports& ports, const Sender::Settings& settings, const Guides& guides, Task task,
                 Errands& errands)
    : ports_(ports),
      settings_(settings),
      guides_(guides),
      to_(std::move(task.to)),
      number_(task.number),
      errands_(errands) {}

awaitable<void> Attempt::run() {
  const Route route = co_await guides_.hosts.find(to_);
  if (route.refusal) {
    trouble_ = {route.refusal->str(), {}, state_after(*route.refusal)};
  } else {
    policy_ = co_await guides_.tls.policy_of(to_);
    for (const Host& host : route.hosts) {
      const bool served = co_await try_host(host);
      if (served || stopping_) co_return;
    }
  }
  if (!stopping_) errands_.refuse_all(to_, trouble_);
}

/// What the host must show. False: it is to be left alone for now.
awaitable<bool> Attempt::learn_demand(const Host& host) {
  demand_ = {};
  demand_.peer.name = host.name;
  if (to_.tls_optional) co_return true;
  const auto asked = std::tuple(host.name, host.endpoint.port, host.tlsa_bases);
  // Of each address of a host the same is asked: what kept us waiting once would keep us again.
  auto known = verdicts_.find(asked);
  if (known == verdicts_.end()) {
    TlsPolicies::Verdict learnt = co_await guides_.tls.demand_on(host, policy_);
    known = verdicts_.emplace(asked, std::move(learnt)).first;
  }
  const TlsPolicies::Verdict& verdict = known->second;
  if (verdict.refusal) {
    keep_trouble({*verdict.refusal, host.name});
    co_return false;
  }
  demand_ = verdict.demand;
  co_return true;
}

/// False: the next host is to be tried.
awaitable<bool> Attempt::try_host(const Host& host) {
  const bool may_be_asked = co_await learn_demand(host);
  if (!may_be_asked) co_return false;
  // RFC 8689 §4.2.1: without DNSSEC, or a policy that names the host, any name could stand there.
  if (to_.require_tls && !host.is_authentic && demand_.by != Demand::By::mta_sts) {
    keep_trouble(
        {"550 5.7.30 DNS does not vouch for this host, as the message demands", host.name, RecipientState::failed});
    co_return false;
  }
  Reached reached = co_await reach(host, smtp::Client::Tls::if_offered);
  if (reached == Reached::tls_failed) {
    if (const auto trouble = handshake_trouble(host)) {
      keep_trouble(*trouble);
      co_return false;
    }
    if (!stopping_) reached = co_await reach(host, smtp::Client::Tls::never);
  }
  if (reached != Reached::yes) co_return false;
  const bool served = co_await serve(host);
  co_return served;
}

awaitable<Attempt::Reached> Attempt::reach(const Host& host, smtp::Client::Tls tls) {
  if (stopping_) co_return Reached::no;
  std::error_code failure;
  const auto limit = patience(settings_.connect_limit);
  smtp::ClientSettings client = settings_.client;
  client.greeting = patience(client.greeting);
  try {
    stream_ = co_await ports_.dialer.connect(host.endpoint, limit);
    client_ = std::make_unique<smtp::Client>(*stream_, std::move(client));
    const smtp::Answer answer = co_await client_->greet(demand_.peer, tls);
    const auto shortcoming = answer.accepts() ? shortcoming_of_way(host) : std::nullopt;
    if (answer.accepts() && !shortcoming) {
      ports_.log.info("queue.connected host={} address={} tls={}", base::printable(host.name), host.endpoint.address,
                      stream_->secure() ? stream_->tls().version : "none");
      co_return Reached::yes;
    }
    if (shortcoming) {
      keep_trouble(*shortcoming);
    } else {
      // A refusal of the host is none of the message: another try may find it in a better mood.
      keep_trouble({answer.str(), host.name});
    }
  } catch (const std::system_error& error) {
    failure = error.code();
    const bool is_known_otherwise = failure == net::Errc::tls_handshake_failed && handshake_trouble(host);
    if (!is_known_otherwise) keep_trouble({words_for(error), host.name});
  }
  if (failure) {
    disconnect();
  } else {
    co_await part();
  }
  co_return failure == net::Errc::tls_handshake_failed ? Reached::tls_failed : Reached::no;
}

std::chrono::milliseconds Attempt::patience(std::chrono::milliseconds limit) const {
  constexpr std::chrono::milliseconds in_a_hurry{10'000};
  return errands_.is_hurried() ? std::min(limit, in_a_hurry) : limit;
}

/// What this connection misses: of what a policy demands, for now; of what the message does, for good.
/// RFC 8689 §4.2.1.
std::optional<Trouble> Attempt::shortcoming_of_way(const Host& host) const {
  if (const auto missing = shortcoming_of(*stream_, demand_)) return Trouble{*missing, host.name};
  if (!to_.require_tls) return std::nullopt;
  const auto refused = [&](std::string reply) { return Trouble{std::move(reply), host.name, RecipientState::failed}; };
  if (!stream_->secure()) return refused("550 5.7.10 the host offers no TLS, which the message demands");
  if (!stream_->tls().verified) return refused("550 5.7.10 the host does not prove its name, as the message demands");
  if (!client_->extensions().require_tls) return refused("550 5.7.30 the host does not offer REQUIRETLS");
  return std::nullopt;
}

/// What a handshake that failed means; nothing where clear text will do as well.
std::optional<Trouble> Attempt::handshake_trouble(const Host& host) const {
  if (demand_.protection != smtp::Protection::any) return Trouble{handshake_failed(demand_), host.name};
  if (!to_.require_tls) return std::nullopt;
  return Trouble{"550 5.7.10 TLS, which the message demands, failed", host.name, RecipientState::failed};
}

/// One host that may be tried again is hope for all.
void Attempt::keep_trouble(Trouble trouble) {
  const bool there_is_hope = !trouble_.reply.empty() && trouble_.leaves == RecipientState::pending;
  if (there_is_hope && trouble.leaves == RecipientState::failed) return;
  trouble_ = std::move(trouble);
}

/// False: the server has not waited until others were served.
awaitable<bool> Attempt::await_place(const Host& host) {
  net::Wake wake = net::Wake::rung;
  while (wake == net::Wake::rung && !stopping_ && !errands_.has_place(*this)) {
    awaits_place_ = true;
    try {
      wake = co_await stream_->wait_input(settings_.client.command);
    } catch (const std::system_error&) {
      wake = net::Wake::input;
    }
    awaits_place_ = false;
  }
  if (!stopping_ && wake != net::Wake::rung) {
    keep_trouble({"the server closed the connection while others were served", host.name});
    co_return false;
  }
  co_return true;
}

void Attempt::lose_host() {
  disconnect();
  has_greeted_ = false;
  errands_.lost(*this);
}

/// False: not even the first message concerned this host.
awaitable<bool> Attempt::serve(const Host& host) {
  has_greeted_ = true;
  errands_.greeted(*this);
  served_ = 0;
  const bool may_begin = co_await await_place(host);
  if (!may_begin) {
    lose_host();
    co_return false;
  }
  while (!stopping_) {
    std::optional<Errand> errand = co_await errands_.next(to_);
    if (!errand) {
      const bool more = co_await rest();
      if (!more) break;
      continue;
    }
    const EntryId id = errand->entry.id;
    if (served_ > 0 && guides_.tls.asks_for_other(to_, policy_)) {
      errands_.put_back(to_, id);
      break;
    }
    errands_.begins_message(*this);
    HandedOver result = co_await hand_over(*errand, host);
    errands_.ends_message(*this);
    if (result.concerned_connection) {
      errands_.put_back(to_, id);
      disconnect();
      // One that has served goes stale; a fresh one will be opened.
      if (served_ > 0) co_return true;
      lose_host();
      co_return false;
    }
    ++served_;
    const bool partial = errand->others_left || result.others_left;
    const auto extent = partial ? Errands::Extent::partial : Errands::Extent::complete;
    co_await errands_.finished(to_, id, std::move(result.findings), extent);
    const std::uint64_t most = client_->extensions().most_mails.value_or(UINT64_MAX);
    if (client_->spent() || served_ >= std::min<std::uint64_t>(settings_.messages_per_connection, most)) break;
    // It took so long that somebody else has the place.
    const bool may_go_on = co_await await_place(host);
    if (!may_go_on) break;
  }
  co_await part();
  co_return true;
}

/// The message in the form that this server takes: what the recipients get, to the octet. Nothing if it cannot be read.
awaitable<std::optional<FittedMessage>> Attempt::fit(const Errand& errand) {
  const auto work = [&] { return fitted(errand.entry, *errand.message, client_->extensions()); };
  try {
    FittedMessage made = co_await ports_.pool.run(work);
    co_return std::optional<FittedMessage>(std::move(made));
  } catch (const std::system_error&) {
  }
  co_return std::nullopt;
}

awaitable<Attempt::HandedOver> Attempt::hand_over(const Errand& errand, const Host& host) {
  Answers answers(errand.recipients.size());
  const std::optional<FittedMessage> message = co_await fit(errand);
  if (stopping_) co_return HandedOver{{}, true, false};
  if (!message) {
    trouble_ = unreadable();
    co_return judged(errand, host, answers);
  }
  const base::OctetSource& content = message->octets(*errand.message);
  const std::optional<std::string> signed_by = co_await signatures(errand, content);
  if (stopping_) co_return HandedOver{{}, true, false};
  if (!signed_by) co_return judged(errand, host, answers);
  const base::PrefixedSource whole(*signed_by, content);
  const smtp::Dispatch dispatch = dispatch_for(errand, *message, whole, demand_.protection);

  bool broke = false;
  try {
    std::vector<smtp::Answer> all = co_await client_->send(dispatch);
    answers = known(std::move(all));
  } catch (const std::system_error& error) {
    broke = true;
    const bool unknown = client_->data_ended();
    trouble_ = {(unknown ? "no answer to the message: " : "the connection broke: ") + words_for(error), host.name};
    if (errand.message->has_failed()) trouble_ = unreadable();
    answers = client_->answers();
  }
  if (!client_->mail_accepted() && !errand.message->has_failed() && (broke || closes_channel(answers))) {
    for (const auto& answer : answers) {
      if (answer && answer->code == 421) trouble_ = {answer->str(), host.name};
    }
    co_return HandedOver{{}, true, false};
  }
  answers.resize(errand.recipients.size());
  co_return judged(errand, host, answers);
}

awaitable<std::optional<std::string>> Attempt::signatures(const Errand& errand, const base::OctetSource& content) {
  if (ports_.signer == nullptr) co_return std::string();
  const auto signing = [&] { return ports_.signer->sign(errand.entry, content); };
  try {
    std::string fields = co_await ports_.pool.run(signing);
    co_return fields;
  } catch (const std::system_error&) {
    trouble_ = unreadable();
  }
  co_return std::nullopt;
}

Attempt::HandedOver Attempt::judged(const Errand& errand, const Host& host, const Answers& answers) const {
  HandedOver result;
  const bool taken =
      std::ranges::any_of(answers, [](const auto& answer) { return answer && !answer->by_us && answer->accepts(); });
  for (std::size_t i = 0; i < answers.size(); ++i) {
    const auto& answer = answers[i];
    // We broke it off ourselves: that was no attempt.
    if (!answer && stopping_) continue;
    if (answer && is_for_another_message(*answer, taken)) {
      result.others_left = true;
      continue;
    }
    Finding& found = result.findings.emplace_back();
    found.recipient = errand.recipients[i];
    found.address = errand.entry.recipients[found.recipient].address;
    found.state = answer ? state_after(*answer) : RecipientState::pending;
    found.reply = answer ? answer->str() : trouble_.reply;
    found.host = answer ? (answer->by_us ? std::string() : host.name) : trouble_.host;
    found.host_reports = answer && answer->accepts() && client_->extensions().delivery_status;
  }
  return result;
}

awaitable<bool> Attempt::rest() {
  if (!errands_.is_wanted(to_)) co_return false;
  is_resting_ = true;
  net::Wake wake = net::Wake::input;
  try {
    wake = co_await stream_->wait_input(settings_.idle_connection);
  } catch (const std::system_error&) {
    // It has failed: there is nothing to say to it. part() notices.
  }
  is_resting_ = false;
  co_return wake == net::Wake::rung && !stopping_ && errands_.is_wanted(to_);
}

awaitable<void> Attempt::part() {
  if (!stopping_) co_await client_->quit();
  if (!stopping_) co_await stream_->close();
  disconnect();
}

void Attempt::disconnect() {
  client_.reset();
  if (stream_) stream_->abort();
  stream_.reset();
}

void Attempt::stop() {
  stopping_ = true;
  if (stream_ && !(client_ && client_->data_ended())) stream_->abort();
}

void Attempt::abort() {
  stopping_ = true;
  if (stream_) stream_->abort();
}

void Attempt::ring() {
  if (is_resting_) stream_->ring();
}

void Attempt::begin() {
  if (awaits_place_) stream_->ring();
}

}  // namespace mailpod::queue
