#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace mailpod::http {

struct Field {
  std::string name;   ///< a token; compared without regard to case
  std::string value;  ///< without space at its ends; no control characters but HTAB
  friend bool operator==(const Field&, const Field&) = default;
};

/// The fields of a message in their order (RFC 9110 §5). What stands in it can be written as it is: no octet of a value
/// ends a line.
class Fields {
public:
  /// Throws std::invalid_argument for what is no name, or no value: whoever lets a peer choose one has looked before.
  void add(std::string_view name, std::string_view value);
  /// In place of all of this name.
  void set(std::string_view name, std::string_view value);

  /// The value of the first of this name; nullptr if there is none.
  const std::string* find(std::string_view name) const;
  std::size_t count(std::string_view name) const;
  /// Whether one of a comma-separated list, of all fields of this name, is this token without regard to case.
  bool lists(std::string_view name, std::string_view token) const;

  std::vector<Field>::const_iterator begin() const { return fields_.begin(); }
  std::vector<Field>::const_iterator end() const { return fields_.end(); }
  std::size_t size() const { return fields_.size(); }
  friend bool operator==(const Fields&, const Fields&) = default;

private:
  std::vector<Field> fields_;
};

}  // namespace mailpod::http
