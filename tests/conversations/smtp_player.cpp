#include <csignal>

#include <gtest/gtest.h>

#include "dialogue.hpp"
#include "smtp_exchange.hpp"
#include "smtp_pod.hpp"
#include "smtp_scripted_room.hpp"

namespace mailpod::conversations {

namespace {

/// An SMTP server before a scripted mailroom. Beside the exchange's own words:
///
///     given disk full · given disk broken
///     given scram                         is offered too; RFC 7677's user can log in
///     D: taken <n>                        so many messages were accepted so far
///     D: message <n> is <octets>          with the escapes of `C>`
///     D: message <n> goes from <a> to <b>, <c>
///     D: message <n> comes from <address> called <what it said to EHLO>
///     D: message <n> asks <words of MAIL> <a>: <words of RCPT> <b>: …
///     D: <n> password checks
///     D: revoke                           alice's login stands no longer
class Scripted final : public Exchange {
public:
  explicit Scripted(std::uint64_t wire_seed)
      : exchange_({room_, credentials_, [this](std::string_view words) { return given_here(words); },
                   [this](std::string_view words) { return directive_here(words); }},
                  wire_seed) {}

  void given(std::string_view words) override { exchange_.given(words); }
  void connect(std::size_t client) override { exchange_.connect(client); }
  void send(std::size_t client, std::string_view octets) override { exchange_.send(client, octets); }
  void close(std::size_t client) override { exchange_.close(client); }
  std::string receive(std::size_t client) override { return exchange_.receive(client); }
  bool closed(std::size_t client) override { return exchange_.closed(client); }
  void directive(std::size_t client, std::string_view words) override { exchange_.directive(client, words); }

private:
  bool given_here(std::string_view words) {
    if (words == "disk full") {
      room_.storage = ScriptedRoom::Storage::full;
    } else if (words == "disk broken") {
      room_.storage = ScriptedRoom::Storage::broken;
    } else if (words == "scram") {
      credentials_.knows_scram = true;
    } else {
      return false;
    }
    return true;
  }

  bool directive_here(std::string_view words) {
    if (words.starts_with("taken ")) {
      check(std::to_string(room_.taken.size()), words.substr(6));
    } else if (words.ends_with(" password checks")) {
      check(std::to_string(credentials_.checks), words.substr(0, words.find(' ')));
    } else if (words == "revoke") {
      credentials_.standing->revoke();
    } else if (words.starts_with("message ")) {
      const ScriptedRoom::Message& message = room_.taken.at(static_cast<std::size_t>(words[8] - '1'));
      const std::string_view rest = words.substr(10);
      if (rest.starts_with("is ")) {
        check(escaped(message.octets), rest.substr(3));
      } else if (rest.starts_with("comes ")) {
        check("comes from " + message.address + " called " + message.helo, rest);
      } else if (rest.starts_with("asks ")) {
        check(wishes(message), rest.substr(5));
      } else {
        check("goes from " + envelope(message), rest);
      }
    } else {
      return false;
    }
    return true;
  }

  static void check(const std::string& is, std::string_view should) {
    if (is != should) throw std::runtime_error("should be: " + std::string(should) + "\n       is: " + is);
  }

  static std::string address(const smtp::Mailbox& mailbox) {
    if (mailbox.empty()) return "<>";
    return mailbox.domain.empty() ? mailbox.local_part : mailbox.local_part + "@" + mailbox.domain;
  }

  static std::string envelope(const ScriptedRoom::Message& message) {
    std::string text = address(message.reverse_path) + " to ";
    for (const auto& recipient : message.recipients) {
      if (&recipient != &message.recipients.front()) text += ", ";
      text += address(recipient.forward_path);
    }
    return text;
  }

  /// What MAIL and the RCPTs asked for beyond their paths.
  static std::string wishes(const ScriptedRoom::Message& message) {
    using Return = smtp::MailParameters::Return;
    const auto& mail = message.parameters;
    std::string text;
    const auto add = [&](bool holds, const std::string& word) {
      if (holds) text += (text.empty() ? "" : " ") + word;
    };
    add(mail.return_content == Return::full, "RET=FULL");
    add(mail.return_content == Return::headers, "RET=HDRS");
    add(mail.smtp_utf8, "SMTPUTF8");
    add(mail.require_tls, "REQUIRETLS");
    add(!mail.envelope_id.empty(), "ENVID=" + mail.envelope_id);
    for (const auto& [path, wish] : message.recipients) {
      add(true, path.local_part + ":");
      add(wish.notify.never, "NEVER");
      add(wish.notify.success, "SUCCESS");
      add(wish.notify.failure, "FAILURE");
      add(wish.notify.delay, "DELAY");
      add(!wish.original_recipient.empty(), "ORCPT=" + wish.original_recipient);
    }
    return text;
  }

  static std::string escaped(std::string_view octets) {
    std::string text;
    for (const char octet : octets) {
      if (octet == '\r') {
        text += "\\r";
      } else if (octet == '\n') {
        text += "\\n";
      } else {
        text += octet;
      }
    }
    return text;
  }

  ScriptedRoom room_;
  ScriptedCredentials credentials_;
  SmtpExchange exchange_;
};

}  // namespace

}  // namespace mailpod::conversations

int main(int argc, char** argv) {
  using namespace mailpod::conversations;
  std::signal(SIGPIPE, SIG_IGN);
  testing::InitGoogleTest(&argc, argv);
  const std::filesystem::path conversations = std::filesystem::path(MAILPOD_SOURCE_DIR) / "tests/conversations";
  const std::filesystem::path folder = conversations / "smtp";
  register_dialogues("Smtp", folder, [] { return std::make_unique<Scripted>(0); });
  // The same with every line and message arriving in pieces of a few octets.
  register_dialogues("SmtpInPieces", folder, [] { return std::make_unique<Scripted>(20261123); });
  // Before a real pod.
  register_dialogues("SmtpPod", conversations / "smtp_pod", [] { return make_pod_exchange(0); });
  register_dialogues("SmtpPodInPieces", conversations / "smtp_pod", [] { return make_pod_exchange(20261123); });
  return RUN_ALL_TESTS();
}
