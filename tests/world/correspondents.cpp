// Who brings mail: from outside over port 25, and from members over submission.
#include <algorithm>
#include <system_error>

#include "actors.hpp"
#include "smtp_session.hpp"

namespace mailpod::world {
namespace {

using namespace std::chrono_literals;
using simulation::Dice;

/// A mail transaction as far as it was said.
struct Transaction {
  std::string from;
  std::vector<SmtpCommand> recipients;
};

std::chrono::milliseconds moment(Dice& dice, std::uint64_t longest) {
  return std::chrono::milliseconds(dice.below(longest));
}

/// Commands that change nothing, each with another kind of answer, so that replies cannot trade places unseen.
void add_small_talk(Dice& dice, std::vector<SmtpCommand>& commands) {
  const std::vector<SmtpCommand> idle{{"NOOP", "250"}, {"VRFY somebody", "252"}, {"XYZZY", "500"}, {"RSET", "250"}};
  while (dice.below(3) == 0) commands.push_back(idle[dice.below(idle.size())]);
}

/// The envelope, all at once or command by command. True if DATA was answered 354.
awaitable<bool> say_envelope(SmtpSession& session, Dice& dice, Transaction transaction) {
  std::vector<SmtpCommand> commands;
  add_small_talk(dice, commands);
  commands.push_back({"MAIL FROM:<" + transaction.from + ">", "250"});
  for (auto& recipient : transaction.recipients) commands.push_back(recipient);
  commands.push_back({"DATA", "354"});
  if (dice.coin()) {
    const std::vector<int> codes = co_await session.exchange(std::move(commands));
    const auto first = codes.end() - 1 - static_cast<std::ptrdiff_t>(transaction.recipients.size());
    bool all = codes.back() == 354;
    // With a recipient missing the message would not be what the ledger says; the session is given up.
    for (auto code = first; code != codes.end() - 1; ++code) all = all && (*code == 250 || *code == 550);
    co_return all;
  }
  for (auto& command : commands) {
    const int code = co_await session.ask(command.line, command.expected);
    if (code >= 400 && code < 500) co_return false;
  }
  co_return true;
}

/// The message itself; sometimes only a part of it, and then the connection is broken off.
awaitable<void> say_message(Life& life, SmtpSession& session, Dice& dice, Mail& mail) {
  std::string octets = mail.letter.octets;
  if (dice.below(12) == 0) {
    octets.resize(dice.below(octets.size()));
    co_await session.send_data(std::move(octets));
    life.witness().note("{} is broken off", mail.letter.token);
    session.abort();
    throw std::system_error(std::make_error_code(std::errc::operation_canceled), "given up");
  }
  if (dice.below(4) == 0) {
    const std::size_t half = octets.find("\r\n", dice.below(octets.size() - 2)) + 2;
    co_await session.send_data(octets.substr(0, half));
    co_await life.pause(moment(dice, 3'000));
    octets.erase(0, half);
  }
  co_await session.send_data(std::move(octets));
  life.ledger().send(mail);
  const bool goes_on = dice.below(3) == 0;
  co_await session.write(goes_on ? ".\r\nNOOP\r\n" : ".\r\n");
  const int code = co_await session.hear("(end of " + mail.letter.token + ")", "250");
  if (code == 250) {
    life.ledger().accept(mail);
    const auto entry = session.last_text.find("queued as ");
    if (entry != std::string::npos) life.ledger().entries[session.last_text.substr(entry + 10)] = mail.letter.token;
  } else if (code >= 500) {
    life.ledger().refuse(mail);
  }
  if (goes_on) co_await session.hear("NOOP", "250");
  session.expect_nothing_more();
}

std::vector<std::size_t> some_members(Dice& dice) {
  std::vector<std::size_t> members;
  for (std::size_t i = 0; i < 3; ++i) {
    if (dice.coin()) members.push_back(i);
  }
  if (members.empty()) members.push_back(dice.below(3));
  return members;
}

const Member& member(std::size_t index) {
  return Foundation::instance().members()[index];
}

awaitable<void> bring_mail(Life& life, SmtpSession& session, Dice& dice) {
  Mail& mail = life.ledger().begin_mail(dice, "friend@outside.example");
  Transaction transaction{"friend@outside.example", {}};
  mail.members = some_members(dice);
  for (const auto index : mail.members)
    transaction.recipients.push_back({"RCPT TO:<" + member(index).address + ">", "250"});
  // Named twice, a member gets one copy.
  if (dice.below(8) == 0) transaction.recipients.push_back(transaction.recipients.front());
  if (dice.below(4) == 0) transaction.recipients.push_back({"RCPT TO:<" + std::string(nobody) + ">", "550"});
  if (dice.below(6) == 0) transaction.recipients.push_back({"RCPT TO:<relay@far.example>", "550"});
  const bool ready = co_await say_envelope(session, dice, std::move(transaction));
  if (!ready) throw std::system_error(std::make_error_code(std::errc::operation_canceled), "given up");
  co_await say_message(life, session, dice, mail);
}

awaitable<void> submit_mail(Life& life, SmtpSession& session, Dice& dice, std::size_t author) {
  const auto& from = member(author).address;
  Mail& mail = life.ledger().begin_mail(dice, from);
  mail.submitter = author;
  Transaction transaction{from, {}};
  if (dice.below(3) == 0) mail.members = some_members(dice);
  for (const auto index : mail.members)
    transaction.recipients.push_back({"RCPT TO:<" + member(index).address + ">", "250"});
  const auto& token = mail.letter.token;
  const std::vector<std::string> known{token + "a@far.example",         token + "b@far.example",
                                       "gone" + token + "@far.example", token + "c@moody.example",
                                       token + "d@moody.example",       token + "e@dead.example"};
  for (const auto& address : known) {
    const bool rarely = address.ends_with("dead.example");
    if (dice.below(rarely ? 10 : 3) == 0) mail.remote.push_back(address);
  }
  if (mail.remote.empty()) mail.remote.push_back(known[dice.below(4)]);
  for (const auto& address : mail.remote) {
    if (address.starts_with("gone")) life.ledger().internet.far.rcpt_replies[address] = "550 5.1.1 no such mailbox";
    transaction.recipients.push_back({"RCPT TO:<" + address + ">", "250"});
  }
  const bool ready = co_await say_envelope(session, dice, std::move(transaction));
  if (!ready) throw std::system_error(std::make_error_code(std::errc::operation_canceled), "given up");
  co_await say_message(life, session, dice, mail);
}

}  // namespace

awaitable<void> correspond(Life& life, Dice dice, unsigned number) {
  const std::string who = "outside" + std::to_string(number);
  for (unsigned sessions = 0; life.goes_on() && (!life.is_last() || sessions != 1); ++sessions) {
    co_await life.pause(moment(dice, 60'000));
    try {
      auto stream = co_await life.dial("192.0.2." + std::to_string(10 + number), 25);
      SmtpSession session(std::move(stream), life.witness(), who);
      co_await session.begin();
      if (dice.coin()) co_await session.start_tls(false);
      for (std::uint64_t mails = 1 + dice.below(3); mails > 0; --mails) co_await bring_mail(life, session, dice);
      if (dice.coin()) co_await session.close();
    } catch (const std::system_error& failure) {
      life.witness().note("{} is cut off: {}", who, failure.code().message());
    }
  }
}

awaitable<void> submit(Life& life, Dice dice, std::size_t author) {
  const std::string who = "author-" + member(author).name;
  for (unsigned sessions = 0; life.goes_on() && (!life.is_last() || sessions != 1); ++sessions) {
    co_await life.pause(moment(dice, 60'000));
    try {
      auto stream = co_await life.dial("192.0.2." + std::to_string(30 + author), 465);
      SmtpSession session(std::move(stream), life.witness(), who);
      co_await session.start_tls(true);
      co_await session.begin();
      const bool welcome = co_await session.log_in(member(author).name, member(author).password);
      if (!welcome) continue;
      for (std::uint64_t mails = 1 + dice.below(2); mails > 0; --mails)
        co_await submit_mail(life, session, dice, author);
      if (dice.coin()) co_await session.close();
    } catch (const std::system_error& failure) {
      life.witness().note("{} is cut off: {}", who, failure.code().message());
    }
  }
}

}  // namespace mailpod::world
