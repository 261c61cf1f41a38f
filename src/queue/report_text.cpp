#include <algorithm>
#include <array>
#include <utility>

#include <mailpod/message/header_values.hpp>

#include "report.hpp"

/// The first part of a report: what a member reads.
namespace mailpod::queue {

namespace {

constexpr std::size_t line_length = 76;

// By the beginning of the status, the more special before the more general. RFC 3463 §3.
constexpr std::array<std::pair<std::string_view, std::string_view>, 26> meanings{{
    {"5.1.1.", "There is no such address there. Please check how it is written."},
    {"5.1.2.", "There is no mail domain of this name. Please check how the part after the @ is written."},
    {"5.1.3.", "This is not a complete mail address."},
    {"5.1.6.", "Whoever had this address has moved, without leaving a new one."},
    {"5.1.10.", "This domain takes no mail at all."},
    {"5.1.", "The other server does not know this address."},
    {"5.2.1.", "This mailbox is closed at present."},
    {"5.2.2.", "This mailbox is full."},
    {"5.2.3.", "The message is too large for this mailbox."},
    {"5.2.", "This mailbox does not take the message."},
    {"5.3.4.", "The message is larger than the other server takes."},
    {"5.4.4.", "The domain names no server that takes its mail."},
    {"5.4.6.", "Mail for this domain would come back to this server for ever."},
    {"5.6.3.", "The other server cannot take a message with these characters."},
    {"5.6.7.", "The other server cannot take an address with these characters."},
    {"5.6.9.", "The other server cannot take a subject or names with these characters."},
    {"5.6.", "The other server cannot take a message of this form."},
    {"5.7.10.", "The message asks for a protected way, and there is none to the other server."},
    {"5.7.30.", "The message asks for a protected way, and there is none to the other server."},
    {"5.7.", "The other server does not allow it, by its own rules."},
    {"5.", "The other server refused it."},
    {"4.2.2.", "This mailbox is full."},
    {"4.4.3.", "The directory of domains (DNS) did not answer."},
    {"4.4.", "The other server could not be reached."},
    {"4.", "The other server asked to try again later."},
    {"2.", "It was handed to the other server, which tells nothing further."},
}};

std::string_view meaning_of(const Recipient& recipient) {
  if (recipient.state == RecipientState::expanded) {
    return "This address stands for several. What becomes of each copy is not told further.";
  }
  const std::string status = status_of(recipient) + '.';
  // Nobody else was asked: an Embargo.
  if (recipient.last_host.empty() && status == "5.7.1.") return "The rules of this pod do not allow it.";
  for (const auto& [beginning, meaning] : meanings) {
    if (status.starts_with(beginning)) return meaning;
  }
  return "The reason is not known.";
}

/// Words of `text` in lines that begin with `indent`.
std::string wrapped(std::string_view text, std::string_view indent = "") {
  std::string out;
  std::string line(indent);
  bool empty = true;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (word.empty()) continue;
    if (!empty && line.size() + 1 + word.size() > line_length) {
      out += line + "\r\n";
      line = indent;
      empty = true;
    }
    if (!empty) line += ' ';
    line += word;
    empty = false;
  }
  return empty ? out : out + line + "\r\n";
}

std::string what_was_said(const Recipient& recipient) {
  if (recipient.last_reply.empty()) return {};
  const std::string reply = ascii_line(recipient.last_reply);
  if (recipient.last_host.empty()) return reply;
  return ascii_line(recipient.last_host, 255) + ": " + reply;
}

std::string about(const Entry& entry, const std::vector<std::size_t>& places) {
  std::string out;
  for (const std::size_t place : places) {
    const Recipient& recipient = entry.recipients[place];
    out += "\r\n  " + utf8_line(recipient.address) + "\r\n";
    out += wrapped(meaning_of(recipient), "    ");
    const bool went_wrong = recipient.state == RecipientState::failed || recipient.state == RecipientState::pending;
    if (went_wrong) out += wrapped(what_was_said(recipient), "    > ");
  }
  return out + "\r\n";
}

std::string date_of(base::Time time) {
  return message::write_date({time, {}});
}

}  // namespace

std::string write_explanation(const Entry& entry, const News& news, const Returned& returned,
                              const Reporter& reporter) {
  std::string out = wrapped("This is your own mail server at " + ascii_line(reporter.domain, 255) +
                            ". It is about the message that you sent on " + date_of(entry.arrival) + ".");
  if (!news.failed.empty()) {
    out += "\r\n" + wrapped("It could not be delivered to:") + about(entry, news.failed);
    out += wrapped(
        "It will not be tried again. If you still want it to arrive, send it once more, after mending what is "
        "said above, or reach the person another way.");
  }
  if (!news.delayed.empty()) {
    out += "\r\n" + wrapped("It has not been delivered yet to:") + about(entry, news.delayed);
    out += wrapped("You need not do anything. It will be tried again until " + date_of(reporter.tried_until) +
                   ", and you will be told if it fails in the end.");
  }
  if (!news.relayed.empty()) {
    out += "\r\n" + wrapped("As you asked to be told, it was handed over for:") + about(entry, news.relayed);
  }
  if (!news.delivered.empty()) {
    out += "\r\n" + wrapped("As you asked to be told, it is in the mailboxes of:") + "\r\n";
    for (const std::size_t place : news.delivered) out += "  " + utf8_line(entry.recipients[place].address) + "\r\n";
  }
  if (!news.expanded.empty()) {
    out += "\r\n" + wrapped("As you asked to be told, it was passed on to everybody behind:");
    out += about(entry, news.expanded);
  }
  const std::string_view returned_part = returned.whole ? "your message." : "the header of your message.";
  out += "\r\n" + wrapped("What follows is a report for programs, and then " + std::string(returned_part));
  return out;
}

}  // namespace mailpod::queue
