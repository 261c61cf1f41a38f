#include "reply.hpp"

#include <fmt/format.h>

#include <mailpod/sasl/credentials.hpp>
#include <mailpod/store/session_work.hpp>

namespace mailpod::pop3 {
namespace {

struct Row {
  boost::system::error_code error;
  const char* text;
};

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
  const auto* row = store::row_for(rows, error);
  return err(row == nullptr ? "[SYS/TEMP] The mail store failed, try again later" : row->text);
}

}  // namespace mailpod::pop3
