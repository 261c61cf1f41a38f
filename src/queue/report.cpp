#include "report.hpp"

#include <algorithm>

#include <mailpod/message/header_edit.hpp>
#include <mailpod/message/header_values.hpp>
#include <mailpod/text/ascii.hpp>
#include <mailpod/text/unicode.hpp>

namespace mailpod::queue {

namespace {

bool is_control(char octet) {
  return static_cast<unsigned char>(octet) < 0x20 || octet == 0x7f;
}

std::string_view subject_of(const News& news) {
  if (!news.failed.empty()) return "Your message could not be delivered";
  if (!news.delayed.empty()) return "Your message has not been delivered yet";
  if (!news.relayed.empty()) return "Your message has been handed over";
  return news.expanded.empty() ? "Your message has been delivered" : "Your message has been passed on";
}

// Of the same event there is one id: a report that is made twice, because the power went in between, can be told.
std::string message_id(const Entry& entry, const News& news, const Reporter& reporter) {
  std::string id = '<' + entry.id.str();
  const auto add = [&](char kind, const std::vector<std::size_t>& places) {
    for (const std::size_t place : places) id += '.' + std::string(1, kind) + std::to_string(place);
  };
  // Of many recipients the first few are enough: their fates are told once.
  const auto few = [](std::vector<std::size_t> places) {
    places.resize(std::min<std::size_t>(places.size(), 4));
    return places;
  };
  add('f', few(news.failed));
  add('d', few(news.delayed));
  add('r', few(news.relayed));
  add('s', few(news.delivered));
  add('e', few(news.expanded));
  return id + '@' + ascii_line(reporter.domain, 255) + '>';
}

std::string header_of(const Entry& entry, const News& news, const Reporter& reporter) {
  using message::write_field;
  std::string out;
  out += write_field("From", "Mail delivery <postmaster@" + ascii_line(reporter.domain, 255) + ">");
  out += write_field("To", "<" + utf8_line(entry.reverse_path) + ">");
  out += write_field("Subject", subject_of(news));
  out += write_field("Date", message::write_date({reporter.now, {}}));
  out += write_field("Message-ID", message_id(entry, news, reporter));
  // So that nobody's holiday notice answers it. RFC 3834 §5.
  out += write_field("Auto-Submitted", "auto-replied");
  out += "MIME-Version: 1.0\r\n";
  out += "Content-Type: multipart/report; report-type=delivery-status;\r\n boundary=\"" + reporter.boundary + "\"\r\n";
  return out + "\r\n";
}

std::string part(const Reporter& reporter, std::string_view type, std::string_view content) {
  std::string out = "--" + reporter.boundary + "\r\nContent-Type: " + std::string(type) + "\r\n";
  if (!text::is_ascii(content)) out += "Content-Transfer-Encoding: 8bit\r\n";
  out += "\r\n";
  out += content;
  return out + "\r\n";
}

std::string_view read_header_of(std::string_view octets) {
  const std::size_t length = message::header_length(octets);
  return octets.substr(0, length);
}

}  // namespace

std::vector<std::size_t>& News::ended(const Recipient& recipient) {
  if (recipient.state == RecipientState::failed) return failed;
  if (recipient.state == RecipientState::expanded) return expanded;
  // Who took it has a name, unless it was we.
  return recipient.last_host.empty() ? delivered : relayed;
}

Returned read_returned(const Entry& entry, const News& news, const base::OctetSource& message, std::size_t limit) {
  Returned returned;
  const bool wanted = !news.failed.empty() && entry.return_content != Return::headers && !entry.require_tls;
  returned.whole = wanted && message.size() <= limit;
  returned.octets.resize(static_cast<std::size_t>(std::min<std::uint64_t>(message.size(), limit)));
  returned.octets.resize(message.read_at(0, returned.octets));
  if (!returned.whole) returned.octets = read_header_of(returned.octets);
  return returned;
}

std::string report_boundary(base::Entropy& entropy) {
  return "=_" + base::hex(base::octets(entropy.bytes<16>()));
}

std::string write_report(const Entry& entry, const News& news, const Returned& returned, const Reporter& reporter) {
  std::string out = header_of(entry, news, reporter);
  out += part(reporter, "text/plain; charset=utf-8", write_explanation(entry, news, returned, reporter));
  const std::string status = write_delivery_status(entry, news, reporter);
  const std::string original = with_clean_lines(returned.octets);
  // RFC 6533 §4.4: where all is ASCII the types that everybody knows do.
  const bool is_global_status = entry.smtp_utf8 && !text::is_ascii(status);
  const bool is_global = entry.smtp_utf8 && !text::is_ascii(original);
  out += part(reporter, is_global_status ? "message/global-delivery-status" : "message/delivery-status", status);
  if (returned.whole) {
    out += part(reporter, is_global ? "message/global" : "message/rfc822", original);
  } else {
    out += part(reporter, is_global ? "message/global-headers" : "text/rfc822-headers", original);
  }
  return out + "--" + reporter.boundary + "--\r\n";
}

std::string with_clean_lines(std::string_view octets) {
  std::string out;
  out.reserve(octets.size());
  for (std::size_t i = 0; i < octets.size(); ++i) {
    const char octet = octets[i];
    if (octet == '\r' || octet == '\n') {
      out += "\r\n";
      if (octet == '\r' && i + 1 < octets.size() && octets[i + 1] == '\n') ++i;
    } else {
      out += octet == '\0' ? '?' : octet;
    }
  }
  return out;
}

std::string ascii_line(std::string_view octets, std::size_t limit) {
  std::string line(octets.substr(0, limit));
  for (char& octet : line) {
    if (is_control(octet)) octet = ' ';
    if (static_cast<unsigned char>(octet) > 0x7e) octet = '?';
  }
  return line;
}

std::string utf8_line(std::string_view octets, std::size_t limit) {
  // Repairing may make three octets of one.
  std::string line = text::repaired_utf8(octets.substr(0, limit));
  std::ranges::replace_if(line, is_control, ' ');
  return std::string(text::utf8_prefix(line, limit));
}

}  // namespace mailpod::queue
