#include "data_writer.hpp"

#include <algorithm>
#include <cassert>
#include <system_error>

namespace mailpod::smtp {

namespace {

// RFC 5321 §4.5.3.1.6: a line of text has at most 1,000 octets, CRLF included.
constexpr std::size_t longest_line = 998;

struct Look {
  DataReader::Fault fault = DataReader::Fault::none;
  bool eight_bit = false;
};

/// Looks at a block that is not empty. It stands between whole lines as far as CRLF goes: none begins before it (a LF
/// at its beginning is alone) and none ends behind it (a CR at its end is alone).
Look look_at(std::string_view block) {
  const char* const octets = block.data();
  const std::size_t pairs = block.size() - 1;
  // No branch, only bitwise operators, and sums of octets: compilers make vector instructions of it.
  unsigned char bare_cr = block.back() == '\r' ? 1 : 0;
  unsigned char bare_lf = block.front() == '\n' ? 1 : 0;
  unsigned char nul = block.back() == '\0' ? 1 : 0;
  auto all = static_cast<unsigned char>(block.back());
  for (std::size_t i = 0; i < pairs; ++i) {
    const unsigned char cr = octets[i] == '\r' ? 1 : 0;
    const unsigned char lf = octets[i + 1] == '\n' ? 1 : 0;
    bare_cr = static_cast<unsigned char>(bare_cr | (cr & (lf ^ 1)));
    bare_lf = static_cast<unsigned char>(bare_lf | (lf & (cr ^ 1)));
    nul = static_cast<unsigned char>(nul | (octets[i] == '\0' ? 1 : 0));
    all = static_cast<unsigned char>(all | static_cast<unsigned char>(octets[i]));
  }
  Look look;
  look.eight_bit = all > 127;
  if (bare_cr != 0) look.fault = DataReader::Fault::bare_cr;
  if (bare_lf != 0) look.fault = DataReader::Fault::bare_lf;
  if (nul != 0) look.fault = DataReader::Fault::nul;
  return look;
}

/// Appends `block`, a second dot before each dot that begins a line.
void stuff(std::string_view block, bool line_begins, std::string& out) {
  if (line_begins && block.starts_with('.')) out += '.';
  while (true) {
    const std::size_t line_end = block.find("\n.");
    out += block.substr(0, line_end == std::string_view::npos ? line_end : line_end + 1);
    if (line_end == std::string_view::npos) return;
    out += '.';
    block.remove_prefix(line_end + 1);
  }
}

[[noreturn]] void fail_changed() {
  throw std::system_error(std::make_error_code(std::errc::io_error), "a message changed while it was being sent");
}

}  // namespace

DataWriter::DataWriter(const base::OctetSource& message, std::size_t block) : message_(message) {
  block_.resize(std::max<std::size_t>(block, 2));
}

/// Empty at the end. A CR that would be a block's last octet is left for the next one, so that its LF stands beside it.
std::string_view DataWriter::read_block() {
  const std::size_t count = message_.read_at(at_, block_);
  std::string_view block = std::string_view(block_).substr(0, count);
  const bool is_last = at_ + count >= message_.size();
  if (count < block_.size() && !is_last) fail_changed();
  if (block.ends_with('\r') && !is_last) block.remove_suffix(1);
  at_ += block.size();
  return block;
}

bool DataWriter::examine_block() {
  if (examined_) return false;
  const std::string_view block = read_block();
  if (block.empty()) {
    form_.size = at_ + (line_begins_ ? 0 : 2);
    begin_again();
    return false;
  }
  const Look look = look_at(block);
  form_.fault = look.fault;
  form_.eight_bit |= look.eight_bit;
  std::size_t begin = 0;
  for (std::size_t end = block.find('\n'); end != std::string_view::npos; end = block.find('\n', begin)) {
    // The CR aside.
    form_.long_lines |= line_ + end - begin > longest_line + 1;
    begin = end + 1;
    line_ = 0;
  }
  line_ += block.size() - begin;
  form_.long_lines |= line_ > longest_line;
  line_begins_ = block.ends_with('\n');
  if (form_.fault == DataReader::Fault::none) return true;
  examined_ = true;
  return false;
}

void DataWriter::begin_again() {
  examined_ = true;
  at_ = 0;
  line_begins_ = true;
}

void DataWriter::write_block(std::string& out) {
  assert(examined_ && form_.fault == DataReader::Fault::none && !ended_);
  out.clear();
  const std::string_view block = read_block();
  if (!block.empty()) {
    const Look look = look_at(block);
    if (look.fault != DataReader::Fault::none || (look.eight_bit && !form_.eight_bit)) fail_changed();
    stuff(block, line_begins_, out);
    line_begins_ = block.ends_with('\n');
  }
  if (at_ < message_.size()) return;
  if (at_ + (line_begins_ ? 0 : 2) != form_.size) fail_changed();
  out += line_begins_ ? ".\r\n" : "\r\n.\r\n";
  ended_ = true;
}

}  // namespace mailpod::smtp
