#include "handover.hpp"

#include <algorithm>
#include <set>
#include <system_error>

#include <mailpod/net/error.hpp>
#include <mailpod/text/ascii.hpp>

#include "envelope_commands.hpp"
#include "international.hpp"

namespace mailpod::smtp {

namespace {

using boost::asio::awaitable;

// Octets of a pipelined group. As much as this fits into any socket's buffers, so that we are never kept from reading
// replies by commands that the server does not read because it waits for us to read its replies. RFC 2920 §3.1.
constexpr std::size_t largest_group = 8 * 1024;

Answer our_answer(int code, std::string enhanced, std::string text) {
  return {code, std::move(enhanced), std::move(text), true};
}

// RFC 5321 §4.5.3.1.10: servers that follow the rules of 1982 say 552 where they mean 452, too many recipients; the
// others can be sent another time. Not where a mailbox is full or the message too big.
bool means_too_many_recipients(const Answer& answer) {
  return answer.code == 552 && (answer.enhanced.empty() || answer.enhanced == "5.5.3");
}

}  // namespace

Handover::Handover(CommandExchange& exchange, const Extensions& extensions, const Dispatch& dispatch)
    : exchange_(exchange),
      extensions_(extensions),
      dispatch_(dispatch),
      writer_(dispatch.message),
      answers_(dispatch.recipients.size()) {}

awaitable<std::vector<Answer>> Handover::run() {
  co_await examine_message();
  adapt_recipients();
  adapt_reverse_path();
  if (const auto refusal = refusal_by_us()) answer_all(*refusal);
  check_limits();
  const auto is_open = [](const std::optional<Answer>& answer) { return !answer; };
  if (std::ranges::any_of(answers_, is_open)) co_await say_envelope();
  if (go_ahead_ && accepted_ > 0) {
    co_await say_message();
  } else if (go_ahead_) {
    co_await take_back_data();
  }
  exchange_.end_transaction();

  std::vector<Answer> answers;
  for (const auto& answer : answers_) answers.push_back(answer.value());
  co_return answers;
}

void Handover::answer_all(const Answer& answer) {
  for (auto& each : answers_) {
    if (!each) each = answer;
  }
}

// ---- before a word is said

awaitable<void> Handover::examine_message() {
  while (writer_.examine_block()) co_await exchange_.give_way();
}

std::optional<Answer> Handover::refusal_by_us() const {
  const MessageForm& form = writer_.form();
  if (form.fault != DataReader::Fault::none) {
    return our_answer(554, "5.6.0", "the message has a NUL, or a CR or LF alone, and cannot be sent");
  }
  // RFC 6152 §3: what can be converted has been; to send the rest as it is would be to hope.
  if (form.eight_bit && !extensions_.eight_bit_mime) {
    return our_answer(554, "5.6.3", "the message has 8-bit octets, and this server takes none");
  }
  // RFC 1870 §6.1
  if (extensions_.size.value_or(0) > 0 && form.size > *extensions_.size) {
    return our_answer(552, "5.3.4", "the message is larger than this server takes");
  }
  if (dispatch_.smtp_utf8 && !extensions_.smtp_utf8) {
    return our_answer(554, "5.6.9", "the message's header is not ASCII, and this server takes no other");
  }
  return refusal_of_way();
}

std::optional<Answer> Handover::refusal_of_way() const {
  const Protection least = dispatch_.protection;
  if (least >= Protection::encrypted && !exchange_.secure()) {
    return our_answer(451, "4.7.10", "this server's domain demands TLS, and there is none");
  }
  if (least >= Protection::authenticated && !exchange_.verified()) {
    return our_answer(451, "4.7.5", "this server's domain demands that it shows who it is, and it has not");
  }
  return refusal_for_the_sender();
}

/// RFC 8689 §4.2.1; §5: what says that a message did not arrive goes in any case.
std::optional<Answer> Handover::refusal_for_the_sender() const {
  if (!dispatch_.require_tls || dispatch_.reverse_path == "<>") return std::nullopt;
  if (!exchange_.secure() || !exchange_.verified()) {
    return our_answer(550, "5.7.10", "the message demands TLS with a server that proves its name");
  }
  if (!extensions_.require_tls) return our_answer(550, "5.7.30", "this server does not offer REQUIRETLS");
  return std::nullopt;
}

void Handover::adapt_reverse_path() {
  std::string& path = dispatch_.reverse_path;
  if (path == "<>") return;
  if (!is_mailbox(path)) return answer_all(our_answer(553, "5.1.7", "the sender's address is none"));
  if (extensions_.smtp_utf8) return;
  const auto ascii = ascii_form(path);
  if (!ascii) return answer_all(our_answer(550, "5.6.7", "this server takes no such sender's address"));
  path = *ascii;
}

void Handover::adapt_recipients() {
  for (std::size_t i = 0; i < answers_.size(); ++i) {
    if (answers_[i]) continue;
    std::string& address = dispatch_.recipients[i].address;
    if (!is_mailbox(address)) {
      answers_[i] = our_answer(553, "5.1.3", "not a mail address");
    } else if (const auto ascii = ascii_form(address); ascii && !extensions_.smtp_utf8) {
      address = *ascii;
    } else if (!extensions_.smtp_utf8) {
      answers_[i] = our_answer(553, "5.6.7", "this server takes no such address");
    }
  }
}

/// RFC 9422: the first ones go, the others with another message.
void Handover::check_limits() {
  const std::uint64_t most = extensions_.most_recipients.value_or(UINT64_MAX);
  const std::uint64_t most_domains = extensions_.most_recipient_domains.value_or(UINT64_MAX);
  std::uint64_t recipients = 0;
  std::set<std::string, text::LessFold> domains;
  for (std::size_t i = 0; i < answers_.size(); ++i) {
    if (answers_[i]) continue;
    const std::string& address = dispatch_.recipients[i].address;
    const std::string_view domain = std::string_view(address).substr(address.rfind('@') + 1);
    const bool fits = recipients < most && (domains.contains(domain) || domains.size() < most_domains);
    if (fits) {
      ++recipients;
      domains.emplace(domain);
    } else {
      answers_[i] = our_answer(452, "4.5.3", "more recipients than this server takes with one message");
    }
  }
}

// ---- the envelope

std::vector<Handover::Step> Handover::steps() const {
  std::vector<Step> steps;
  if (exchange_.transaction_open) steps.push_back({Step::Verb::rset});
  steps.push_back({Step::Verb::mail});
  for (std::size_t i = 0; i < answers_.size(); ++i) {
    if (!answers_[i]) steps.push_back({Step::Verb::rcpt, i});
  }
  steps.push_back({Step::Verb::data});
  return steps;
}

std::string Handover::command_for(const Step& step) const {
  switch (step.verb) {
    case Step::Verb::rset:
      return "RSET\r\n";
    case Step::Verb::mail:
      return mail_command(dispatch_, writer_.form(), extensions_);
    case Step::Verb::rcpt:
      return rcpt_command(dispatch_.recipients[step.recipient], extensions_);
    case Step::Verb::data:
      break;
  }
  return "DATA\r\n";
}

/// Judged by what has been answered so far: of a group, by nothing of the group itself.
bool Handover::makes_sense(const Step& step) const {
  if (refusal_) return false;
  return step.verb != Step::Verb::data || accepted_ > 0;
}

awaitable<void> Handover::say_envelope() {
  exchange_.begin_transaction();
  // A server that would wait no longer for another message has said so, or just closed: no answer to this one.
  const bool spoken = co_await exchange_.server_has_spoken();
  if (spoken) throw std::system_error(net::make_error_code(net::Errc::peer_closed), "between two messages");

  const std::vector<Step> envelope = steps();
  std::size_t next = 0;
  while (next < envelope.size() && makes_sense(envelope[next])) {
    std::string group = command_for(envelope[next]);
    std::size_t end = next + 1;
    for (; extensions_.pipelining && end < envelope.size(); ++end) {
      const std::string command = command_for(envelope[end]);
      if (group.size() + command.size() > largest_group) break;
      group += command;
    }
    co_await exchange_.say(group);
    for (; next < end && !exchange_.closing; ++next) co_await hear_answer_to(envelope[next]);
    if (exchange_.closing) break;
  }
  if (refusal_) answer_all(*refusal_);
}

awaitable<void> Handover::hear_answer_to(Step step) {
  const ClientSettings& settings = exchange_.settings();
  if (step.verb == Step::Verb::data) {
    ServerReply reply = co_await exchange_.hear(settings.data_begin);
    const int code = reply.answer.code;
    if (code < 300) fail_protocol("a 2yz reply to DATA");
    go_ahead_ = code < 400;
    // Whom the server takes in spite of refusing MAIL, it would take our lone dot for.
    if (go_ahead_ && !mail_accepted_ && accepted_ > 0) fail_protocol("354 without a transaction");
    if (!go_ahead_) answer_all(refusal_.value_or(reply.answer));
    co_return;
  }

  Answer answer = co_await exchange_.hear_completion(settings.command);
  if (exchange_.closing) {
    // Also for those that were accepted: the message itself was never said.
    answer_all(refusal_.value_or(answer));
    co_return;
  }
  switch (step.verb) {
    case Step::Verb::rset:
      // RFC 5321 §4.1.1.5: there is no other answer than 250.
      if (!answer.accepts()) fail_protocol("RSET is refused");
      exchange_.transaction_open = false;
      break;
    case Step::Verb::mail:
      mail_accepted_ = answer.accepts();
      exchange_.transaction_open |= mail_accepted_;
      if (!mail_accepted_) refusal_ = std::move(answer);
      break;
    case Step::Verb::rcpt:
      take_recipient_answer(step.recipient, std::move(answer));
      break;
    case Step::Verb::data:
      break;
  }
}

void Handover::take_recipient_answer(std::size_t recipient, Answer answer) {
  if (answer.accepts()) {
    ++accepted_;
    exchange_.transaction_open = true;
    return;
  }
  // Those behind a refused MAIL only say that there was none.
  if (refusal_) return;
  if (accepted_ > 0 && means_too_many_recipients(answer)) {
    answer.code = 452;
    if (!answer.enhanced.empty()) answer.enhanced = "4.5.3";
  }
  answers_[recipient] = std::move(answer);
}

// ---- the message

awaitable<void> Handover::say_message() {
  std::string block;
  while (!writer_.ended()) {
    writer_.write_block(block);
    // A reply that is there before the dot has gone out is not the answer to it, whatever it says.
    const bool early = co_await exchange_.server_has_spoken();
    if (early) {
      co_await hear_early_answer();
      co_return;
    }
    exchange_.data_ended = writer_.ended();
    co_await exchange_.write_block(block);
  }
  co_await hear_last_answer();
}

/// A server that has enough of a message says so and closes; without the dot it has accepted nothing.
awaitable<void> Handover::hear_early_answer() {
  const Answer answer = co_await exchange_.hear_completion(exchange_.settings().command);
  if (answer.accepts()) fail_protocol("a message was accepted before its end");
  exchange_.closing = true;
  answer_all(answer);
}

awaitable<void> Handover::hear_last_answer() {
  exchange_.end_transaction();
  const Answer answer = co_await exchange_.hear_completion(exchange_.settings().data_end);
  exchange_.data_ended = false;
  // RFC 5321 §4.1.1.4: the end of data ends the transaction. Where it went wrong, better be sure.
  exchange_.transaction_open = !answer.accepts();
  if (!exchange_.in_step()) exchange_.closing = true;
  answer_all(answer);
}

/// The server wants a message though it accepted nobody: RFC 2920 §3.1 has it sent a lone dot, whose answer means
/// nothing. Everybody has an answer already, so a failure here only ends the connection.
awaitable<void> Handover::take_back_data() {
  try {
    co_await exchange_.say(".\r\n");
    co_await exchange_.hear_completion(exchange_.settings().data_end);
  } catch (const std::system_error&) {
    exchange_.closing = true;
  }
}

}  // namespace mailpod::smtp
