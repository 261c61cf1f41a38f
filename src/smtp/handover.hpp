#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include <mailpod/smtp/client.hpp>

#include "command_exchange.hpp"
#include "data_writer.hpp"

namespace mailpod::smtp {

/// One message on its way to one server: MAIL, RCPT …, DATA, and the message. RFC 5321 §3.3.
///
/// Where PIPELINING is offered the envelope goes out in groups (RFC 2920 §3.1), else command by command: which is the
/// same with groups of one. The replies are heard in the order of the commands, and what follows depends on them alone.
class Handover {
public:
  /// All are borrowed.
  Handover(CommandExchange& exchange, const Extensions& extensions, const Dispatch& dispatch);

  /// One answer a recipient. Throws as Client::send() does.
  boost::asio::awaitable<std::vector<Answer>> run();

  /// What is known once run() has ended, also by throwing.
  bool mail_accepted() const { return mail_accepted_; }
  const std::vector<std::optional<Answer>>& answers() const { return answers_; }

private:
  /// A command of the envelope.
  struct Step {
    enum class Verb { rset, mail, rcpt, data };
    Verb verb;
    std::size_t recipient = 0;  ///< of rcpt: which
  };

  boost::asio::awaitable<void> examine_message();
  std::optional<Answer> refusal_by_us() const;
  std::optional<Answer> refusal_of_way() const;
  std::optional<Answer> refusal_for_the_sender() const;
  void adapt_reverse_path();
  void adapt_recipients();
  void check_limits();

  boost::asio::awaitable<void> say_envelope();
  std::vector<Step> steps() const;
  std::string command_for(const Step& step) const;
  bool makes_sense(const Step& step) const;
  boost::asio::awaitable<void> hear_answer_to(Step step);
  void take_recipient_answer(std::size_t recipient, Answer answer);

  boost::asio::awaitable<void> say_message();
  boost::asio::awaitable<void> hear_early_answer();
  boost::asio::awaitable<void> hear_last_answer();
  boost::asio::awaitable<void> take_back_data();

  /// Answers every recipient that has no answer yet.
  void answer_all(const Answer& answer);

  CommandExchange& exchange_;
  const Extensions& extensions_;
  Dispatch dispatch_;  ///< with the addresses as this server is told them
  DataWriter writer_;
  std::vector<std::optional<Answer>> answers_;  ///< of each recipient, once it is known
  std::size_t accepted_ = 0;                    ///< recipients that the server has accepted
  bool mail_accepted_ = false;
  std::optional<Answer> refusal_;  ///< of MAIL, or a 421: nothing more makes sense
  bool go_ahead_ = false;          ///< DATA was answered 354
};

}  // namespace mailpod::smtp
