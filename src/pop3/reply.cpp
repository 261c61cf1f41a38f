#include "reply.hpp"

#include <system_error>

#include <fmt/format.h>

#include <mailpod/sasl/credentials.hpp>
#include <mailpod/store/error.hpp>

namespace mailpod::pop3 {
namespace {

struct Row {
  boost::system::error_code error;
  const char* text;
};

bool same(const boost::system::error_code& left, const boost::system::error_code& right) {
  // One of them may have travelled through a std::system_error.
  return static_cast<std::error_code>(left) == static_cast<std::error_code>(right);
}

}  // namespace

Reply bad(const text::ParseError& error) {
  return bad(fmt::format("Expected {} at octet {} of the command", error.expected, error.offset + 1));
}

Reply reply_for(const boost::system::error_code& error) {
  const Row rows[] = {
      {sasl::Errc::refused, "[AUTH] Authentication failed"},
      {sasl::Errc::busy, "[SYS/TEMP] Too many logins at once, try again"},
      {store::Errc::gone, "That message was removed meanwhile"},
      {store::Errc::damaged, "[SYS/PERM] What is stored is damaged"},
      {store::Errc::wrong_key, "[SYS/PERM] The mail store cannot be opened with this login"},
      {store::Errc::closed, "[SYS/TEMP] The mail store was closed"},
      {boost::system::errc::make_error_code(boost::system::errc::no_space_on_device),
       "[SYS/TEMP] The disk is full, try again later"},
  };
  for (const auto& row : rows) {
    if (same(error, row.error)) return err(row.text);
  }
  return err("[SYS/TEMP] The mail store failed, try again later");
}

bool ends_session(const boost::system::error_code& error) {
  return same(error, store::Errc::closed);
}

}  // namespace mailpod::pop3
