#include "consumer/files.h"

#include <utility>

namespace frond::consumer {
namespace {

constexpr std::string_view config_extension = ".json";
constexpr std::string_view state_extension = ".state";
// How files without a checksum around them begin, as the first builds of 0.1.0 wrote them.
constexpr std::string_view plain_config_start = "{";
constexpr std::string_view plain_state_start = "FRC1";

}  // namespace

ConsumerFiles::ConsumerFiles(store::Journal& journal, const StorageReader& files,
                             std::string the_stem)
    : stem(std::move(the_stem)),
      config(journal, files, stem + std::string(config_extension), plain_config_start),
      state(journal, files, stem + std::string(state_extension), plain_state_start) {}

std::string consumers_folder(const stream::Stream& stream) {
  return stream.directory() + "/consumers/";
}

std::string_view consumer_stem(std::string_view file) {
  const std::string_view owner = store::StateFile::owner_of(file);
  for (const std::string_view extension : {config_extension, state_extension}) {
    if (owner.ends_with(extension)) {
      return owner.substr(0, owner.size() - extension.size());
    }
  }
  return {};
}

}  // namespace frond::consumer
