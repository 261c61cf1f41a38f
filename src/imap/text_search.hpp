#pragma once

#include <atomic>
#include <string>
#include <string_view>
#include <vector>

#include <mailpod/base/octet_source.hpp>
#include <mailpod/message/searched_text.hpp>
#include <mailpod/message/structure.hpp>

namespace mailpod::imap {

/// Which of some texts stand in a message: in its parts that are searched, decoded, and in the headers of messages
/// within it (both are BODY), or in its own header as well (TEXT). One pass, whatever the number of texts; linear.
class TextSearch final : private message::TextReader {
public:
  /// Folded texts; borrowed.
  explicit TextSearch(const std::vector<std::string>& texts);

  /// Reads the message. Gives up where `stop` becomes true. Pool. Throws what the source throws.
  void scan(const base::OctetSource& message, const message::Structure& structure, message::Searched searched,
            const std::atomic<bool>& stop);

  bool in_body(std::size_t index) const { return in_body_[index]; }
  bool in_message(std::size_t index) const { return in_body_[index] || in_header_[index]; }

private:
  void begin(Place place) override;
  void more(std::string_view folded) override;
  bool has_enough() const override { return stop_->load(); }

  using Found = std::vector<bool>;
  const std::vector<std::string>& texts_;
  std::size_t longest_ = 0;
  Found in_header_;
  Found in_body_;
  Found* found_ = nullptr;
  std::string window_;
  const std::atomic<bool>* stop_ = nullptr;
};

/// Whether a folded text stands in a folded one. Linear.
bool stands_in(std::string_view needle, std::string_view folded);

}  // namespace mailpod::imap
