#include <mailpod/crypto/spool.hpp>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <optional>
#include <system_error>
#include <utility>

#include <mailpod/crypto/seal.hpp>

namespace mailpod::crypto {

namespace {

constexpr std::size_t chunk_size = 16 * 1024;
constexpr std::size_t sealed_chunk_size = nonce_size + chunk_size + tag_size;
constexpr std::uint64_t no_chunk = std::numeric_limits<std::uint64_t>::max();

/// A chunk put in another's place must not open.
std::string associated_data(std::uint64_t index) {
  return base::Encoder().fixed("mailpod/v1/spool").u64(index).take();
}

}  // namespace

bool SpoolBudget::take(std::uint64_t octets) {
  auto available = free_.load();
  while (available >= octets) {
    if (free_.compare_exchange_weak(available, available - octets)) return true;
  }
  return false;
}

void SpoolBudget::give_back(std::uint64_t octets) {
  free_.fetch_add(octets);
}

// `held` is everything while the spool is in memory, and afterwards what does not yet fill a chunk. Only whole chunks
// are written, each once and under a nonce of its own, so a failed write can simply be done again.
struct Spool::State {
  State(SpoolPlace in, SpoolSettings with) : place(std::move(in)), settings(with) {}
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    place.budget.give_back(budgeted);
    wipe(held);
    wipe(open);
  }

  std::uint64_t size() const { return chunks * chunk_size + held.size(); }

  bool stays_in_memory(std::size_t more) {
    if (file || held.size() + more > settings.memory || !place.budget.take(more)) return false;
    budgeted += more;
    return true;
  }

  void open_file() {
    if (!key) key = Key::random(place.arena, place.entropy);
    file = place.disk.open(place.directory, base::Disk::Open::unnamed);
  }

  /// Writes every whole chunk of `held` followed by `octets` and keeps the rest in `held`.
  void spill(std::string_view octets) {
    if (!file) open_file();
    std::string_view first = held;
    auto next = chunks;
    std::string chunk;
    while (first.size() + octets.size() >= chunk_size) {
      chunk.assign(first.substr(0, chunk_size));
      first.remove_prefix(chunk.size());
      const auto filling = octets.substr(0, chunk_size - chunk.size());
      chunk.append(filling);
      octets.remove_prefix(filling.size());
      file->write_at(next * sealed_chunk_size, seal(*key, place.entropy, associated_data(next), chunk));
      ++next;
    }
    std::string rest(first);
    rest.append(octets);
    wipe(chunk);
    wipe(held);
    held.swap(rest);
    chunks = next;
    place.budget.give_back(std::exchange(budgeted, 0));
  }

  void open_chunk(std::uint64_t index) {
    if (index == open_index) return;
    std::string sealed(sealed_chunk_size, '\0');
    const auto got = file->read_at(index * sealed_chunk_size, sealed);
    auto opened = crypto::open(*key, associated_data(index), std::string_view(sealed).substr(0, got));
    if (!opened) throw std::system_error(EIO, std::system_category(), "spool");
    wipe(open);
    open.swap(*opened);
    open_index = index;
  }

  SpoolPlace place;
  SpoolSettings settings;
  std::string held;
  std::uint64_t budgeted = 0;
  std::unique_ptr<base::File> file;
  std::optional<Key> key;
  std::uint64_t chunks = 0;  // in the file
  std::string open;          // the chunk read last
  std::uint64_t open_index = no_chunk;
};

Spool::Spool(const SpoolPlace& place, SpoolSettings settings) : state_(std::make_unique<State>(place, settings)) {}
Spool::~Spool() = default;

Status Spool::append(std::string_view octets) {
  if (octets.size() > state_->settings.limit - std::min(state_->settings.limit, size())) return Errc::spool_full;
  if (state_->stays_in_memory(octets.size())) {
    state_->held.append(octets);
  } else {
    state_->spill(octets);
  }
  return {};
}

std::uint64_t Spool::size() const {
  return state_->size();
}
bool Spool::in_memory() const {
  return state_->file == nullptr;
}

std::size_t Spool::read_at(std::uint64_t offset, std::span<char> into) const {
  std::size_t done = 0;
  while (done < into.size() && offset < size()) {
    const auto rest = into.subspan(done);
    const auto index = offset / chunk_size;
    std::size_t copied = 0;
    if (index < state_->chunks) {
      state_->open_chunk(index);
      copied = state_->open.copy(rest.data(), rest.size(), static_cast<std::size_t>(offset % chunk_size));
    } else {
      copied =
          state_->held.copy(rest.data(), rest.size(), static_cast<std::size_t>(offset - state_->chunks * chunk_size));
    }
    done += copied;
    offset += copied;
  }
  return done;
}

}  // namespace mailpod::crypto
