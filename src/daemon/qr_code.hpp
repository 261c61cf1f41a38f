#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mailpod::daemon {

/// A QR code (ISO/IEC 18004): a square of dark and light modules. Debian's libqrencode makes it.
class QrCode {
public:
  /// Of at most 1000 octets; nothing where they do not fit into one. Digits, capitals and ` $%*+-./:` take least room.
  static std::optional<QrCode> of(std::string_view text);

  /// Modules in a row, the light margin not counted.
  std::size_t size() const { return size_; }
  /// False outside the square.
  bool is_dark(std::size_t x, std::size_t y) const { return x < size_ && y < size_ && modules_[y * size_ + x]; }

private:
  QrCode(std::size_t size, std::vector<bool> modules) : size_(size), modules_(std::move(modules)) {}
  std::size_t size_;
  std::vector<bool> modules_;
};

/// Two modules a character, one above the other, with the margin of four modules that readers ask for; what is light is
/// drawn, as terminals are dark. With `colours` black on white is said to the terminal, whatever its own are.
enum class Colours { none, ansi };
std::string terminal_picture(const QrCode& code, Colours colours);

/// An SVG 1.1 document, ten units a module, margin included.
std::string svg_picture(const QrCode& code);

}  // namespace mailpod::daemon
