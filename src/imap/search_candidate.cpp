#include "search_candidate.hpp"

#include <system_error>

#include <mailpod/message/header_fields.hpp>

namespace mailpod::imap {

const message::Structure& SearchCandidate::structure() {
  if (!structure_) {
    auto read = vault_.structure(state);
    if (read.has_error()) throw std::system_error(read.error());
    structure_ = std::move(*read);
  }
  return *structure_;
}

const store::Vault::Particulars& SearchCandidate::particulars() {
  if (!particulars_) {
    const auto read = vault_.particulars(state);
    if (read.has_error()) throw std::system_error(read.error());
    particulars_ = *read;
  }
  return *particulars_;
}

std::chrono::sys_days SearchCandidate::saved_day() {
  return std::chrono::floor<std::chrono::days>(std::chrono::sys_seconds(std::chrono::seconds(particulars().save_date)));
}

const std::string& SearchCandidate::header() {
  if (!header_) header_ = message::read_header(octets(), structure().root);
  return *header_;
}

const search::DocumentTerms& SearchCandidate::terms(search::Where where) {
  auto& terms = where == search::Where::body ? body_terms_ : all_terms_;
  if (!terms) {
    terms.emplace();
    reads_header_ = where != search::Where::body;
    reading_ = &*terms;
    message::read_searched_text(octets(), structure(), vault_.searched(), *this);
    terms->end();
  }
  return *terms;
}

const TextSearch& SearchCandidate::texts() {
  if (!texts_) {
    texts_.emplace(wanted_texts_);
    texts_->scan(octets(), structure(), vault_.searched(), stop_);
  }
  return *texts_;
}

const base::OctetSource& SearchCandidate::octets() {
  if (!stored_) {
    auto opened = vault_.open_message(state);
    if (opened.has_error()) throw std::system_error(opened.error());
    stored_ = std::move(*opened);
  }
  return *stored_;
}

void SearchCandidate::begin(Place place) {
  takes_ = place == Place::body || reads_header_;
  if (takes_) reading_->begin(search::Field::body);
}

void SearchCandidate::more(std::string_view folded) {
  if (takes_) reading_->add(folded);
}

bool SearchCandidate::has_enough() const {
  return stop_ || reading_->too_many();
}

}  // namespace mailpod::imap
