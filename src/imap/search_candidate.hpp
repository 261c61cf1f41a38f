#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <mailpod/message/searched_text.hpp>
#include <mailpod/store/vault.hpp>

#include "text_search.hpp"

namespace mailpod::imap {

/// One message that a search looks at, read only as far as somebody asked. What cannot be read is thrown, as
/// std::system_error. Pool.
class SearchCandidate : private message::TextReader {
public:
  /// All is borrowed: `texts` are what BODY and TEXT of the program look for; once `stop` is set, reading ends soon.
  SearchCandidate(store::Vault& vault, const store::MessageState& the_state, store::SeqNum the_number,
                  const std::vector<std::string>& texts, const std::atomic<bool>& stop)
      : number(the_number), state(the_state), vault_(vault), wanted_texts_(texts), stop_(stop) {}

  const store::SeqNum number;
  const store::MessageState& state;

  const message::Structure& structure();
  const store::Vault::Particulars& particulars();
  /// RFC 8514.
  std::chrono::sys_days saved_day();
  const std::string& header();
  bool was_read() const { return structure_ != nullptr || particulars_.has_value(); }
  /// The words of its parts; with those of its header.
  const search::DocumentTerms& terms(search::Where where);
  const TextSearch& texts();

private:
  const base::OctetSource& octets();

  void begin(Place place) override;
  void more(std::string_view folded) override;
  bool has_enough() const override;

  store::Vault& vault_;
  const std::vector<std::string>& wanted_texts_;
  const std::atomic<bool>& stop_;
  std::shared_ptr<const message::Structure> structure_;
  std::optional<store::Vault::Particulars> particulars_;
  std::unique_ptr<store::StoredMessage> stored_;
  std::optional<std::string> header_;
  std::optional<TextSearch> texts_;
  std::optional<search::DocumentTerms> body_terms_;
  std::optional<search::DocumentTerms> all_terms_;
  search::DocumentTerms* reading_ = nullptr;
  bool reads_header_ = false;
  bool takes_ = false;
};

}  // namespace mailpod::imap
