#include "reply_reader.hpp"

#include <system_error>

#include <mailpod/net/error.hpp>
#include <mailpod/text/cursor.hpp>

namespace mailpod::smtp {

namespace {

using boost::asio::awaitable;

constexpr std::size_t longest_text = 1000;  // octets of Answer::text

struct ReplyLine {
  int code = 0;
  bool is_last = false;
  std::string_view text;
};

ReplyLine parse_reply_line(std::string_view line) {
  text::Cursor in(line);
  const std::string_view digits = in.take_while(text::octets::digit);
  if (digits.size() != 3) fail_protocol("a reply without a code");
  ReplyLine parsed;
  for (const char digit : digits) parsed.code = parsed.code * 10 + (digit - '0');
  if (parsed.code < 200 || parsed.code > 599) fail_protocol("a reply with an unknown code");
  // RFC 5321 §4.2: a server must write the space, but a client must accept the code alone.
  parsed.is_last = in.at_end() || in.take(' ');
  if (!parsed.is_last && !in.take('-')) fail_protocol("a reply whose code is followed by neither SP nor '-'");
  parsed.text = in.rest();
  return parsed;
}

void append_printable(std::string_view octets, std::string& out) {
  for (const char octet : octets.substr(0, longest_text - out.size())) {
    const bool space = octet == '\t';
    const bool printable = octet >= 0x20 && octet <= 0x7e;
    out += space ? ' ' : printable ? octet : '?';
  }
}

}  // namespace

void fail_protocol(const char* what) {
  throw std::system_error(std::make_error_code(std::errc::protocol_error), what);
}

std::string_view enhanced_code_of(std::string_view text, int code) {
  const std::string_view classes = code < 300 ? "2" : code < 400 ? "" : code < 500 ? "4" : "5";
  text::Cursor in(text);
  if (classes.empty() || !in.take(classes.front())) return {};
  for (int part = 0; part < 2; ++part) {
    if (!in.take('.') || in.take_while(text::octets::digit, 3).empty()) return {};
  }
  const std::string_view enhanced = text.substr(0, in.offset());
  return in.at_end() || in.next_is(' ') ? enhanced : std::string_view();
}

std::string Answer::str() const {
  std::string line = std::to_string(code);
  if (!enhanced.empty()) line.append(" ").append(enhanced);
  if (!text.empty()) line.append(" ").append(text);
  return line;
}

bool ReplyReader::take(std::string_view line) {
  const ReplyLine parsed = parse_reply_line(line);
  Answer& answer = reply_.answer;
  const bool is_first = reply_.lines.empty();
  if (!is_first && parsed.code != answer.code) fail_protocol("a reply with two codes");
  if (reply_.lines.size() == most_lines_) fail_protocol("a reply of too many lines");
  answer.code = parsed.code;
  reply_.lines.emplace_back(parsed.text);

  std::string_view text = parsed.text;
  const std::string_view enhanced = enhanced_code_of(text, parsed.code);
  if (is_first) answer.enhanced = enhanced;
  // Every line of a reply begins with it (RFC 2034 §4); once is enough.
  if (!enhanced.empty() && enhanced == answer.enhanced) text.remove_prefix(enhanced.size());
  if (text.starts_with(' ')) text.remove_prefix(1);
  if (!answer.text.empty() && !text.empty()) append_printable(" ", answer.text);
  append_printable(text, answer.text);
  return parsed.is_last;
}

ServerReply ReplyReader::finished() {
  return std::move(reply_);
}

awaitable<ServerReply> read_reply(net::Stream& stream, net::LineReader& lines, const ClientSettings& settings,
                                  std::chrono::milliseconds limit) {
  const auto end = stream.now() + limit;
  ReplyReader reader(settings.reply_lines);
  bool complete = false;
  while (!complete) {
    // One deadline for the reply, not one for each of its lines.
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - stream.now());
    if (left.count() <= 0) throw std::system_error(std::make_error_code(std::errc::timed_out), "connection");
    stream.set_timeout(left);
    const net::Line line = co_await lines.read_line(settings.reply_line, net::Overlong::stop);
    if (line.kind == net::Line::Kind::closed) {
      throw std::system_error(net::make_error_code(net::Errc::peer_closed), "connection");
    }
    if (line.kind != net::Line::Kind::complete) fail_protocol("a reply line that is too long or not ended by CRLF");
    complete = reader.take(line.text);
  }
  co_return reader.finished();
}

}  // namespace mailpod::smtp
