#include "indexing.hpp"

#include <algorithm>

#include <mailpod/message/header_values.hpp>
#include <mailpod/message/searched_text.hpp>
#include <mailpod/text/unicode.hpp>

namespace mailpod::store {
namespace {

/// After trouble: a disk that is full stays so for a while.
constexpr std::chrono::minutes rest{10};

/// To make the index durable takes three syncs, which are better spent on mail; what a crash takes of it is made anew.
constexpr std::chrono::minutes settle_every{1};

/// Text of one message, still encoded; one with more is read when it is searched.
constexpr std::uint64_t most_text_octets = 8 * 1024 * 1024;

/// To commit so many takes about a slice.
constexpr std::size_t uncommitted_messages = 150;

/// Of one generation, that a piece of a word may stand for: to look them up takes 0.1 s, to read the messages instead
/// some seconds.
constexpr std::size_t most_terms = 8'000;

std::uint64_t text_octets(const message::Part& part) {
  std::uint64_t octets = part.header.size() + (part.type == "text" ? part.body.size() : 0);
  for (const auto& child : part.children) octets += text_octets(child);
  return octets;
}

class TermReader final : public message::TextReader {
public:
  TermReader(search::DocumentTerms& terms, const std::function<bool()>& is_over) : terms_(terms), is_over_(is_over) {}
  void begin(Place place) override {
    terms_.begin(place == Place::header ? search::Field::header : search::Field::body);
  }
  void more(std::string_view folded) override { terms_.add(folded); }
  bool has_enough() const override { return terms_.too_many() || is_over_(); }

private:
  search::DocumentTerms& terms_;
  const std::function<bool()>& is_over_;
};

/// What FROM, TO, CC, BCC, SUBJECT and HEADER Message-ID compare.
void add_values(const message::Envelope& envelope, search::DocumentTerms& terms) {
  const auto add = [&](const std::string& value) {
    terms.begin(search::Field::values);
    terms.add(text::fold(value));
  };
  for (const auto* const addresses : {&envelope.from, &envelope.to, &envelope.cc, &envelope.bcc}) {
    add(message::written_addresses(*addresses));
  }
  for (const auto* const value : {&envelope.subject, &envelope.message_id}) {
    if (value->has_value()) add(message::decode_header_value(**value));
  }
}

/// Finds places among the index's, ascending. A mailbox's messages mostly stand in the order of their places, so that
/// each is found right behind the one before; a look-up of each by itself takes a million messages a tenth of a second.
class Finder {
public:
  explicit Finder(const std::vector<std::uint64_t>& places) : places_(places), next_(places.begin()) {}
  /// Its index; nothing if it is not among them.
  std::optional<std::size_t> find(std::uint64_t place) {
    if (next_ == places_.end() || *next_ != place) next_ = std::ranges::lower_bound(places_, place);
    if (next_ == places_.end() || *next_ != place) return std::nullopt;
    return static_cast<std::size_t>(next_++ - places_.begin());
  }

private:
  const std::vector<std::uint64_t>& places_;
  std::vector<std::uint64_t>::const_iterator next_;
};

/// A damaged message is kept as one that is not described: each search that comes to it says that it could not be read.
std::optional<bool> incomplete_for(const boost::system::error_code& error) {
  return error == make_error_code(Errc::damaged) ? std::optional(false) : std::nullopt;
}

}  // namespace

Indexing::Indexing(Sources sources, const Vault::Ports& ports, search::Index::Identity identity, crypto::Key key,
                   std::size_t generation)
    : sources_(std::move(sources)),
      clock_(ports.clock),
      log_(ports.log),
      owner_(identity.owner),
      index_({ports.disk, ports.entropy, ports.log}, std::move(identity), crypto::VaultKey(std::move(key)),
             {.generation = generation,
              .terms = most_terms,
              .uncommitted = uncommitted_messages,
              .reading = static_cast<std::uint8_t>(sources_.vault.searched())}) {}

void Indexing::load() {
  // A journal only grows until it is rewritten, and no position is used twice: where one document's message still
  // stands at its place, so do all that were indexed at lower ones.
  index_.load([this](const search::Document& document) {
    return document.place != 0 && sources_.message_at(document.place) == document.name;
  });
}

bool Indexing::more(std::chrono::microseconds time) {
  const std::scoped_lock lock(slice_);
  const auto now = clock_.monotonic();
  if (is_over() || now < rests_until_) return false;
  try {
    return work(now + time);
  } catch (const std::runtime_error& error) {
    give_up(error.what());
    return false;
  }
}

bool Indexing::work(std::chrono::microseconds deadline) {
  load();
  while (index_.finish_more() || take_next()) {
    if (is_over()) return false;
    if (clock_.monotonic() >= deadline) return true;
  }
  if (is_over()) return false;
  if (sweep()) return true;
  if (const auto now = clock_.monotonic(); now >= settles_from_) {
    index_.settle();
    settles_from_ = now + settle_every;
  }
  if (std::exchange(told_, false)) log_.info("search index works again member={}", owner_);
  return false;
}

void Indexing::give_up(std::string_view reason) {
  if (!std::exchange(told_, true)) {
    log_.error("search index rests member={} reason=\"{}\"", owner_, base::printable(reason));
  }
  index_.abandon();
  examined_ = nullptr;
  queue_.clear();
  rests_until_ = clock_.monotonic() + rest;
}

bool Indexing::take_next() {
  if (queue_.empty()) collect();
  if (queue_.empty()) return false;
  take(queue_.back());
  queue_.pop_back();
  return true;
}

void Indexing::collect() {
  if (looks_at_all_.exchange(false)) examined_ = nullptr;
  const auto state = sources_.vault.state();
  if (state == examined_) return;
  std::unordered_set<const MailboxState::Chunk*> seen;
  if (examined_) {
    for (const auto& mailbox : examined_->mailboxes) {
      for (const auto& chunk : mailbox->chunks) seen.insert(chunk.get());
    }
  }
  const auto places = index_.places();
  Finder known(*places);
  for (const auto& mailbox : state->mailboxes) {
    for (const auto& chunk : mailbox->chunks) {
      if (seen.contains(chunk.get())) continue;
      for (const auto& message : chunk->messages) {
        if (message.record == 0 || unreadable_.contains(message.record)) continue;
        if (!known.find(message.record)) queue_.push_back(message.record);
      }
    }
  }
  std::ranges::sort(queue_, std::greater());
  const auto [first, last] = std::ranges::unique(queue_);
  queue_.erase(first, last);
  examined_ = state;
}

void Indexing::take(std::uint64_t record) {
  const auto id = sources_.message_at(record);
  if (id && index_.relocate(*id, record)) return;
  search::DocumentTerms terms;
  const auto complete = id ? describe(record, terms) : std::nullopt;
  if (is_over()) return;
  if (!complete) {
    unreadable_.insert(record);
    return;
  }
  index_.add({*id, record, *complete}, terms);
}

std::optional<bool> Indexing::describe(std::uint64_t record, search::DocumentTerms& terms) const {
  MessageState message;
  message.record = record;
  try {
    const auto structure = sources_.vault.structure(message);
    if (structure.has_error()) return incomplete_for(structure.error());
    const auto stored = sources_.vault.open_message(message);
    if (stored.has_error()) return incomplete_for(stored.error());
    if (text_octets((*structure)->root) > most_text_octets) return false;
    const std::function<bool()> over = [this] { return is_over(); };
    TermReader reader(terms, over);
    message::read_searched_text(**stored, **structure, sources_.vault.searched(), reader);
    add_values((*structure)->envelope, terms);
    terms.end();
  } catch (const std::system_error& error) {
    return incomplete_for(error.code());
  }
  return !terms.too_many();
}

/// Once an opening: what is mostly gone is forgotten, and the rest of it indexed again.
bool Indexing::sweep() {
  if (std::exchange(swept_, true)) return false;
  const auto places = index_.places();
  std::vector<bool> is_wanted(places->size());
  Finder known(*places);
  for (const auto& mailbox : sources_.vault.state()->mailboxes) {
    for (const auto& chunk : mailbox->chunks) {
      for (const auto& message : chunk->messages) {
        if (const auto index = known.find(message.record)) is_wanted[*index] = true;
      }
    }
  }
  std::vector<std::uint64_t> wanted;
  for (std::size_t i = 0; i < places->size(); ++i) {
    if (is_wanted[i]) wanted.push_back((*places)[i]);
  }
  if (!index_.sweep(wanted)) return false;
  examined_ = nullptr;
  return true;
}

std::shared_ptr<const search::Hits> Indexing::look_up(std::string_view folded, search::Where where) {
  if (is_over()) return nullptr;
  try {
    load();
    return index_.look_up(folded, where, [this] { return is_over(); });
  } catch (const std::runtime_error&) {
    return nullptr;  // more() comes to the same trouble and tells of it
  }
}

std::shared_ptr<const search::Likenesses> Indexing::look_up_alike(const search::LikeQuery& query, search::Where where) {
  if (is_over()) return nullptr;
  try {
    load();
    return index_.look_up_alike(query, where, [this] { return is_over(); });
  } catch (const std::runtime_error&) {
    return nullptr;
  }
}

bool Indexing::has_lost_any() {
  if (!index_.has_lost_any()) return false;
  looks_at_all_ = true;
  return true;
}

search::Stats Indexing::stats() {
  if (is_over()) return {};
  try {
    load();
    return index_.stats();
  } catch (const std::runtime_error&) {
    return {};
  }
}

void Indexing::drop() {
  const std::scoped_lock lock(slice_);
  if (is_over()) return;
  try {
    load();
    index_.drop();
  } catch (const std::runtime_error& error) {
    give_up(error.what());
  }
  examined_ = nullptr;
  queue_.clear();
  unreadable_.clear();
  rests_until_ = {};
}

void Indexing::journal_rewritten() {
  const std::scoped_lock lock(slice_);
  index_.void_places();
  examined_ = nullptr;
  queue_.clear();
  unreadable_.clear();
}

void Indexing::close() {
  closing_ = true;
  const std::scoped_lock lock(slice_);
  try {
    index_.settle();
  } catch (const std::runtime_error& error) {
    give_up(error.what());
  }
}

}  // namespace mailpod::store
