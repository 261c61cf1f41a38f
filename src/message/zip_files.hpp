#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <mailpod/message/attached_text.hpp>

namespace mailpod::message {

/// Who is told what stands in a ZIP archive.
class ZipReader {
public:
  virtual ~ZipReader() = default;
  /// A file of this name begins. False: its octets are of no interest.
  virtual bool begin(std::string_view name) = 0;
  virtual void more(std::string_view octets) = 0;
  virtual void end() = 0;
};

/// Reads a ZIP archive (PKWARE's APPNOTE 4.3) from its beginning to its directory, by the headers that stand before the
/// files: stored and deflated ones. It ends where it finds something else, or the budget is used up. Never fails; holds
/// one name and 64 KiB of one file, whatever an archive says of its sizes.
class ZipFiles {
public:
  /// Both are borrowed.
  ZipFiles(AttachmentBudget& budget, ZipReader& reader);
  ~ZipFiles();

  void feed(std::string_view octets);
  bool is_over() const { return state_ == State::over; }

private:
  enum class State { header, name, stored, deflated, descriptor, over };
  class Inflation;

  void take_header(std::string_view& octets);
  void take_name(std::string_view& octets);
  void take_stored(std::string_view& octets);
  void take_deflated(std::string_view& octets);
  void take_descriptor(std::string_view& octets);
  /// Moves octets to `pending_` until it has `wanted`; true once it has.
  bool collect(std::string_view& octets, std::size_t wanted);
  void begin_file();
  void end_file();
  void tell_end();
  void pass_on(std::string_view octets);

  AttachmentBudget& budget_;
  ZipReader& reader_;
  State state_ = State::header;
  std::string pending_;
  std::uint32_t name_octets_ = 0;
  std::uint32_t extra_octets_ = 0;
  bool deflated_ = false;
  bool described_behind_ = false;  ///< how long it is stands behind it
  bool encrypted_ = false;
  std::uint64_t left_ = 0;  ///< octets of the file in the archive
  bool wanted_ = false;
  std::unique_ptr<Inflation> inflation_;
};

}  // namespace mailpod::message
