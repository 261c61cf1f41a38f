#include <algorithm>
#include <charconv>
#include <optional>
#include <string>

#include <fmt/format.h>

#include <mailpod/base/bytes.hpp>
#include <mailpod/governance/registry.hpp>
#include <mailpod/governance/tiles.hpp>

#include "page.hpp"

// The files of governance/, by the names that docs/charter-format.md and docs/ledger.md give them.
namespace mailpod::web {
namespace {

constexpr std::uint64_t largest_file = 20 * 1024 * 1024;  // octets: a bundle of 256 entries of the largest kind

/// `digits` decimal digits, as many as the number needs or with zeros in front.
std::optional<std::uint64_t> parse_number(std::string_view text, std::size_t digits) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = error == std::errc() && end == text.data() + text.size() && text.size() <= 18;
  if (!whole || number == 0 || fmt::format("{:0{}}", number, digits) != text) return std::nullopt;
  return number;
}

struct CharterFile {
  std::uint64_t seq = 0;
  std::string name;
};

/// `charter-0003.toml` or `charter-0003.<KEY ID>.minisig`, written as it is written there and in no other way.
std::optional<CharterFile> parse_charter_name(std::string_view text) {
  constexpr std::string_view beginning = "charter-";
  if (!text.starts_with(beginning)) return std::nullopt;
  const auto dot = text.find('.');
  if (dot == std::string_view::npos) return std::nullopt;
  const auto number = parse_number(text.substr(beginning.size(), dot - beginning.size()), 4);
  if (!number) return std::nullopt;
  const auto rest = text.substr(dot);
  if (rest == ".toml") return CharterFile{*number, std::string(text)};
  constexpr std::string_view ending = ".minisig";
  if (rest.size() != 1 + 16 + ending.size() || !rest.ends_with(ending)) return std::nullopt;
  const auto id = rest.substr(1, 16);
  const bool is_id = std::ranges::all_of(id, [](char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F'); });
  if (!is_id) return std::nullopt;
  return CharterFile{*number, std::string(text)};
}

std::optional<std::uint64_t> parse_act_name(std::string_view text) {
  constexpr std::string_view ending = ".entry";
  if (!text.ends_with(ending)) return std::nullopt;
  return parse_number(text.substr(0, text.size() - ending.size()), 6);
}

http::Response file(const Site::Source& source, const std::string& path, std::string_view media_type,
                    std::string_view caching) {
  if (!source.disk.status(path)) return refusal(404);
  return content(base::read_file(source.disk, path, largest_file), media_type, caching);
}

/// How many leaves the ledger's checkpoint says there are: what is beyond them may be withdrawn yet, and another file
/// then bears its name. Leaf 0 is charter 1, and the others are the acts.
std::uint64_t recorded_leaves(const Site::Source& source) {
  const auto path = base::join(base::join(source.governance, "ledger"), "checkpoint");
  if (!source.disk.status(path)) return 0;
  const auto note = governance::parse_note(base::read_file(source.disk, path, governance::largest_note), path);
  if (!note) return 0;
  const auto checkpoint = governance::parse_checkpoint(note->text, path);
  return checkpoint ? checkpoint->head.size : 0;
}

http::Response ledger_file(const Site::Source& source, std::string_view name) {
  return file(source, base::join(base::join(source.governance, "ledger"), name), media::text, caching::seconds);
}

}  // namespace

http::Response charter_list(const Site::Source& source, const http::Visit&) {
  const auto accepted = source.pod.charters().accepted;
  std::vector<std::string> names;
  for (const auto& entry : source.disk.list(source.governance)) {
    const auto charter = parse_charter_name(entry.name);
    if (charter && charter->seq <= accepted) names.push_back(entry.name);
  }
  std::ranges::sort(names);
  return content(fmt::format("{}\n", fmt::join(names, "\n")), media::text, caching::minutes);
}

http::Response charter_file(const Site::Source& source, const http::Visit& visit) {
  const auto charter = parse_charter_name(visit.captured.at(0));
  if (!charter || charter->seq > source.pod.charters().accepted) return refusal(404);
  // Others may sign it later, too.
  return file(source, base::join(source.governance, charter->name), media::text, caching::minutes);
}

http::Response act_file(const Site::Source& source, const http::Visit& visit) {
  const auto number = parse_act_name(visit.captured.at(0));
  if (!number || *number >= recorded_leaves(source)) return refusal(404);
  const auto path = base::join(base::join(source.governance, "acts"), governance::entry_name(*number));
  return file(source, path, media::octets, caching::for_ever);
}

http::Response checkpoint_page(const Site::Source& source, const http::Visit&) {
  return ledger_file(source, "checkpoint");
}

http::Response cosigned_page(const Site::Source& source, const http::Visit&) {
  return ledger_file(source, "cosigned");
}

http::Response witnesses_page(const Site::Source& source, const http::Visit&) {
  return ledger_file(source, "witnesses");
}

/// A partial tile is what the full one begins with, whichever of them is there; neither ever changes. Kept is only what
/// has a file: of one full tile 255 others could be cut.
http::Response tile_page(const Site::Source& source, const http::Visit& visit) {
  const auto tile = governance::parse_tile_path(fmt::format("{}", fmt::join(visit.captured, "/")));
  if (!tile) return refusal(404);
  const auto folder = base::join(source.governance, "ledger");
  auto full = *tile;
  full.width = governance::tile_width;
  const bool has_file = source.disk.status(base::join(folder, governance::tile_path(*tile))).has_value();
  if (!has_file && !source.disk.status(base::join(folder, governance::tile_path(full)))) return refusal(404);
  const governance::TileFolder tiles(source.disk, folder, 0);
  return content(tiles.read(*tile), media::octets, has_file ? caching::for_ever : caching::minutes);
}

}  // namespace mailpod::web
