#include "reply.hpp"

#include <charconv>

namespace mailpod::model {

void require(bool holds, const std::string& what) {
  if (!holds) throw Failure(what);
}

namespace {

template <class Number>
Number parsed(std::string_view digits) {
  Number value = 0;
  const auto* end = digits.data() + digits.size();
  const auto read = std::from_chars(digits.data(), end, value);
  require(read.ec == std::errc() && read.ptr == end, "not a number: " + std::string(digits));
  return value;
}

}  // namespace

std::uint32_t number_in(std::string_view digits) {
  return parsed<std::uint32_t>(digits);
}

std::uint64_t mod_seq_in(std::string_view digits) {
  return parsed<std::uint64_t>(digits);
}

std::vector<std::uint32_t> numbers_in(std::string_view set) {
  std::vector<std::uint32_t> numbers;
  while (!set.empty()) {
    const auto part = set.substr(0, set.find(','));
    set.remove_prefix(std::min(set.size(), part.size() + 1));
    const auto colon = part.find(':');
    const auto first = number_in(part.substr(0, colon));
    const auto last = colon == std::string_view::npos ? first : number_in(part.substr(colon + 1));
    require(first <= last && last - first < 10'000, "not a set: " + std::string(part));
    for (auto number = first; number <= last; ++number) numbers.push_back(number);
  }
  return numbers;
}

namespace {

class Reader {
public:
  explicit Reader(std::string_view octets) : rest_(octets) {}

  bool at_end() const { return rest_.empty(); }

  Reply reply() {
    Reply reply;
    reply.tag = word();
    if (reply.tag == "+") {
      text();
      return reply;
    }
    expect(" ");
    reply.word = word();
    if (reply.tag == "*" && reply.word.find_first_not_of("0123456789") == std::string::npos) {
      reply.number = number_in(reply.word);
      expect(" ");
      reply.word = word();
    }
    if (reply.word == "OK" || reply.word == "NO" || reply.word == "BAD" || reply.word == "BYE") {
      status(reply);
      return reply;
    }
    while (!rest_.starts_with("\r\n")) {
      expect(" ");
      if (!rest_.starts_with("\r\n")) reply.values.push_back(value());
    }
    expect("\r\n");
    return reply;
  }

private:
  void status(Reply& reply) {
    expect(" ");
    if (rest_.starts_with("[")) {
      expect("[");
      while (!rest_.starts_with("]")) {
        reply.code.push_back(value());
        if (rest_.starts_with(" ")) expect(" ");
      }
      expect("]");
      expect(" ");
    }
    text();
  }

  /// To the end of the line.
  void text() {
    const auto end = rest_.find("\r\n");
    require(end != std::string_view::npos, "a line without an end");
    require(rest_.substr(0, end).find_first_of("\r\n") == std::string_view::npos, "a line end alone");
    rest_.remove_prefix(end + 2);
  }

  void expect(std::string_view octets) {
    require(rest_.starts_with(octets),
            "expected `" + std::string(octets) + "` before " + std::string(rest_.substr(0, 60)));
    rest_.remove_prefix(octets.size());
  }

  std::string word() {
    std::size_t end = 0;
    // A section's brackets hold spaces and parentheses: BODY[HEADER.FIELDS (To)].
    while (end < rest_.size() && rest_.substr(end, 1).find_first_of(" ()]\r\n") == std::string_view::npos) {
      if (rest_[end] == '[') end = std::min(rest_.find(']', end), rest_.size() - 1);
      ++end;
    }
    require(end > 0, "expected a word before " + std::string(rest_.substr(0, 60)));
    std::string word(rest_.substr(0, end));
    rest_.remove_prefix(end);
    return word;
  }

  Value value() {
    if (rest_.starts_with("(")) return list();
    if (rest_.starts_with("\"")) return quoted();
    if (rest_.starts_with("{")) return literal();
    auto text = word();
    if (text == "NIL") return {Value::Kind::nil};
    return {Value::Kind::word, std::move(text)};
  }

  Value list() {
    require(++depth_ < 100, "a list without an end");
    Value value{Value::Kind::list};
    expect("(");
    while (!rest_.starts_with(")")) {
      if (!value.items.empty() && rest_.starts_with(" ")) expect(" ");
      value.items.push_back(this->value());
    }
    expect(")");
    --depth_;
    return value;
  }

  Value quoted() {
    Value value{Value::Kind::string};
    expect("\"");
    while (!rest_.starts_with("\"")) {
      if (rest_.starts_with("\\")) rest_.remove_prefix(1);
      require(!rest_.empty() && rest_.front() != '\r' && rest_.front() != '\n', "a quoted string without an end");
      value.text += rest_.front();
      rest_.remove_prefix(1);
    }
    expect("\"");
    return value;
  }

  Value literal() {
    expect("{");
    const auto end = rest_.find('}');
    require(end != std::string_view::npos, "a literal without a size");
    const auto size = number_in(rest_.substr(0, end));
    rest_.remove_prefix(end);
    expect("}\r\n");
    require(rest_.size() >= size, "a literal without its octets");
    Value value{Value::Kind::string, std::string(rest_.substr(0, size))};
    rest_.remove_prefix(size);
    return value;
  }

  std::string_view rest_;
  int depth_ = 0;
};

}  // namespace

std::vector<Reply> parse_replies(std::string_view octets) {
  std::vector<Reply> replies;
  Reader reader(octets);
  while (!reader.at_end()) replies.push_back(reader.reply());
  return replies;
}

}  // namespace mailpod::model
