#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include <mailpod/search/index.hpp>
#include <mailpod/text/unicode.hpp>

#include "simulation/disk.hpp"
#include "simulation/entropy.hpp"

// Two promises. Any text and any query, split by a zero: a text that contains the query has the terms that its keys ask
// for, and where they are exact no other has. Any changes to the file of an index: what is found is what was indexed,
// or must be read.
namespace {

using namespace mailpod;

void insist(bool promise) {
  if (!promise) std::abort();
}

void terms_keep_their_promise(std::string_view octets) {
  const auto zero = octets.find('\0');
  if (zero == std::string_view::npos) return;
  const auto text = text::fold(octets.substr(0, zero));
  const auto query = text::fold(octets.substr(zero + 1));
  search::DocumentTerms terms;
  terms.begin(search::Field::body);
  // In two pieces that end between characters.
  const auto half = text::utf8_prefix(text, text.size() / 2);
  terms.add(half);
  terms.add(std::string_view(text).substr(half.size()));
  terms.end();
  const auto keys = search::keys_for(query);
  if (keys.keys.empty() || terms.too_many()) return;
  const auto& words = terms.of(search::Field::body);
  const bool fit = std::ranges::all_of(keys.keys, [&](const auto& key) {
    return std::ranges::any_of(words, [&](const auto& word) { return search::fits(key, word); });
  });
  const bool contains = text.find(query) != std::string::npos;
  insist(fit || !contains);
  if (keys.exact) insist(fit == contains);
}

struct Pristine {
  static constexpr std::uint64_t documents = 3;
  Pristine() : key(crypto::Key::random(arena, entropy)) {
    disk.make_directory("vault");
    auto index = open(disk);
    for (std::uint64_t place = 1; place <= documents; ++place) {
      search::DocumentTerms terms;
      terms.begin(search::Field::body);
      terms.add("common word" + std::to_string(place));
      terms.end();
      index->add({{}, place, true}, terms);
    }
    index->settle();
    index.reset();
    path = disk.files().at(0);
  }
  std::unique_ptr<search::Index> open(simulation::Disk& on) {
    auto index = std::make_unique<search::Index>(
        search::Index::Ports{on, entropy, base::silent_log()}, search::Index::Identity{"vault/search", "ann"},
        crypto::VaultKey(crypto::Key::copy_of(arena, key.octets())), search::Index::Settings());
    index->load([](const search::Document&) { return true; });
    return index;
  }
  simulation::Entropy entropy;
  crypto::KeyArena arena;
  crypto::Key key;
  simulation::Disk disk;
  std::string path;
};

void damage_is_noticed(std::string_view octets) {
  static Pristine pristine;
  const auto disk = pristine.disk.clean_copy();
  {
    const auto file = disk->open(pristine.path, base::Disk::Open::read_write);
    base::Decoder changes(octets);
    while (changes.ok() && !changes.at_end()) {
      const auto what = changes.u8();
      const std::uint64_t place = changes.u16() % file->size();
      if (what == 0 && place > 0) file->truncate(place);
      if (what != 0) file->write_at(place, changes.fixed(what));
    }
  }
  const auto index = pristine.open(*disk);
  for (std::uint64_t sought = 1; sought <= Pristine::documents; ++sought) {
    const auto hits = index->look_up("word" + std::to_string(sought), search::Where::body);
    if (!hits) continue;
    for (std::uint64_t place = 1; place <= Pristine::documents; ++place) {
      insist(hits->of(place) != (place == sought ? search::Hits::Verdict::no : search::Hits::Verdict::yes));
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view octets(reinterpret_cast<const char*>(data), size);
  terms_keep_their_promise(octets);
  damage_is_noticed(octets.substr(0, 200));
  return 0;
}
