#include "attempt.hpp"

#include <algorithm>
#include <system_error>

#include <mailpod/net/error.hpp>

namespace mailpod::queue {

namespace {

using boost::asio::awaitable;
using Answers = std::vector<std::optional<smtp::Answer>>;

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

// RFC 5321 §4.5.3.1.10: this one is for another message, at once, since this one was taken.
bool means_too_many(const smtp::Answer& answer) {
  return answer.code == 452 && (answer.enhanced.empty() || answer.enhanced == "4.5.3");
}

}  // namespace

Attempt::Attempt(const Sender::Ports& ports, const Sender::Settings& settings, Guide& guide, Destination to,
                 Errands& errands)
    : ports_(ports), settings_(settings), guide_(guide), to_(std::move(to)), errands_(errands) {}

awaitable<void> Attempt::run() {
  const Route route = co_await guide_.find(to_);
  if (route.refusal) {
    trouble_ = {route.refusal->str(), {}, state_after(*route.refusal)};
  } else {
    for (const Host& host : route.hosts) {
      const bool served = co_await try_host(host);
      if (served || stopping_) co_return;
    }
  }
  if (!stopping_) co_await errands_.refuse_all(to_, trouble_);
}

/// False: the next host is to be tried.
awaitable<bool> Attempt::try_host(const Host& host) {
  Reached reached = co_await reach(host, smtp::Client::Tls::if_offered);
  if (reached == Reached::tls_failed && !stopping_) reached = co_await reach(host, smtp::Client::Tls::never);
  if (reached != Reached::yes) co_return false;
  const bool served = co_await serve(host);
  co_return served;
}

awaitable<Attempt::Reached> Attempt::reach(const Host& host, smtp::Client::Tls tls) {
  if (stopping_) co_return Reached::no;
  std::error_code failure;
  try {
    stream_ = co_await ports_.dialer.connect(host.endpoint, settings_.connect_limit);
    client_ = std::make_unique<smtp::Client>(*stream_, settings_.client);
    const smtp::Answer answer = co_await client_->greet(host.name, tls);
    if (answer.accepts()) {
      ports_.log.info("queue.connected host={} address={} tls={}", base::printable(host.name), host.endpoint.address,
                      stream_->secure() ? stream_->tls().version : "none");
      co_return Reached::yes;
    }
    // A refusal of the host is none of the message: another try may find it in a better mood.
    trouble_ = {answer.str(), host.name};
  } catch (const std::system_error& error) {
    failure = error.code();
    trouble_ = {words_for(error), host.name};
  }
  if (failure) {
    disconnect();
  } else {
    co_await part();
  }
  co_return failure == net::Errc::tls_handshake_failed ? Reached::tls_failed : Reached::no;
}

/// False: not even the first message concerned this host.
awaitable<bool> Attempt::serve(const Host& host) {
  has_greeted_ = true;
  errands_.greeted(to_);
  served_ = 0;
  while (!stopping_) {
    std::optional<Errand> errand = co_await errands_.next(to_);
    if (!errand) {
      const bool more = co_await rest();
      if (!more) break;
      continue;
    }
    const EntryId id = errand->entry.id;
    HandedOver result = co_await hand_over(*errand, host);
    if (result.concerned_connection) {
      errands_.put_back(to_, id);
      disconnect();
      // One that has served goes stale; a fresh one will be opened.
      if (served_ > 0) co_return true;
      has_greeted_ = false;
      errands_.lost(to_);
      co_return false;
    }
    ++served_;
    const bool partial = errand->others_left || result.others_left;
    const auto extent = partial ? Errands::Extent::partial : Errands::Extent::complete;
    co_await errands_.finished(to_, id, std::move(result.findings), extent);
    if (client_->spent() || served_ >= settings_.messages_per_connection) break;
  }
  co_await part();
  co_return true;
}

awaitable<Attempt::HandedOver> Attempt::hand_over(const Errand& errand, const Host& host) {
  if (stopping_) co_return HandedOver{{}, true, false};
  std::vector<std::string> recipients;
  for (const std::size_t place : errand.recipients) recipients.push_back(errand.entry.recipients[place].address);
  const std::string& reverse_path = errand.entry.reverse_path;
  Answers answers(errand.recipients.size());
  const std::optional<std::string> signed_by = co_await signatures(errand);
  if (!signed_by) co_return judged(errand, host, answers);
  const base::PrefixedSource message(*signed_by, *errand.message);
  const smtp::Dispatch dispatch{reverse_path.empty() ? "<>" : reverse_path, std::move(recipients), message};

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

awaitable<std::optional<std::string>> Attempt::signatures(const Errand& errand) {
  if (ports_.signer == nullptr) co_return std::string();
  const auto signing = [&] { return ports_.signer->sign(errand.entry, *errand.message); };
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
    if (answer && taken && means_too_many(*answer)) {
      result.others_left = true;
      continue;
    }
    Finding& found = result.findings.emplace_back();
    found.recipient = errand.recipients[i];
    found.address = errand.entry.recipients[found.recipient].address;
    found.state = answer ? state_after(*answer) : RecipientState::pending;
    found.reply = answer ? answer->str() : trouble_.reply;
    found.host = answer ? (answer->by_us ? std::string() : host.name) : trouble_.host;
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

}  // namespace mailpod::queue
