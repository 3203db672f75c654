#pragma once
// Where consumers lie on disk: <stream's directory>/consumers/<file name>.{json,state}, each a
// store::StateFile. The file name is chosen when the consumer is made (store/file_name.h), its real
// name is in the config.

#include "store/state_file.h"
#include "stream/stream.h"

#include <frond/host.h>

#include <string>
#include <string_view>

namespace frond::consumer {

/// The two files of one consumer.
struct ConsumerFiles {
  /// `stem` is their path without extension.
  ConsumerFiles(store::Journal& journal, const StorageReader& files, std::string stem);

  std::string stem;
  store::StateFile config;
  store::StateFile state;
};

/// With '/' at its end.
std::string consumers_folder(const stream::Stream& stream);
/// The stem that a file in that folder belongs to; empty when it is no consumer's.
std::string_view consumer_stem(std::string_view file);

}  // namespace frond::consumer
