#include "cli/arguments.h"

namespace edgebin::cli {

std::string_view help() {
  return R"(Usage: edgebin-run MODEL.ebn PICTURE...   classify pictures
       edgebin-run --bench MODEL.ebn     measure latency, load time and memory
       edgebin-run --info MODEL.ebn      tell what a model is
       edgebin-run --verify MODEL.ebn    prove that this machine gives its bits

A PICTURE is a binary PPM or PGM file (P6, P5) of any size, brought to the
network's size and colours just as `edgebin run` does it; or a raw tensor,
which is the network's input itself, byte for byte. PNG and JPEG are not read
here: convert them, for example with
  convert photo.jpg -auto-orient photo.ppm    (ImageMagick)

All:
  --threads N     threads of one run; results do not depend on it (default 1)
  --isa NAME      instruction set; the best that this machine has by default
  --json          print one JSON document
Classify:
  --top K         classes to show for each picture (default 5)
  --raw           take every PICTURE as a raw tensor, whatever it looks like
  --output FILE   rank no classes; write the network's outputs to FILE, float32
                  in this machine's order, picture after picture
Bench, with the keys of `edgebin bench --json`:
  --runs N        timed calls (default 100)
  --warmup N      calls before them, after the first (default 10)
  --batch N       pictures in one call (default 1)
  --pin           keep every thread on a core of its own
Verify: every instruction set, convolution algorithm and number of threads, or those
that --isa and --threads name; exit code 1 where a layer differs, which is then named
Other:
  --version       print the version and the instruction sets
  --help          print this

Bad input ends in one line on standard error and exit code 2.
)";
}

}  // namespace edgebin::cli
