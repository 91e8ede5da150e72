// onnx_probe LIBRARY: loads and runs one network after another. A line of standard input is a
// folder with model.onnx and `inputs` (tensors.py has its format); the answer is a line:
//   ok                  and the folder has `outputs`
//   refused: MESSAGE    it is not loaded
//   failed: MESSAGE     it does not run
#include <cstdint>
#include <cstring>
#include <fstream>
#include <iostream>
#include <map>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/files.h"
#include "engine_onnx/runtime.h"

namespace {

using base::Code;
using base::Error;
using base::Result;
using engine::Tensor;

// Splits "1,2,3"; empty is a scalar's.
std::vector<std::int64_t> extents_of(const std::string& text) {
  std::vector<std::int64_t> extents;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find(',', at), text.size());
    extents.push_back(std::stoll(text.substr(at, end - at)));
    at = end + 1;
  }
  return extents;
}

std::vector<std::string> texts_of(const std::string& bytes) {
  std::vector<std::string> texts;
  for (std::size_t at = 0; at < bytes.size();) {
    std::uint32_t length = 0;
    std::memcpy(&length, bytes.data() + at, sizeof(length));
    texts.push_back(bytes.substr(at + sizeof(length), length));
    at += sizeof(length) + length;
  }
  return texts;
}

std::map<std::string, Tensor> read_inputs(const std::string& path) {
  std::map<std::string, Tensor> tensors;
  std::ifstream file(path, std::ios::binary);
  std::string name;
  std::string datatype;
  std::string extents;
  std::string size;
  while (std::getline(file, name, '\t') && std::getline(file, datatype, '\t') &&
         std::getline(file, extents, '\t') && std::getline(file, size)) {
    Tensor& tensor = tensors[name];
    tensor.type = data::parse_datatype(datatype).value();
    tensor.shape = extents_of(extents);
    tensor.bytes.resize(std::stoull(size));
    file.read(tensor.bytes.data(), static_cast<std::streamsize>(tensor.bytes.size()));
    if (tensor.type == data::Datatype::Bytes) tensor.texts = texts_of(tensor.bytes);
  }
  return tensors;
}

void write_output(std::ofstream& file, const std::string& name, const Tensor& tensor) {
  std::string bytes = tensor.bytes;
  for (const std::string& text : tensor.texts) {
    const auto length = static_cast<std::uint32_t>(text.size());
    bytes.append(reinterpret_cast<const char*>(&length), sizeof(length)).append(text);
  }
  file << fmt::format("{}\t{}\t{}\t{}\n", name, data::datatype_name(tensor.type),
                      fmt::join(tensor.shape, ","), bytes.size())
       << bytes;
}

// Runs it with all that it takes, for all that it gives.
Result<std::vector<Tensor>> computed(const engine::Network& network,
                                     const std::map<std::string, Tensor>& given) {
  std::vector<engine::TensorView> inputs;
  std::vector<std::vector<std::string_view>> texts(network.inputs().size());
  for (std::size_t i = 0; i < network.inputs().size(); ++i) {
    const auto found = given.find(network.inputs()[i].name);
    if (found == given.end()) {
      return Error(Code::Invalid, "nothing given for input " + network.inputs()[i].name);
    }
    const Tensor& tensor = found->second;
    texts[i].assign(tensor.texts.begin(), tensor.texts.end());
    inputs.push_back({tensor.type, tensor.shape, tensor.bytes, texts[i]});
  }
  std::vector<std::size_t> wanted(network.outputs().size());
  for (std::size_t i = 0; i < wanted.size(); ++i) wanted[i] = i;
  std::vector<Tensor> results;
  TRY(network.run(inputs, wanted, results));
  return results;
}

std::string reply(const engine_onnx::Runtime& runtime, const std::string& folder) {
  const auto network = runtime.load(base::FolderFiles(folder), "model.onnx", {});
  if (!network.ok()) return "refused: " + network.error().message();
  const auto results = computed(**network, read_inputs(folder + "/inputs"));
  if (!results.ok()) return "failed: " + results.error().message();
  std::ofstream file(folder + "/outputs", std::ios::binary);
  for (std::size_t i = 0; i < results->size(); ++i) {
    write_output(file, (*network)->outputs()[i].name, (*results)[i]);
  }
  return "ok";
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) {
    std::cerr << "usage: onnx_probe LIBRARY\n";
    return 2;
  }
  const auto runtime = engine_onnx::Runtime::open(arguments[1]);
  if (!runtime.ok()) {
    std::cerr << runtime.error().message() << '\n';
    return 1;
  }
  std::string folder;
  while (std::getline(std::cin, folder)) std::cout << reply(**runtime, folder) << std::endl;
  return 0;
}
