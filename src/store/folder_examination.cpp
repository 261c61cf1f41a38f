#include <algorithm>
#include <set>
#include <system_error>

#include <mailpod/crypto/padme.hpp>
#include <mailpod/journal/frames.hpp>
#include <mailpod/store/examination.hpp>
#include <mailpod/store/letterbox.hpp>

#include "intent.hpp"
#include "maildir.hpp"
#include "sealed_file.hpp"

// A member's folder as it looks without their key.
namespace mailpod::store {
namespace {

constexpr std::size_t files_at_once = 256;

bool is_missing(const std::system_error& error) {
  return error.code() == std::errc::no_such_file_or_directory;
}

/// Octets sealed in a payload of so many; nothing if no payload has this size.
std::optional<std::uint64_t> plain_size(std::uint64_t payload) {
  constexpr std::uint64_t nonce = 16;
  constexpr std::uint64_t tag = 16;
  if (payload < nonce + tag) return std::nullopt;
  const std::uint64_t body = payload - nonce;
  const std::uint64_t chunks = (body + crypto::age_sealed_chunk - 1) / crypto::age_sealed_chunk;
  if (body < chunks * tag) return std::nullopt;
  const std::uint64_t plain = body - chunks * tag;
  if (crypto::age_payload_size(plain) != payload) return std::nullopt;
  return plain;
}

/// What is sealed in a file, by its head and size alone; `why_not` says what is wrong where that cannot be.
std::optional<std::uint64_t> sealed_octets(const base::OctetSource& file, std::string& why_not) {
  const auto header = crypto::parse_age_header(file, {max_recipients, max_age_header});
  if (!header) {
    why_not = header.error().message();
    return std::nullopt;
  }
  const auto plain =
      file.size() < header->payload_offset ? std::nullopt : plain_size(file.size() - header->payload_offset);
  if (!plain || crypto::padme(*plain) != *plain) {
    why_not = "cut off or extended";
    return std::nullopt;
  }
  return plain;
}

class FolderExamination final : public Examination {
public:
  explicit FolderExamination(FolderToExamine what) : what_(std::move(what)), maildir_(what_.folder) {}

  bool more() override {
    switch (step_++) {
      case 0:
        look_at_folder();
        return true;
      case 1:
        look_at_tmp();
        note_sealed_files(maildir_.fresh(), "Maildir/new/");
        note_sealed_files(maildir_.cur(), "Maildir/cur/");
        return true;
      case 2:
        look_at_journal();
        return true;
      default:
        break;
    }
    for (std::size_t count = 0; count < files_at_once && done_ < files_.size(); ++count) look_at_file(files_[done_++]);
    return done_ < files_.size();
  }
  void confirm() override {}
  Progress progress() const override { return {done_, files_.size(), went_}; }
  const std::vector<Fault>& faults() const override { return faults_; }

private:
  void note(Fault::Kind kind, const std::string& path, std::string detail = {}) {
    Fault fault{kind, base::printable(path, 200), std::move(detail)};
    fault.path = path;
    faults_.push_back(std::move(fault));
  }

  std::vector<base::Disk::Entry> list(const std::string& path) {
    if (!what_.disk.status(path)) return {};
    auto entries = what_.disk.list(path);
    std::ranges::sort(entries, {}, &base::Disk::Entry::name);
    return entries;
  }

  void look_at_folder() {
    for (const auto* name : {"slots", "log", "Maildir", "Maildir/tmp", "Maildir/new", "Maildir/cur"}) {
      if (!what_.disk.status(base::join(what_.folder, name))) note(Fault::Kind::folder_incomplete, name);
    }
    static const std::set<std::string, std::less<>> ours{"card",    "card.next",  "slots",  "log",  "log.next",
                                                         "Maildir", "quarantine", "search", "usage"};
    // A card that is being written, or was when its writer was killed: it goes with the next one.
    const auto is_half_a_card = [](std::string_view name) {
      return name.starts_with("card.tmp-") || name.starts_with("card.next.tmp-");
    };
    for (const auto& entry : list(what_.folder)) {
      if (!ours.contains(entry.name) && !is_half_a_card(entry.name)) note(Fault::Kind::foreign_file, entry.name);
    }
    for (const auto& entry : list(base::join(what_.folder, "Maildir"))) {
      static const std::set<std::string, std::less<>> folders{"tmp", "new", "cur"};
      if (!folders.contains(entry.name)) note(Fault::Kind::foreign_file, "Maildir/" + entry.name);
    }
    if (!what_.disk.status(base::join(what_.folder, "card"))) {
      note(Fault::Kind::card_missing, "card");
    } else if (!read_card(what_.disk, what_.folder, what_.member, what_.pod_public_key)) {
      note(Fault::Kind::card_damaged, "card");
    }
    for (const auto& name : quarantined_files(what_.disk, what_.folder)) {
      note(Fault::Kind::quarantined, "quarantine/" + name);
    }
  }

  void look_at_tmp() {
    constexpr std::chrono::hours old{36};
    for (const auto& entry : list(maildir_.tmp())) {
      const std::string path = "Maildir/tmp/" + entry.name;
      const auto unfinished = UnfinishedName::parse(entry.name);
      const bool intent = entry.name.ends_with(intent_suffix) || entry.name.ends_with(unfinished_intent_suffix);
      if (intent && Maildir::parse_name(std::string_view(entry.name).substr(0, 32))) continue;
      if (!unfinished || entry.kind != base::Disk::Kind::file) {
        note(Fault::Kind::foreign_file, path);
      } else if (unfinished->begun + old < what_.clock.now()) {
        note(Fault::Kind::unfinished_file, path);
      }
    }
  }

  void note_sealed_files(const std::string& folder, const std::string& shown_as) {
    for (const auto& entry : list(folder)) {
      if (Maildir::parse_name(entry.name) && entry.kind == base::Disk::Kind::file) {
        files_.push_back(shown_as + entry.name);
      } else {
        note(Fault::Kind::foreign_file, shown_as + entry.name);
      }
    }
  }

  void look_at_file(const std::string& path) {
    try {
      const FileSource file(what_.disk.open(base::join(what_.folder, path), base::Disk::Open::read));
      std::string why_not;
      if (!sealed_octets(file, why_not)) note(Fault::Kind::not_a_sealed_file, path, why_not);
    } catch (const std::system_error& error) {
      if (!is_missing(error)) throw;
      ++went_;  // merged, or expunged
    }
  }

  void look_at_journal() {
    const auto report = journal::inspect_frames(what_.disk, maildir_.log());
    if (report.segments == 0 && what_.disk.status(maildir_.log())) note(Fault::Kind::journal_missing, "log");
    for (const auto& name : report.foreign) note(Fault::Kind::foreign_file, "log/" + name);
    for (const auto& breach : report.breaches) {
      note(Fault::Kind::segment_unreadable, "log/" + breach.segment,
           fmt::format("{} at {}", breach.what, breach.offset));
    }
  }

  FolderToExamine what_;
  Maildir maildir_;
  int step_ = 0;
  std::vector<std::string> files_;  ///< below the member's folder
  std::uint64_t done_ = 0;
  std::uint64_t went_ = 0;
  std::vector<Fault> faults_;
};

}  // namespace

std::unique_ptr<Examination> examine_folder(FolderToExamine what) {
  return std::make_unique<FolderExamination>(std::move(what));
}

std::vector<std::string> quarantined_files(base::Disk& disk, const std::string& folder) {
  const auto quarantine = Maildir(folder).quarantine();
  std::vector<std::string> names;
  if (!disk.status(quarantine)) return names;
  for (const auto& entry : disk.list(quarantine)) names.push_back(entry.name);
  std::ranges::sort(names);
  return names;
}

std::size_t empty_quarantine(base::Disk& disk, const std::string& folder) {
  const auto quarantine = Maildir(folder).quarantine();
  const auto names = quarantined_files(disk, folder);
  for (const auto& name : names) disk.unlink(base::join(quarantine, name));
  if (!names.empty()) disk.sync_directory(quarantine);
  return names.size();
}

namespace {

void measure_sealed(base::Disk& disk, const std::string& folder, FolderFigures& figures) {
  for (const auto& entry : disk.list(folder)) {
    if (!Maildir::parse_name(entry.name)) continue;
    try {
      const FileSource file(disk.open(base::join(folder, entry.name), base::Disk::Open::read));
      ++figures.messages;
      figures.octets += file.size();
      std::string why_not;
      figures.padded_octets += sealed_octets(file, why_not).value_or(0);
    } catch (const std::system_error& error) {
      if (!is_missing(error)) throw;
    }
  }
}

std::uint64_t octets_below(base::Disk& disk, const std::string& folder) {
  std::uint64_t octets = 0;
  if (!disk.status(folder)) return 0;
  for (const auto& entry : disk.list(folder)) {
    const auto information = disk.status(base::join(folder, entry.name));
    if (information && information->kind == base::Disk::Kind::file) octets += information->size;
  }
  return octets;
}

}  // namespace

FolderFigures measure_folder(base::Disk& disk, const std::string& folder) {
  const Maildir maildir(folder);
  FolderFigures figures;
  measure_sealed(disk, maildir.fresh(), figures);
  figures.waiting = figures.messages;
  measure_sealed(disk, maildir.cur(), figures);
  figures.unfinished = disk.list(maildir.tmp()).size();
  figures.quarantined = quarantined_files(disk, folder).size();
  for (const auto& entry : disk.list(maildir.log())) {
    const auto information = disk.status(base::join(maildir.log(), entry.name));
    if (!information) continue;
    if (entry.name.ends_with(".seg")) ++figures.segments;
    (entry.name.ends_with(".tail") ? figures.set_aside_octets : figures.journal_octets) += information->size;
  }
  figures.search_octets = octets_below(disk, base::join(folder, "search"));
  return figures;
}

}  // namespace mailpod::store
